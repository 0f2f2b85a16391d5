//! `POST /v1/quote`: what an order would come to. Changes nothing.

use crate::app::Desk;
use crate::asked::{Explain, Query};
use crate::guesses::{Guesser, wrong_of};
use crate::json::{Question, Written, written};
use crate::problem::Problem;
use crate::problem::refused::at_line;
use crate::wire::answer::QuoteView;
use crate::wire::order::OrderWire;
use kopilka_core::ShortText;
use kopilka_service::{NO_ORDER, QuoteAnswer, ServiceError};

/// Ask for a quote
///
/// A cart, a member or none, points wanted: what it costs, the most points that can be spent, what it
/// brings, rows for the receipt, one line to read aloud. With the `order_id` of a placed order its own hold
/// is not counted against it.
#[utoipa::path(post, path = "/v1/quote", tag = "quote", request_body = OrderWire, params(Explain),
    responses((status = 200, body = QuoteView)))]
pub async fn ask_quote(
    desk: Desk,
    asked: Query<Explain>,
    wire: Question<OrderWire>,
) -> Result<Written, Problem> {
    let wire = &wire.0;
    let shop = wire.shop.as_ref().map(|w| w.0.as_str());
    let key = match &wire.order_id {
        Some(id) => desk.order_key(&id.0, shop)?,
        None => kopilka_core::order::OrderKey { order: NO_ORDER.into(), ..desk.order_key("quote", shop)? },
    };
    let body = wire.body(&desk.program, key)?;
    let member = wire.member.as_ref().map(|m| m.reference(&desk.program, "/member")).transpose()?;
    let member = desk.own(member)?;
    let who = Guesser::of_order(&desk, member.as_ref(), &body);
    let ids: Vec<ShortText> = body.lines.iter().map(|l| l.id.clone()).collect();
    let explain = asked.0.explain;
    let work = async {
        let service = &desk.app.service;
        let answer = match (desk.caller.member, member) {
            (Some(_), Some(own)) => service.quote_of_own(desk.program_id(), own, body, explain).await,
            (_, member) => service.quote(desk.program_id(), member, body, explain).await,
        };
        answer.map_err(|e| at_line(desk.failed(e), ids.iter().map(ShortText::as_str), "/lines"))
    };
    let answer = match who {
        Some(who) => {
            let wrong = |answer: &QuoteAnswer| wrong_of(&answer.quote.order.coupons);
            desk.app.guesses.watch(who, work, wrong).await?
        }
        None => work.await?,
    };
    let view = QuoteView::of(&answer, &desk.speaker(), explain);
    written(&view, view.room()).map_err(|e| desk.failed(ServiceError::Storage(format!("an answer: {e}"))))
}
