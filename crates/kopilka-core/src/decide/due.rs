use super::*;
use crate::book::EntryDraft;
use crate::member::PersonFacts;
use crate::program::Program;
/// When the member's next due command is, if any.
pub fn next_due(_program: &Program, _member: &Member, _person: &PersonFacts) -> Option<Instant> {
    todo!()
}
/// The orders whose holds lapse by `now`.
pub fn orders_of_due(_member: &Member, _now: Instant) -> Vec<OrderKey> {
    todo!()
}
/// Runs every command of the member that is due by `ctx.now`, in order of due time.
pub fn run_due(_ctx: Context<'_>, _book: &mut Book) -> Vec<EntryDraft> {
    todo!()
}
