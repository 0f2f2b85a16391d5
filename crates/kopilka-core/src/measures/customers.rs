//! How members buy, folded over their purchases: by day and month, cohorts, how often and how lately.
//!
//! Invariant: one pass in order of members, whose memory does not grow with their number; a purchase is what
//! remains of a paid order.

use crate::money::Money;
use crate::time::{Day, Instant, Zone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A month, as year × 12 + month − 1.
pub type Month = i32;
/// Cohorts are followed for two years; older ones would be rows nobody reads.
pub const COHORTS_MAX: usize = 24;
/// Without a purchase for so many days a member has left, as retail counts it.
pub const LEFT_AFTER_DAYS: i32 = 180;
/// Days since the last purchase, up to and including: how lately.
pub const RECENT_DAYS: [i32; 4] = [30, 90, 180, 365];
/// Purchases in all, up to and including: how often.
pub const OFTEN: [u32; 4] = [1, 2, 5, 10];
/// Days that are kept one by one.
pub const DAYS_KEPT: i32 = 400;

/// What was bought in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bought {
    pub orders: u32,
    pub money: Money,
    /// Members who bought.
    pub buyers: u32,
}

/// One month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MonthBought {
    pub bought: Bought,
    /// Bought for the first time.
    pub new: u32,
    /// Had bought before the month, or twice in it.
    pub repeat: u32,
}

/// Members of one first month, and how many of them bought in each month since.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cohort {
    pub month: Month,
    /// The first month is the first.
    pub buyers: Vec<u32>,
    pub money: Vec<Money>,
}

/// Members who bought lately and often alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Alike {
    pub members: u32,
    pub money: Money,
}

/// The whole report of a program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Customers {
    pub at: Instant,
    pub members: u32,
    pub orders: u32,
    pub money: Money,
    /// Bought twice at least.
    pub repeat: u32,
    /// Last bought more than [`LEFT_AFTER_DAYS`] ago.
    pub left: u32,
    /// Of the last [`DAYS_KEPT`] days, by [`Day::number`].
    pub days: BTreeMap<i32, Bought>,
    pub months: BTreeMap<Month, MonthBought>,
    pub cohorts: Vec<Cohort>,
    /// By how lately (rows of [`RECENT_DAYS`] and one for longer ago), then how often (likewise).
    pub alike: Vec<Vec<Alike>>,
}

/// Folds purchases into the report.
#[derive(Debug)]
pub struct Counting<'z> {
    zone: &'z Zone,
    today: i32,
    report: Customers,
    cohorts: BTreeMap<Month, Cohort>,
}

