//! A phone or e-mail of a member becomes another, by codes to the old one and the new; and which identifiers
//! a caller may change at all.
//!
//! Invariant: the codes are read in the transaction that changes the person, and are held against the person
//! as it is there: an address that somebody has taken away meanwhile proves nothing.

use super::{Engine, Stop, Turn};
use crate::error::ServiceError;
use crate::identifiers::of_holder;
use crate::service::{AddressCode, CodeChannel, address_hash};
use crate::write::{AddressChange, Identifying};
use kopilka_core::ids::MemberId;
use kopilka_store::rows::{HolderPerson, Kind, Person};

impl Engine {
    /// The new one stands in the place of the first that is the owner's; others stay.
    pub(super) fn change_address(
        &self,
        turn: &Turn<'_>,
        member: MemberId,
        person: &mut Person,
        change: &AddressChange,
    ) -> Result<(), Stop> {
        let mut told = Vec::new();
        for id in &change.codes {
            let row = self.writer.reads().code(turn.id(), *id)?;
            told.extend(row.filter(|row| row.changes_address_of(member, turn.now)));
        }
        let has = |channel, text: &str| {
            let hash = address_hash(&self.shared.secret, channel, text);
            told.iter().any(|row| row.address == hash)
        };
        // Those of the account's other holders show nothing of its owner.
        let [phones, emails, cards] = of_holder(person, None);
        let shows_card = change.card.as_ref().is_some_and(|card| cards.contains(card));
        let by_phone = phones.iter().any(|phone| has(CodeChannel::Sms, phone));
        let by_email = shows_card && emails.iter().any(|email| has(CodeChannel::Email, email));
        if !has(change.channel, &change.address) || !(by_phone || by_email) {
            return Err(ServiceError::AddressUnproven.into());
        }
        let held = |holder: &HolderPerson| match change.channel {
            CodeChannel::Sms => holder.phones.contains(&change.address),
            CodeChannel::Email => holder.emails.contains(&change.address),
        };
        if person.holders.iter().any(held) {
            let kind = if change.channel == CodeChannel::Sms { Kind::Phone } else { Kind::Email };
            return Err(super::people::taken(kind).into());
        }
        let (known, first) = match change.channel {
            CodeChannel::Sms => (&mut person.phones, phones.first()),
            CodeChannel::Email => (&mut person.emails, emails.first()),
        };
        let rest = known.iter().filter(|text| Some(*text) != first && **text != change.address).cloned();
        *known = std::iter::once(change.address.clone()).chain(rest).collect();
        Ok(())
    }
}

/// A phone or e-mail that somebody has is where codes go, and a card or the shop's own id shows who buys: who
/// may change them needs no code. The first contact of a member goes round nobody's codes.
pub(super) fn refuse_identifying(
    allowed: Identifying,
    before: &Person,
    after: &Person,
) -> Result<(), ServiceError> {
    let same_contacts = (&before.phones, &before.emails) == (&after.phones, &after.emails);
    let same_names = (&before.ext, &before.cards) == (&after.ext, &after.cards);
    let first_contact = before.phones.is_empty() && before.emails.is_empty();
    match allowed {
        Identifying::FirstContact if !same_names || !same_contacts && !first_contact => {
            Err(ServiceError::IdentifiersKept)
        }
        Identifying::FirstContact | Identifying::All => Ok(()),
    }
}
