//! Points that come back to the lots they were taken from, the last taken first.

use super::dates;
use super::draft::Draft;
use crate::ledger::{Back, DebtCause, Event, Fate, Piece};
use crate::money::{Money, share_gone};
use crate::order::{OrderKey, OrderState, SpendStage};
use crate::points::Points;
use crate::program::OnRefund;
use crate::time::{Instant, Period};
use crate::trace::Step;

/// Resumed points live at most this long past their first date.
const RESUME_MAX: Period = Period::Days(30);

/// What came back: alive, and found dead.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CameBack {
    pub alive: Points,
    pub gone: Points,
}

/// How many of the order's points must have come back by now: ⌊shares of all pieces gone ÷ value⌋, and all
/// of them once nothing that points paid for remains.
fn due_back(draft: &Draft<'_>, order: &OrderState) -> Points {
    let Some(spend) = &order.spend else { return Points::ZERO };
    let all_gone = order.lines.iter().filter(|l| l.by_points.0 > 0).all(|l| l.remaining().0 == 0);
    if all_gone {
        return spend.points;
    }
    let shares: Money = order.lines.iter().map(|l| share_gone(l.by_points, l.gone.0, l.quantity.0)).sum();
    draft.program.points.equivalent_floor(shares).min(spend.points)
}

/// Gives back what the pieces gone so far have earned, less what came back before.
pub(super) fn give_back_due(draft: &mut Draft<'_>, key: &OrderKey) -> CameBack {
    let order = draft.order(key);
    let Some(spend) = &order.spend else { return CameBack::default() };
    let (stage, before) = (spend.stage, spend.came_back);
    let points = due_back(draft, order) - before;
    match stage {
        SpendStage::Lapsed => CameBack::default(),
        _ if points.0 <= 0 => CameBack::default(),
        SpendStage::Held => release(draft, key, points),
        SpendStage::Spent => refund(draft, key, points),
    }
}

/// Out of a hold, to the lots; the hold shrinks by as much.
pub(super) fn release(draft: &mut Draft<'_>, key: &OrderKey, points: Points) -> CameBack {
    let Some(spend) = &draft.order(key).spend else { return CameBack::default() };
    let back = back_from(draft, &spend.pieces.clone(), points);
    let came = tell(draft, &back);
    draft.push(Event::HoldReleased { order: key.clone(), back });
    draft.settle_debt();
    came
}

/// Out of what was spent: first what no lot had borne, then the lots, the last taken first.
fn refund(draft: &mut Draft<'_>, key: &OrderKey, points: Points) -> CameBack {
    let mut left = points;
    let Some(spend) = &draft.order(key).spend else { return CameBack::default() };
    let (loss, debt, pieces) = (spend.short_loss, spend.short_debt, spend.pieces.clone());
    let mut came = CameBack::default();
    let borne = loss.min(left);
    if borne.0 > 0 {
        left -= borne;
        draft.push(Event::ShortfallBorneBack { order: key.clone(), points: borne });
    }
    let owed = debt.min(left);
    if owed.0 > 0 {
        left -= owed;
        came = refund_owed(draft, key, owed);
    }
    if left.0 > 0 {
        let back = back_from(draft, &pieces, left);
        let lots = tell(draft, &back);
        came = CameBack { alive: came.alive + lots.alive, gone: came.gone + lots.gone };
        draft.push(Event::PointsCameBack { order: Some(key.clone()), back });
    }
    draft.settle_debt();
    came
}

/// A shortfall that was owed: what is still open is forgiven, what was repaid goes back to the lots that
/// repaid it, and what was written off was the shop's loss and stays so.
fn refund_owed(draft: &mut Draft<'_>, key: &OrderKey, owed: Points) -> CameBack {
    let debt = draft
        .member()
        .debts
        .iter()
        .find(|d| d.cause == DebtCause::Shortfall && d.order.as_ref() == Some(key))
        .cloned();
    let (open, repaid) = debt.map_or((Points::ZERO, Vec::new()), |d| (d.open, d.repaid));
    let forgiven = open.min(owed);
    if forgiven.0 > 0 {
        draft.push(Event::ShortfallOwedBack { order: key.clone(), points: forgiven });
    }
    let repaid_sum: Points = repaid.iter().map(|p| p.points).sum();
    let returned = repaid_sum.min(owed - forgiven);
    let mut came = CameBack { alive: forgiven, gone: Points::ZERO };
    if returned.0 > 0 {
        let back = back_from(draft, &repaid, returned);
        let lots = tell(draft, &back);
        came = CameBack { alive: came.alive + lots.alive, gone: lots.gone };
        draft.push(Event::ShortfallRepaidBack { order: key.clone(), back });
    }
    let lost = owed - forgiven - returned;
    if lost.0 > 0 {
        draft.push(Event::ShortfallBorneBack { order: key.clone(), points: lost });
    }
    came
}

pub(super) fn tell(draft: &mut Draft<'_>, back: &[Back]) -> CameBack {
    let mut came = CameBack::default();
    for b in back {
        let gone = b.fate == Fate::Gone;
        if gone {
            came.gone += b.piece.points;
        } else {
            came.alive += b.piece.points;
        }
        draft.note(Step::PointsBack { lot: b.piece.lot.no, points: b.piece.points, gone });
    }
    came
}

/// Pieces worth `points` in reverse spending order, each with its fate.
pub(super) fn back_from(draft: &mut Draft<'_>, pieces: &[Piece], points: Points) -> Vec<Back> {
    let mut left = points;
    let mut back: Vec<Back> = Vec::new();
    for piece in pieces.iter().rev() {
        if left.0 <= 0 {
            break;
        }
        let part = piece.points.min(left);
        left -= part;
        let mut piece = Piece { points: part, ..piece.clone() };
        piece.lot.expires_at = dates::end_of_copy(draft, &piece.lot);
        let fate = fate_of(draft, &piece, &back);
        back.push(Back { piece, fate });
    }
    back
}

/// Decides what becomes of a piece; `before` are the pieces of the same step, which may have revived its lot.
fn fate_of(draft: &mut Draft<'_>, piece: &Piece, before: &[Back]) -> Fate {
    let now = draft.now;
    if let Some(same) = before.iter().find(|b| b.piece.lot.no == piece.lot.no) {
        return same.fate;
    }
    let (expires_at, regranted) = match draft.member().lot(piece.lot.no) {
        Some(lot) => (lot.expires_at, lot.regranted),
        None => (piece.lot.expires_at, piece.lot.regranted),
    };
    let Some(expires_at) = expires_at.filter(|end| *end <= now) else { return Fate::Alive };
    let fate = match draft.program.returns.on_refund {
        OnRefund::Keep => Fate::Gone,
        OnRefund::Resume => resumed(draft, piece, expires_at),
        OnRefund::Regrant(period) if !regranted => {
            let until = draft.program.zone.end_of(now, period, draft.program.ends);
            Fate::Regranted { until }
        }
        OnRefund::Regrant(_) => Fate::Gone,
    };
    if fate == Fate::Gone && draft.exchanging {
        draft.payable_dead.push(piece.lot.no);
        return Fate::Alive;
    }
    fate
}

fn resumed(draft: &Draft<'_>, piece: &Piece, expires_at: Instant) -> Fate {
    let first_end = piece.lot.expires_at.unwrap_or(expires_at);
    let had_left = (first_end.0 - piece.taken_at.0).max(0);
    let most = draft.program.zone.plus(first_end, RESUME_MAX);
    let until = Instant(draft.now.0 + had_left).min(most);
    if until > draft.now { Fate::Resumed { until } } else { Fate::Gone }
}
