//! Who uses an account beside its owner: by which phone or card each is known, and who comes with a command.
//!
//! Invariant: an identifier of the account is one holder's or the owner's. One that a holder had goes with
//! the holder: it never becomes the owner's, who may do more.

use super::people::taken;
use super::{Engine, Stop, Turn};
use crate::identifiers::{IDENTIFIERS_MAX, Who, holder_named, of_holder};
use crate::overlay::Overlay;
use crate::prepare::Ready;
use crate::write::{Done, HolderChange};
use kopilka_core::decide::{Command, refuse_holder};
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::MemberId;
use kopilka_core::order::OrderKey;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{HolderPerson, Kind, Person};

impl Engine {
    /// Sets who a holder is and what the holder may do, or takes the holder off.
    pub(super) fn set_holder(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        who: &Who,
        change: &HolderChange,
    ) -> Result<Done, Stop> {
        let member = self.member_of(overlay, turn, who)?;
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        let HolderChange { no, to } = change;
        let rights = to.as_ref().map(|to| to.rights);
        // The person is written before the command is decided, so what it refuses is asked first.
        refuse_holder(&self.seat(overlay, turn.id(), member)?.book.member, *no, rights)?;
        let before = overlay.person(&self.writer, turn.id(), member)?;
        let after = changed(&before, change)?;
        let command = Command::SetHolder { holder: *no, rights };
        self.change_person_by(overlay, turn, member, (&before, after), &command)
    }

    /// Which holder comes with the command; none where it is the owner, or the account has none.
    pub(super) fn holder_of(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
    ) -> Result<Option<HolderNo>, Stop> {
        let who = match &turn.write.change {
            Ready::PutOrder { who: Some(who), .. } | Ready::Plain { who, .. } => who,
            Ready::Transfer { from, .. } => from,
            // Where nobody is named it is whoever told of the order first.
            Ready::PutOrder { who: None, body, .. } => {
                return self.holder_of_order(overlay, turn, member, &body.key);
            }
            Ready::Exchange { back, .. } => return self.holder_of_order(overlay, turn, member, &back.key),
            _ => return Ok(None),
        };
        if matches!(who, Who::Id(_)) || self.seat(overlay, turn.id(), member)?.book.member.holders.is_empty()
        {
            // A holder who was taken off is nobody's, and may do nothing.
            return Ok(match who {
                Who::Holder(_, no) => Some(*no),
                _ => None,
            });
        }
        let person = overlay.person(&self.writer, turn.id(), member)?;
        Ok(holder_named(&self.shared.secret, &person, who))
    }
}

impl Engine {
    fn holder_of_order(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        key: &OrderKey,
    ) -> Result<Option<HolderNo>, Stop> {
        let orders = &self.seat(overlay, turn.id(), member)?.book.orders;
        Ok(orders.get(key).and_then(|order| order.holder))
    }
}

fn changed(before: &Person, HolderChange { no, to }: &HolderChange) -> Result<Person, Refusal> {
    let mut person = before.clone();
    let place = person.holders.iter().position(|holder| holder.no == *no);
    let had = place.map(|at| person.holders.remove(at));
    let told = to.as_ref().map(|to| &to.person);
    for (kind, list) in [(Kind::Phone, 0), (Kind::Email, 1), (Kind::Card, 2)] {
        let of = |holder: &HolderPerson| [&holder.phones, &holder.emails, &holder.cards][list].clone();
        let (had, told) = (had.as_ref().map(of).unwrap_or_default(), told.map(of).unwrap_or_default());
        if person.holders.iter().any(|other| of(other).iter().any(|text| told.contains(text))) {
            return Err(taken(kind));
        }
        // The owner's own would be taken from the owner, who may be left with none.
        let [owners_phones, owners_emails, owners_cards] = of_holder(before, None);
        let owners = [owners_phones, owners_emails, owners_cards][list].clone();
        if told.iter().any(|text| owners.contains(text)) {
            return Err(taken(kind));
        }
        let blocked = &person.blocked_cards;
        if kind == Kind::Card && told.iter().any(|card| blocked.contains(card) && !had.contains(card)) {
            return Err(Refusal::CardBlocked);
        }
        let all = match kind {
            Kind::Phone => &mut person.phones,
            Kind::Email => &mut person.emails,
            _ => &mut person.cards,
        };
        let were = all.len();
        all.retain(|text| !had.contains(text) || told.contains(text));
        let new = told.into_iter().filter(|text| kind != Kind::Card || !before.blocked_cards.contains(text));
        for text in new {
            if !all.contains(&text) {
                all.push(text);
            }
        }
        if all.len() > IDENTIFIERS_MAX.max(were) {
            return Err(Refusal::InvalidIdentifier { kind: kind.name() });
        }
    }
    // A lost card goes with its holder too: found again it would be the owner's.
    if let Some(had) = &had {
        let stays = |card: &String| told.is_some_and(|told| told.cards.contains(card));
        person.blocked_cards.retain(|card| !had.cards.contains(card) || stays(card));
    }
    if let Some(told) = told {
        let at = person.holders.partition_point(|holder| holder.no < *no);
        person.holders.insert(at, told.clone());
    }
    Ok(person)
}

/// Holders keep no phone or card that the account has no longer.
pub(super) fn keep_known(person: &mut Person) {
    let Person { holders, phones, emails, cards, blocked_cards, .. } = person;
    for holder in holders {
        holder.phones.retain(|text| phones.contains(text));
        holder.emails.retain(|text| emails.contains(text));
        holder.cards.retain(|text| cards.contains(text) || blocked_cards.contains(text));
    }
}
