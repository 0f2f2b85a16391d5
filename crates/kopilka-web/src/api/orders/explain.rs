//! `GET /v1/orders/{order_id}/explain`: everything that touched an order, and why.

use crate::app::Desk;
use crate::asked::{Named, OrderAsked, Query};
use crate::problem::Problem;
use crate::wire::answer::{ExplainedAnswer, OrderAnswer};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct OrderExplained {
    pub order: OrderAnswer,
    /// Oldest first.
    pub entries: Vec<ExplainedAnswer>,
}

/// Explain an order
///
/// Every rule, fired or not, in words and as data, for each step of the order's life.
#[utoipa::path(get, path = "/v1/orders/{order_id}/explain", tag = "orders",
    params(("order_id" = String, Path, description = "the shop's own order id"), OrderAsked),
    responses((status = 200, body = OrderExplained)))]
pub async fn explain_order(
    desk: Desk,
    id: Named,
    asked: Query<OrderAsked>,
) -> Result<Json<OrderExplained>, Problem> {
    let key = desk.order_key(&id.0, asked.0.shop.as_deref())?;
    let (member, _) = desk.order(key.clone()).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    let (_, order) = desk.order(key.clone()).await?;
    let program = desk.program_id();
    let rows = desk.read(move |r| r.entries_of_order(program, &key)).await?;
    let entries = rows.iter().map(|row| ExplainedAnswer::of(row, &desk.speaker())).collect();
    Ok(Json(OrderExplained { order: OrderAnswer::of(&order, &desk.program), entries }))
}
