//! `GET /v1/members/{id}/guest-orders`: what could be claimed by a confirmed address.

use super::own_code;
use crate::api::codes::code_id;
use crate::app::Desk;
use crate::asked::{Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use crate::wire::answer::OrderAnswer;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GuestOrdersAsked {
    /// The `id` of a one-time code that was told: it went to the phone or e-mail of the orders.
    pub code: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GuestOrdersAnswer {
    pub orders: Vec<GuestOrderAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GuestOrderAnswer {
    pub order: OrderAnswer,
    /// Before that it must be claimed.
    pub until: TimeText,
}

/// List guests' orders that can be claimed
///
/// Paid orders without a member that were told with the phone or e-mail which the code has confirmed, while
/// something of them is left and there is time. At most 100.
#[utoipa::path(get, path = "/v1/members/{id}/guest-orders", tag = "orders",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), GuestOrdersAsked),
    responses((status = 200, body = GuestOrdersAnswer)))]
pub async fn list_guest_orders(
    desk: Desk,
    id: Named,
    asked: Query<GuestOrdersAsked>,
) -> Result<Json<GuestOrdersAnswer>, Problem> {
    desk.member_id(&id.0).await?;
    let why = "code is the id of a one-time code that was told";
    let code = asked.0.code.as_deref().ok_or_else(|| Problem::of("query_invalid").with("why", why))?;
    let code = code_id(code, "/code")?;
    own_code(&desk, code).await?;
    let found = desk.app.service.guest_orders(desk.program_id(), code).await.map_err(|e| desk.failed(e))?;
    let answer = |found: &kopilka_service::GuestOrder| GuestOrderAnswer {
        order: OrderAnswer::of(&found.order, &desk.program),
        until: TimeText(found.until),
    };
    // A key of one shop reaches no other's orders.
    let own = desk.caller.shop.as_str();
    let ours = found.iter().filter(|found| own.is_empty() || found.order.key.shop == own);
    Ok(Json(GuestOrdersAnswer { orders: ours.map(answer).collect() }))
}
