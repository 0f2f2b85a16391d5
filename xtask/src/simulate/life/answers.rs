//! What the answer of a write must be, given what was sent before it.

use super::{Expect, Life, SENDINGS_MAX};
use kopilka_core::decide::Outcome;
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_service::{Change, Done, ServiceError};

impl Life {
    pub(super) fn expected(&mut self, at: usize, first: usize) -> Result<(), String> {
        let sent = &self.sent[at];
        let Some(answer) = &sent.answer else { return Ok(()) };
        let holds = match sent.expect {
            Expect::Anything => return Ok(()),
            Expect::Conflict => {
                let nobody = *answer == Err(ServiceError::Refused(Refusal::MemberUnknown));
                *answer == Err(ServiceError::IdempotencyConflict)
                    || nobody && self.have_left().next().is_some()
            }
            Expect::Unchanged => matches!(answer, Ok(done) if done.entry.is_none() && is_unchanged(done)),
            Expect::AnswerOf(original) => {
                let Some(done) = self.sent[original].done() else { return Ok(()) };
                // A name of somebody who was erased since leads to no answer.
                if *answer == Err(ServiceError::Refused(Refusal::MemberUnknown)) && self.has_left(done.member)
                {
                    return Ok(());
                }
                // Of two at once either may be the first.
                let at_once = original >= first && (sent.cut_off || self.place.is_shared());
                if let (Err(ServiceError::Refused(_)), true) = (answer, at_once) {
                    return self.ask_again(at, original);
                }
                matches!(answer, Ok(again) if (again.replayed || at_once) && same_answer(done, again))
            }
        };
        if holds { Ok(()) } else { Err(format!("{} must be {:?}, was {answer:?}", sent.name(), sent.expect)) }
    }

    fn have_left(&self) -> impl Iterator<Item = MemberId> {
        let erased = self.sent.iter().filter(|one| matches!(one.write.change, Change::Erase { .. }));
        erased.filter_map(|one| Some(one.done()?.member))
    }
    fn has_left(&self, member: MemberId) -> bool {
        self.have_left().any(|left| left == member)
    }

    /// Two servers may take the doubles of a moment in any order: one that came before the points it needed
    /// was refused, and refusals are not kept. Sent again it must get the answer of the other.
    fn ask_again(&mut self, at: usize, original: usize) -> Result<(), String> {
        for _ in 0..SENDINGS_MAX {
            let answers = self.place.submit(&[self.sent[at].write.clone()])?;
            self.revive()?;
            let Some(done) = self.sent[original].done() else { return Ok(()) };
            match answers.first() {
                Some(Ok(again)) if again.replayed && same_answer(done, again) => return Ok(()),
                Some(Err(ServiceError::Stopping | ServiceError::Busy | ServiceError::Unavailable)) => {}
                other => {
                    return Err(format!(
                        "{} sent again must be the first answer, was {other:?}",
                        self.sent[at].name()
                    ));
                }
            }
        }
        Err(format!("{} sent again never got an answer", self.sent[at].name()))
    }
}

fn is_unchanged(done: &Done) -> bool {
    matches!(&done.outcome, Outcome::Order(order) if order.unchanged)
}

fn same_answer(first: &Done, again: &Done) -> bool {
    let plain = |done: &Done| Done { replayed: false, order: None, ..done.clone() };
    plain(first) == plain(again)
}
