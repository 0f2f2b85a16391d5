//! Returns and cancels: what an order gives is a function of what remains of it.

use super::back::{self, CameBack};
use super::clawback::{self, TakenBack};
use super::draft::{Draft, program_of};
use super::order::moment;
use super::withheld::{self, Withheld};
use super::{
    Context, Decision, Outcome, ReturnOutcome, achievements, coupons, dates, gifts, grants, offers, placed,
    referral, tiers,
};
use crate::book::Book;
use crate::ledger::Event;
use crate::money::Money;
use crate::order::{
    LineKind, OrderKey, OrderState, OrderStatus, Quantity, ReturnBody, ReturnedLines, SpendStage,
};
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Step;

/// Decides the return of pieces of a paid order.
pub(super) fn return_pieces(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    body: &ReturnBody,
) -> Result<Decision, Refusal> {
    let at = moment(ctx, body.occurred_at)?;
    let program = program_of(ctx, book.orders.get(&body.key), at);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.quiet = draft.earns_nothing(&body.key);
    let outcome = return_on(&mut draft, body, at)?;
    Ok(draft.finish(Outcome::Returned(outcome), at, Some(body.key.clone())))
}

pub(super) fn return_on(
    draft: &mut Draft<'_>,
    body: &ReturnBody,
    at: Instant,
) -> Result<ReturnOutcome, Refusal> {
    let order = draft.book.orders.get(&body.key).ok_or(Refusal::OrderUnknown)?;
    match order.status {
        OrderStatus::Cancelled => return Err(Refusal::OrderCancelled),
        OrderStatus::Reserved | OrderStatus::Placed | OrderStatus::Shipped => {
            return Err(Refusal::OrderNotPaid);
        }
        OrderStatus::Paid | OrderStatus::Completed | OrderStatus::Returned => {}
    }
    let pieces = pieces_of(order, body)?;
    // After this point the return succeeds.
    Ok(give_back(draft, &body.key, pieces, at))
}

/// The pieces by position; a line told in two parts gives the earlier part first.
fn pieces_of(order: &OrderState, body: &ReturnBody) -> Result<Vec<(u16, Quantity)>, Refusal> {
    let mut pieces: Vec<(u16, Quantity)> = Vec::new();
    match &body.lines {
        ReturnedLines::All => {
            let goods = |(_, l): &(u16, &crate::order::LineState)| l.kind != LineKind::Delivery;
            let remaining = (0_u16..).zip(&order.lines).filter(goods);
            pieces.extend(remaining.map(|(at, l)| (at, l.remaining())).filter(|(_, q)| q.0 > 0));
        }
        ReturnedLines::Lines(lines) => {
            for (id, quantity) in lines {
                take_line(order, id, *quantity, &mut pieces)?;
            }
        }
    }
    if body.delivery {
        let delivery = (0_u16..).zip(&order.lines).filter(|(_, l)| l.kind == LineKind::Delivery);
        let told = |at: u16| pieces.iter().any(|(i, _)| *i == at);
        let more: Vec<_> = delivery
            .filter(|(at, l)| !told(*at) && l.remaining().0 > 0)
            .map(|(at, l)| (at, l.remaining()))
            .collect();
        pieces.extend(more);
    }
    if pieces.is_empty() { Err(Refusal::NothingToReturn) } else { Ok(pieces) }
}

fn take_line(
    order: &OrderState,
    id: &str,
    quantity: Quantity,
    pieces: &mut Vec<(u16, Quantity)>,
) -> Result<(), Refusal> {
    if quantity.0 <= 0 {
        return Err(Refusal::QuantityOutOfRange { line: id.to_owned() });
    }
    if !order.lines.iter().any(|l| l.id == id) {
        return Err(Refusal::LineUnknown { line: id.to_owned() });
    }
    if pieces.iter().any(|(at, _)| order.lines[usize::from(*at)].id == id) {
        return Err(Refusal::DuplicateLine { line: id.to_owned() });
    }
    let of_id = || (0_u16..).zip(&order.lines).filter(|(_, l)| l.id == id);
    let remaining = Quantity(of_id().map(|(_, l)| l.remaining().0).sum());
    if quantity > remaining {
        return Err(Refusal::ReturnExceeds { line: id.to_owned(), remaining });
    }
    let mut left = quantity.0;
    for (at, line) in of_id() {
        let part = left.min(line.remaining().0);
        left -= part;
        if part > 0 {
            pieces.push((at, Quantity(part)));
        }
    }
    Ok(())
}

/// Money left on the lines, as really paid.
fn paid_left(order: &OrderState) -> Money {
    order.lines.iter().map(|l| l.left_of(l.counted)).sum()
}

/// What the buyer gets for this return, and what of all so far is withheld. A discount that no longer stands
/// costs at most the refund itself; what was withheld comes with the rest.
fn refund_of(draft: &Draft<'_>, order: &OrderState, after: &OrderState) -> (Money, Withheld) {
    let withheld = withheld::withheld(draft.program, after);
    if !draft.program.returns.reprice_discounts {
        return (paid_left(order) - paid_left(after), withheld);
    }
    let paid: Money = after.lines.iter().map(|line| line.counted).sum();
    let by_now = paid - paid_left(after);
    let refund = Money((by_now - withheld.money - order.refunded).0.max(0));
    let money = by_now - order.refunded - refund;
    (refund, Withheld { money, ..withheld })
}

