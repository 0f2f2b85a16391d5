//! Two accounts that turn out to be one person's: what goes from the one to the other.
//!
//! Invariant: what leaves the one row stands in its entry, whole, and the other takes it from there: nothing
//! is lost and nothing counts twice. Lots, offers and orders keep their ways to each other, under numbers
//! that nothing of the survivor has.

use crate::ShortText;
use crate::counters::of_offer;
use crate::ids::{EntryId, LotNo, MemberId};
use crate::ledger::{Event, Piece};
use crate::member::Member;
use crate::order::{OrderKey, OrderState};
use crate::referral::{Referrer, is_of_others};
use crate::standing::Standing;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Orders that one merge carries: an entry of a megabyte or two. Who has more is the one that stays.
pub const MERGE_ORDERS_MAX: usize = 500;

/// Accounts that one row stands for: nobody has more by accident, and each costs a look at its keys.
pub const ABSORBED_MAX: usize = 16;

/// An account that has become part of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absorbed {
    pub member: MemberId,
    /// What its lots' numbers are higher by.
    pub lots: LotNo,
}

/// A merge that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    pub into: MemberId,
    pub by: Asker,
    pub at: Instant,
}

/// Who asks: an operator, with a key of the API.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asker {
    pub operator: ShortText,
    pub key: ShortText,
}

impl Asker {
    /// Another operator with another key.
    fn is_another(&self, than: &Asker) -> bool {
        self.operator != than.operator && self.key != than.key
    }
}

impl Proposed {
    /// Whether this is the second person, with the same wish.
    pub fn is_confirmed_by(&self, into: MemberId, by: &Asker) -> Option<bool> {
        (self.into == into).then(|| by.is_another(&self.by))
    }
}

/// Whom an order's rewards were told to, and in whose name, before accounts were merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub from: MemberId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<MemberId>,
}

/// Points that something gave which a person gets once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenOnce {
    pub rule: ShortText,
    pub lot: LotNo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderKey>,
    pub at: Instant,
}

/// What goes along: the row as it stood, its orders, and what once-only rules gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belongings {
    pub member: Member,
    pub orders: Vec<OrderState>,
    pub given: Vec<GivenOnce>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum MergeEvent {
    /// A second person has to agree.
    Proposed { proposed: Proposed },
    /// On the account that ends: read by the relay, the other takes it.
    Left { into: MemberId, belongings: Box<Belongings> },
    /// On the account that stays, under its own numbers. `referrer` is whom it owes to from now on.
    Joined {
        from: MemberId,
        entry: EntryId,
        at: Instant,
        belongings: Box<Belongings>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referrer: Option<Referrer>,
        /// The person of the account that stays was erased meanwhile.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closed: bool,
    },
    /// What a referrer got for the same person, or twice for one purchase, is worth nothing any more.
    RewardVoid { order: OrderKey },
    /// On the account that ended: nothing of the person is kept with it any longer.
    Settled { into: MemberId },
    /// The person of these accounts, too, was erased: read by the relay.
    ForgottenToo { members: Vec<MemberId> },
    /// On one of them.
    Forgotten {
        with: MemberId,
        /// Others to come.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        then: Vec<MemberId>,
    },
}

impl MergeEvent {
    /// The orders that it changes.
    pub fn orders(&self) -> Vec<&OrderKey> {
        match self {
            MergeEvent::Left { belongings, .. } | MergeEvent::Joined { belongings, .. } => {
                belongings.orders.iter().map(|order| &order.key).collect()
            }
            MergeEvent::RewardVoid { order } => vec![order],
            _ => Vec::new(),
        }
    }
}

/// What rules gave by these events of one entry, with the moment they count for. Whether a rule gives once
/// is its program's affair.
pub fn given_by(events: &[Event], at: Instant) -> impl Iterator<Item = GivenOnce> {
    let joined = events.iter().flat_map(|event| match event {
        Event::Merge(MergeEvent::Joined { belongings, .. }) => belongings.given.clone(),
        _ => Vec::new(),
    });
    let issued = events.iter().filter_map(move |event| match event {
        Event::LotIssued { lot } => {
            Some(GivenOnce { rule: lot.source.clone(), lot: lot.no, order: lot.order.clone(), at })
        }
        _ => None,
    });
    joined.chain(issued)
}

