//! How long points live.
//!
//! Invariant: an end is a function of the program, of when the points become available and of the birth date;
//! only orders move it afterwards (`decide/dates.rs`).

use super::{CalendarPeriod, Effect, Program};
use crate::time::{Day, Instant, Period};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    Never,
    For(Period),
    /// So long after the last paid order, or after they became available, whichever is later.
    AfterLastOrder(Period),
    /// To the end of this day.
    On(Day),
    /// To the end of the month, quarter or year in which the points become available.
    EndOf(CalendarPeriod),
    /// To the end of the next such day of a year: 8 March, 31 December.
    Yearly {
        month: i8,
        day: i8,
    },
    /// To the member's next birthday, the day itself included or not; as the program says where none is
    /// known.
    Birthday {
        included: bool,
    },
}

impl Validity {
    /// The period that every paid order begins anew, if that is how these points live.
    pub fn renewal(self, program: &Program, birth_date: Option<Day>) -> Option<Period> {
        match self {
            Validity::AfterLastOrder(period) => Some(period),
            Validity::Birthday { .. } if birth_date.is_none() => {
                program.expires.filter(|_| program.renewed_by_orders)
            }
            _ => None,
        }
    }
    /// When points end that become available at `active_at`; never sooner than the end of that day, but for a
    /// period that is shorter. `None`: never. Orders may put it off: see [`Validity::renewal`].
    pub fn end(self, program: &Program, active_at: Instant, birth_date: Option<Day>) -> Option<Instant> {
        let zone = &program.zone;
        let from = zone.day_of(active_at);
        let own = || Some(zone.end_of(active_at, program.expires?, program.ends));
        let next = |of_year: &dyn Fn(i16) -> Option<Day>, included: bool| {
            let fits = |day: &Day| *day > from || included && *day == from;
            (from.year()..from.year() + 3).filter_map(of_year).find(fits)
        };
        let last = match self {
            Validity::Never => return None,
            Validity::For(period) | Validity::AfterLastOrder(period) => {
                return Some(zone.end_of(active_at, period, program.ends));
            }
            Validity::On(day) => day,
            Validity::EndOf(period) => period.last_day(from),
            Validity::Yearly { month, day } => {
                next(&|year| Day::new(year, month, day).or_else(|| Day::new(year, month, 28)), true)?
            }
            Validity::Birthday { included } => {
                let Some(born) = birth_date else { return own() };
                let birthday = next(&|year| born.in_year(year), included)?;
                if included { birthday } else { birthday.plus_days(-1) }
            }
        };
        Some(zone.start_of(last.max(from).plus_days(1)))
    }
}

impl Program {
    /// Some points live from the last paid order.
    pub fn renews(&self) -> bool {
        let renewed = |effect: &Effect| match effect {
            Effect::Credit(credit) => matches!(credit.expires, Some(Validity::AfterLastOrder(_))),
            Effect::Multiply(_) | Effect::Grant(_) => false,
        };
        self.renewed_by_orders || self.rules.iter().flat_map(|rule| &rule.then).any(renewed)
    }
    /// The validity of credits that say none of their own.
    pub fn validity(&self) -> Option<Validity> {
        let period = self.expires?;
        Some(if self.renewed_by_orders { Validity::AfterLastOrder(period) } else { Validity::For(period) })
    }
}
