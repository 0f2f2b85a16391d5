//! The referral network, compiled: how long a visit counts, and what becomes of rewards when goods come back.

use super::{CreditAmount, Effect, Program, Trigger};
use crate::points::Points;
use crate::time::Period;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referral {
    pub touch: Touch,
    /// A visit counts so long.
    pub within: Period,
}

/// Whose link counts of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Touch {
    First,
    #[default]
    Last,
}

/// A month: who buys later has come for another reason.
pub const VISIT_WITHIN: Period = Period::Days(30);

impl Default for Referral {
    fn default() -> Referral {
        Referral { touch: Touch::Last, within: VISIT_WITHIN }
    }
}

/// What a return takes from the referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReferralClawback {
    /// What is left of that reward.
    #[default]
    OwnLot,
    /// All of it, as other credits are taken back.
    Debt,
    Off,
}

impl Trigger {
    /// Its rules give to referrers.
    pub fn is_of_referrer(self) -> bool {
        matches!(self, Trigger::ReferralOrdered | Trigger::ReferralRegistered)
    }
}

impl Program {
    /// What a registration brings to the referrers: the rule, the effect's place, the level, the points.
    pub fn of_registration(&self) -> impl Iterator<Item = (&super::Rule, u16, u8, Points)> {
        self.rules_for(Trigger::ReferralRegistered).flat_map(|rule| {
            (0_u16..).zip(&rule.then).filter_map(move |(at, effect)| match effect {
                Effect::Credit(credit) => match credit.amount {
                    CreditAmount::Fixed(points) => Some((rule, at, credit.to_level?, points)),
                    _ => None,
                },
                Effect::Multiply(_) | Effect::Grant(_) => None,
            })
        })
    }
}
