//! `GET /v1/orders/{order_id}`: how an order stands.

use crate::app::Desk;
use crate::asked::{Named, OrderAsked, Query};
use crate::problem::Problem;
use crate::wire::answer::OrderRead;
use axum::Json;
use kopilka_core::member::MemberStatus;

/// Get an order
#[utoipa::path(get, path = "/v1/orders/{order_id}", tag = "orders",
    params(("order_id" = String, Path, description = "the shop's own order id"), OrderAsked),
    responses((status = 200, body = OrderRead)))]
pub async fn get_order(desk: Desk, id: Named, asked: Query<OrderAsked>) -> Result<Json<OrderRead>, Problem> {
    let key = desk.order_key(&id.0, asked.0.shop.as_deref())?;
    let (member, _) = desk.order(key.clone()).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    let (member, order) = desk.order(key).await?;
    let program = desk.program_id();
    let row = desk.read(move |r| r.member(program, member)).await?;
    let seq = row.as_ref().map_or(0, |row| row.seq);
    // A guest's row is made for this one order: it is nobody to be named.
    let known = row.filter(|row| row.member.status != MemberStatus::Guest);
    let balance = known.map(|row| (member, row.member.balance_at(desk.now)));
    Ok(Json(OrderRead::of(&order, balance, seq, &desk.program)))
}
