//! A profile that becomes complete: once in a member's life, whatever is taken away and told again.
//!
//! Invariant: what is known of the person is only looked at; the journal hears that the profile is complete.

use super::draft::{Draft, program_of};
use super::{Context, Decision, Outcome, earn, subscribed, unclaimed};
use crate::book::Book;
use crate::ledger::Event;
use crate::member::MemberStatus;
use crate::points::Points;
use crate::program::Trigger;
use crate::record::Recorder;

/// A change of the person has no ladder: whether it may be is judged where names and values are.
pub(super) fn change(ctx: Context<'_>, book: &mut Book, recorder: &mut dyn Recorder) -> Decision {
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let points = hear(&mut draft);
    draft.finish(Outcome::PersonChanged { points }, ctx.now, None)
}

/// What a change of the person brings about.
pub(super) fn hear(draft: &mut Draft<'_>) -> Points {
    let points = subscribed::welcome(draft) + complete(draft);
    let now = draft.now;
    unclaimed::count_anew(draft, now);
    points
}

/// Marks and rewards a profile that has become complete.
pub(super) fn complete(draft: &mut Draft<'_>) -> Points {
    let (program, member) = (draft.program, draft.member());
    // Who may earn nothing now is not deprived of it for ever.
    let barred = !matches!(member.status, MemberStatus::Active | MemberStatus::Frozen);
    let done = member.moments.profile_completed || barred;
    let complete = program.profile.iter().all(|field| field.is_known(&draft.book.person));
    if done || program.profile.is_empty() || !complete {
        return Points::ZERO;
    }
    let now = draft.now;
    draft.push(Event::ProfileCompleted { at: now });
    earn::earn_event(draft, Trigger::ProfileCompleted, now, now)
}
