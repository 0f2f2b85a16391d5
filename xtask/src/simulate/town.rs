//! The shop's side of a seed: members and orders it knows of, and what it asks for next.
//!
//! Invariant: members are named by identifiers that never change hands; the others may be given, taken away
//! and asked for by somebody else.

use super::carts;
use crate::dice::Dice;
use kopilka_core::attribute::{AttributeValue, Attributes};
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{OrderBody, OrderKey};
use kopilka_core::points::Points;
use kopilka_core::time::{Day, Instant};
use kopilka_service::{Change, Done, MemberRef, PersonPatch, Registration};

/// Identifiers that several members want.
const SHARED: u64 = 12;

#[derive(Debug, Clone)]
pub struct Known {
    pub id: MemberId,
    ext: String,
    phone: String,
}

#[derive(Debug, Clone)]
pub struct Order {
    /// The newest body that was asked for.
    pub body: OrderBody,
    pub member: Option<MemberId>,
}

#[derive(Debug)]
pub struct Town {
    /// Smallest units in a point.
    pub scale: i64,
    pub members: Vec<Known>,
    pub orders: Vec<Order>,
    pub adjusted: Vec<(MemberId, EntryId)>,
    people: u64,
    named: u64,
}

/// What is asked, and whether it speaks of the past.
pub struct Wish {
    pub change: Change,
    pub late: bool,
}

impl Town {
    pub fn new(scale: i64) -> Town {
        Town { scale, members: Vec::new(), orders: Vec::new(), adjusted: Vec::new(), people: 0, named: 0 }
    }

    pub fn wish(&mut self, dice: &mut Dice, now: Instant) -> Wish {
        if self.members.is_empty() {
            return Wish { change: self.register(dice), late: false };
        }
        let change = match dice.below(30) {
            0 | 1 => self.register(dice),
            2 => self.patch(dice),
            3..=8 => self.new_order(dice),
            9..=14 if !self.orders.is_empty() => return self.next_of_order(dice, now),
            15..=17 if !self.orders.is_empty() => {
                let of = self.order(dice).body.clone();
                Change::Return(carts::back(dice, &of))
            }
            18 => self.cancel(dice),
            19 if !self.orders.is_empty() => self.exchange(dice),
            20..=22 => self.adjust(dice, now),
            23 if !self.adjusted.is_empty() => {
                let (member, entry) = dice.pick(&self.adjusted);
                Change::Reverse { member, entry }
            }
            24 => {
                let status = dice.pick(&[
                    MemberStatus::Active,
                    MemberStatus::Active,
                    MemberStatus::Frozen,
                    MemberStatus::Blocked,
                ]);
                Change::SetStatus { member: self.somebody(dice), status }
            }
            25..=27 => self.transfer(dice),
            28 => {
                let event = dice.pick(&["review", "review", "unheard-of"]).to_owned();
                Change::Happen { member: self.somebody(dice), event, data: Default::default() }
            }
            _ => self.new_order(dice),
        };
        Wish { change, late: false }
    }

    /// Takes note of what came of it.
    pub fn learn(&mut self, change: &Change, done: &Done) {
        match change {
            Change::Register(registration) if !done.existed => {
                let ext = registration.ext.clone().unwrap_or_default();
                let phone = registration.phones.first().cloned().unwrap_or_default();
                if self.members.iter().all(|known| known.id != done.member) {
                    self.members.push(Known { id: done.member, ext, phone });
                }
            }
            Change::Adjust { .. } => self.adjusted.extend(done.entry.map(|entry| (done.member, entry))),
            Change::PutOrder { body, .. } | Change::Exchange { order: body, .. } => {
                self.take_order(body, Some(done.member));
            }
            _ => {}
        }
    }

    fn take_order(&mut self, body: &OrderBody, member: Option<MemberId>) {
        match self.orders.iter_mut().find(|order| order.body.key == body.key) {
            Some(order) => {
                // The newest word stays the one to go on from.
                if body.revision >= order.body.revision && body.occurred_at.is_none() {
                    order.body = body.clone();
                }
                order.member = order.member.or(member);
            }
            None => self.orders.push(Order { body: body.clone(), member }),
        }
    }

