//! Instants are UTC microseconds; calendar rules use the program's zone. Nothing here reads a clock.
//!
//! Invariant: every interval is half-open; *hours* are exact, days and longer are calendar steps from the
//! exact instant in the program's zone.

mod offsets;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use offsets::{DAY_SECONDS, Offsets};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// Instants outside 1900–2200 are refused at the door: calendar steps from inside never overflow.
pub const INSTANT_MIN: Instant = Instant(-2_208_988_800_000_000);
pub const INSTANT_MAX: Instant = Instant(7_258_118_400_000_000);

impl Instant {
    /// Reads RFC 3339 with an offset; `None` when malformed or outside 1900–2200.
    pub fn parse(text: &str) -> Option<Instant> {
        let instant = Instant(text.parse::<Timestamp>().ok()?.as_microsecond());
        (INSTANT_MIN..=INSTANT_MAX).contains(&instant).then_some(instant)
    }
    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        Instant(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

/// A length of time as a program writes it: `14 days`, `1 month`, `36 hours`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Minutes(i32),
    Hours(i32),
    Days(i32),
    Months(i32),
}

/// A century: longer waits or validities are a slip of the pen.
pub const PERIOD_MAX_DAYS: i32 = 36_525;

impl Period {
    /// Reads `<whole number> minutes|hours|days|weeks|months|years` (singular too); `None` for anything else.
    pub fn parse(text: &str) -> Option<Period> {
        let (number, unit) = text.trim().split_once(' ')?;
        let number: i32 = number.parse().ok().filter(|n| (0..=PERIOD_MAX_DAYS).contains(n))?;
        let (period, days) = match unit.trim() {
            "minute" | "minutes" => (Period::Minutes(number), number / 1440),
            "hour" | "hours" => (Period::Hours(number), number / 24),
            "day" | "days" => (Period::Days(number), number),
            "week" | "weeks" => (Period::Days(number.checked_mul(7)?), number.checked_mul(7)?),
            "month" | "months" => (Period::Months(number), number.checked_mul(31)?),
            "year" | "years" => (Period::Months(number.checked_mul(12)?), number.checked_mul(366)?),
            _ => return None,
        };
        (days <= PERIOD_MAX_DAYS + 366).then_some(period)
    }
    pub fn is_zero(self) -> bool {
        matches!(self, Period::Minutes(0) | Period::Hours(0) | Period::Days(0) | Period::Months(0))
    }
    /// A rough length in hours, for comparing two periods in warnings; months count 30 days.
    pub fn hours_about(self) -> i64 {
        match self {
            Period::Minutes(n) => i64::from(n) / 60,
            Period::Hours(n) => i64::from(n),
            Period::Days(n) => i64::from(n) * 24,
            Period::Months(n) => i64::from(n) * 720,
        }
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (n, unit) = match self {
            Period::Minutes(n) => (*n, "minute"),
            Period::Hours(n) => (*n, "hour"),
            Period::Days(n) => (*n, "day"),
            Period::Months(n) if n % 12 == 0 && *n > 0 => (n / 12, "year"),
            Period::Months(n) => (*n, "month"),
        };
        write!(f, "{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

/// Where a validity ends: at the first local midnight at or after its end, or at the very instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    #[default]
    EndOfDay,
    Exact,
}

/// A calendar day without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// 1 January 1970.
    pub const EPOCH: Day = Day(jiff::civil::date(1970, 1, 1));

    pub fn new(year: i16, month: i8, day: i8) -> Option<Day> {
        Date::new(year, month, day).ok().map(Day)
    }
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Day> {
        (text.len() == 10).then(|| text.parse().ok().map(Day)).flatten()
    }
    pub fn year(self) -> i16 {
        self.0.year()
    }
    /// The same day of another year; 29 February falls on 28 February in common years.
    pub fn in_year(self, year: i16) -> Option<Day> {
        Day::new(year, self.0.month(), self.0.day()).or_else(|| Day::new(year, self.0.month(), 28))
    }
    pub fn plus_days(self, days: i32) -> Day {
        Day(self.0.checked_add(days.days()).unwrap_or(self.0))
    }
    /// Days since 1 January 1970: how sums by day are kept.
    pub fn number(self) -> i32 {
        i32::try_from(Day::EPOCH.days_until(self)).unwrap_or_default()
    }
    pub fn of_number(number: i32) -> Day {
        Day::EPOCH.plus_days(number)
    }
    pub fn days_until(self, later: Day) -> i64 {
        offsets::days_of_date(later.0) - offsets::days_of_date(self.0)
    }
    /// Whole years, as birthdays count them.
    pub fn years_until(self, later: Day) -> i64 {
        let years = i64::from(later.year()) - i64::from(self.year());
        let passed = self.in_year(later.year()).is_some_and(|birthday| birthday <= later);
        years - i64::from(!passed)
    }
    pub fn month(self) -> i8 {
        self.0.month()
    }
    pub fn day(self) -> i8 {
        self.0.day()
    }
    /// 1 = Monday … 7 = Sunday.
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Day::parse(&text).ok_or_else(|| serde::de::Error::custom("not a day YYYY-MM-DD"))
    }
}

/// A time zone of the IANA database, from the table inside the binary.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    zone: TimeZone,
    offsets: Arc<Offsets>,
}

