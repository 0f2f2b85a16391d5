//! A member: everything a decision about one needs, in one row.

use crate::ids::{LotNo, MemberId};
use crate::ledger::{Debt, Hold, Lot};
use crate::money::Money;
use crate::order::OrderKey;
use crate::points::Points;
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
}

/// Sums over the whole life, in smallest point units. See `measures` for what each counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    pub issued: Points,
    pub regranted: Points,
    pub written_off: Points,
    pub spent: Points,
    pub come_back: Points,
    pub expired: Points,
    /// All that was taken back, also what became debt, less what the shop's loss bore.
    pub revoked: Points,
    pub shop_loss: Points,
    /// To other members, less what came back undelivered.
    pub sent: Points,
    /// From other members, also what had burnt on the way.
    pub received: Points,
}

impl Lifetime {
    /// What must still be outstanding: pending + available + held − debt.
    pub fn outstanding(&self) -> Points {
        self.issued + self.regranted + self.written_off + self.received - self.sent - self.spent
            + self.come_back
            - self.expired
            - self.revoked
    }
}

/// How many moments of payment a row keeps: returning more than the newest few orders whole, one after
/// another, is rarer than a mistake; only then does the last order look like none.
const LAST_ORDERS_MAX: usize = 4;

/// What was bought before: paid orders, less those returned whole or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Purchases {
    pub orders: u32,
    /// Money really paid, less what was refunded.
    pub paid: Money,
    /// When the newest of them were paid, in order of time.
    pub last: Vec<Instant>,
}

impl Purchases {
    pub fn is_none(&self) -> bool {
        *self == Purchases::default()
    }
    pub(crate) fn add(&mut self, at: Instant, paid: Money) {
        self.orders += 1;
        self.paid += paid;
        let place = self.last.partition_point(|known| *known <= at);
        self.last.insert(place, at);
        if self.last.len() > LAST_ORDERS_MAX {
            self.last.remove(0);
        }
    }
    /// An order of which nothing is left never was.
    pub(crate) fn remove(&mut self, at: Instant) {
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
    #[serde(default, skip_serializing_if = "Purchases::is_none")]
    pub purchases: Purchases,
}

/// The last birthday dealt with, per distance from the day: once a birthday's own year, never twice in 300
/// days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthdayDone {
    pub days: i32,
    pub year: i16,
    pub at: Instant,
}

/// What a decision reads of the person; it never enters the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PersonFacts {
    pub birth_date: Option<Day>,
    /// When the birth date became known.
    pub birth_date_known_at: Option<Instant>,
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
            lots: Vec::new(),
            holds: Vec::new(),
            debts: Vec::new(),
            burnt: Vec::new(),
            last_lot: 0,
            birthdays: Vec::new(),
            lifetime: Lifetime::default(),
            purchases: Purchases::default(),
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
