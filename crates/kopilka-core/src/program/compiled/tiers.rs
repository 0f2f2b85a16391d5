//! Levels and achievements, compiled: what is counted over which window, and what a level brings.

use super::{Program, Text};
use crate::ShortText;
use crate::money::Rate;
use crate::standing::Counted;
use crate::time::{Day, Ends, Instant, Period, Zone};

/// The levels of a program.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiers {
    pub by: Counted,
    pub over: Over,
    pub for_order: ForOrder,
    pub down: Down,
    /// Ascending; the first begins at nothing.
    pub levels: Vec<Level>,
}

/// Which orders count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Today and the local days before it, this far back.
    Rolling(Period),
    Calendar(CalendarPeriod),
    ForEver,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarPeriod {
    Year,
    Quarter,
    Month,
}

/// The level that decides an order: what was counted before it, or with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForOrder {
    #[default]
    Before,
    Including,
}

/// When a level that was reached is judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Down {
    Never,
    /// So long after it was reached.
    After(Period),
    /// So long after the end of the calendar period it was reached in.
    AfterPeriod(Period),
}

/// One level.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    pub id: ShortText,
    pub name: Text,
    /// In the units of what is counted.
    pub from: i64,
    /// Percents of rules instead of their own.
    pub rates: Vec<(ShortText, Rate)>,
    /// Its automatic discount, which stands among the program's discounts as [`Level::discount_id`].
    pub discount: Option<Rate>,
}

impl Level {
    pub fn rate_of(&self, rule: &str) -> Option<Rate> {
        self.rates.iter().find(|(id, _)| id == rule).map(|(_, rate)| *rate)
    }
    /// What the level's discount is called on an order's lines.
    pub fn discount_id(&self) -> ShortText {
        format!("tier-{}", self.id).into()
    }
}

/// A counter over orders with a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Achievement {
    pub id: ShortText,
    pub name: Text,
    pub counts: Counted,
    /// The shop's own event that is counted, where one is.
    pub event: Option<ShortText>,
    /// Above zero, in the units of what is counted.
    pub goal: i64,
    /// Reached again at every further goal.
    pub repeat: bool,
}

impl Achievement {
    /// How often the goal has been reached with so much.
    pub fn times(&self, value: i64) -> u32 {
        let whole = value.max(0) / self.goal;
        let most = if self.repeat { i64::from(u32::MAX) } else { 1 };
        u32::try_from(whole.min(most)).unwrap_or(u32::MAX)
    }
}

impl CalendarPeriod {
    fn first_day(self, day: Day) -> Day {
        let month = match self {
            CalendarPeriod::Year => 1,
            CalendarPeriod::Quarter => (day.month() - 1) / 3 * 3 + 1,
            CalendarPeriod::Month => day.month(),
        };
        Day::new(day.year(), month, 1).unwrap_or(day)
    }
    /// The last day of the period a day lies in.
    pub fn last_day(self, day: Day) -> Day {
        let first = self.first_day(day);
        let (year, month) = match (self, first.month()) {
            (CalendarPeriod::Year, _) | (CalendarPeriod::Quarter, 10) | (CalendarPeriod::Month, 12) => {
                (first.year() + 1, 1)
            }
            (CalendarPeriod::Quarter, month) => (first.year(), month + 3),
            (CalendarPeriod::Month, month) => (first.year(), month + 1),
        };
        Day::new(year, month, 1).map_or(day, |next| next.plus_days(-1))
    }
    fn months(self) -> i32 {
        match self {
            CalendarPeriod::Year => 12,
            CalendarPeriod::Quarter => 3,
            CalendarPeriod::Month => 1,
        }
    }
}

