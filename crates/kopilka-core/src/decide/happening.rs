//! Events of the shop's own: a review, a visit, a survey, as the program declares them.
//!
//! Invariant: an event is told once, under its key; what it gives is given by the rules of the program in
//! force when it is told, and nothing takes it back but an operator.

use super::draft::{Draft, program_of};
use super::{Context, Decision, Outcome, earn};
use crate::book::Book;
use crate::ledger::Event;
use crate::member::MemberStatus;
use crate::program::Trigger;
use crate::record::Recorder;
use crate::refusal::Refusal;

/// The ladder: the program declares the event, the member is one and may earn.
pub(super) fn happen(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    event: &str,
) -> Result<Decision, Refusal> {
    let program = program_of(ctx, None, ctx.now);
    match book.member.status {
        MemberStatus::Guest => return Err(Refusal::MemberUnknown),
        MemberStatus::Blocked => return Err(Refusal::MemberBlocked),
        MemberStatus::Active | MemberStatus::Frozen => {}
    }
    let declared = program.events.iter().position(|e| e.id == event);
    let number = declared.and_then(|at| u16::try_from(at).ok());
    let number = number.ok_or_else(|| Refusal::EventUnknown { event: event.to_owned() })?;
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.push(Event::Happened { what: event.into() });
    let points = earn::earn_event(&mut draft, Trigger::Event(number), ctx.now, ctx.now);
    Ok(draft.finish(Outcome::Happened { event: event.into(), points }, ctx.now, None))
}
