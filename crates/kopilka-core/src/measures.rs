//! Folds over events: the sums that reports, replay and `verify` share.

mod customers;
mod day;
mod standings;

use crate::ledger::{Back, Event, Fate};
use crate::merge::MergeEvent;
use crate::points::Points;
use serde::{Deserialize, Serialize};

pub use customers::{
    Alike, Bought, COHORTS_MAX, Cohort, Counting, Customers, DAYS_KEPT, LEFT_AFTER_DAYS, Month, MonthBought,
    OFTEN, RECENT_DAYS, calendar, month_of,
};
pub use day::{DAY_NAMES, DaySums};
pub use standings::{Claims, Codes, Reached, Standings, WAITING_MAX, Waiting};

/// Sums over the whole life, in smallest point units. See [`count`] for what each counts. Those that are
/// nothing are left out of the row: most are, of most members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub issued: Points,
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub regranted: Points,
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub written_off: Points,
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub spent: Points,
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub come_back: Points,
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub expired: Points,
    /// All that was taken back, also what became debt, less what the shop's loss bore.
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub revoked: Points,
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub shop_loss: Points,
    /// To other members, less what came back undelivered.
    #[serde(skip_serializing_if = "Points::is_zero")]
    pub sent: Points,
    /// From other members, also what had burnt on the way.
    #[serde(skip_serializing_if = "Points::is_zero")]
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

/// Adds an event to the lifetime sums. `outstanding` of the sums equals pending + available + held − debt.
pub fn count(sums: &mut Lifetime, event: &Event) {
    match event {
        Event::LotIssued { lot } => sums.issued += lot.free,
        Event::LotExpired { points, .. } => sums.expired += *points,
        Event::LotRevived { points, .. } => sums.regranted += *points,
        Event::LotRevoked { points, .. } | Event::ClawbackOwed { points, .. } => sums.revoked += *points,
        Event::ClawbackBorne { points, .. } | Event::ShortfallBorne { points, .. } => {
            sums.shop_loss += *points
        }
        Event::ShortfallBorneBack { points, .. } => sums.shop_loss -= *points,
        Event::DebtWrittenOff { points, .. } => sums.written_off += *points,
        Event::HoldCaptured { points, .. } | Event::ShortfallOwed { points, .. } => sums.spent += *points,
        Event::PointsSpent { pieces, .. } => sums.spent += pieces.iter().map(|p| p.points).sum(),
        Event::ShortfallOwedBack { points, .. } => sums.come_back += *points,
        Event::HoldReleased { back, .. } => count_back(sums, back, false),
        Event::PointsCameBack { back, .. } | Event::ShortfallRepaidBack { back, .. } => {
            count_back(sums, back, true);
        }
        Event::TransferSent { pieces, .. } => sums.sent += pieces.iter().map(|p| p.points).sum(),
        Event::TransferReceived { lots, gone, .. } => {
            sums.received += lots.iter().map(|l| l.free).sum::<Points>() + *gone;
            sums.expired += *gone;
        }
        // What came back was not sent: over all members, `sent` less `received` is what is on its way.
        Event::TransferCameBack { back, .. } => {
            sums.sent -= back.iter().map(|b| b.piece.points).sum();
            count_back(sums, back, false);
        }
        Event::Merge(MergeEvent::Left { belongings, .. }) => {
            sums.sent += belongings.member.balance_booked().outstanding();
        }
        Event::Merge(MergeEvent::Joined { belongings, .. }) => {
            sums.received += belongings.member.balance_booked().outstanding();
        }
        _ => {}
    }
}

/// Points of a hold or a transfer were never spent, so they do not count as come back; what finds its lot
/// dead is expired.
fn count_back(sums: &mut Lifetime, back: &[Back], was_spent: bool) {
    for b in back {
        let points: Points = b.piece.points;
        if was_spent {
            sums.come_back += points;
        }
        match b.fate {
            Fate::Alive | Fate::Resumed { .. } => {}
            Fate::Gone => sums.expired += points,
            Fate::Regranted { .. } => {
                sums.expired += points;
                sums.regranted += points;
            }
        }
    }
}
