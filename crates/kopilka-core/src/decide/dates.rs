//! The dates of lots: as they are issued, and as orders move them afterwards.
//!
//! Invariant: a lot that orders renew ends so long after the last paid order and never before its own end.
//! Only the return of a whole order brings an end nearer, and never within [`LEAST_AFTER_RETURN`] of it.

use super::draft::Draft;
use crate::ids::LotNo;
use crate::ledger::{Dated, Event, Lot, LotDates, Renewal};
use crate::order::{Credit, OrderKey};
use crate::points::Points;
use crate::program::{AccrualFrom, CreditEffect, Effect, Program, Rule, Validity};
use crate::time::{Instant, Period};
use crate::trace::Step;

/// Points that only the returned order kept alive do not burn with it: two weeks are enough for the news to
/// arrive and for a purchase instead.
pub(crate) const LEAST_AFTER_RETURN: Period = Period::Days(14);

/// What a credit is issued as.
pub(super) struct NewLot<'a> {
    pub no: LotNo,
    pub points: Points,
    pub source: &'a str,
    pub order: Option<&'a OrderKey>,
    /// The delay is counted from here.
    pub from: Instant,
    pub delay: Period,
    /// The payment of its order will say the dates.
    pub awaits_payment: bool,
}

pub(super) fn new_lot(draft: &Draft<'_>, effect: &CreditEffect, new: NewLot<'_>) -> Lot {
    let active_at = draft.program.zone.plus(new.from, new.delay);
    let awaits_payment = new.awaits_payment;
    let validity = effect.expires.or(draft.program.validity()).filter(|_| !awaits_payment);
    let (expires_at, renewal) = end_of_life(draft, validity, active_at);
    Lot {
        no: new.no,
        free: new.points,
        held: Points::ZERO,
        source: new.source.into(),
        order: new.order.cloned(),
        active_at,
        expires_at,
        booked_active: active_at <= draft.now && !awaits_payment,
        gift: effect.gift,
        regranted: false,
        renewal,
        awaits_payment,
    }
}

/// When points end that become available at `active_at`, and how orders put that off.
pub(super) fn end_of_life(
    draft: &Draft<'_>,
    validity: Option<Validity>,
    active_at: Instant,
) -> (Option<Instant>, Option<Renewal>) {
    let (program, born) = (draft.program, draft.book.person.birth_date);
    let own_end = validity.and_then(|v| v.end(program, active_at, born));
    let after = validity.and_then(|v| v.renewal(program, born));
    match (own_end, after) {
        (Some(own_end), Some(after)) => {
            let renewal = Renewal { after, own_end };
            (Some(renewed_end(draft, renewal)), Some(renewal))
        }
        _ => (own_end, None),
    }
}

/// The end that the orders known now give.
fn renewed_end(draft: &Draft<'_>, renewal: Renewal) -> Instant {
    let program = draft.program;
    let last = draft.member().purchases.last.last().copied().max(draft.returning);
    let by_order = last.map(|paid_at| program.zone.end_of(paid_at, renewal.after, program.ends));
    by_order.map_or(renewal.own_end, |end| end.max(renewal.own_end))
}

/// The end of a lot that a piece remembers: orders that were paid since have put it off, as they did with
/// those that stayed; and one of them that came back whole has left it its two weeks.
pub(super) fn end_of_copy(draft: &Draft<'_>, copy: &Lot) -> Option<Instant> {
    let Some(renewal) = copy.renewal else { return copy.expires_at };
    let program = draft.program;
    let left = draft.member().purchases.came_back.iter().map(|(paid_at, returned_at)| {
        let by_order = program.zone.end_of(*paid_at, renewal.after, program.ends).max(renewal.own_end);
        by_order.min(program.zone.end_of(*returned_at, LEAST_AFTER_RETURN, program.ends))
    });
    copy.expires_at.max(Some(renewed_end(draft, renewal))).max(left.max())
}