impl Zone {
    pub fn by_name(name: &str) -> Option<Zone> {
        TimeZone::get(name).ok().filter(|z| z.iana_name().is_some()).map(Zone::of)
    }
    pub fn utc() -> Zone {
        Zone::of(TimeZone::UTC)
    }
    fn of(zone: TimeZone) -> Zone {
        let offsets = Arc::new(Offsets::of(&zone));
        Zone { zone, offsets }
    }
    pub fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// `from` plus a period: hours exactly, days and months as calendar steps on the local clock.
    pub fn plus(&self, from: Instant, period: Period) -> Instant {
        let (days, time) = self.local_day(from);
        let days = match period {
            Period::Minutes(n) => return from.plus_seconds(i64::from(n) * 60),
            Period::Hours(n) => return from.plus_seconds(i64::from(n) * 3600),
            Period::Days(0) | Period::Months(0) => return from,
            Period::Days(n) => days + i64::from(n),
            Period::Months(n) => offsets::plus_months(days, i64::from(n)),
        };
        self.instant_of(days, time).min(INSTANT_MAX)
    }
    /// The local day, in days since 1970, and the microseconds of the wall clock since its midnight.
    fn local_day(&self, at: Instant) -> (i64, i64) {
        let (seconds, micros) = (at.0.div_euclid(1_000_000), at.0.rem_euclid(1_000_000));
        let local = self.offsets.local(seconds);
        (local.div_euclid(DAY_SECONDS), local.rem_euclid(DAY_SECONDS) * 1_000_000 + micros)
    }
    fn instant_of(&self, days: i64, time: i64) -> Instant {
        let utc = self.offsets.utc(days * DAY_SECONDS + time / 1_000_000);
        Instant(utc * 1_000_000 + time % 1_000_000)
    }

    /// The end of a validity that starts at `from`.
    pub fn end_of(&self, from: Instant, period: Period, ends: Ends) -> Instant {
        let exact = self.plus(from, period);
        match ends {
            Ends::Exact => exact,
            Ends::EndOfDay => self.midnight_at_or_after(exact),
        }
    }

