//! A member: everything a decision about one needs, in one row.

use crate::ShortText;
use crate::attribute::Attributes;
use crate::consent::Channels;
use crate::holder::Holder;
use crate::ids::{LotNo, MemberId};
use crate::ledger::{Debt, Hold, Lot, Piece};
use crate::measures::Lifetime;
use crate::merge::{Absorbed, Proposed, Route};
use crate::money::Money;
use crate::offer::{HeldOffer, OfferState};
use crate::order::OrderKey;
use crate::points::Points;
use crate::program::Schedule;
use crate::referral::{Invited, Referrer, Telling};
use crate::standing::Standing;
use crate::time::{Day, Instant};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    #[default]
    Active,
    /// Earns and spends nothing; returns still run.
    Blocked,
    /// By the member's own wish: earns, spends nothing.
    Frozen,
    /// An order without a member: it earns and spends nothing and has no identifiers.
    Guest,
    /// The person was erased: what was booked stays, and the account takes nothing any more.
    Anonymized,
    /// It has become part of another account, which its id leads to.
    Merged,
}

/// How many moments of payment a row keeps: returning more than the newest few orders whole, one after
/// another, is rarer than a mistake; only then does the last order look like none.
pub(crate) const LAST_ORDERS_MAX: usize = 4;

/// Returns that a row keeps: each leaves points two weeks, and sixteen orders that come back whole within
/// them, the newest first, are a shop's test.
const CAME_BACK_MAX: usize = 16;

/// What was bought before: paid orders, less those returned whole or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Purchases {
    pub orders: u32,
    /// Money really paid, less what was refunded.
    pub paid: Money,
    /// When the newest of them were paid, in order of time.
    pub last: Vec<Instant>,
    /// Orders that came back whole: when each was paid, and when it came back; the newest return last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub came_back: Vec<(Instant, Instant)>,
}

impl Purchases {
    /// Nothing of what was bought is left.
    pub fn is_none(&self) -> bool {
        self.orders == 0 && self.paid == Money::ZERO && self.last.is_empty()
    }
    /// One that was paid and came back no later than another leaves nothing more than that one does.
    pub(crate) fn remember_return(&mut self, paid_at: Instant, returned_at: Instant) {
        self.came_back.retain(|(paid, returned)| *paid > paid_at || *returned > returned_at);
        self.came_back.push((paid_at, returned_at));
        if self.came_back.len() > CAME_BACK_MAX {
            self.came_back.remove(0);
        }
    }
    fn says_nothing(&self) -> bool {
        *self == Purchases::default()
    }
    pub(crate) fn add(&mut self, at: Instant, paid: Money) {
        self.orders += 1;
        self.paid += paid;
        self.note(at);
    }
    fn note(&mut self, at: Instant) {
        let place = self.last.partition_point(|known| *known <= at);
        self.last.insert(place, at);
        if self.last.len() > LAST_ORDERS_MAX {
            self.last.remove(0);
        }
    }
    /// What was bought elsewhere, as a sum.
    pub(crate) fn bring(&mut self, orders: u32, paid: Money, last_at: Option<Instant>) {
        self.orders += orders;
        self.paid += paid;
        last_at.into_iter().for_each(|at| self.note(at));
    }
    /// An order that is somebody else's from now on.
    pub(crate) fn give_away(&mut self, at: Instant, paid: Money) {
        self.orders = self.orders.saturating_sub(1);
        self.paid -= paid;
        if let Some(place) = self.last.iter().position(|known| *known == at) {
            self.last.remove(place);
        }
    }
    /// An order of which nothing is left never was; that it renewed points is not forgotten at once.
    pub(crate) fn remove(&mut self, at: Instant, returned_at: Instant) {
        self.remember_return(at, returned_at);
        self.orders = self.orders.saturating_sub(1);
        if let Some(place) = self.last.iter().position(|known| *known == at) {
            self.last.remove(place);
        }
    }
}

