//! What is not an order: registration, an operator's adjustment and its reversal, a member's status.

use super::draft::{Draft, program_of, take_pieces};
use super::erase::is_somebody;
use super::{
    Adjustment, Context, Decision, Outcome, back, clawback, dates, earn, profile, referral, subscribed,
    unclaimed,
};
use crate::book::Book;
use crate::ids::MemberId;
use crate::ledger::{DebtCause, Event, Lot};
use crate::member::MemberStatus;
use crate::points::{POINTS_MAX, Points};
use crate::program::Trigger;
use crate::record::Recorder;
use crate::referral::How;
use crate::refusal::Refusal;

/// The source of lots that an operator gave.
pub const ADJUSTMENT: &str = "adjustment";

/// Registers once; a second time gives nothing.
pub(super) fn register(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (welcome, referrer, former): (bool, Option<(MemberId, How)>, bool),
) -> Result<Decision, Refusal> {
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let mut points = Points::ZERO;
    if draft.member().registered_at.is_none() {
        draft.push(Event::MemberRegistered { at: ctx.now, former });
        unclaimed::count_anew(&mut draft, ctx.now);
        // Who comes again would bring the same friend's reward again.
        let referrer = referrer.filter(|_| !former);
        referrer.into_iter().for_each(|(referrer, how)| referral::bind(&mut draft, referrer, how));
        if welcome && !former {
            points = earn::earn_event(&mut draft, Trigger::MemberRegistered, ctx.now, ctx.now);
            points += subscribed::welcome(&mut draft) + profile::complete(&mut draft);
        }
    }
    Ok(draft.finish(Outcome::Registered { points }, ctx.now, None))
}

/// Gives or takes points. A debit larger than what is available is refused, or becomes a debt when allowed.
pub(super) fn adjust(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    adjustment: &Adjustment,
) -> Result<Decision, Refusal> {
    let points = adjustment.points;
    if points.is_zero() || points.0.abs() > POINTS_MAX {
        return Err(Refusal::PointsOutOfRange);
    }
    is_somebody(book)?;
    let active_at = adjustment.active_at.unwrap_or(ctx.now).max(ctx.now);
    if adjustment.expires_at.is_some_and(|end| end <= active_at) {
        return Err(Refusal::PointsOutOfRange);
    }
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let wanted = Points(-points.0);
    let available: Points = draft.payable_lots().iter().map(|l| l.free).sum();
    if wanted > available && !adjustment.allow_debt {
        return Err(Refusal::InsufficientPoints { available, wanted });
    }
    // After this point the adjustment succeeds.
    if points.0 > 0 {
        let (expires_at, renewal) = match adjustment.expires_at {
            Some(end) => (Some(end), None),
            None => dates::end_of_life(&draft, draft.program.validity(), active_at),
        };
        let gift = adjustment.gift;
        let lot = Lot { active_at, expires_at, renewal, gift, ..plain_lot(&draft, points) };
        draft.push(Event::LotIssued { lot });
        draft.settle_debt();
    } else {
        let pieces = take_pieces(&draft.payable_lots(), wanted, ctx.now);
        let taken: Points = pieces.iter().map(|p| p.points).sum();
        if taken.0 > 0 {
            draft.push(Event::PointsSpent { order: None, pieces });
        }
        if wanted > taken {
            let cause = DebtCause::Adjustment;
            draft.push(Event::ClawbackOwed { points: wanted - taken, order: None, cause, at: ctx.now });
        }
    }
    Ok(draft.finish(Outcome::Adjusted { points }, ctx.now, None))
}

fn plain_lot(draft: &Draft<'_>, points: Points) -> Lot {
    Lot {
        no: draft.next_lot(),
        free: points,
        held: Points::ZERO,
        source: ADJUSTMENT.into(),
        order: None,
        active_at: draft.now,
        expires_at: None,
        booked_active: true,
        gift: false,
        regranted: false,
        renewal: None,
        awaits_payment: false,
    }
}

/// Takes an adjustment back: given points from their own lot first, taken points to the lots they left.
pub(super) fn reverse(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    events: &[Event],
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let reversible = |e: &Event| match e {
        Event::LotIssued { lot } => lot.source == ADJUSTMENT,
        Event::PointsSpent { order: None, .. } => true,
        Event::ClawbackOwed { cause, .. } => *cause == DebtCause::Adjustment,
        Event::DebtRepaid { .. } => true,
        _ => false,
    };
    if events.is_empty() || !events.iter().all(reversible) {
        return Err(Refusal::NotReversible);
    }
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let mut sum = Points::ZERO;
    for event in events {
        match event {
            Event::LotIssued { lot } => {
                let points = lot.free - draft.member().burnt_of(lot.no);
                clawback::take_back(&mut draft, ADJUSTMENT, None, lot.no, points);
                sum -= points;
            }
            Event::PointsSpent { pieces, .. } => {
                let points: Points = pieces.iter().map(|p| p.points).sum();
                let back = back::back_from(&mut draft, pieces, points);
                draft.push(Event::PointsCameBack { order: None, back });
                sum += points;
            }
            // The debt of a debit below zero is met by points of the same size; they repay it at once.
            Event::ClawbackOwed { points, .. } => {
                let lot = plain_lot(&draft, *points);
                draft.push(Event::LotIssued { lot });
                sum += *points;
            }
            _ => {}
        }
    }
    draft.settle_debt();
    Ok(draft.finish(Outcome::Adjusted { points: sum }, ctx.now, None))
}

/// Sets a member's status; the same status again changes nothing.
pub(super) fn set_status(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    status: MemberStatus,
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    // Nobody becomes a guest, and a person is erased by a command of its own.
    if matches!(status, MemberStatus::Guest | MemberStatus::Anonymized | MemberStatus::Merged) {
        return Err(Refusal::MemberUnknown);
    }
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    if draft.member().status != status {
        let was_blocked = draft.member().status == MemberStatus::Blocked;
        draft.push(Event::StatusChanged { status });
        if was_blocked {
            unclaimed::count_anew(&mut draft, ctx.now);
        }
    }
    Ok(draft.finish(Outcome::StatusSet { status }, ctx.now, None))
}
