//! How the members of a shop buy, and spend under a program: what a replay of an order history measured.
//!
//! Invariant: every figure is counted, never estimated: whole days, whole purchases, shares of counts. A
//! purchase is all that one member ordered on one day: a log may split into several orders what the buyer
//! took for one, and a log without order ids always does.

use super::explain::{life, period};
use super::{CreditEffect, Effect, Program, Text, Trigger, Validity};
use crate::money::Rounding;
use crate::time::{Instant, Period};

/// Fewer members who bought again say nothing: a share of 20 % counted on a hundred of them is right within 8
/// points, on thirty within 15, which may as well be a third.
pub const BOUGHT_AGAIN_LEAST: u64 = 100;
/// A shorter history ends before those who buy every other month have come a third time: it holds the short
/// gaps and lacks the long ones.
pub const HISTORY_DAYS_LEAST: i64 = 180;
/// Of members who bought again, in ten-thousandths: who got points, and who could pay with them. Where four
/// of five cannot although they came back, points are no reason to come back.
pub const SHARE_LEAST: u64 = 2_000;

/// Of next purchases, in ten-thousandths. Points that burn before most of them are never spent by most.
pub const LATE_MOST: u64 = 5_000;

/// A purchase and the same member's next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// From local day to local day; at least one.
    pub days: u32,
    pub from: Instant,
    pub to: Instant,
}

/// What was counted over all members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Local days of the history, its first and its last included.
    pub days: i64,
    pub members: u64,
    /// Members with purchases on two days or more.
    pub bought_again: u64,
    pub purchases: u64,
    /// Members who ever got points, and those of them who bought again.
    pub earners: u64,
    pub earners_again: u64,
    /// Members who bought again and ever paid with points, each order asking for as many as it may take.
    pub spenders_again: u64,
    /// The rules of registration fired at each member's first order.
    pub welcome: bool,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Habits {
    pub counts: Counts,
    /// What the history's amounts are in, where it says so; they were taken one to one.
    pub currency: Option<String>,
    gaps: Vec<Gap>,
    first_spends: Vec<u32>,
}

impl Habits {
    /// Takes what was gathered, in any order: the gaps, and for each spender the number of the purchase that
    /// first took points.
    pub fn new(counts: Counts, mut gaps: Vec<Gap>, mut first_spends: Vec<u32>) -> Habits {
        gaps.sort_unstable();
        first_spends.sort_unstable();
        Habits { counts, currency: None, gaps, first_spends }
    }
    /// Members who ever paid with points.
    pub fn spenders(&self) -> u64 {
        self.first_spends.len() as u64
    }
    /// Shortest first.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }
    /// Half of the next purchases come within so many days; `None` when nobody bought again.
    pub fn median_gap(&self) -> Option<u32> {
        quantile(&self.gaps, 2).map(|gap| gap.days)
    }
    /// Three quarters of the next purchases come within so many days.
    pub fn gap_of_three_quarters(&self) -> Option<u32> {
        quantile(&self.gaps, 3).map(|gap| gap.days)
    }
    /// Half of the spenders pay with points for the first time at this purchase or before, counted from 1.
    pub fn first_spend(&self) -> Option<u32> {
        quantile(&self.first_spends, 2).copied()
    }
    /// Enough was seen to judge a program by.
    pub fn suffice(&self) -> bool {
        self.counts.bought_again >= BOUGHT_AGAIN_LEAST && self.counts.days >= HISTORY_DAYS_LEAST
    }
}

/// How long points of an order wait, and how long they live then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    pub wait: Period,
    pub validity: Validity,
}

