//! Numbers and times of a log, read from bytes.
//!
//! Invariant: nothing is rounded and nothing is guessed; what is no number or no time is an error.

use kopilka_core::time::{Day, INSTANT_MAX, INSTANT_MIN, Instant, Zone};

/// Prices are kept in millionths: finer than any currency's minor unit, and a price of a million still fits.
pub(crate) const PRICE_DECIMALS: u32 = 6;
/// As in the engine: thousandths of a piece.
pub(crate) const QUANTITY_DECIMALS: u32 = 3;

/// As many digits never leave 63 bits.
const SAFE_DIGITS: usize = 18;

/// `text × 10^decimals`. An optional sign, digits, an optional point with digits; spaces around are allowed.
pub(crate) fn decimal(text: &[u8], decimals: u32) -> Result<i64, &'static str> {
    let text = text.trim_ascii();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value: i64 = 0;
    let mut missing = decimals;
    let mut in_fraction = false;
    let mut seen = false;
    for &byte in digits {
        match byte {
            b'0'..=b'9' if in_fraction && missing == 0 => {
                if byte != b'0' {
                    return Err("has too many decimals");
                }
            }
            b'0'..=b'9' => {
                seen = true;
                missing -= u32::from(in_fraction);
                let digit = i64::from(byte - b'0');
                value = if digits.len() <= SAFE_DIGITS {
                    value * 10 + digit
                } else {
                    value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or("is out of range")?
                };
            }
            b'.' if !in_fraction && seen => in_fraction = true,
            _ => return Err("is not a number"),
        }
    }
    if !seen || digits.last() == Some(&b'.') {
        return Err("is not a number");
    }
    let value = value.checked_mul(10_i64.pow(missing)).ok_or("is out of range")?;
    Ok(if negative { -value } else { value })
}

/// Local times of one zone as instants. Times of one day mostly follow each other, so its start is kept.
#[derive(Debug)]
pub(crate) struct Clock {
    zone: Zone,
    /// Minutes after midnight for days without a time of day.
    minute_of_day: i64,
    digits_of_day: [u8; 10],
    day_start: Instant,
    /// The clock is not put forward or back on this day.
    even: bool,
    /// A day without a time of day was read.
    pub met_days: bool,
}

const DAY_MICROS: i64 = 86_400_000_000;

impl Clock {
    pub fn new(zone: Zone, minute_of_day: i64) -> Clock {
        Clock {
            zone,
            minute_of_day,
            digits_of_day: [0; 10],
            day_start: Instant(0),
            even: false,
            met_days: false,
        }
    }

    /// Reads `YYYY-MM-DD`, or that with `T` or a space and `HH:MM[:SS[.ffffff]]`, local or with an offset.
    pub fn instant(&mut self, text: &[u8]) -> Result<Instant, &'static str> {
        const WRONG: &str = "is not a time (YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS)";
        let text = text.trim_ascii();
        let (Some(day), rest) = (text.first_chunk::<10>(), text.get(10..).unwrap_or_default()) else {
            return Err(WRONG);
        };
        if *day != self.digits_of_day {
            self.start_day(day).ok_or(WRONG)?;
        }
        let seconds = match rest {
            [] => {
                self.met_days = true;
                Some(self.minute_of_day * 60)
            }
            [b'T' | b' ', time @ ..] => seconds_of_day(time),
            _ => return Err(WRONG),
        };
        let instant = match seconds {
            Some(seconds) if self.even => Instant(self.day_start.0 + seconds * 1_000_000),
            _ => self.slow(text).ok_or(WRONG)?,
        };
        if instant < INSTANT_MIN || instant > INSTANT_MAX {
            return Err("is outside 1900 to 2200");
        }
        Ok(instant)
    }

    fn start_day(&mut self, digits: &[u8; 10]) -> Option<()> {
        let day = Day::parse(std::str::from_utf8(digits).ok()?)?;
        self.day_start = self.zone.start_of(day);
        self.even = self.zone.start_of(day.plus_days(1)).0 - self.day_start.0 == DAY_MICROS;
        self.digits_of_day = *digits;
        Some(())
    }

    fn slow(&self, text: &[u8]) -> Option<Instant> {
        let mut text = std::str::from_utf8(text).ok()?.replacen(' ', "T", 1);
        if text.len() == 10 {
            text = format!("{text}T{:02}:{:02}", self.minute_of_day / 60, self.minute_of_day % 60);
        }
        self.zone.parse_local(&text)
    }
}

/// Seconds of `HH:MM` or `HH:MM:SS`; `None` for all that needs the calendar library.
fn seconds_of_day(time: &[u8]) -> Option<i64> {
    let two = |at: usize| {
        let (tens, ones) = (time[at].wrapping_sub(b'0'), time[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
    };
    if !matches!(time.len(), 5 | 8) || time[2] != b':' || (time.len() == 8 && time[5] != b':') {
        return None;
    }
    let (hour, minute) = (two(0)?, two(3)?);
    let second = if time.len() == 8 { two(6)? } else { 0 };
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_refused() {
        let cases: &[(&str, Result<i64, &str>)] = &[
            ("2.55", Ok(2_550_000)),
            ("-11062.06", Ok(-11_062_060_000)),
            ("0.001", Ok(1_000)),
            (" 7 ", Ok(7_000_000)),
            ("1.2000000", Ok(1_200_000)),
            ("1.2000001", Err("has too many decimals")),
            ("", Err("is not a number")),
            ("1.", Err("is not a number")),
            (".5", Err("is not a number")),
            ("1,5", Err("is not a number")),
            ("1e5", Err("is not a number")),
            ("99999999999999999999", Err("is out of range")),
            ("9999999999999", Err("is out of range")),
        ];
        for (text, expected) in cases {
            assert_eq!(decimal(text.as_bytes(), PRICE_DECIMALS), *expected, "{text}");
        }
    }

    #[test]
    fn local_times_become_instants_also_when_the_clock_is_changed() {
        let london = Zone::by_name("Europe/London").unwrap();
        let mut clock = Clock::new(london, 12 * 60);
        let mut at = |text: &str| clock.instant(text.as_bytes()).map(|i| i.to_string());
        assert_eq!(at("2010-12-01T08:26:00"), Ok("2010-12-01T08:26:00Z".into()));
        assert_eq!(at("2011-07-01 08:26"), Ok("2011-07-01T07:26:00Z".into()));
        assert_eq!(at("2011-03-27T12:00:00"), Ok("2011-03-27T11:00:00Z".into()), "the day of the change");
        assert_eq!(at("2011-07-01"), Ok("2011-07-01T11:00:00Z".into()));
        assert_eq!(at("2011-07-01T10:00:00+03:00"), Ok("2011-07-01T07:00:00Z".into()));
        for wrong in ["", "2011-02-30", "2011-07-01T25:00:00", "01.07.2011", "2011-07-01T1", "1800-01-01"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
