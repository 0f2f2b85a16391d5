//! Which triggers speak of an order, and when an order counts as completed.
//!
//! Invariant: a program to which completion means nothing never makes one due.

use super::{Program, Trigger};
use crate::time::Instant;

/// Since when credits of a paid order wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccrualFrom {
    #[default]
    Paid,
    /// Since its completion; issued when it is paid all the same.
    Completed,
}

impl Trigger {
    /// Its rules know the order: what is in it, where it was made, which one it is.
    pub fn is_of_order(self) -> bool {
        matches!(
            self,
            Trigger::OrderPlaced | Trigger::OrderPaid | Trigger::OrderCompleted | Trigger::ReferralOrdered
        )
    }
}

impl Program {
    /// Some points wait for the completion of their order.
    pub fn speaks_of_completion(&self) -> bool {
        self.accrual_from == AccrualFrom::Completed
            || self.rules_for(Trigger::OrderCompleted).next().is_some()
    }
    /// When an order that was paid then is completed at the latest; `None` where nothing depends on it.
    pub fn completes_at(&self, paid_at: Instant) -> Option<Instant> {
        self.speaks_of_completion().then(|| self.zone.plus(paid_at, self.complete_after))
    }
}
