//! What a member's paid orders count for levels and achievements: sums by day, the levels held, progress.
//!
//! Invariant: an order counts exactly what remains of it, so an emptied order has left every sum, level and
//! counter as they were; only time itself takes a day out of the window.

use crate::ShortText;
use crate::ids::LotNo;
use crate::money::Money;
use crate::order::OrderKey;
use crate::points::Points;
use crate::time::{Day, Instant};
use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Money really paid, less refunds, in minor units.
    MoneyPaid,
    /// Paid orders of which something remains.
    Orders,
    /// Points that orders bring, less those taken back, in smallest units.
    PointsEarned,
    /// Pieces of goods, in thousandths.
    Pieces,
    /// Events of the shop's own, of one kind.
    Events,
}

/// What one order, or several, come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    pub paid: Money,
    pub orders: i64,
    pub points: Points,
    pub pieces: i64,
}

impl Figures {
    pub fn of(&self, counted: Counted) -> i64 {
        match counted {
            Counted::MoneyPaid => self.paid.0,
            Counted::Orders => self.orders,
            Counted::PointsEarned => self.points.0,
            Counted::Pieces => self.pieces,
            // No order is one.
            Counted::Events => 0,
        }
    }
    fn less(&self, other: &Figures) -> Figures {
        Figures {
            paid: self.paid - other.paid,
            orders: self.orders - other.orders,
            points: self.points - other.points,
            pieces: self.pieces - other.pieces,
        }
    }
}

/// What an order counts at present, as it remembers it itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProgress {
    /// 1, 2, 3 … in the order in which orders were counted.
    pub number: u32,
    /// The day, or the first day of the period, whose sum it is in.
    pub on: Day,
    pub figures: Figures,
}

/// What the orders of one day (or calendar period) count for levels: written as a list, to be short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySum(pub Day, pub Money, pub i64, pub Points);

impl DaySum {
    pub fn figures(&self) -> Figures {
        Figures { paid: self.1, orders: self.2, points: self.3, pieces: 0 }
    }
    fn add(&mut self, by: &Figures) {
        self.1 += by.paid;
        self.2 += by.orders;
        self.3 += by.points;
    }
    fn is_nothing(&self) -> bool {
        self.1.is_zero() && self.2 == 0 && self.3.is_zero()
    }
}

/// A level that was reached and has not been lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldLevel {
    pub tier: ShortText,
    /// What was counted, and how much of it the level asked for.
    pub by: Counted,
    pub from: i64,
    pub since: Instant,
    /// When it is judged again; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// What it was reached with, less what came back of that: the orders of the window that began on
    /// `start`, up to the order number `upto`.
    pub sum: i64,
    pub start: Day,
    pub upto: u32,
    /// … and higher than this one: of an account that was merged into another.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: u32,
    /// Later orders of the same period count for it too: the window is a period of the calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// A rule or an operator gave it: what orders count has no say in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Granted>,
}

/// Whence a level that nobody had to reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Granted {
    /// The order whose rule gave it: it falls when nothing of that remains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderKey>,
}

/// How far an achievement has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub achievement: ShortText,
    pub by: Counted,
    /// Which events, where those are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<ShortText>,
    /// The number of the first order that counts for it.
    pub first: u32,
    pub value: i64,
    /// How often it has been reached.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reached: u32,
    /// Numbers of orders that do not count though they are higher: of accounts that were merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub but: Vec<(u32, u32)>,
}

impl Progress {
    fn leave_out(&mut self, first: u32, last: u32) {
        if first <= last {
            self.but.push((first, last));
        }
    }
    fn counts(&self, number: u32) -> bool {
        let but = |(first, last): &(u32, u32)| (*first..=*last).contains(&number);
        self.first <= number && !self.but.iter().any(but)
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What reaching an achievement gave: `each` points for the times `first` to `last`, in one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    pub achievement: ShortText,
    pub rule: ShortText,
    pub lot: LotNo,
    /// When it was given: the period that limits of the rule count it in.
    pub at: Instant,
    pub each: Points,
    /// In all; less than `each` for every time where a limit cut it.
    pub given: Points,
    pub first: u32,
    pub last: u32,
    /// Taken back so far, from whatever lot or as debt or loss.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub taken: Points,
}

/// Days of a window that a row keeps apart: one purchase a week of a year fits exactly. Of more the nearest
/// two are counted as the later one, so that a level is never lost for it.
const DAYS_MAX: usize = 52;

/// Gifts a row remembers: a return undoes the newest achievements, and rows stay small.
const GIFTS_MAX: usize = 16;

/// Where a member stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Orders counted so far; an emptied one keeps its number.
    pub orders: u32,
    /// Days before this one have left the window and are forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_from: Option<Day>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<DaySum>,
    /// Lowest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<HeldLevel>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub achievements: Vec<Progress>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gifts: Vec<Gift>,
}

