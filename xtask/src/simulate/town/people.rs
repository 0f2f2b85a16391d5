//! Who registers, under which names, and what of it changes.
//!
//! Invariant: a buyer's own id and phone are the buyer's for ever; e-mails, cards and further phones go
//! round.

use super::Town;
use crate::dice::Dice;
use kopilka_core::attribute::{AttributeValue, Attributes};
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::ids::MemberId;
use kopilka_core::time::Day;
use kopilka_service::{
    CardChange, Change, ConsentTold, MemberRef, PersonPatch, Registration, WithdrawalTold,
};

/// Identifiers that several members want.
const SHARED: u64 = 12;

impl Town {
    pub(super) fn register(&mut self, dice: &mut Dice) -> Change {
        let number = if self.people > 0 && dice.one_in(4) { dice.below(self.people) } else { self.people };
        self.people = self.people.max(number + 1);
        let known = number + 1 < self.people;
        let mut registration = Registration {
            ext: Some(format!("buyer-{number}")),
            phones: vec![own_phone(number)],
            emails: if dice.one_in(3) { vec![shared_email(dice)] } else { vec![] },
            cards: if dice.one_in(3) { vec![shared_card(dice)] } else { vec![] },
            name: Some(format!("Buyer {number}")),
            birth_date: dice.one_in(2).then(|| birth_date(dice)).flatten(),
            language: dice.one_in(2).then(|| dice.pick(&["ru", "en-GB"]).to_owned()),
            region: dice.one_in(2).then(|| dice.pick(&["north", "south"]).to_owned()),
            telegram: number.is_multiple_of(4).then(|| number.to_string()),
            consents: if dice.one_in(3) { vec![consent(dice)] } else { vec![] },
            attributes: Attributes(group(dice).map(|value| ("group".into(), value)).into_iter().collect()),
            no_welcome: dice.one_in(8),
            referrer: self.inviter(dice),
            visitor: None,
        };
        if known && dice.one_in(2) {
            registration.ext = None;
        }
        Change::Register(registration)
    }

    /// Rarely a code of nobody.
    fn inviter(&self, dice: &mut Dice) -> Option<MemberId> {
        if self.members.is_empty() || !dice.one_in(3) {
            return None;
        }
        if dice.one_in(20) {
            return Some(MemberId(7));
        }
        Some(self.members[dice.below(self.members.len() as u64) as usize].id)
    }

    /// A card that may be anybody's is lost, found, or replaced.
    pub(super) fn set_card(&self, dice: &mut Dice) -> Change {
        let replacement = dice.one_in(3).then(|| shared_card(dice));
        let change = CardChange { card: shared_card(dice), blocked: !dice.one_in(3), replacement };
        Change::SetCard { member: self.somebody(dice), change }
    }

    pub(super) fn patch(&self, dice: &mut Dice) -> Change {
        let known = &self.members[dice.below(self.members.len() as u64) as usize];
        let mut patch = PersonPatch::default();
        if dice.one_in(2) {
            let mut phones = vec![known.phone.clone()];
            if dice.one_in(2) {
                phones.push(format!("+7495000{:04}", dice.below(SHARED)));
            }
            patch.phones = Some(phones);
        }
        if dice.one_in(2) {
            patch.emails = Some(if dice.one_in(3) { vec![] } else { vec![shared_email(dice)] });
        }
        if dice.one_in(2) {
            patch.cards =
                Some(if dice.one_in(3) { vec![] } else { vec![shared_card(dice), shared_card(dice)] });
        }
        if dice.one_in(2) {
            patch.birth_date = Some(if dice.one_in(5) { None } else { birth_date(dice) });
        }
        if dice.one_in(3) {
            patch.name = Some(dice.one_in(2).then(|| "Another name".to_owned()));
        }
        if dice.one_in(3) {
            patch.attributes = vec![("group".into(), group(dice))];
        }
        if dice.one_in(4) {
            patch.region = Some(dice.one_in(2).then(|| "north".to_owned()));
        }
        if dice.one_in(3) {
            patch.consents = vec![consent(dice)];
        } else if dice.one_in(4) {
            let channel = dice.one_in(2).then_some(Channel::Email);
            patch.withdrawn = Some(WithdrawalTold { channel, ..WithdrawalTold::default() });
        }
        Change::PatchMember { member: MemberRef::Id(known.id), patch }
    }
}

fn consent(dice: &mut Dice) -> ConsentTold {
    let channel = match dice.below(4) {
        0 => Some(Channel::Email),
        1 => Some(Channel::Sms),
        2 => Some(Channel::Push),
        _ => None,
    };
    let purpose = if channel.is_some() { Purpose::Marketing } else { Purpose::PersonalData };
    ConsentTold { purpose, channel, at: None, proof: Default::default() }
}

fn own_phone(number: u64) -> String {
    format!("+7912{number:07}")
}

fn shared_email(dice: &mut Dice) -> String {
    format!("{}{}@example.com", dice.pick(&["family", "Family"]), dice.below(SHARED))
}

fn shared_card(dice: &mut Dice) -> String {
    let digits = format!("{:012}", 400_000_000_000 + dice.below(SHARED));
    let weighted =
        digits.bytes().enumerate().map(|(at, d)| u64::from(d - b'0') * if at % 2 == 0 { 1 } else { 3 });
    let check = (10 - weighted.sum::<u64>() % 10) % 10;
    format!("{digits}{check}")
}

fn group(dice: &mut Dice) -> Option<AttributeValue> {
    dice.one_in(2).then(|| AttributeValue::Text(dice.pick(&["vip", "staff"]).into()))
}

fn birth_date(dice: &mut Dice) -> Option<Day> {
    Day::new(1950 + dice.below(50) as i16, 1 + dice.below(12) as i8, 1 + dice.below(29) as i8)
}

/// One number as people write it.
pub(super) fn respell(dice: &mut Dice, phone: &str) -> String {
    let national = phone.trim_start_matches("+7");
    match dice.below(3) {
        0 => format!("8 ({}) {}", &national[..3], &national[3..]),
        1 => format!("+7 {}-{}", &national[..3], &national[3..]),
        _ => phone.to_owned(),
    }
}

/// How an identifier is kept, for the few spellings that are used here.
pub fn one_spelling(text: &str) -> String {
    text.to_lowercase()
}
