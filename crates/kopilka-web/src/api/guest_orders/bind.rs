//! `POST /v1/members/{id}/guest-orders/bind`: support says whose a closed receipt is.

use super::{GuestOrderWritten, arrived};
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
pub struct BindOrderWire {
    pub order_id: Word,
    /// As with the order itself.
    pub shop: Option<Word>,
    /// Stays in the journal until the person is erased.
    pub reason: Word,
    pub operator: Word,
}

/// Bind a guest's order to a member
///
/// For support: the order was made without a member and without a phone or e-mail, such as a receipt of a
/// till. It becomes the member's as if it were claimed. How many an operator has bound, at which cashier's
/// till, is counted by months (`GET /v1/reports/fraud`).
#[utoipa::path(post, path = "/v1/members/{id}/guest-orders/bind", tag = "orders",
    request_body = BindOrderWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = GuestOrderWritten)))]
pub async fn bind_guest_order(
    desk: Desk,
    id: Named,
    key: IdempotencyKey,
    wire: Body<BindOrderWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let shop = wire.body.shop.as_ref().map(|shop| shop.0.as_str());
    let order = desk.order_key(&wire.body.order_id.0, shop)?;
    let hash = crate::hash::of(&[id.0.as_bytes(), &wire.hash]);
    let envelope = Envelope {
        operator: Some(wire.body.operator.0.clone()),
        reason: Some(wire.body.reason.0.clone()),
        ..Envelope::keyed("guest_orders.bind", key, hash)
    };
    let done = desk.write(envelope, Change::BindGuestOrder { member, order: order.clone() }).await?;
    let answer: GuestOrderWritten = arrived(&desk, &done, order).await?;
    Ok((replayed(&done), Json(answer)))
}
