//! The shop's side of a seed: members and orders it knows of, and what it asks for next.
//!
//! Invariant: members are named by identifiers that never change hands; the others may be given, taken away
//! and asked for by somebody else.

mod people;
mod shelf;

use super::carts;
use crate::dice::Dice;
use kopilka_core::ShortText;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{OrderBody, OrderKey};
use kopilka_core::points::Points;
use kopilka_core::time::Instant;
use kopilka_service::{Change, Done, MemberRef};
pub use people::one_spelling;

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
    /// Entries that somebody may ask to reverse; claims among them, which cannot be.
    pub adjusted: Vec<(MemberId, EntryId)>,
    /// Gift cards that were issued.
    pub cards: Vec<CouponCode>,
    /// Codes that rewards gave, and claims that wait or waited, by what answers said.
    coupons: Vec<ShortText>,
    pub claims: Vec<(MemberId, u32)>,
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
        Town {
            scale,
            members: Vec::new(),
            orders: Vec::new(),
            adjusted: Vec::new(),
            cards: Vec::new(),
            coupons: Vec::new(),
            claims: Vec::new(),
            people: 0,
            named: 0,
        }
    }

    pub fn wish(&mut self, dice: &mut Dice, now: Instant) -> Wish {
        if self.members.is_empty() {
            return Wish { change: self.register(dice), late: false };
        }
        let change = match dice.below(40) {
            0 | 1 => self.register(dice),
            2 if dice.one_in(4) => self.set_card(dice),
            2 => self.patch(dice),
            // Few leave, or there would soon be nobody to buy.
            24 if dice.one_in(5) => Change::Erase { member: self.somebody(dice) },
            3..=8 | 30 => self.new_order(dice),
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
            31 | 32 => self.issue_card(dice, now),
            33 if !self.cards.is_empty() => self.change_card(dice, now),
            34..=36 => self.claim(dice),
            37 | 38 if !self.claims.is_empty() => self.settle(dice),
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
            Change::IssueGiftCard { .. } | Change::ClaimReward { .. } => self.learn_of_shelf(change, done),
            Change::PutOrder { body, .. } | Change::Exchange { order: body, .. } => {
                self.take_order(body, Some(done.member));
                self.learn_of_codes(done);
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
            1 => MemberRef::Phone(people::respell(dice, &known.phone)),
            _ => MemberRef::Id(known.id),
        }
    }

    /// A cart nobody has told of, with codes and cards that people hold.
    fn cart(&mut self, dice: &mut Dice) -> OrderBody {
        let mut body = carts::order(dice, &self.fresh_order(), self.scale);
        if dice.one_in(3) {
            body.gift_cards = carts::gift_cards(dice, &self.cards);
        }
        if !self.coupons.is_empty() && dice.one_in(3) {
            body.coupons.push(self.coupons[dice.below(self.coupons.len() as u64) as usize].clone());
        }
        body
    }

    fn new_order(&mut self, dice: &mut Dice) -> Change {
        let body = self.cart(dice);
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
        if dice.one_in(4) {
            // None named keeps those it has.
            let none = dice.one_in(2);
            body.gift_cards = if none { Vec::new() } else { carts::gift_cards(dice, &self.cards) };
        }
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
        let mut order = self.cart(dice);
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
