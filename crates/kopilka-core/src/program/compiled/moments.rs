//! Moments of a member's own that no shop tells of: a schedule, a silence, a profile that is complete.
//!
//! Invariant: a moment from before its rule was published is never made up for; what was missed while the
//! server stood still is.

use crate::ShortText;
use crate::member::PersonFacts;
use crate::time::{Day, Instant, Zone};
use serde::{Deserialize, Serialize};

/// A moment that comes again and again, by the program's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Schedule {
    pub every: Every,
    /// Minutes since local midnight.
    pub minute: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Day,
    /// 1 = Monday … 7 = Sunday.
    Week(i8),
    /// A shorter month ends on its last day.
    Month(i8),
    /// Month and day; 29 February is the 28th in common years.
    Year(i8, i8),
}

impl Schedule {
    /// The first such moment after an instant.
    pub fn next_after(self, zone: &Zone, after: Instant) -> Option<Instant> {
        let today = zone.day_of(after);
        let at = |day: Day| zone.at(day, self.minute);
        let later =
            |days: &mut dyn Iterator<Item = Option<Day>>| days.flatten().map(at).find(|at| *at > after);
        match self.every {
            Every::Day => later(&mut (0..3).map(|n| Some(today.plus_days(n)))),
            Every::Week(on) => {
                let to_go = i32::from(on - today.weekday()).rem_euclid(7);
                later(&mut (0..3).map(|n| Some(today.plus_days(to_go + 7 * n))))
            }
            Every::Month(on) => {
                let months = (0..4).map(|n| {
                    let month = i32::from(today.month()) - 1 + n;
                    let (year, month) = (today.year() + (month / 12) as i16, (month % 12 + 1) as i8);
                    last_up_to(year, month, on)
                });
                later(&mut months.into_iter())
            }
            Every::Year(month, on) => {
                let years = today.year()..today.year() + 3;
                later(&mut years.map(|year| last_up_to(year, month, on)))
            }
        }
    }
}

/// The day of a month, or its last where it is shorter.
fn last_up_to(year: i16, month: i8, on: i8) -> Option<Day> {
    (28..=on).rev().chain([on]).find_map(|day| Day::new(year, month, day))
}

/// What must be known of a member before the profile is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileField {
    Name,
    Phone,
    Email,
    Card,
    BirthDate,
    Attribute(ShortText),
}

impl ProfileField {
    pub fn is_known(&self, person: &PersonFacts) -> bool {
        match self {
            ProfileField::Name => person.known.name,
            ProfileField::Phone => person.known.phone,
            ProfileField::Email => person.known.email,
            ProfileField::Card => person.known.card,
            ProfileField::BirthDate => person.birth_date.is_some(),
            ProfileField::Attribute(id) => person.attributes.get(id).is_some(),
        }
    }
}

/// Since when each moment of a program's rules has stood without a break.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moments {
    pub schedules: Vec<(Schedule, Instant)>,
    /// Days of silence.
    pub silences: Vec<(i32, Instant)>,
    /// Since when cards that nobody claims close.
    pub unclaimed_since: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_follow_the_local_calendar() {
        let zone = Zone::by_name("Europe/Berlin").unwrap();
        let at = |text: &str| zone.parse_local(text).unwrap();
        let next =
            |every, minute, after: &str| Schedule { every, minute }.next_after(&zone, at(after)).unwrap();
        assert_eq!(next(Every::Day, 600, "2026-03-01T09:59"), at("2026-03-01T10:00"));
        assert_eq!(next(Every::Day, 600, "2026-03-01T10:00"), at("2026-03-02T10:00"));
        // Half past two does not exist on this day: the clock goes from two to three.
        assert_eq!(next(Every::Day, 150, "2026-03-28T02:30"), at("2026-03-29T03:30"));
        assert_eq!(next(Every::Week(1), 0, "2026-03-02T00:00"), at("2026-03-09"));
        assert_eq!(next(Every::Week(7), 0, "2026-03-02T00:00"), at("2026-03-08"));
        assert_eq!(next(Every::Month(31), 0, "2026-01-31T00:00"), at("2026-02-28"));
        assert_eq!(next(Every::Month(1), 540, "2026-12-01T09:00"), at("2027-01-01T09:00"));
        assert_eq!(next(Every::Year(2, 29), 0, "2026-03-01"), at("2027-02-28"));
        assert_eq!(next(Every::Year(2, 29), 0, "2027-02-28T00:00"), at("2028-02-29"));
        assert_eq!(next(Every::Year(12, 31), 1439, "2026-12-31T23:58"), at("2026-12-31T23:59"));
    }
}