    fn midnight_at_or_after(&self, at: Instant) -> Instant {
        let (days, _) = self.local_day(at);
        let start = self.instant_of(days, 0);
        if start == at { at } else { self.instant_of(days + 1, 0) }
    }
    /// The local day an instant falls on.
    pub fn day_of(&self, at: Instant) -> Day {
        let (year, month, day) = offsets::date_of(self.local_day(at).0);
        Day(Date::new(year as i16, month as i8, day as i8).unwrap_or_default())
    }
    /// Minutes since local midnight by the wall clock, 0–1439.
    pub fn minute_of_day(&self, at: Instant) -> i32 {
        (self.local_day(at).1 / 60_000_000) as i32
    }
    /// The instant as the local clock shows it, to the second: `2026-03-01T12:00:00+03:00`.
    pub fn text(&self, at: Instant) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
    /// The first instant of a local day.
    pub fn start_of(&self, day: Day) -> Instant {
        self.instant_of(offsets::days_of_date(day.0), 0)
    }
    /// The instant of a wall clock's minute on a local day; one that a clock skips is the first after it.
    pub fn at(&self, day: Day, minute: i32) -> Instant {
        self.instant_of(offsets::days_of_date(day.0), i64::from(minute) * 60_000_000)
    }
    /// Reads `YYYY-MM-DD` (local midnight), `YYYY-MM-DDTHH:MM[:SS]` (local) or RFC 3339 with an offset.
    pub fn parse_local(&self, text: &str) -> Option<Instant> {
        if let Some(day) = Day::parse(text) {
            return Some(self.start_of(day));
        }
        if let Some(instant) = Instant::parse(text) {
            return Some(instant);
        }
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let instant = Instant(local.to_zoned(self.zone.clone()).ok()?.timestamp().as_microsecond());
        (INSTANT_MIN..=INSTANT_MAX).contains(&instant).then_some(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn validity_ends_as_the_reference_says() {
        let moscow = Zone::by_name("Europe/Moscow").unwrap();
        let three = Period::Days(3);
        let midnight = at("2026-05-10T00:00:00+03:00");
        assert_eq!(moscow.end_of(midnight, three, Ends::EndOfDay), at("2026-05-13T00:00:00+03:00"));
        assert_eq!(moscow.end_of(midnight, three, Ends::Exact), at("2026-05-13T00:00:00+03:00"));
        let later = at("2026-05-10T00:05:00+03:00");
        assert_eq!(moscow.end_of(later, three, Ends::EndOfDay), at("2026-05-14T00:00:00+03:00"));
        assert_eq!(moscow.end_of(later, three, Ends::Exact), at("2026-05-13T00:05:00+03:00"));
    }

    #[test]
    fn an_instant_is_told_by_the_local_clock() {
        let berlin = Zone::by_name("Europe/Berlin").unwrap();
        assert_eq!(berlin.text(at("2026-03-29T00:59:59.5Z")), "2026-03-29T01:59:59+01:00");
        assert_eq!(berlin.text(at("2026-03-29T01:00:00Z")), "2026-03-29T03:00:00+02:00");
        assert_eq!(Zone::utc().text(at("2026-03-01T12:00:00+03:00")), "2026-03-01T09:00:00+00:00");
    }

    #[test]
    fn calendar_steps_follow_the_local_clock() {
        let utc = Zone::utc();
        assert_eq!(utc.plus(at("2026-01-31T10:00:00Z"), Period::Months(1)), at("2026-02-28T10:00:00Z"));
        assert_eq!(utc.plus(at("2028-01-31T10:00:00Z"), Period::Months(1)), at("2028-02-29T10:00:00Z"));
        let berlin = Zone::by_name("Europe/Berlin").unwrap();
        // The night of 29 March 2026 has 23 hours: a day later is the same wall clock, 24 hours is not.
        let before = at("2026-03-28T12:00:00+01:00");
        assert_eq!(berlin.plus(before, Period::Days(1)), at("2026-03-29T12:00:00+02:00"));
        assert_eq!(berlin.plus(before, Period::Hours(24)), at("2026-03-29T13:00:00+02:00"));
    }

    #[test]
    fn periods_are_read_and_written() {
        for (text, period) in [
            ("14 days", Some(Period::Days(14))),
            ("1 month", Some(Period::Months(1))),
            ("2 weeks", Some(Period::Days(14))),
            ("1 year", Some(Period::Months(12))),
            ("36 hours", Some(Period::Hours(36))),
            ("-1 days", None),
            ("1.5 days", None),
            ("days", None),
            ("99999 years", None),
        ] {
            assert_eq!(Period::parse(text), period, "{text}");
        }
        assert_eq!(Period::Months(12).to_string(), "1 year");
    }

    #[test]
    fn leap_birthdays_fall_on_the_28th() {
        let born = Day::parse("1996-02-29").unwrap();
        assert_eq!(born.in_year(2026), Day::parse("2026-02-28"));
        assert_eq!(born.in_year(2028), Day::parse("2028-02-29"));
    }
}