/// After an order was paid: what it renews lives on.
pub(super) fn renew(draft: &mut Draft<'_>, key: &OrderKey) {
    let later = |lot: &Lot| {
        let end = renewed_end(draft, lot.renewal?);
        let burns = draft.payable_dead.contains(&lot.no);
        let dates = LotDates { expires_at: Some(end), ..LotDates::of(lot) };
        (lot.expires_at < Some(end) && !burns).then_some(dates)
    };
    let lots = draft.member().lots.iter().filter_map(later).collect();
    date(draft, key, Dated::Renewed, lots);
}

/// After an order came back whole, with the points that paid for it: what it had renewed ends as the orders
/// that remain have it.
pub(super) fn fall_back(draft: &mut Draft<'_>, key: &OrderKey) {
    draft.returning = None;
    let program = draft.program;
    let least = program.zone.end_of(draft.now, LEAST_AFTER_RETURN, program.ends);
    let sooner = |lot: &Lot| {
        let end = renewed_end(draft, lot.renewal?).max(least);
        let dates = LotDates { expires_at: Some(end), ..LotDates::of(lot) };
        lot.expires_at.is_some_and(|before| end < before).then_some(dates)
    };
    let lots = draft.member().lots.iter().filter_map(sooner).collect();
    date(draft, key, Dated::RenewalLost, lots);
}

/// What a credit of the order is given by: the rule and the effect that decided it then.
pub(super) fn effect_of<'p>(program: &'p Program, credit: &Credit) -> Option<(&'p Rule, &'p CreditEffect)> {
    let own = Some(&program.own_points).filter(|own| own.id == credit.rule);
    let rule = program.rules.iter().find(|rule| rule.id == credit.rule).or(own)?;
    match rule.then.get(usize::from(credit.effect))? {
        Effect::Credit(effect) => Some((rule, effect)),
        Effect::Multiply(_) | Effect::Grant(_) => None,
    }
}

/// After an order was completed: points that waited for it wait their delay from now on, never longer than
/// they would have.
pub(super) fn bring_forward(draft: &mut Draft<'_>, key: &OrderKey, at: Instant) {
    if draft.program.accrual_from == AccrualFrom::Completed {
        let sooner = |lot: &Lot, dates: &LotDates| dates.active_at < lot.active_at;
        count_anew(draft, key, Dated::Completed, at, &sooner);
    }
}

/// After an order was paid: what it promised when it was placed waits its delay since `from`.
pub(super) fn of_paid(draft: &mut Draft<'_>, key: &OrderKey, from: Instant) {
    count_anew(draft, key, Dated::Paid, from, &|lot, _| lot.awaits_payment);
}

/// Dates those pending lots of the order's credits that are chosen, as if they were issued with a delay since
/// `from`; what need not wait any longer is available at once.
fn count_anew(
    draft: &mut Draft<'_>,
    key: &OrderKey,
    why: Dated,
    from: Instant,
    chosen: &dyn Fn(&Lot, &LotDates) -> bool,
) {
    let program = draft.program;
    let anew = |credit: &Credit| {
        let lot = draft.member().lot(credit.lot).filter(|lot| !lot.booked_active)?;
        let (_, effect) = effect_of(program, credit)?;
        let active_at = program.zone.plus(from, effect.active_after.unwrap_or(program.active_after));
        let (expires_at, renewal) = end_of_life(draft, effect.expires.or(program.validity()), active_at);
        let dates = LotDates { lot: lot.no, active_at, expires_at, renewal };
        chosen(lot, &dates).then_some(dates)
    };
    let lots: Vec<LotDates> = draft.order(key).credits.iter().filter_map(anew).collect();
    let now = draft.now;
    let active = lots.iter().filter(|dates| dates.active_at <= now).map(|dates| dates.lot);
    let active: Vec<LotNo> = active.collect();
    date(draft, key, why, lots);
    for lot in active {
        let points = draft.member().lot(lot).map_or(Points::ZERO, |l| l.free);
        draft.push(Event::LotActivated { lot, points });
    }
}

fn date(draft: &mut Draft<'_>, key: &OrderKey, why: Dated, lots: Vec<LotDates>) {
    if lots.is_empty() {
        return;
    }
    for LotDates { lot, active_at, expires_at, .. } in lots.iter().copied() {
        draft.note(Step::LotDated { why, lot, active_at, expires_at });
    }
    draft.push(Event::LotsDated { order: key.clone(), why, lots });
}