fn give_back(
    draft: &mut Draft<'_>,
    key: &OrderKey,
    pieces: Vec<(u16, Quantity)>,
    at: Instant,
) -> ReturnOutcome {
    let order = draft.order(key);
    let mut after = order.clone();
    for (line, quantity) in &pieces {
        after.lines[usize::from(*line)].gone.0 += quantity.0;
    }
    let (refund, withheld) = refund_of(draft, order, &after);
    let ends = after.is_emptied() && !order.is_emptied();
    let paid_at = order.paid_at;
    if withheld.money.0 > 0 {
        let Withheld { money, discounts } = &withheld;
        draft.note(Step::DiscountWithheld { discounts: discounts.clone(), amount: *money });
    }
    draft.push(Event::PiecesReturned { order: key.clone(), pieces, refund, at });
    draft.returning = paid_at.filter(|_| ends);
    let to_gift_cards = gifts::give_back_due(draft, key);
    let came = back::give_back_due(draft, key);
    if ends {
        dates::fall_back(draft, key);
    }
    let mut taken = clawback::take_back_due(draft, key);
    tiers::count(draft, key);
    tiers::fall(draft, Some(key).filter(|_| ends));
    let lost = achievements::lose(draft);
    taken.points += lost.points;
    taken.not_recovered += lost.not_recovered;
    referral::changed(draft, key);
    coupons::free_returned(draft, key);
    offers::free_returned(draft, key);
    if ends {
        grants::take_back(draft, key);
    }
    draft.settle_debt();
    ReturnOutcome {
        to_gift_cards,
        withheld: withheld.money,
        ..outcome_of(key, refund - to_gift_cards, came, taken)
    }
}

fn outcome_of(key: &OrderKey, refund: Money, came: CameBack, taken: TakenBack) -> ReturnOutcome {
    ReturnOutcome {
        order: key.clone(),
        refund,
        to_gift_cards: Money::ZERO,
        points_back: came.alive,
        points_back_gone: came.gone,
        taken_back: taken.points,
        not_recovered: taken.not_recovered,
        withheld: Money::ZERO,
        unchanged: false,
    }
}

/// Decides a cancel: everything back, whatever stage the order is in. A cancel of an order nobody told us
/// of leaves a mark; a second cancel changes nothing.
pub(super) fn cancel(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    key: &OrderKey,
    occurred_at: Option<Instant>,
) -> Result<Decision, Refusal> {
    let at = moment(ctx, occurred_at)?;
    let program = program_of(ctx, book.orders.get(key), at);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.quiet = draft.earns_nothing(key);
    let nothing = outcome_of(key, Money::ZERO, CameBack::default(), TakenBack::default());
    let outcome = match draft.book.orders.get(key).map(|o| (o.status, o.is_paid())) {
        None => {
            let order = Box::new(mark_of(key, program.version, at));
            draft.note(Step::CancelRemembered);
            draft.push(Event::OrderMarkedCancelled { order });
            nothing
        }
        Some((OrderStatus::Cancelled, _)) => {
            draft.note(Step::NothingChanged);
            ReturnOutcome { unchanged: true, ..nothing }
        }
        Some((_, true)) => cancel_paid(&mut draft, key, at),
        Some((_, false)) => cancel_unpaid(&mut draft, key, at),
    };
    Ok(draft.finish(Outcome::Returned(outcome), at, Some(key.clone())))
}

fn cancel_paid(draft: &mut Draft<'_>, key: &OrderKey, at: Instant) -> ReturnOutcome {
    let all = ReturnBody { key: key.clone(), lines: ReturnedLines::All, delivery: true, occurred_at: None };
    let outcome = match pieces_of(draft.order(key), &all) {
        Ok(pieces) => give_back(draft, key, pieces, at),
        Err(_) => outcome_of(key, Money::ZERO, CameBack::default(), TakenBack::default()),
    };
    coupons::free(draft, key);
    offers::free(draft, key);
    draft.push(Event::OrderCancelled { order: key.clone(), at });
    outcome
}

fn cancel_unpaid(draft: &mut Draft<'_>, key: &OrderKey, at: Instant) -> ReturnOutcome {
    let held = match &draft.order(key).spend {
        Some(spend) if spend.stage == SpendStage::Held => spend.points - spend.came_back,
        _ => crate::points::Points::ZERO,
    };
    let came = if held.0 > 0 { back::release(draft, key, held) } else { CameBack::default() };
    coupons::free(draft, key);
    offers::free(draft, key);
    gifts::free(draft, key);
    let promised = placed::fall(draft, key);
    referral::unbind(draft, key);
    coupons::settle(draft, key);
    draft.push(Event::OrderCancelled { order: key.clone(), at });
    outcome_of(key, Money::ZERO, came, promised)
}

fn mark_of(key: &OrderKey, version: u32, at: Instant) -> OrderState {
    let nothing = OrderState::nothing(key.clone(), version, at);
    OrderState { status: OrderStatus::Cancelled, ended_at: Some(at), ..nothing }
}