impl Tiers {
    pub fn level(&self, id: &str) -> Option<&Level> {
        self.levels.iter().find(|l| l.id == id)
    }
    pub fn rank(&self, id: &str) -> Option<usize> {
        self.levels.iter().position(|l| l.id == id)
    }
    /// The day under which an order paid at an instant is counted.
    pub fn counted_on(&self, zone: &Zone, paid_at: Instant) -> Day {
        match self.over {
            Over::Rolling(_) => zone.day_of(paid_at),
            Over::Calendar(period) => period.first_day(zone.day_of(paid_at)),
            // All of it stands under one day.
            Over::ForEver => Day::EPOCH,
        }
    }
    /// The first day that counts at an instant.
    pub fn window_start(&self, zone: &Zone, now: Instant) -> Day {
        let today = zone.day_of(now);
        match self.over {
            Over::Rolling(Period::Months(n)) => {
                zone.day_of(zone.plus(zone.start_of(today), Period::Months(-n))).plus_days(1)
            }
            Over::Rolling(Period::Days(n)) => today.plus_days(1 - n),
            // The document takes no other periods here.
            Over::Rolling(Period::Hours(_) | Period::Minutes(_)) => today,
            Over::Calendar(period) => period.first_day(today),
            // All of it stands under one day.
            Over::ForEver => Day::EPOCH,
        }
    }
    /// When a level reached at an instant is judged again.
    pub fn held_until(&self, zone: &Zone, ends: Ends, reached: Instant) -> Option<Instant> {
        match (self.down, self.over) {
            (Down::Never, _) => None,
            (Down::After(hold), _) => Some(zone.end_of(reached, hold, ends)),
            (Down::AfterPeriod(grace), Over::Calendar(period)) => {
                let first = zone.start_of(period.first_day(zone.day_of(reached)));
                let end = zone.plus(first, Period::Months(period.months()));
                Some(zone.plus(end, grace))
            }
            (Down::AfterPeriod(_), _) => None,
        }
    }
}

impl Program {
    /// Whether paid orders count for anything but themselves.
    pub fn counts_orders(&self) -> bool {
        self.tiers.is_some() || !self.achievements.is_empty()
    }
    pub fn achievement(&self, id: &str) -> Option<&Achievement> {
        self.achievements.iter().find(|a| a.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers(over: Over, down: Down) -> Tiers {
        Tiers { by: Counted::Orders, over, for_order: ForOrder::Before, down, levels: Vec::new() }
    }

    #[test]
    fn windows_begin_and_holds_end_by_the_local_calendar() {
        let zone = Zone::by_name("Europe/Moscow").unwrap();
        let at = |text: &str| zone.parse_local(text).unwrap();
        let year = tiers(Over::Rolling(Period::Months(12)), Down::After(Period::Months(12)));
        let day = |text: &str| Day::parse(text).unwrap();
        assert_eq!(year.window_start(&zone, at("2027-01-10T09:00")), day("2026-01-11"));
        assert_eq!(year.window_start(&zone, at("2027-03-31")), day("2026-04-01"));
        assert_eq!(year.held_until(&zone, Ends::Exact, at("2026-01-10T14:00")), Some(at("2027-01-10T14:00")));
        assert_eq!(year.held_until(&zone, Ends::EndOfDay, at("2026-01-10T14:00")), Some(at("2027-01-11")));
        let month = tiers(Over::Rolling(Period::Days(30)), Down::Never);
        assert_eq!(month.window_start(&zone, at("2026-01-30T23:59")), day("2026-01-01"));
        assert_eq!(month.held_until(&zone, Ends::Exact, at("2026-01-30")), None);
        let quarter = tiers(Over::Calendar(CalendarPeriod::Quarter), Down::AfterPeriod(Period::Days(10)));
        assert_eq!(quarter.counted_on(&zone, at("2026-06-30T23:59")), day("2026-04-01"));
        assert_eq!(quarter.held_until(&zone, Ends::EndOfDay, at("2026-06-30T23:59")), Some(at("2026-07-11")));
        assert_eq!(tiers(Over::ForEver, Down::Never).window_start(&zone, at("2026-06-30")), Day::EPOCH);
    }
}