pub fn month_of(day: Day) -> Month {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

/// Year and month of the calendar.
pub fn calendar(month: Month) -> (i32, i32) {
    (month.div_euclid(12), month.rem_euclid(12) + 1)
}

fn place<T: PartialOrd>(limits: &[T], value: T) -> usize {
    limits.iter().position(|limit| value <= *limit).unwrap_or(limits.len())
}

impl<'z> Counting<'z> {
    pub fn new(zone: &'z Zone, at: Instant) -> Counting<'z> {
        let alike = vec![vec![Alike::default(); OFTEN.len() + 1]; RECENT_DAYS.len() + 1];
        let report = Customers { at, alike, ..Customers::default() };
        Counting { zone, today: zone.day_of(at).number(), report, cohorts: BTreeMap::new() }
    }

    /// All purchases of one member, in any order.
    pub fn member(&mut self, purchases: &[(Instant, Money)]) {
        let mut dated: Vec<(Day, Money)> =
            purchases.iter().map(|(at, money)| (self.zone.day_of(*at), *money)).collect();
        dated.sort();
        let (Some((first, _)), Some((last, _))) = (dated.first().copied(), dated.last().copied()) else {
            return;
        };
        let orders = u32::try_from(dated.len()).unwrap_or(u32::MAX);
        let money: Money = dated.iter().map(|(_, money)| *money).sum();
        let since = self.today - last.number();
        self.report.members += 1;
        self.report.orders += orders;
        self.report.money += money;
        self.report.repeat += u32::from(orders > 1);
        self.report.left += u32::from(since > LEFT_AFTER_DAYS);
        let row = self.report.alike.get_mut(place(&RECENT_DAYS, since));
        if let Some(alike) = row.and_then(|row| row.get_mut(place(&OFTEN, orders))) {
            alike.members += 1;
            alike.money += money;
        }
        self.days(&dated);
        self.months(&dated, month_of(first));
    }

    fn days(&mut self, dated: &[(Day, Money)]) {
        let mut seen = BTreeSet::new();
        for (day, money) in dated {
            let number = day.number();
            if number <= self.today - DAYS_KEPT || number > self.today {
                continue;
            }
            let bought = self.report.days.entry(number).or_default();
            bought.orders += 1;
            bought.money += *money;
            bought.buyers += u32::from(seen.insert(number));
        }
    }

    fn months(&mut self, dated: &[(Day, Money)], first: Month) {
        let mut by_month: BTreeMap<Month, (u32, Money)> = BTreeMap::new();
        for (day, money) in dated {
            let sums = by_month.entry(month_of(*day)).or_default();
            sums.0 += 1;
            sums.1 += *money;
        }
        let cohort =
            self.cohorts.entry(first).or_insert_with(|| Cohort { month: first, ..Cohort::default() });
        for (month, (orders, money)) in by_month {
            let of = self.report.months.entry(month).or_default();
            of.bought.orders += orders;
            of.bought.money += money;
            of.bought.buyers += 1;
            of.new += u32::from(month == first);
            of.repeat += u32::from(month > first || orders > 1);
            let since = usize::try_from(month - first).unwrap_or_default();
            if since < COHORTS_MAX {
                if cohort.buyers.len() <= since {
                    cohort.buyers.resize(since + 1, 0);
                    cohort.money.resize(since + 1, Money::ZERO);
                }
                cohort.buyers[since] += 1;
                cohort.money[since] += money;
            }
        }
    }

    pub fn done(mut self) -> Customers {
        let skip = self.cohorts.len().saturating_sub(COHORTS_MAX);
        self.report.cohorts = self.cohorts.into_values().skip(skip).collect();
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(&format!("{text}T12:00:00Z")).unwrap()
    }

    #[test]
    fn members_are_counted_by_what_they_bought_and_when() {
        let zone = Zone::utc();
        let mut counting = Counting::new(&zone, at("2026-06-30"));
        counting.member(&[
            (at("2026-06-01"), Money(100)),
            (at("2026-04-10"), Money(50)),
            (at("2026-06-01"), Money(1)),
        ]);
        counting.member(&[(at("2025-06-01"), Money(7))]);
        counting.member(&[]);
        let report = counting.done();
        assert_eq!((report.members, report.orders, report.money), (2, 4, Money(158)));
        assert_eq!((report.repeat, report.left), (1, 1));
        let june = report.months[&(2026 * 12 + 5)];
        assert_eq!((june.bought.orders, june.bought.buyers, june.new, june.repeat), (2, 1, 0, 1));
        let april = report.months[&(2026 * 12 + 3)];
        assert_eq!((april.new, april.repeat), (1, 0));
        let cohort = report.cohorts.iter().find(|c| c.month == 2026 * 12 + 3).unwrap();
        assert_eq!(
            (cohort.buyers.clone(), cohort.money.clone()),
            (vec![1, 0, 1], vec![Money(50), Money(0), Money(101)])
        );
        assert_eq!(report.alike[0][2], Alike { members: 1, money: Money(151) });
        assert_eq!(report.alike[4][0], Alike { members: 1, money: Money(7) });
        let day = report.days[&zone.day_of(at("2026-06-01")).number()];
        assert_eq!((day.orders, day.buyers, day.money), (2, 1, Money(101)));
        assert_eq!(report.days.len(), 3, "a day 394 days ago is kept too");
    }

    #[test]
    fn months_are_counted_over_the_end_of_a_year() {
        assert_eq!(calendar(2026 * 12), (2026, 1));
        assert_eq!(calendar(2025 * 12 + 11), (2025, 12));
    }
}
