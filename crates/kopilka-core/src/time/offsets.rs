//! A zone's offsets as a table: a calendar step costs two look-ups instead of a walk through its rules.
//!
//! Invariant: the answers are those of the calendar library, which the tests ask about many zones: a local
//! time that does not exist moves on by what the clock was put forward; one that exists twice is the earlier.

use super::{INSTANT_MAX, INSTANT_MIN};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(super) const DAY_SECONDS: i64 = 86_400;

#[derive(Debug, PartialEq)]
struct Change {
    /// Seconds since 1970 in UTC from which `after` holds.
    at: i64,
    /// Local seconds up to which a local time still has the offset before.
    local_end: i64,
    after: i64,
}

/// The offsets between 1900 and 2200, in seconds east of UTC.
#[derive(Debug, PartialEq)]
pub(super) struct Offsets {
    first: i64,
    changes: Vec<Change>,
}

impl Offsets {
    pub fn of(zone: &TimeZone) -> Offsets {
        let moment = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
        let start = moment(INSTANT_MIN.0);
        let first = i64::from(zone.to_offset(start).seconds());
        let mut before = first;
        let changes = zone
            .following(start)
            .take_while(|change| change.timestamp() <= moment(INSTANT_MAX.0))
            .map(|change| {
                let (at, after) = (change.timestamp().as_second(), i64::from(change.offset().seconds()));
                let local_end = at + before.max(after);
                before = after;
                Change { at, local_end, after }
            })
            .collect();
        Offsets { first, changes }
    }
    fn after(&self, passed: usize) -> i64 {
        if passed == 0 { self.first } else { self.changes[passed - 1].after }
    }
    /// Local seconds since 1970-01-01T00:00 on the wall clock.
    pub fn local(&self, utc: i64) -> i64 {
        utc + self.after(self.changes.partition_point(|change| change.at <= utc))
    }
    /// The first moment a wall clock shows the local seconds, or would have.
    pub fn utc(&self, local: i64) -> i64 {
        local - self.after(self.changes.partition_point(|change| change.local_end <= local))
    }
}

/// Days since 1970-01-01 of the proleptic Gregorian calendar (Howard Hinnant's algorithm).
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of days since 1970-01-01.
pub(super) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = month_from_march + if month_from_march < 10 { 3 } else { -9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `days` plus calendar months; a day the month does not have is its last.
pub(super) fn plus_months(days: i64, months: i64) -> i64 {
    let (year, month, day) = date_of(days);
    let month = year * 12 + month - 1 + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let next = if month == 12 { days_of(year + 1, 1, 1) } else { days_of(year, month + 1, 1) };
    let first = days_of(year, month, 1);
    first + day.min(next - first) - 1
}

pub(super) fn days_of_date(date: Date) -> i64 {
    days_of(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Span, ToSpan};

    /// Instants around every change of a zone's clock, and some elsewhere.
    fn moments(zone: &TimeZone) -> Vec<i64> {
        let mut moments = vec![-1_500_000_000, 0, 1_700_000_000, 4_000_000_000];
        let start = Timestamp::from_second(-2_000_000_000).unwrap();
        for change in zone.following(start).take(400) {
            let at = change.timestamp().as_second();
            moments.extend([-DAY_SECONDS, -3_601, -1, 0, 1, 1_800, 3_600, 7_200].map(|d| at + d));
        }
        moments
    }

    #[test]
    fn every_zone_answers_as_the_calendar_library() {
        let names = jiff::tz::db().available().map(|name| name.to_string()).collect::<Vec<_>>();
        assert!(names.len() > 300);
        for name in names.iter().step_by(7).chain(names.iter().filter(|n| n.starts_with("Europe/M"))) {
            let zone = TimeZone::get(name).unwrap();
            let offsets = Offsets::of(&zone);
            for moment in moments(&zone) {
                let zoned = Timestamp::from_second(moment).unwrap().to_zoned(zone.clone());
                let civil = zoned.datetime().to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
                assert_eq!(offsets.local(moment), civil, "{name} {moment}");
                // The wall clock a day later, and what it says back.
                let span: Span = 1.day();
                let later = zoned.checked_add(span).unwrap().timestamp().as_second();
                assert_eq!(offsets.utc(civil + DAY_SECONDS), later, "{name} {moment}");
            }
        }
    }

    #[test]
    fn dates_and_months_are_those_of_the_calendar_library() {
        for days in (-25_567..84_000).step_by(13) {
            let (year, month, day) = date_of(days);
            let date = Date::new(year as i16, month as i8, day as i8).unwrap();
            assert_eq!(days_of_date(date), days);
            for months in [1, 2, 12, 25] {
                let later = date.checked_add(months.months()).unwrap();
                assert_eq!(plus_months(days, months), days_of_date(later), "{date} + {months}");
            }
        }
    }
}
