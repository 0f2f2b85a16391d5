//! `POST /v1/orders/{order_id}/exchange`: a return and a new order in one transaction.

use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named, OrderChange, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::ExchangedAnswer;
use crate::wire::returns::ExchangeWire;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;

/// Exchange pieces
///
/// Pieces of this order come back and a new order is made, both or neither. The points that come back may
/// pay the new order whatever their date. Read the new order by its own id.
#[utoipa::path(post, path = "/v1/orders/{order_id}/exchange", tag = "orders", request_body = ExchangeWire,
    params(("order_id" = String, Path, description = "the order that pieces come back from"), OrderChange,
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = ExchangedAnswer)))]
pub async fn exchange_order(
    desk: Desk,
    id: Named,
    asked: Query<OrderChange>,
    key: IdempotencyKey,
    wire: Body<ExchangeWire>,
) -> Result<impl IntoResponse, Problem> {
    let old = desk.order_key(&id.0, asked.0.shop.as_deref())?;
    let hash = crate::hash::of(&[old.to_string().as_bytes(), &wire.hash]);
    let order = &wire.body.order;
    let Some(new) = &order.order_id else {
        return Err(Problem::of("missing_field").with("field", "order_id").at("/order/order_id"));
    };
    let shop = order.shop.as_ref().map(|w| w.0.as_str()).or(asked.0.shop.as_deref());
    let new = desk.order_key(&new.0, shop)?;
    let back = wire.body.back.body(&desk.program, old).map_err(|p| p.under("/return"))?;
    let order = order.body(&desk.program, new).map_err(|p| p.under("/order"))?;
    let change = Change::Exchange { back, order };
    let done = desk.write(Envelope::keyed("orders.exchange", key, hash), change).await?;
    let answer = ExchangedAnswer::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
