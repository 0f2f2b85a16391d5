//! Points from one member to another: sending, receiving, and taking back what was not received.
//!
//! Invariant: each step is decided on one member's book alone. What leaves the sender carries its dates, so
//! it can arrive as lots of the receiver or go back to the lots it came from, whatever has passed meanwhile.

use super::draft::{Draft, program_of, snapshot, take_pieces};
use super::holders::refuse_spending;
use super::{Context, Decision, Outcome, back, wants_contact};
use crate::book::Book;
use crate::ids::{EntryId, MemberId};
use crate::ledger::{Event, Lot, Piece, Renewal};
use crate::member::MemberStatus;
use crate::points::{POINTS_MAX, Points};
use crate::program::Program;
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Step;

/// The source of lots that another member sent.
pub const TRANSFER: &str = "transfer";

/// Takes points out of the sender's lots, in spending order. Whether the receiver takes them is not known
/// here: that is decided on the receiver.
pub(super) fn send(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    to: MemberId,
    points: Points,
) -> Result<Decision, Refusal> {
    if points.0 <= 0 || points.0 > POINTS_MAX {
        return Err(Refusal::PointsOutOfRange);
    }
    match book.member.status {
        MemberStatus::Active => {}
        MemberStatus::Guest => return Err(Refusal::MemberUnknown),
        MemberStatus::Merged => return Err(Refusal::MergeUnderWay),
        MemberStatus::Anonymized => return Err(Refusal::MemberAnonymized),
        MemberStatus::Blocked => return Err(Refusal::MemberBlocked),
        MemberStatus::Frozen => return Err(Refusal::MemberFrozen),
    }
    refuse_spending(book)?;
    let program = program_of(ctx, None, ctx.now);
    if !program.transfers.allowed {
        return Err(Refusal::TransfersOff);
    }
    if wants_contact(program, book.person.known.has_contact()) {
        return Err(Refusal::ContactNeeded);
    }
    if book.member.is(to) {
        return Err(Refusal::TransferToSelf);
    }
    if points < program.transfers.min_points {
        return Err(Refusal::TransferBelowMinimum { minimum: program.transfers.min_points });
    }
    if let Some(maximum) = program.transfers.max_points.filter(|most| points > *most) {
        return Err(Refusal::TransferAboveMaximum { maximum });
    }
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let free = |lots: &[&Lot]| lots.iter().map(|l| l.free).sum::<Points>();
    let mut lots = draft.payable_lots();
    let available = free(&lots);
    lots.retain(|lot| may_leave(program, lot, ctx.now));
    let limit = free(&lots);
    if points > limit {
        return Err(Refusal::InsufficientPoints { available: limit, wanted: points });
    }
    // After this point the transfer succeeds.
    let pieces = take_pieces(&lots, points, ctx.now);
    drop(lots);
    draft.note(Step::TransferLimit { available, limit });
    for piece in &pieces {
        let (lot, source) = (piece.lot.no, piece.lot.source.clone());
        draft.note(Step::PointsTaken { lot, source, points: piece.points });
    }
    draft.push(Event::TransferSent { to, pieces });
    Ok(draft.finish(Outcome::Transferred { to, points }, ctx.now, None))
}

/// Points of an order may leave when its goods can no longer come back, as far as a lot knows: so long after
/// they became available. Points that no order brought may leave at once.
fn may_leave(program: &Program, lot: &Lot, now: Instant) -> bool {
    let wait = program.transfers.order_points_after;
    lot.order.is_none() || program.zone.plus(lot.active_at, wait) <= now
}

/// Makes a lot of each piece, with the piece's own dates; what has burnt on the way is gone. Who earns
/// nothing receives nothing: the pieces stand in the entry, to be given back.
pub(super) fn receive(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (from, entry): (MemberId, EntryId),
    pieces: &[Piece],
) -> Decision {
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let points = sum(pieces.iter());
    let status = draft.member().status;
    if matches!(status, MemberStatus::Blocked | MemberStatus::Guest | MemberStatus::Anonymized) {
        draft.note(Step::TransferDeclined { status });
        draft.push(Event::TransferDeclined { from, entry, pieces: pieces.to_vec() });
        return draft.finish(Outcome::TransferDeclined { points }, ctx.now, None);
    }
    let (dead, alive): (Vec<&Piece>, Vec<&Piece>) = pieces.iter().partition(|p| p.lot.is_dead(ctx.now));
    let gone = sum(dead.into_iter());
    let numbered = alive.into_iter().zip(draft.next_lot()..);
    let lots = numbered.map(|(piece, no)| Lot {
        no,
        free: piece.points,
        source: TRANSFER.into(),
        order: None,
        booked_active: true,
        // From now on the receiver's own orders put the end off.
        renewal: piece.lot.renewal.zip(piece.lot.expires_at).map(|(r, own_end)| Renewal { own_end, ..r }),
        ..snapshot(&piece.lot)
    });
    let lots = lots.collect();
    draft.push(Event::TransferReceived { from, entry, lots, gone });
    draft.settle_debt();
    draft.finish(Outcome::TransferReceived { points: points - gone, gone }, ctx.now, None)
}

/// Gives the sender back what the receiver did not take, as points come back from an order.
pub(super) fn give_back(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (to, entry): (MemberId, EntryId),
    pieces: &[Piece],
) -> Decision {
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let back = back::back_from(&mut draft, pieces, sum(pieces.iter()));
    let came = back::tell(&mut draft, &back);
    draft.push(Event::TransferCameBack { to, entry, back });
    draft.settle_debt();
    draft.finish(Outcome::TransferCameBack { points: came.alive, gone: came.gone }, ctx.now, None)
}

fn sum<'p>(pieces: impl Iterator<Item = &'p Piece>) -> Points {
    pieces.map(|p| p.points).sum()
}
