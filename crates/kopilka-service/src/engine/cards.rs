//! Cards that are lost or replaced.
//!
//! Invariant: a number that is blocked leads to nobody and is given to nobody, and stays its member's: it is
//! freed there alone, and goes with the person.

use super::{Engine, Stop, Turn};
use crate::identifiers::{IDENTIFIERS_MAX, Who, blocked};
use crate::overlay::Overlay;
use crate::write::{CardChange, Done};
use kopilka_core::decide::Outcome;
use kopilka_core::ids::ProgramId;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{Name, Person};

impl Engine {
    /// Blocks a card or frees it. The same again changes nothing.
    pub(super) fn set_card(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        who: &Who,
        change: &CardChange,
    ) -> Result<Done, Stop> {
        let member = self.member_of(overlay, turn, who)?;
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        if self.has_left(overlay, turn.id(), member)? {
            return Err(Refusal::MemberAnonymized.into());
        }
        let before = overlay.person(&self.writer, turn.id(), member)?;
        let after = changed(&before, change)?;
        if after == before {
            let nothing = Outcome::PersonChanged { points: Points::ZERO };
            return self.finish(overlay, turn, member, None, nothing);
        }
        self.change_person(overlay, turn, member, (&before, after))
    }

    /// Refuses the name of a card that is blocked, whosever it is.
    pub(super) fn not_blocked(&self, overlay: &Overlay, program: ProgramId, name: &Name) -> Result<(), Stop> {
        let Some(blocked) = blocked(name) else { return Ok(()) };
        match overlay.find(&self.writer, program, &blocked)? {
            Some(_) => Err(Refusal::CardBlocked.into()),
            None => Ok(()),
        }
    }
}

fn changed(before: &Person, change: &CardChange) -> Result<Person, Refusal> {
    let CardChange { card, blocked, replacement } = change;
    let mut person = before.clone();
    if !person.cards.contains(card) && !person.blocked_cards.contains(card) {
        return Err(Refusal::CardUnknown);
    }
    if *blocked != person.blocked_cards.contains(card) {
        let (from, to) = match blocked {
            true => (&mut person.cards, &mut person.blocked_cards),
            false => (&mut person.blocked_cards, &mut person.cards),
        };
        from.retain(|known| known != card);
        to.push(card.clone());
    }
    if let Some(new) = replacement.as_ref().filter(|new| !person.cards.contains(new)) {
        person.cards.push(new.clone());
        // A holder's new card is that holder's.
        if let Some(holder) = person.holders.iter_mut().find(|holder| holder.cards.contains(card)) {
            holder.cards.push(new.clone());
        }
    }
    if person.cards.len().max(person.blocked_cards.len()) > IDENTIFIERS_MAX {
        return Err(Refusal::InvalidIdentifier { kind: "card" });
    }
    Ok(person)
}