impl Standing {
    pub fn is_none(&self) -> bool {
        *self == Standing::default()
    }
    /// The sum of what is kept of the days from `start` on.
    pub fn sum(&self, counted: Counted, start: Day) -> i64 {
        self.days.iter().filter(|d| d.0 >= start).map(|d| d.figures().of(counted)).sum()
    }
    pub fn progress(&self, achievement: &str) -> Option<&Progress> {
        self.achievements.iter().find(|p| p.achievement == achievement)
    }

    /// An order counts for the first time; `keep_from` is where the window begins, if levels are counted.
    pub(crate) fn count(&mut self, order: &OrderProgress, keep_from: Option<Day>) {
        self.orders = self.orders.max(order.number);
        if let Some(start) = keep_from {
            self.kept_from = Some(start);
            self.days.retain(|d| d.0 >= start);
            self.add_day(order.on, &order.figures);
        }
        for level in self.levels.iter_mut().filter(|l| l.whole && l.start == order.on) {
            level.sum += order.figures.of(level.by);
            level.upto = order.number;
        }
        self.advance(order.number, &order.figures);
    }

    /// An order that is counted comes to something else by now.
    pub(crate) fn recount(&mut self, before: &OrderProgress, after: &Figures) {
        let by = after.less(&before.figures);
        if self.kept_from.is_some_and(|start| before.on >= start) {
            // Days that were joined stand at the later one.
            match self.days.iter_mut().find(|d| d.0 >= before.on) {
                Some(day) => day.add(&by),
                None => self.add_day(before.on, &by),
            }
            self.days.retain(|d| !d.is_nothing());
        }
        for level in &mut self.levels {
            let number = level.after < before.number && before.number <= level.upto;
            if number && before.on >= level.start {
                level.sum += by.of(level.by);
            }
        }
        self.advance(before.number, &by);
    }

    fn advance(&mut self, number: u32, by: &Figures) {
        for progress in self.achievements.iter_mut().filter(|p| p.counts(number)) {
            progress.value += by.of(progress.by);
        }
    }

    /// Takes in another account's standing, whose numbers follow these. Levels are settled apart.
    pub(crate) fn join(&mut self, other: Standing) {
        let own = self.orders;
        self.orders = other.orders;
        self.kept_from = self.kept_from.max(other.kept_from);
        let start = self.kept_from;
        self.days.retain(|day| start.is_none_or(|start| day.0 >= start));
        for day in other.days {
            self.add_day(day.0, &day.figures());
        }
        let lacking = |p: &&mut Progress| !other.achievements.iter().any(|o| o.achievement == p.achievement);
        self.achievements.iter_mut().filter(lacking).for_each(|p| p.leave_out(own + 1, other.orders));
        let mut gifts = other.gifts;
        for theirs in other.achievements {
            let known = self.achievements.iter_mut().find(|p| p.achievement == theirs.achievement);
            let Some(known) = known else {
                self.achievements.push(theirs);
                continue;
            };
            // Whoever reached it first has the first times.
            let of = |gift: &&mut Gift| gift.achievement == theirs.achievement;
            let first_of = |gifts: &[Gift]| {
                let of = gifts.iter().filter(|gift| gift.achievement == theirs.achievement);
                of.map(|gift| gift.at).min()
            };
            let earlier = first_of(&gifts).zip(first_of(&self.gifts)).is_some_and(|(a, b)| a < b);
            let (later, by) =
                if earlier { (&mut self.gifts, theirs.reached) } else { (&mut gifts, known.reached) };
            later.iter_mut().filter(of).for_each(|gift| {
                gift.first += by;
                gift.last += by;
            });
            known.value += theirs.value;
            known.reached += theirs.reached;
            known.leave_out(own + 1, theirs.first.saturating_sub(1));
            known.but.extend(theirs.but);
        }
        gifts.into_iter().for_each(|gift| self.give(gift));
    }

