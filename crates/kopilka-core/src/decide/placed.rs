//! Credits of an order that is placed: pending until it is paid, gone when it never is.
//!
//! Invariant: until the payment dates it, the lot of such a credit holds exactly what is left of what was
//! promised at the placing: only the order's own changes touch it, and no change promises more.

use super::clawback::{self, TakenBack};
use super::dates;
use super::draft::Draft;
use super::earn::{self, Earning, candidate_credit};
use super::limits;
use crate::book::Book;
use crate::ledger::{Event, evolve};
use crate::money::Money;
use crate::order::{Credit, Formula, LineKind, LineState, OrderKey, OrderState, OrderStatus};
use crate::points::Points;
use crate::program::{CreditAmount, Program, Trigger};
use crate::time::Instant;

/// Gives what the rules of a placing give, if the order is more than a reserved checkout by now: as a
/// promise, or for good where the same command has paid it.
pub(super) fn earn(draft: &mut Draft<'_>, key: &OrderKey, from: Instant) {
    let order = draft.order(key);
    if order.status == OrderStatus::Reserved || draft.program.rules_for(Trigger::OrderPlaced).next().is_none()
    {
        return;
    }
    let at = order.placed_at;
    earn::earn_order(draft, key, Earning { trigger: Trigger::OrderPlaced, at, from });
}

/// The credit as its rule gives it for these lines; never more than was promised.
fn fitted(program: &Program, order: &OrderState, lines: &[LineState], credit: &Credit) -> Credit {
    let nothing = Credit { formula: Formula::Fixed { points: Points::ZERO }, ..credit.clone() };
    let Some((rule, effect)) = dates::effect_of(program, credit) else { return nothing };
    let level = order.tier.as_ref().and_then(|id| program.tiers.as_ref()?.level(id));
    let decided = candidate_credit(program, rule, effect, lines, level);
    let formula = match (&effect.amount, credit.of_goods) {
        (CreditAmount::Fixed(points), Some(of)) if of.0 > 0 => {
            let left = goods(lines).min(of);
            let share = i128::from(points.0) * i128::from(left.0) / i128::from(of.0);
            Formula::Fixed { points: Points(share as i64) }
        }
        _ => decided.formula,
    };
    let cap = credit.cap.into_iter().chain([credit.issued]).min();
    Credit { formula, needs: decided.needs, cap, ..credit.clone() }
}

/// Goods before points: what a fixed number of points is a share of.
pub(super) fn goods(lines: &[LineState]) -> Money {
    lines.iter().filter(|l| l.kind == LineKind::Goods).map(|l| l.left_of(l.discounted)).sum()
}

/// After pieces left or came before the payment: what was promised for those that left falls.
pub(super) fn fit(draft: &mut Draft<'_>, key: &OrderKey) {
    let order = draft.order(key);
    let lines: Vec<LineState> = order.lines.iter().filter_map(LineState::as_it_remains).collect();
    let worth = |credit: &Credit| fitted(draft.program, order, &lines, credit).value(&lines);
    let worths: Vec<Points> = order.credits.iter().map(worth).collect();
    bring_down(draft, key, &worths);
}

/// An unpaid order ends, or its time is over: nothing of the promise is left.
pub(super) fn fall(draft: &mut Draft<'_>, key: &OrderKey) -> TakenBack {
    let worths = vec![Points::ZERO; draft.order(key).credits.len()];
    bring_down(draft, key, &worths)
}

/// Takes each credit's own lot down to its worth. Before the payment an order has no other credits.
fn bring_down(draft: &mut Draft<'_>, key: &OrderKey, worths: &[Points]) -> TakenBack {
    let credits = (0_u16..).zip(&draft.order(key).credits).zip(worths);
    let over = credits.map(|((at, credit), worth)| (at, credit.issued - credit.taken - *worth));
    let taken: Vec<(u16, Points)> = over.filter(|(_, points)| points.0 > 0).collect();
    clawback::take_credits(draft, key, &taken)
}

/// After the order was paid: its lines are those that were bought, what is left of the promise waits its
/// delay since `from`, and returns will count by it.
pub(super) fn settle(draft: &mut Draft<'_>, key: &OrderKey, from: Instant) {
    if draft.order(key).credits.is_empty() {
        return;
    }
    fit(draft, key);
    let order = draft.order(key);
    let left = order.credits.iter().filter(|credit| credit.taken < credit.issued).map(|credit| {
        let fitted = fitted(draft.program, order, &order.lines, credit);
        Credit { issued: credit.issued - credit.taken, taken: Points::ZERO, of_goods: None, ..fitted }
    });
    let credits: Vec<Credit> = left.collect();
    draft.push(Event::CreditsSettled { order: key.clone(), credits });
    dates::of_paid(draft, key, from);
}

/// For a quote of an order that stands: what its own placing counted does not count.
pub(super) fn uncount(program: &Program, book: &mut Book, order: &OrderState) {
    let promised = limits::counted_back(program, order);
    promised.into_iter().filter(|_| !order.is_paid()).for_each(|event| evolve(book, event));
}