impl Belongings {
    /// The same under numbers that follow those of the account that stays.
    pub(crate) fn under_numbers_of(mut self, stays: &Member) -> Belongings {
        let (lots, offers, orders) = (stays.last_lot, stays.last_offer, stays.standing.orders);
        let from = self.member.id;
        for order in &mut self.orders {
            renumber_order(order, (lots, offers, orders));
        }
        let member = &mut self.member;
        for use_ in &mut member.uses {
            let held = member.offers.iter().find(|held| held.counter() == use_.what);
            if let Some(held) = held {
                use_.what = of_offer(&held.offer, held.no + offers);
            }
        }
        member.offers.iter_mut().for_each(|held| held.no += offers);
        member.last_offer += offers;
        member.lots.iter_mut().for_each(|lot| lot.no += lots);
        member.burnt.iter_mut().for_each(|(no, _)| *no += lots);
        member.debts.iter_mut().for_each(|debt| renumber_pieces(&mut debt.repaid, lots));
        member.last_lot += lots;
        member.standing.renumber(lots, orders);
        member.absorbed.iter_mut().for_each(|one| one.lots += lots);
        member.absorbed.push(Absorbed { member: from, lots });
        self.given.iter_mut().for_each(|given| given.lot += lots);
        self
    }

    /// Of an order that brought rewards the way they went, as long as nobody has written it down.
    pub(crate) fn remember_routes(&mut self) {
        let member = &self.member;
        for order in &mut self.orders {
            if order.route.is_none() && (!order.rewards.is_empty() || is_of_others(&order.key)) {
                order.route = Some(member.route_of(order));
            }
        }
    }
}

/// An operator's change of another account, as this one's.
pub fn renumber_adjustment(events: &mut [Event], lots: LotNo) {
    for event in events {
        match event {
            Event::LotIssued { lot } => lot.no += lots,
            Event::PointsSpent { pieces, .. } => renumber_pieces(pieces, lots),
            _ => {}
        }
    }
}

/// Pieces that another account's lots gave, as this one's.
pub fn renumber_pieces(pieces: &mut [Piece], lots: LotNo) {
    pieces.iter_mut().for_each(|piece| piece.lot.no += lots);
}

fn renumber_order(order: &mut OrderState, (lots, offers, orders): (LotNo, u32, u32)) {
    order.credits.iter_mut().for_each(|credit| credit.lot += lots);
    if let Some(spend) = &mut order.spend {
        renumber_pieces(&mut spend.pieces, lots);
    }
    order.offers.iter_mut().for_each(|offer| offer.no += offers);
    if let Some(progress) = &mut order.progress {
        progress.number += orders;
    }
}

impl Standing {
    fn renumber(&mut self, lots: LotNo, orders: u32) {
        self.orders += orders;
        for level in &mut self.levels {
            level.upto += orders;
            level.after += orders;
        }
        for progress in &mut self.achievements {
            progress.first += orders;
            progress.but.iter_mut().for_each(|(first, last)| {
                *first += orders;
                *last += orders;
            });
        }
        self.gifts.iter_mut().for_each(|gift| gift.lot += lots);
    }
}

impl Member {
    /// Whether it is this member, by its id or by that of an account it has taken in.
    pub fn is(&self, id: MemberId) -> bool {
        self.id == id || self.has_absorbed(id)
    }
    pub fn has_absorbed(&self, id: MemberId) -> bool {
        self.absorbed.iter().any(|one| one.member == id)
    }
    /// What the numbers of that account's lots are higher by here.
    pub fn lots_of(&self, id: MemberId) -> LotNo {
        self.absorbed.iter().find(|one| one.member == id).map_or(0, |one| one.lots)
    }
    /// Whom an order, or what was heard of one, is told to, and in whose name.
    pub(crate) fn route_of(&self, order: &OrderState) -> Route {
        let at = order.paid_at.unwrap_or(order.placed_at);
        let before = || self.routes.iter().find(|(until, _)| at < *until).map(|(_, route)| *route);
        let own = Route { from: self.id, to: self.referrer.as_ref().map(|referrer| referrer.member) };
        order.route.or_else(before).unwrap_or(own)
    }
}