    fn add_day(&mut self, on: Day, by: &Figures) {
        if self.kept_from.is_some_and(|start| on < start) {
            return;
        }
        let at = self.days.partition_point(|d| d.0 < on);
        match self.days.get_mut(at).filter(|d| d.0 == on) {
            Some(day) => day.add(by),
            None => {
                let mut day = DaySum(on, Money::ZERO, 0, Points::ZERO);
                day.add(by);
                self.days.insert(at, day);
            }
        }
        self.days.retain(|d| !d.is_nothing());
        while self.days.len() > DAYS_MAX {
            self.join_nearest();
        }
    }

    /// Joins two neighbours into the later, where the days between it and the one before both are fewest:
    /// so no sum stands far from its day.
    fn join_nearest(&mut self) {
        let before = |at: usize| match at.checked_sub(1) {
            Some(before) => self.days[before].0,
            None => self.kept_from.unwrap_or(self.days[0].0).plus_days(-1),
        };
        let span = |at: &usize| before(*at).days_until(self.days[*at + 1].0);
        // Of equals the earliest: `min_by_key` keeps the first.
        let Some(at) = (0..self.days.len() - 1).min_by_key(span) else { return };
        let earlier = self.days.remove(at).figures();
        self.days[at].add(&earlier);
    }

    pub(crate) fn count_event(&mut self, event: &str) {
        let counts = |p: &&mut Progress| p.event.as_deref() == Some(event);
        self.achievements.iter_mut().filter(counts).for_each(|p| p.value += 1);
    }
    pub(crate) fn start_achievements(&mut self, started: &[Progress], forgotten: &[ShortText]) {
        self.achievements.retain(|p| !forgotten.contains(&p.achievement));
        self.achievements.extend(started.iter().cloned());
    }
    pub(crate) fn reach(&mut self, achievement: &str, times: u32) {
        for progress in self.achievements.iter_mut().filter(|p| p.achievement == achievement) {
            progress.reached = times;
        }
    }
    /// Gifts of an achievement that are left.
    pub(crate) fn leave_gifts(&mut self, achievement: &str, left: &[Gift]) {
        self.gifts.retain_mut(|gift| {
            let after = left.iter().find(|l| l.lot == gift.lot);
            if let Some(after) = after {
                gift.clone_from(after);
            }
            after.is_some() || gift.achievement != achievement
        });
    }
    pub(crate) fn give(&mut self, gift: Gift) {
        self.gifts.push(gift);
        if self.gifts.len() > GIFTS_MAX {
            self.gifts.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: u32, on: Day, paid: i64) -> OrderProgress {
        let figures = Figures { paid: Money(paid), orders: 1, points: Points(0), pieces: 1000 };
        OrderProgress { number, on, figures }
    }

    #[test]
    fn a_daily_buyer_keeps_few_days_and_every_sum() {
        let first = Day::new(2026, 1, 1).unwrap();
        let mut standing = Standing::default();
        for i in 0..365 {
            let start = first.plus_days((i - 364).max(0));
            standing.count(&order(i as u32 + 1, first.plus_days(i), 100), Some(start));
        }
        assert_eq!(standing.days.len(), DAYS_MAX);
        assert_eq!(standing.sum(Counted::Orders, first), 365);
        // Whatever was joined stands a week or two later than it was, never earlier.
        let half = first.plus_days(182);
        let counted = standing.sum(Counted::Orders, half);
        assert!((183..=183 + 14).contains(&counted), "{counted}");
        assert!(serde_json::to_string(&standing).unwrap().len() < 2_000);
        // Returns take each order out of the day it went into.
        for i in 0..365 {
            standing.recount(&order(i as u32 + 1, first.plus_days(i), 100), &Figures::default());
        }
        assert_eq!(standing.days, []);
    }
}