/// The member's state: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub status: MemberStatus,
    pub registered_at: Option<Instant>,
    /// The person was a member before and was erased: what comes once in a life has come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub former: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<Lot>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debts: Vec<Debt>,
    /// What burnt unspent of lots that came from orders: never taken back a second time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub burnt: Vec<(LotNo, Points)>,
    /// The newest lot number given out.
    pub last_lot: LotNo,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub birthdays: Vec<BirthdayDone>,
    #[serde(default)]
    pub lifetime: Lifetime,
    #[serde(default, skip_serializing_if = "Purchases::says_nothing")]
    pub purchases: Purchases,
    /// Uses of what is limited per member.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<MemberUse>,
    /// Coupons of checkouts that were split into several orders, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkouts: Vec<CheckoutUse>,
    /// Unpaid orders that have something limited reserved, and until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<(OrderKey, Instant)>,
    /// Paid orders that wait to be completed, and when they count as such by themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub completing: Vec<(OrderKey, Instant)>,
    /// Rewards that the shop has still to hand over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// The newest claim number given out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_claim: u32,
    #[serde(default, skip_serializing_if = "MomentsDone::is_none")]
    pub moments: MomentsDone,
    /// Personal offers, the newest last; one that is over leaves when others are given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<HeldOffer>,
    /// The newest offer number given out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_offer: u32,
    /// Who brought the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<Referrer>,
    /// Whom the member brought.
    #[serde(default, skip_serializing_if = "Invited::is_none")]
    pub invited: Invited,
    /// What is to be told to the referrer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telling: Vec<Telling>,
    /// How many codes of the member's own rules have given so far.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_coupon: u32,
    /// What the member is marked with, as the program declares it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<ShortText>,
    /// What orders count for levels and achievements.
    #[serde(default, skip_serializing_if = "Standing::is_none")]
    pub standing: Standing,
    /// Of an account that was merged: the one it has become part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<MemberId>,
    /// Accounts that have become part of this one, also by way of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<Absorbed>,
    /// A merge into another account that waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposed>,
    /// Whom orders paid before a merge are told to, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<(Instant, Route)>,
    /// Who uses the account beside its owner, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<Holder>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A reward that was claimed and not handed over yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its number within the member.
    pub no: u32,
    pub reward: ShortText,
    pub at: Instant,
    /// What paid for it, to be given back if it is taken back.
    pub pieces: Vec<Piece>,
}

/// Claims that wait: a shop that hands over nothing should hear of it before the row grows.
pub const CLAIMS_MAX: usize = 16;

/// How often, or for how many points, the member has used something that is limited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberUse {
    pub what: ShortText,
    /// The first day of the period that is counted; `None` for a limit of a whole life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
    pub used: i64,
}

/// Orders of one checkout that have one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutUse {
    pub checkout: ShortText,
    pub code: ShortText,
    pub orders: i64,
}

/// Checkouts that a row remembers: a shop splits one into a handful of orders, within a day. The use of one
/// that is forgotten stays counted.
const CHECKOUTS_MAX: usize = 8;

/// The last birthday dealt with, per distance from the day: once a birthday's own year, never twice in 300
/// days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthdayDone {
    pub days: i32,
    pub year: i16,
    pub at: Instant,
}

/// What a decision reads of the person; it never enters the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonFacts {
    pub birth_date: Option<Day>,
    /// When the birth date became known.
    pub birth_date_known_at: Option<Instant>,
    pub attributes: Attributes,
    /// A tag such as `ru`.
    pub language: Option<ShortText>,
    /// As the shop calls it.
    pub region: Option<ShortText>,
    /// How the member may be told of offers.
    pub subscribed: Channels,
    pub known: Known,
}

/// Which parts of a person are told at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    pub name: bool,
    pub phone: bool,
    pub email: bool,
    pub card: bool,
    /// The shop calls the person by an id of its own, or there is a chat.
    pub elsewhere: bool,
}

impl Known {
    /// A card was handed out, and nobody is known behind it.
    pub fn is_card_alone(&self) -> bool {
        self.card && !(self.name || self.phone || self.email || self.elsewhere)
    }
    /// The person can be reached, so somebody stands behind the card.
    pub fn has_contact(&self) -> bool {
        self.phone || self.email
    }
    pub fn add(&mut self, told: Known) {
        self.name |= told.name;
        self.phone |= told.phone;
        self.email |= told.email;
        self.card |= told.card;
        self.elsewhere |= told.elsewhere;
    }
}

/// Moments of the member that have been dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MomentsDone {
    pub profile_completed: bool,
    /// Channels that were ever consented to.
    #[serde(skip_serializing_if = "Channels::is_none")]
    pub subscribed: Channels,
    /// Silences of so many days, and since which purchase or registration each was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<(i32, Instant)>,
    /// When each schedule last came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<(Schedule, Instant)>,
    /// Of a card that nobody has claimed: since when that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unclaimed_since: Option<Instant>,
}

impl MomentsDone {
    pub fn is_none(&self) -> bool {
        *self == MomentsDone::default()
    }
}

/// Balances at an instant. `balance` = available − debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    pub pending: Points,
    pub available: Points,
    pub held: Points,
    pub debt: Points,
}

impl Balance {
    pub fn net(&self) -> Points {
        self.available - self.debt
    }
    pub fn outstanding(&self) -> Points {
        self.pending + self.available + self.held - self.debt
    }
}

