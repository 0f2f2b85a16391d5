//! Payment: the hold becomes spent, late payments find their points, and the order earns.

use super::complete::complete;
use super::draft::{Draft, snapshot, take_pieces};
use super::earn::{self, Earning};
use super::{achievements, coupons, dates, offers, placed, referral, tiers};
use crate::ledger::{Event, Piece};
use crate::member::MemberStatus;
use crate::money::{Amounts, Money, allocate};
use crate::order::{BodyStatus, OrderBody, OrderKey, SpendStage};
use crate::points::Points;
use crate::program::{AccrualFrom, LateShortfall, Trigger};
use crate::time::Instant;
use crate::trace::Step;

/// An order being paid, and how it came to that.
pub(super) struct Payment<'a> {
    pub at: Instant,
    pub body: &'a OrderBody,
    /// What its placing brings was promised by an earlier command.
    pub placed_before: bool,
}

/// Pays the order; the points it could not find are answered. After the ladder of its caller it succeeds.
pub(super) fn pay(draft: &mut Draft<'_>, key: &OrderKey, payment: Payment<'_>) -> Points {
    let Payment { at, body, placed_before } = payment;
    let shortfall = match draft.order(key).spend.as_ref().map(|s| s.stage) {
        Some(SpendStage::Held) => {
            capture(draft, key);
            Points::ZERO
        }
        Some(SpendStage::Lapsed) => take_late(draft, key, at),
        Some(SpendStage::Spent) | None => Points::ZERO,
    };
    coupons::pay(draft, key);
    referral::bind_by_coupon(draft, key);
    offers::pay(draft, key);
    let (stated, counted) = compare_stated(draft, key, body.paid);
    let completed = body.status == BodyStatus::Completed;
    let is_guest = draft.member().status == MemberStatus::Guest;
    let completes_at = draft.program.completes_at(at).filter(|_| !completed && !is_guest);
    draft.push(Event::OrderPaid { order: key.clone(), at, counted, stated, completes_at });
    dates::renew(draft, key);
    // Points that wait for the completion are dated by the latest there can be.
    let waits = draft.program.accrual_from == AccrualFrom::Completed;
    let from = completes_at.filter(|_| waits).unwrap_or(at);
    if placed_before {
        placed::settle(draft, key, from);
    } else {
        placed::earn(draft, key, from);
    }
    achievements::start(draft);
    if tiers::counts_before_earning(draft.program) {
        tiers::count(draft, key);
        tiers::rise(draft);
    }
    earn::earn_order(draft, key, Earning { trigger: Trigger::OrderPaid, at, from });
    tiers::count(draft, key);
    tiers::rise(draft);
    achievements::reach(draft);
    referral::paid(draft, key, (at, from));
    draft.settle_debt();
    if completed {
        complete(draft, key, at, at);
    }
    shortfall
}

/// The shop may state what was paid: a difference is told, and the lower counts for earning and refunds.
fn compare_stated(
    draft: &mut Draft<'_>,
    key: &OrderKey,
    stated: Option<Money>,
) -> (Option<Money>, Option<Vec<Money>>) {
    let Some(stated) = stated else { return (None, None) };
    let order = draft.order(key);
    let due = order.to_pay_remaining();
    if stated == due {
        return (None, None);
    }
    let by_cards = order.paid_by_gift_cards();
    let dues: Amounts =
        order.lines.iter().filter(|l| l.remaining().0 > 0).map(|l| l.left_of(l.due)).collect();
    draft.note(Step::Mismatch { due, stated });
    (Some(stated), (stated < due).then(|| allocate(stated + by_cards, &dues, &dues).into_vec()))
}

fn capture(draft: &mut Draft<'_>, key: &OrderKey) {
    let Some(spend) = &draft.order(key).spend else { return };
    let pieces = spend.pieces.clone();
    let points: Points = pieces.iter().map(|p| p.points).sum();
    if points.0 > 0 {
        draft.push(Event::HoldCaptured { order: key.clone(), points, pieces });
    }
}

/// A payment after the lapse takes first the lots it held, also one that has burnt since, then free lots.
fn take_late(draft: &mut Draft<'_>, key: &OrderKey, at: Instant) -> Points {
    let order = draft.order(key);
    let by_points: Money = order.lines.iter().map(|l| l.left_of(l.by_points)).sum();
    let mut wanted = draft.program.points.covering(by_points);
    let remembered = order.spend.as_ref().map(|s| s.pieces.clone()).unwrap_or_default();
    for piece in remembered {
        let got = retake(draft, &piece, piece.points.min(wanted));
        if got.0 > 0 {
            wanted -= got;
            let pieces = vec![Piece { points: got, taken_at: draft.now, lot: piece.lot }];
            draft.push(Event::PointsSpent { order: Some(key.clone()), pieces });
        }
    }
    let others = take_pieces(&draft.payable_lots(), wanted, draft.now);
    wanted -= others.iter().map(|p| p.points).sum();
    if !others.is_empty() {
        draft.push(Event::PointsSpent { order: Some(key.clone()), pieces: others });
    }
    if wanted.0 > 0 {
        draft.note(Step::Shortfall { points: wanted });
        draft.push(match draft.program.holds.late_shortfall {
            LateShortfall::Debt => Event::ShortfallOwed { order: key.clone(), points: wanted, at },
            LateShortfall::ShopLoss => Event::ShortfallBorne { order: key.clone(), points: wanted },
        });
    }
    wanted
}

/// What a lot that was held can still give: its free points, or those that burnt after the lapse.
fn retake(draft: &mut Draft<'_>, piece: &Piece, wanted: Points) -> Points {
    let (free, dead) = match draft.member().lot(piece.lot.no) {
        Some(lot) => (lot.free.min(wanted), lot.is_dead(draft.now)),
        None => (Points::ZERO, piece.lot.is_dead(draft.now)),
    };
    if !dead {
        return free;
    }
    let revived = draft.member().burnt_of(piece.lot.no).min(wanted - free);
    if revived.0 > 0 {
        let piece = Piece { points: revived, taken_at: draft.now, lot: snapshot(&piece.lot) };
        draft.push(Event::LotRevived { piece, points: revived });
    }
    free + revived
}
