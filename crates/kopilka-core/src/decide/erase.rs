//! A person leaves: what the account still holds ends, and from then on it takes nothing.
//!
//! Invariant: at the end of every command on the account of a person who was erased, it holds no points and
//! owes none. What an older order or transfer brings back later ends in the same entry, so nobody's points
//! wait for nobody.

use super::draft::{Draft, program_of};
use super::{Context, Decision, Outcome, placed};
use crate::book::Book;
use crate::ids::LotNo;
use crate::ledger::Event;
use crate::member::{Member, MemberStatus};
use crate::merge::MergeEvent;
use crate::order::OrderKey;
use crate::points::Points;
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;

/// Whether the row is a member's that commands may change: neither a guest's nor one of a person who left.
pub(super) fn is_somebody(book: &Book) -> Result<(), Refusal> {
    match book.member.status {
        MemberStatus::Guest => Err(Refusal::MemberUnknown),
        // Its id leads to another account, whose commands these are.
        MemberStatus::Merged => Err(Refusal::MergeUnderWay),
        MemberStatus::Anonymized => Err(Refusal::MemberAnonymized),
        MemberStatus::Active | MemberStatus::Blocked | MemberStatus::Frozen => Ok(()),
    }
}

/// Unpaid orders whose points are only promised: the promise falls with the person.
pub(super) fn promised(member: &Member) -> Vec<OrderKey> {
    let waiting = member.lots.iter().filter(|lot| lot.awaits_payment);
    waiting.filter_map(|lot| lot.order.clone()).collect()
}

/// The ladder: the member is one, and no order holds points. Such an order was told a price that its points
/// pay; the shop has it paid or cancelled first, or it would bear them.
pub(super) fn erase(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let held: Points = book.member.holds.iter().map(|hold| hold.points).sum();
    if held.0 > 0 {
        return Err(Refusal::PointsHeld { points: held });
    }
    // After this point it succeeds.
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    for order in promised(draft.member()) {
        draft.program = program_of(ctx, draft.book.orders.get(&order), ctx.now);
        placed::fall(&mut draft, &order);
    }
    draft.program = program;
    draft.push(Event::StatusChanged { status: MemberStatus::Anonymized });
    let members: Vec<_> = draft.member().absorbed.iter().map(|one| one.member).collect();
    if !members.is_empty() {
        draft.push(Event::Merge(MergeEvent::ForgottenToo { members }));
    }
    let (points, debt) = close(&mut draft);
    Ok(draft.finish(Outcome::Erased { points, debt }, ctx.now, None))
}

/// After any command: what it brought to the account of a person who left ends at once.
pub(super) fn keep_closed(ctx: Context<'_>, book: &mut Book, recorder: &mut dyn Recorder) {
    if book.member.status == MemberStatus::Anonymized {
        let program = program_of(ctx, None, ctx.now);
        close(&mut Draft::new(program, ctx.now, book, recorder));
    }
}

/// Points burn unspent, so that a return does not take them again; a debt is the shop's loss.
pub(super) fn close(draft: &mut Draft<'_>) -> (Points, Points) {
    let mut ended = Points::ZERO;
    let lots: Vec<(LotNo, Points, bool)> =
        draft.member().lots.iter().map(|lot| (lot.no, lot.free, lot.booked_active)).collect();
    for (lot, points, active) in lots.into_iter().filter(|(_, points, _)| points.0 > 0) {
        if !active {
            draft.push(Event::LotActivated { lot, points });
        }
        draft.push(Event::LotExpired { lot, points });
        ended += points;
    }
    let debt = draft.member().debt();
    if debt.0 > 0 {
        let newest = draft.member().debts.iter().map(|debt| debt.since).max();
        let before: Instant = newest.map_or(draft.now, |newest| newest.max(draft.now));
        draft.push(Event::DebtWrittenOff { points: debt, before });
    }
    (ended, debt)
}