impl Member {
    pub fn new(id: MemberId) -> Member {
        Member {
            id,
            status: MemberStatus::Active,
            registered_at: None,
            former: false,
            lots: Vec::new(),
            holds: Vec::new(),
            debts: Vec::new(),
            burnt: Vec::new(),
            last_lot: 0,
            birthdays: Vec::new(),
            lifetime: Lifetime::default(),
            purchases: Purchases::default(),
            uses: Vec::new(),
            checkouts: Vec::new(),
            reserved: Vec::new(),
            completing: Vec::new(),
            claims: Vec::new(),
            last_claim: 0,
            moments: MomentsDone::default(),
            offers: Vec::new(),
            last_offer: 0,
            referrer: None,
            invited: Invited::default(),
            telling: Vec::new(),
            last_coupon: 0,
            tags: Vec::new(),
            standing: Standing::default(),
            merged_into: None,
            absorbed: Vec::new(),
            proposed: None,
            routes: Vec::new(),
            holders: Vec::new(),
        }
    }

    /// Uses in the period that began on `since`; those of an earlier one are over.
    pub fn used(&self, what: &str, since: Option<Day>) -> i64 {
        self.uses.iter().find(|u| u.what == what && u.since == since).map_or(0, |u| u.used)
    }
    pub(crate) fn count_use(&mut self, what: &ShortText, since: Option<Day>, by: i64) {
        match self.uses.iter_mut().find(|u| u.what == *what) {
            Some(known) if known.since == since => known.used += by,
            // What comes back to a period that is over counts no more.
            Some(known) if known.since > since => {}
            Some(known) => *known = MemberUse { what: what.clone(), since, used: by },
            None => self.uses.push(MemberUse { what: what.clone(), since, used: by }),
        }
        self.uses.retain(|u| u.used > 0);
    }
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known == tag)
    }
    pub fn offer(&self, offer: &str) -> Option<&HeldOffer> {
        self.offers.iter().find(|held| held.offer == offer)
    }
    /// How many more orders may use it; `None` where any number may.
    pub fn uses_left(&self, held: &HeldOffer) -> Option<i64> {
        held.times.map(|times| (times - self.used(&held.counter(), None)).max(0))
    }
    pub fn offer_state(&self, held: &HeldOffer, now: Instant) -> OfferState {
        match (held.is_over(now), self.uses_left(held), held.activated_at) {
            (true, ..) => OfferState::Expired,
            (_, Some(0), _) => OfferState::UsedUp,
            (.., None) => OfferState::ToActivate,
            (.., Some(_)) => OfferState::Active,
        }
    }
    /// Orders of the checkout that have the code.
    pub fn in_checkout(&self, checkout: &str, code: &str) -> i64 {
        let same = |c: &&CheckoutUse| c.checkout == checkout && c.code == code;
        self.checkouts.iter().find(same).map_or(0, |c| c.orders)
    }
    pub(crate) fn count_checkout(&mut self, checkout: &ShortText, code: &ShortText, by: i64) {
        match self.checkouts.iter_mut().find(|c| c.checkout == *checkout && c.code == *code) {
            Some(known) => known.orders += by,
            None if by > 0 => {
                let (checkout, code) = (checkout.clone(), code.clone());
                self.checkouts.push(CheckoutUse { checkout, code, orders: by });
            }
            None => {}
        }
        self.checkouts.retain(|c| c.orders > 0);
        if self.checkouts.len() > CHECKOUTS_MAX {
            self.checkouts.remove(0);
        }
    }

    /// Balances as the clock says, whether or not a job has booked activation and expiry.
    pub fn balance_at(&self, now: Instant) -> Balance {
        let mut balance = Balance { debt: self.debt(), ..Balance::default() };
        for lot in &self.lots {
            balance.held += lot.held;
            if lot.is_pending(now) {
                balance.pending += lot.free;
            } else if !lot.is_dead(now) {
                balance.available += lot.free;
            }
        }
        balance
    }
    /// Balances as booked: equal to the accounts of the journal.
    pub fn balance_booked(&self) -> Balance {
        let mut balance = Balance { debt: self.debt(), ..Balance::default() };
        for lot in &self.lots {
            balance.held += lot.held;
            if lot.booked_active {
                balance.available += lot.free;
            } else {
                balance.pending += lot.free;
            }
        }
        balance
    }
    /// What burns at that very instant if nobody takes it before: free points of the lots that end then, also
    /// those that are not active yet. Held points do not burn while they are held.
    pub fn burning_at(&self, end: Instant) -> Points {
        let ends = |lot: &&Lot| lot.expires_at == Some(end) && !lot.awaits_payment;
        self.lots.iter().filter(ends).map(|lot| lot.free).sum()
    }
    pub fn debt(&self) -> Points {
        self.debts.iter().map(|d| d.open).sum()
    }
    pub fn lot(&self, no: LotNo) -> Option<&Lot> {
        self.lots.iter().find(|l| l.no == no)
    }
    pub fn hold_of(&self, order: &OrderKey) -> Option<&Hold> {
        self.holds.iter().find(|h| h.order == *order)
    }
    pub fn burnt_of(&self, no: LotNo) -> Points {
        self.burnt.iter().find(|(n, _)| *n == no).map_or(Points::ZERO, |(_, p)| *p)
    }
}