impl Terms {
    /// The terms of a credit for an order, where points end and a history of other years can tell: a date of
    /// the calendar lies outside of it, and birthdays it does not know.
    pub(crate) fn of(program: &Program, credit: &CreditEffect) -> Option<Terms> {
        let validity = match credit.expires {
            None => Validity::For(program.expires?),
            Some(Validity::Never | Validity::On(_) | Validity::Birthday { .. }) => return None,
            Some(own) => own,
        };
        Some(Terms { wait: credit.active_after.unwrap_or(program.active_after), validity })
    }
    /// All that a program has, each once, in the order of its rules.
    pub fn of_orders(program: &Program) -> Vec<Terms> {
        let mut all = Vec::new();
        for effect in program.rules_for(Trigger::OrderPaid).flat_map(|rule| &rule.then) {
            if let Effect::Credit(credit) = effect
                && let Some(terms) = Terms::of(program, credit)
                && !all.contains(&terms)
            {
                all.push(terms);
            }
        }
        all
    }
    /// Said after what they are the terms of: `wait 14 days and live for 1 month`.
    pub fn told(self) -> Text {
        let life = life(self.validity);
        if self.wait.is_zero() {
            return Text::of(format!("live {}", life.en), format!("живут {}", life.ru));
        }
        let wait = period(self.wait);
        Text::of(
            format!("wait {} and live {}", wait.en, life.en),
            format!("ждут {} и живут {}", wait.ru, life.ru),
        )
    }
    /// The next purchases before which points of the purchase have burnt, in ten-thousandths; `None` when
    /// nobody bought again.
    pub fn late(self, program: &Program, habits: &Habits) -> Option<u64> {
        let is_late = |gap: &&Gap| {
            let active_at = program.zone.plus(gap.from, self.wait);
            self.validity.end(program, active_at, None).is_some_and(|end| end <= gap.to)
        };
        share(habits.gaps.iter().filter(is_late).count() as u64, habits.gaps.len() as u64)
    }
}

/// Some rule that a replay of orders lets fire gives points.
pub fn gives_points(program: &Program, welcome: bool) -> bool {
    program.rules.iter().any(|rule| {
        let fires = match rule.when {
            Trigger::OrderPlaced | Trigger::OrderPaid | Trigger::OrderCompleted => true,
            Trigger::TierChanged { .. } | Trigger::AchievementReached => true,
            // Time passes in a replay too.
            Trigger::MemberInactive { .. } | Trigger::Schedule(_) => true,
            Trigger::MemberRegistered => welcome,
            Trigger::MemberBirthday { .. }
            | Trigger::ProfileCompleted
            | Trigger::MemberSubscribed { .. }
            | Trigger::ReferralOrdered
            | Trigger::ReferralRegistered
            | Trigger::Event(_)
            | Trigger::RewardClaimed
            | Trigger::OfferGiven
            | Trigger::SegmentAsked => false,
        };
        fires && rule.then.iter().any(|effect| matches!(effect, Effect::Credit(_)))
    })
}

/// The least value that so many quarters of all reach no higher than: always one that was met, so whole.
fn quantile<T>(sorted: &[T], quarters: usize) -> Option<&T> {
    sorted.get((sorted.len() * quarters).div_ceil(4).checked_sub(1)?)
}

/// `part` of `whole` in ten-thousandths, half up; `None` where there is nothing to divide by.
pub fn share(part: u64, whole: u64) -> Option<u64> {
    let exact = (whole > 0).then(|| Rounding::HalfUp.divide(i128::from(part) * 10_000, i128::from(whole)))?;
    u64::try_from(exact).ok()
}

/// Ten-thousandths as percent for people, to a tenth: `12.4`, `50`. What is not nothing is never told as `0`.
pub fn percent_text(share: u64) -> String {
    match ((share + 5) / 10, share) {
        (0, 1..) => "0.1".to_owned(),
        (tenths, _) if tenths % 10 == 0 => (tenths / 10).to_string(),
        (tenths, _) => format!("{}.{}", tenths / 10, tenths % 10),
    }
}

/// `45 days`, `45 дней`.
pub fn days(count: i64) -> Text {
    period(Period::Days(i32::try_from(count).unwrap_or(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_a_value_that_was_met() {
        let cases: [(&[u32], Option<u32>, Option<u32>); 6] = [
            (&[], None, None),
            (&[7], Some(7), Some(7)),
            (&[3, 9], Some(3), Some(9)),
            (&[1, 2, 30], Some(2), Some(30)),
            (&[1, 2, 30, 40], Some(2), Some(30)),
            (&[1, 2, 3, 4, 50], Some(3), Some(4)),
        ];
        for (values, half, three_quarters) in cases {
            let found = (quantile(values, 2).copied(), quantile(values, 3).copied());
            assert_eq!(found, (half, three_quarters), "{values:?}");
        }
    }

    #[test]
    fn shares_are_exact_and_told_to_a_tenth() {
        assert_eq!((share(1, 3), share(0, 5), share(5, 0)), (Some(3_333), Some(0), None));
        let texts = [0, 1, 4, 15, 1_234, 1_996, 5_000, 10_000].map(percent_text);
        assert_eq!(texts, ["0", "0.1", "0.1", "0.2", "12.3", "20", "50", "100"]);
    }
}
