//! `PUT /v1/orders/{order_id}`: the order as the shop knows it now.

use crate::app::{Desk, Envelope};
use crate::asked::{Named, OrderChange, Query};
use crate::guesses::{Guesser, wrong_of};
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::problem::refused::at_line;
use crate::wire::answer::{BalanceAnswer, OrderAnswer, OrderWritten, QuoteView};
use crate::wire::order::OrderWire;
use axum::Json;
use kopilka_core::decide::Outcome;
use kopilka_core::order::OrderBody;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_service::{Change, Done, MemberRef};

/// Put an order
///
/// Idempotent by nature: the same body twice is once, an older revision changes nothing, and the answer
/// always tells how the order stands now.
#[utoipa::path(put, path = "/v1/orders/{order_id}", tag = "orders", request_body = OrderWire,
    params(("order_id" = String, Path, description = "the shop's own order id"), OrderChange),
    responses((status = 200, body = OrderWritten)))]
pub async fn put_order(
    desk: Desk,
    id: Named,
    asked: Query<OrderChange>,
    wire: Body<OrderWire>,
) -> Result<Json<OrderWritten>, Problem> {
    let shop = wire.body.shop.as_ref().map(|w| w.0.as_str()).or(asked.0.shop.as_deref());
    let body = wire.body.body(&desk.program, desk.order_key(&id.0, shop)?)?;
    let member = wire.body.member.as_ref();
    let member = member.map(|m| m.reference(&desk.program, "/member")).transpose()?;
    let who = Guesser::of_order(&desk, member.as_ref(), &body);
    let envelope = Envelope { endpoint: "orders.put", input_hash: wire.hash, ..Envelope::default() };
    let change = match wire.body.guest_contact() {
        Some(contact) => Change::PutGuestOrder { contact, body: body.clone() },
        None => Change::PutOrder { member: member.clone(), body: body.clone() },
    };
    let work = desk.write(envelope, change);
    let written = match who {
        Some(who) => {
            let wrong = |done: &Done| done.order.as_ref().map_or(0, |order| wrong_of(&order.coupons));
            desk.app.guesses.watch(who, work, wrong).await
        }
        None => work.await,
    };
    match written {
        Ok(done) => Ok(Json(answer(&desk, &done, asked.0.explain).await?)),
        Err(problem) => Err(with_context(&desk, problem, member, body).await),
    }
}

async fn answer(desk: &Desk, done: &Done, explain: bool) -> Result<OrderWritten, Problem> {
    let order = done.order.as_ref().ok_or_else(|| desk.refused(&Refusal::OrderUnknown))?;
    let (unchanged, shortfall) = match &done.outcome {
        Outcome::Order(outcome) => (outcome.unchanged, outcome.shortfall),
        _ => (false, Points::ZERO),
    };
    Ok(OrderWritten {
        order: OrderAnswer::of(order, &desk.program),
        member: done.member.to_string(),
        balance: BalanceAnswer::of(&done.balance, &desk.program),
        seq: done.seq,
        entry: done.entry.map(|e| e.to_string()),
        unchanged,
        shortfall: desk.program.points.format(shortfall),
        trace: desk.trace(done, explain).await?,
    })
}

/// A refusal that names a line points to it; a changed quote comes with the new one.
async fn with_context(desk: &Desk, problem: Problem, member: Option<MemberRef>, body: OrderBody) -> Problem {
    let mut problem = at_line(problem, body.lines.iter().map(|l| l.id.as_str()), "/lines");
    if problem.code == "quote_changed"
        && let Ok(quote) = desk.app.service.quote(desk.program_id(), member, body, false).await
        && let Ok(quote) = serde_json::to_value(QuoteView::of(&quote, &desk.speaker(), false))
    {
        problem.params.push(("quote", quote));
    }
    problem
}
