//! Lots: credits with dates. By time a lot is pending, active, then spent, expired or revoked.

use crate::ShortText;
use crate::ids::LotNo;
use crate::order::OrderKey;
use crate::points::Points;
use crate::time::{Instant, Period};
use serde::{Deserialize, Serialize};

/// One credit and what is left of it. Short names keep a member's row small; the words are in the docs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Number within the member, in order of creation.
    #[serde(rename = "n")]
    pub no: LotNo,
    /// Neither held nor gone: pending before `active_at`, available after.
    #[serde(rename = "f")]
    pub free: Points,
    /// Reserved by holds.
    #[serde(rename = "h", default, skip_serializing_if = "Points::is_zero")]
    pub held: Points,
    /// The rule that gave it, `adjustment`, `import`, or `transfer`.
    #[serde(rename = "s")]
    pub source: ShortText,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderKey>,
    #[serde(rename = "a")]
    pub active_at: Instant,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// The activation has been booked: the points stand in `available`, not in `pending`.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub booked_active: bool,
    /// Does not repay a debt.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub gift: bool,
    /// Was granted anew after its date once already.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub regranted: bool,
    /// Paid orders put its end off.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// Promised by an order that is not paid yet: pending whatever the clock says, and without an end.
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_payment: bool,
}

/// How paid orders put the end of a lot off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// So long after the last paid order the points live.
    #[serde(rename = "p")]
    pub after: Period,
    /// The end without any order: what is left when every renewal is taken away.
    #[serde(rename = "e")]
    pub own_end: Instant,
}

impl Lot {
    pub fn is_active(&self, now: Instant) -> bool {
        !self.is_pending(now) && !self.is_dead(now)
    }
    pub fn is_pending(&self, now: Instant) -> bool {
        self.awaits_payment || now < self.active_at
    }
    /// At `expires_at` the points are gone: the interval is half-open.
    pub fn is_dead(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
    /// What makes one lot go before another: expires first, then older activation, then number;
    /// never-expiring last.
    pub fn spending_rank(&self) -> (Instant, Instant, LotNo) {
        (self.expires_at.unwrap_or(Instant(i64::MAX)), self.active_at, self.no)
    }
}

/// Points taken out of a lot, with the lot as it was then: enough to give them back to it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    #[serde(rename = "p")]
    pub points: Points,
    /// When they were held or spent: `resume` gives the time the lot had left then.
    #[serde(rename = "t")]
    pub taken_at: Instant,
    /// `free` and `held` of this copy mean nothing.
    #[serde(rename = "l")]
    pub lot: Lot,
}

/// Points of concrete lots reserved for a placed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    #[serde(rename = "o")]
    pub order: OrderKey,
    #[serde(rename = "p")]
    pub points: Points,
    /// When it lapses by itself.
    #[serde(rename = "u")]
    pub lapses_at: Instant,
}

/// Why a member owes points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DebtCause {
    /// A credit was taken back after its points were spent.
    Clawback,
    /// An order was paid after its hold had lapsed and its points were gone.
    Shortfall,
    /// An operator's debit below zero.
    Adjustment,
}

/// Points owed. Repaid by points as they become available; written off after the program's term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    #[serde(rename = "c")]
    pub cause: DebtCause,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderKey>,
    #[serde(rename = "t")]
    pub since: Instant,
    #[serde(rename = "p")]
    pub open: Points,
    /// What repaid a shortfall: a return of its order gives these back to their lots.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub repaid: Vec<Piece>,
}

/// What moves the dates of lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dated {
    /// A paid order put their ends off.
    Renewed,
    /// That order came back whole: its renewal is taken away.
    RenewalLost,
    /// An order was paid that had promised them when it was placed.
    Paid,
    /// An order was completed sooner than its points had waited for.
    Completed,
}

/// The dates a lot has from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotDates {
    pub lot: LotNo,
    pub active_at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// Of a lot that orders renew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
}

impl LotDates {
    pub fn of(lot: &Lot) -> LotDates {
        let Lot { no, active_at, expires_at, renewal, .. } = *lot;
        LotDates { lot: no, active_at, expires_at, renewal }
    }
}
