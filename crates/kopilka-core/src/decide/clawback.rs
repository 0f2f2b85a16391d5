//! Taking a credit back: its own lot first, then other pending lots, then others, then the program's way.

use super::draft::Draft;
use super::limits;
use crate::ids::LotNo;
use crate::ledger::{DebtCause, Event, Lot};
use crate::order::OrderKey;
use crate::points::Points;
use crate::program::Clawback;
use crate::trace::Step;

/// What was taken back, and the part no lot could bear.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TakenBack {
    pub points: Points,
    pub not_recovered: Points,
}

/// Brings every credit of the order down to what the rest of the order is worth. Points that burnt unspent
/// are not taken again.
pub(super) fn take_back_due(draft: &mut Draft<'_>, key: &OrderKey) -> TakenBack {
    let order = draft.order(key);
    let mut taken: Vec<(u16, Points)> = Vec::new();
    for (at, credit) in order.credits.iter().enumerate() {
        let burnt = draft.member().burnt_of(credit.lot);
        let due = credit.issued - credit.value(&order.lines) - burnt - credit.taken;
        if due.0 > 0 {
            taken.push((at as u16, due));
        }
    }
    take_credits(draft, key, &taken)
}

/// The same of referrers' credits, each from what is left in its own lot. Answers how much.
pub(super) fn take_own_lots(draft: &mut Draft<'_>, key: &OrderKey) -> Points {
    let order = draft.order(key);
    let mut taken: Vec<(u16, Points)> = Vec::new();
    for (at, credit) in (0_u16..).zip(&order.credits) {
        let due = credit.issued - credit.value(&order.lines) - credit.taken;
        let left = draft.member().lot(credit.lot).map_or(Points::ZERO, |lot| lot.free);
        if due.min(left).0 > 0 {
            taken.push((at, due.min(left)));
        }
    }
    take_credits(draft, key, &taken).points
}

/// Takes so much of each of these credits of the order, by position.
pub(super) fn take_credits(draft: &mut Draft<'_>, key: &OrderKey, taken: &[(u16, Points)]) -> TakenBack {
    let mut sum = TakenBack::default();
    for &(at, points) in taken {
        let credit = &draft.order(key).credits[usize::from(at)];
        let (rule, lot) = (credit.rule.clone(), credit.lot);
        draft.note(Step::CreditTakenBack { rule: rule.clone(), points });
        sum.not_recovered += take_back(draft, &rule, Some(key), lot, points);
        sum.points += points;
    }
    if !taken.is_empty() {
        draft.push(Event::CreditsTaken { order: key.clone(), taken: taken.to_vec() });
        limits::count_back(draft, key, taken);
    }
    sum
}

/// Takes `points` back; answers what became debt or the shop's loss.
pub(super) fn take_back(
    draft: &mut Draft<'_>,
    rule: &str,
    order: Option<&OrderKey>,
    own: LotNo,
    points: Points,
) -> Points {
    let mut left = points;
    for no in lots_in_turn(draft, own) {
        if left.0 <= 0 {
            return Points::ZERO;
        }
        let Some(lot) = draft.member().lot(no) else { continue };
        let part = lot.free.min(left);
        let from_pending = !lot.booked_active;
        left -= part;
        draft.push(Event::LotRevoked {
            lot: no,
            points: part,
            from_pending,
            order: order.cloned(),
            rule: rule.into(),
        });
    }
    if left.0 > 0 {
        let (at, order) = (draft.now, order.cloned());
        draft.push(match draft.program.returns.clawback {
            Clawback::Debt => Event::ClawbackOwed { points: left, order, cause: DebtCause::Clawback, at },
            Clawback::FloorAtZero | Clawback::PendingOnly => Event::ClawbackBorne { points: left, order },
        });
    }
    left
}

fn lots_in_turn(draft: &Draft<'_>, own: LotNo) -> Vec<LotNo> {
    let member = draft.member();
    let mut turn: Vec<LotNo> = Vec::new();
    turn.extend(member.lots.iter().filter(|l| l.no == own && l.free.0 > 0).map(|l| l.no));
    // What an unpaid order promises is nobody's yet: only that order's own changes take of it.
    let waits = |l: &&Lot| l.no != own && !l.booked_active && !l.awaits_payment && l.free.0 > 0;
    let mut pending: Vec<&Lot> = member.lots.iter().filter(waits).collect();
    pending.sort_by_key(|l| std::cmp::Reverse((l.active_at, l.no)));
    turn.extend(pending.iter().map(|l| l.no));
    if draft.program.returns.clawback != Clawback::PendingOnly {
        turn.extend(draft.payable_lots().iter().filter(|l| l.no != own).map(|l| l.no));
    }
    turn
}
