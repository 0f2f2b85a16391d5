//! Events of the shop's own: a review, a visit, a survey, as the program declares them.
//!
//! Invariant: an event is told once, under its key; what it gives is given by the rules of the program in
//! force when it is told, and nothing takes it back but an operator. What is told with an event decides and
//! is not kept: the journal holds nothing of a person.

use super::draft::{Draft, program_of};
use super::{Context, Decision, Outcome, achievements, earn};
use crate::attribute::Attributes;
use crate::book::Book;
use crate::ledger::Event;
use crate::member::MemberStatus;
use crate::program::{CustomEvent, Trigger};
use crate::record::Recorder;
use crate::refusal::Refusal;

/// The ladder: the member is one and may earn, the program declares the event and what is told with it.
pub(super) fn happen(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (event, data): (&str, &Attributes),
) -> Result<Decision, Refusal> {
    let program = program_of(ctx, None, ctx.now);
    match book.member.status {
        MemberStatus::Guest => return Err(Refusal::MemberUnknown),
        MemberStatus::Merged => return Err(Refusal::MergeUnderWay),
        MemberStatus::Anonymized => return Err(Refusal::MemberAnonymized),
        MemberStatus::Blocked => return Err(Refusal::MemberBlocked),
        MemberStatus::Active | MemberStatus::Frozen => {}
    }
    let declared = program.events.iter().position(|e| e.id == event);
    let number = declared.and_then(|at| u16::try_from(at).ok());
    let number = number.ok_or_else(|| Refusal::EventUnknown { event: event.to_owned() })?;
    admits(&program.events[usize::from(number)], data)?;
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    achievements::start(&mut draft);
    draft.push(Event::Happened { what: event.into() });
    let mut points = earn::earn_told(&mut draft, Trigger::Event(number), data);
    points += achievements::reach(&mut draft);
    Ok(draft.finish(Outcome::Happened { event: event.into(), points }, ctx.now, None))
}

/// What is told with an event is declared, and is of its kind.
fn admits(declared: &CustomEvent, data: &Attributes) -> Result<(), Refusal> {
    for (id, value) in &data.0 {
        let known = declared.data.iter().find(|d| d.id == *id);
        if !known.is_some_and(|known| known.kind.admits(value)) {
            let event = declared.id.to_string();
            return Err(Refusal::EventDataInvalid { event, data: id.to_string() });
        }
    }
    Ok(())
}
