//! Cards that nobody has claimed: an account that is a card's number and nothing else closes in the end.
//!
//! Invariant: an account closes only while nobody is known behind its card, never sooner than the program
//! says after the moment at which that began or was written down, and never over an order that is under way.

use super::draft::Draft;
use super::erase;
use crate::ledger::Event;
use crate::member::{Member, MemberStatus, PersonFacts};
use crate::program::Program;
use crate::time::Instant;

/// What comes next for a card that is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unclaimed {
    /// Its time begins when that is noticed: nothing before it counts.
    Begins,
    /// After all else: what becomes available or is given until then burns with it.
    Closes,
}

/// Whether the account is one that closes if nobody claims it.
fn is_unclaimed(program: &Program, member: &Member, person: &PersonFacts) -> bool {
    let open = matches!(member.status, MemberStatus::Active | MemberStatus::Frozen);
    program.unclaimed_cards.is_some() && open && person.known.is_card_alone()
}

/// When that is due. Not before the program has spoken of it for as long, and not while an order holds points
/// or promises some.
pub(super) fn next(program: &Program, member: &Member, person: &PersonFacts) -> Option<(Instant, Unclaimed)> {
    let after = program.unclaimed_cards.filter(|_| is_unclaimed(program, member, person))?;
    let spoken_since = program.moments.unclaimed_since?;
    let Some(since) = member.moments.unclaimed_since else {
        return Some((member.registered_at?.max(spoken_since), Unclaimed::Begins));
    };
    if member.lots.iter().any(|lot| lot.awaits_payment) {
        return None;
    }
    let at = program.zone.plus(since.max(spoken_since), after);
    let lapse = member.holds.iter().map(|hold| hold.lapses_at).max();
    Some((lapse.map_or(at, |lapse| lapse.max(at)), Unclaimed::Closes))
}

/// The account was registered, changed, freed or brought along: while it is nobody's its time counts from
/// `now` on, and once it is somebody's there is none.
pub(super) fn count_anew(draft: &mut Draft<'_>, now: Instant) {
    let unclaimed = is_unclaimed(draft.program, draft.member(), &draft.book.person);
    let at = unclaimed.then_some(now);
    if draft.member().moments.unclaimed_since != at {
        draft.push(Event::UnclaimedSince { at });
    }
}

/// What is due happens; the cause of its entry. When an account closes, what it holds burns, and it takes
/// nothing more until an operator frees it. The card stays its own: whoever comes with it is told that it is
/// blocked, and nobody else is given its number.
pub(super) fn pass(draft: &mut Draft<'_>, next: Unclaimed, now: Instant) -> &'static str {
    match next {
        Unclaimed::Begins => {
            count_anew(draft, now);
            "card_unclaimed"
        }
        Unclaimed::Closes => {
            draft.push(Event::UnclaimedSince { at: None });
            draft.push(Event::StatusChanged { status: MemberStatus::Blocked });
            erase::close(draft);
            "card_closed"
        }
    }
}