    fn order(&self, dice: &mut Dice) -> &Order {
        // Young orders are spoken of more than old ones.
        let count = self.orders.len() as u64;
        let back = dice.below(count).min(dice.below(count));
        &self.orders[(count - 1 - back) as usize]
    }

    fn somebody(&self, dice: &mut Dice) -> MemberRef {
        let known = &self.members[dice.below(self.members.len() as u64) as usize];
        match dice.below(4) {
            0 => MemberRef::Ext(known.ext.clone()),
            1 => MemberRef::Phone(respell(dice, &known.phone)),
            _ => MemberRef::Id(known.id),
        }
    }

    fn register(&mut self, dice: &mut Dice) -> Change {
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
            language: None,
            attributes: Attributes(group(dice).map(|value| ("group".into(), value)).into_iter().collect()),
            no_welcome: dice.one_in(8),
        };
        if known && dice.one_in(2) {
            registration.ext = None;
        }
        Change::Register(registration)
    }

    fn patch(&self, dice: &mut Dice) -> Change {
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
        Change::PatchMember { member: MemberRef::Id(known.id), patch }
    }

    fn new_order(&mut self, dice: &mut Dice) -> Change {
        let body = carts::order(dice, &self.fresh_order(), self.scale);
        let member = (!dice.one_in(10)).then(|| self.somebody(dice));
        self.take_order(&body, None);
        Change::PutOrder { member, body }
    }

    fn fresh_order(&mut self) -> String {
        self.named += 1;
        format!("o{}", self.named)
    }

    fn next_of_order(&mut self, dice: &mut Dice, now: Instant) -> Wish {
        let order = self.order(dice).clone();
        let mut body = carts::next_body(dice, &order.body, self.scale);
        let late = dice.one_in(5);
        if late {
            carts::make_late(dice, &mut body, now);
        } else {
            self.take_order(&body, None);
        }
        // Rarely somebody else's name is told with the order.
        let member = match order.member.filter(|_| dice.one_in(2)) {
            Some(member) if !dice.one_in(20) => Some(MemberRef::Id(member)),
            Some(_) => Some(self.somebody(dice)),
            None => None,
        };
        Wish { change: Change::PutOrder { member, body }, late }
    }

    fn cancel(&mut self, dice: &mut Dice) -> Change {
        // One that comes before its order leaves a mark.
        let key = if self.orders.is_empty() || dice.one_in(6) {
            let body = carts::order(dice, &self.fresh_order(), self.scale);
            self.take_order(&body, None);
            body.key
        } else {
            self.order(dice).body.key.clone()
        };
        Change::Cancel { key, occurred_at: None }
    }

    fn exchange(&mut self, dice: &mut Dice) -> Change {
        let of = self.order(dice).body.clone();
        let back = carts::back(dice, &of);
        let mut order = carts::order(dice, &self.fresh_order(), self.scale);
        if dice.one_in(2) {
            order.status = kopilka_core::order::BodyStatus::Paid;
        }
        Change::Exchange { back, order }
    }

    fn adjust(&self, dice: &mut Dice, now: Instant) -> Change {
        let size = dice.between(1, 500) * self.scale;
        let gives = !dice.one_in(3);
        let active_at = (gives && dice.one_in(5)).then(|| now.plus_seconds(dice.between(0, 900_000)));
        let expires_at = (gives && dice.one_in(3)).then(|| now.plus_seconds(dice.between(1, 9_000_000)));
        let adjustment = Adjustment {
            points: Points(if gives { size } else { -size }),
            active_at,
            expires_at,
            gift: gives && dice.one_in(5),
            allow_debt: !gives && dice.one_in(2),
        };
        Change::Adjust { member: self.somebody(dice), adjustment }
    }

    fn transfer(&self, dice: &mut Dice) -> Change {
        let to = if dice.one_in(15) {
            MemberRef::Id(MemberId(dice.between(1, 1_000)))
        } else {
            self.somebody(dice)
        };
        let points = Points(dice.between(1, 250) * self.scale);
        Change::Transfer { from: self.somebody(dice), to, points }
    }
}

/// The order that a change tells a body of.
pub fn order_told(change: &Change) -> Option<&OrderKey> {
    match change {
        Change::PutOrder { body, .. } | Change::Exchange { order: body, .. } => Some(&body.key),
        _ => None,
    }
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
fn respell(dice: &mut Dice, phone: &str) -> String {
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
