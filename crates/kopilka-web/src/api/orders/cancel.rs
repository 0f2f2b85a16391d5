//! `POST /v1/orders/{order_id}/cancel`: the order does not happen.

use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named, OrderChange, Query};
use crate::headers::replayed;
use crate::json::OptionalJson;
use crate::problem::Problem;
use crate::wire::answer::ReturnedAnswer;
use crate::wire::returns::CancelWire;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;

/// Cancel an order
///
/// A cancel of an order nobody has told of yet leaves a mark: a late placing then does nothing.
#[utoipa::path(post, path = "/v1/orders/{order_id}/cancel", tag = "orders", request_body = CancelWire,
    params(("order_id" = String, Path, description = "the shop's own order id"), OrderChange,
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = ReturnedAnswer)))]
pub async fn cancel_order(
    desk: Desk,
    id: Named,
    asked: Query<OrderChange>,
    key: IdempotencyKey,
    wire: OptionalJson<CancelWire>,
) -> Result<impl IntoResponse, Problem> {
    let order = desk.order_key(&id.0, asked.0.shop.as_deref())?;
    let hash = crate::hash::of(&[order.to_string().as_bytes(), &wire.0.hash]);
    let change = Change::Cancel { key: order, occurred_at: wire.0.body.occurred_at.map(|t| t.0) };
    let done = desk.write(Envelope::keyed("orders.cancel", key, hash), change).await?;
    let answer = ReturnedAnswer::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
