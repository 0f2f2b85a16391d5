//! A guest's order becomes a member's: what it earns is decided then, as of the time it was bought.
//!
//! Invariant: an order is handed over once. What it earns is by the version that decided it and at the lowest
//! level, since nobody was known then, and waits since the claim; its returns take it back as any other's.

use super::draft::{Draft, program_of};
use super::earn::{self, Earning};
use super::{Context, Decision, Outcome, achievements, dates, placed, tiers};
use crate::ShortText;
use crate::book::Book;
use crate::counters::{BoundBy, month_of, of_bound};
use crate::guest::GuestEvent;
use crate::ids::{EntryId, MemberId};
use crate::ledger::Event;
use crate::member::MemberStatus;
use crate::order::{OrderKey, OrderState, OrderStatus};
use crate::program::{AccrualFrom, Program, Trigger};
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;

/// Until when the order can be claimed; `None` where its version lets nobody.
pub fn claimable_until(program: &Program, order: &OrderState) -> Option<Instant> {
    program.guest_orders.map(|within| program.zone.plus(order.placed_at, within))
}

/// The ladder: whether the program speaks of it, whether there is something to claim, and whether it is time.
pub(super) fn hand_over(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (to, key, bound_by): (MemberId, &OrderKey, Option<&ShortText>),
) -> Result<Decision, Refusal> {
    let order = book.orders.get(key).filter(|_| book.member.status == MemberStatus::Guest);
    let order = order.ok_or(Refusal::NothingToClaim)?;
    let program = program_of(ctx, Some(order), ctx.now);
    let until = claimable_until(program, order).ok_or(Refusal::GuestOrdersOff)?;
    if order.is_closed() || order.earns_nothing {
        return Err(Refusal::NothingToClaim);
    }
    if ctx.now >= until {
        return Err(Refusal::ClaimTooLate);
    }
    if !order.is_paid() {
        return Err(Refusal::OrderNotPaid);
    }
    // After this point it succeeds.
    let order = Box::new(order.clone());
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    if let Some(operator) = bound_by {
        let month = month_of(program.zone.day_of(ctx.now));
        let cashier = order.cashier.as_deref().unwrap_or_default();
        let by = BoundBy { shop: &key.shop, cashier, operator };
        draft.push(Event::UseCounted { what: of_bound(&month, &by), by: 1 });
    }
    draft.push(Event::Guest(GuestEvent::Left { to, order }));
    let outcome = Outcome::OrderHandedOver { to, order: key.clone() };
    Ok(draft.finish(outcome, ctx.now, Some(key.clone())))
}

/// The member takes the order: it counts as bought when it was, and earns.
pub(super) fn claim(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (from, entry, order): (MemberId, EntryId, &OrderState),
) -> Decision {
    let program = program_of(ctx, Some(order), ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let (key, now) = (&order.key, ctx.now);
    let paid_at = order.paid_at.unwrap_or(order.placed_at);
    let waiting = order.status == OrderStatus::Paid;
    let completes_at = program.completes_at(paid_at).filter(|_| waiting);
    let order = Box::new(order.clone());
    draft.push(Event::Guest(GuestEvent::Claimed { from, entry, at: now, order, completes_at }));
    dates::renew(&mut draft, key);
    let waits = program.accrual_from == AccrualFrom::Completed;
    let since = completes_at.filter(|_| waits).map_or(now, |completes_at| completes_at.max(now));
    placed::earn(&mut draft, key, since);
    achievements::start(&mut draft);
    earn::earn_order(&mut draft, key, Earning { trigger: Trigger::OrderPaid, at: paid_at, from: since });
    if let Some(at) = draft.order(key).completed_at {
        earn::earn_order(&mut draft, key, Earning { trigger: Trigger::OrderCompleted, at, from: now });
    }
    tiers::count(&mut draft, key);
    tiers::rise(&mut draft);
    achievements::reach(&mut draft);
    draft.settle_debt();
    let points = draft.order(key).points_earned_net();
    draft.finish(Outcome::OrderClaimed { order: key.clone(), points }, now, Some(key.clone()))
}
