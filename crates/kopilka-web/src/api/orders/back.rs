//! `POST /v1/orders/{order_id}/returns`: pieces of a paid order come back.

use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named, OrderChange, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::problem::refused::at_line;
use crate::wire::answer::ReturnedAnswer;
use crate::wire::returns::ReturnWire;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;

/// Return pieces
///
/// By line and quantity, or all that remain. What the order gives afterwards is a function of what remains
/// of it, so any parts in any order end the same.
#[utoipa::path(post, path = "/v1/orders/{order_id}/returns", tag = "orders", request_body = ReturnWire,
    params(("order_id" = String, Path, description = "the shop's own order id"), OrderChange,
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = ReturnedAnswer)))]
pub async fn return_pieces(
    desk: Desk,
    id: Named,
    asked: Query<OrderChange>,
    key: IdempotencyKey,
    wire: Body<ReturnWire>,
) -> Result<impl IntoResponse, Problem> {
    let order = desk.order_key(&id.0, asked.0.shop.as_deref())?;
    let hash = crate::hash::of(&[order.to_string().as_bytes(), &wire.hash]);
    let change = Change::Return(wire.body.body(&desk.program, order)?);
    let done = desk.write(Envelope::keyed("orders.return", key, hash), change).await;
    let ids = wire.body.lines.iter().flatten().map(|line| line.id.0.as_str());
    let done = done.map_err(|problem| at_line(problem, ids, "/lines"))?;
    let answer = ReturnedAnswer::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
