//! `POST /v1/members/{id}/guest-orders`: who confirms an order's phone or e-mail gets what it earns.

use super::{GuestOrderWritten, arrived, own_code};
use crate::api::codes::code_id;
use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimOrderWire {
    pub order_id: Word,
    /// As with the order itself.
    pub shop: Option<Word>,
    /// The `id` of a one-time code that was told: it went to the phone or e-mail of the order.
    pub code: Word,
}

/// Claim a guest's order
///
/// The order becomes the member's, and earns by the version of its time at the lowest level; its points wait
/// since now. Once, and within the time that the program gives (`guest_orders`).
#[utoipa::path(post, path = "/v1/members/{id}/guest-orders", tag = "orders", request_body = ClaimOrderWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = GuestOrderWritten)))]
pub async fn claim_guest_order(
    desk: Desk,
    id: Named,
    key: IdempotencyKey,
    wire: Body<ClaimOrderWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let ClaimOrderWire { order_id, shop, code } = &wire.body;
    let order = desk.order_key(&order_id.0, shop.as_ref().map(|shop| shop.0.as_str()))?;
    let code = code_id(&code.0, "/code")?;
    own_code(&desk, code).await?;
    let hash = crate::hash::of(&[id.0.as_bytes(), &wire.hash]);
    let envelope = Envelope::keyed("guest_orders.claim", key, hash);
    let done = desk.write(envelope, Change::ClaimGuestOrder { member, order: order.clone(), code }).await?;
    let answer: GuestOrderWritten = arrived(&desk, &done, order).await?;
    Ok((replayed(&done), Json(answer)))
}
