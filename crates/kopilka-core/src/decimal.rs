//! Decimal texts to scaled integers and back. Nothing is ever rounded here: a text with more digits
//! than the scale has is refused, because a silently dropped digit is a lost kopeck.

use serde::{Serialize, Serializer};
use std::fmt;

/// Why a decimal text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    #[error("not a decimal number")]
    Malformed,
    #[error("more than {allowed} decimals")]
    TooManyDecimals { allowed: u32 },
    #[error("out of range")]
    OutOfRange,
}

/// The integer `text × 10^scale`. Accepts an optional sign, digits, an optional point with digits;
/// no exponent, no spaces, no thousands separators. Trailing zeros beyond the scale are accepted.
pub fn parse_scaled(text: &str, scale: u32) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value: i64 = 0;
    let mut decimals: Option<u32> = None;
    let mut seen_digit = false;
    for &byte in digits {
        match byte {
            b'.' if decimals.is_none() && seen_digit => decimals = Some(0),
            b'0'..=b'9' => {
                seen_digit = true;
                if let Some(count) = decimals.as_mut() {
                    if *count == scale {
                        if byte != b'0' {
                            return Err(DecimalError::TooManyDecimals { allowed: scale });
                        }
                        continue;
                    }
                    *count += 1;
                }
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(i64::from(byte - b'0')))
                    .ok_or(DecimalError::OutOfRange)?;
            }
            _ => return Err(DecimalError::Malformed),
        }
    }
    if !seen_digit || digits.last() == Some(&b'.') {
        return Err(DecimalError::Malformed);
    }
    let missing = scale - decimals.unwrap_or(0);
    let value = 10_i64
        .checked_pow(missing)
        .and_then(|power| value.checked_mul(power))
        .ok_or(DecimalError::OutOfRange)?;
    Ok(if negative { -value } else { value })
}

/// The shortest exact text with exactly `scale` decimals: `format_scaled(123450, 2) == "1234.50"`.
pub fn format_scaled(value: i64, scale: u32) -> String {
    Decimal::scaled(value, scale).to_string()
}

/// Like [`format_scaled`] without trailing zeros: for quantities and rates, where `1.000` reads badly.
pub fn format_trimmed(value: i64, scale: u32) -> String {
    Decimal::trimmed(value, scale).to_string()
}

/// A figure that becomes text only where it is written: an answer has hundreds of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    value: i64,
    scale: u32,
    trimmed: bool,
}

impl Decimal {
    /// With exactly `scale` decimals.
    pub fn scaled(value: i64, scale: u32) -> Decimal {
        Decimal { value, scale, trimmed: false }
    }
    /// With at most `scale` decimals, without zeros at the end.
    pub fn trimmed(value: i64, scale: u32) -> Decimal {
        Decimal { value, scale, trimmed: true }
    }
    fn text(self, digits: &mut [u8; WRITTEN_MAX]) -> &str {
        // Whole pieces are the rule, and their zeros need not be written first.
        if self.trimmed && self.scale == 3 && self.value % 1000 == 0 {
            return written(digits, self.value / 1000, 0);
        }
        let text = written(digits, self.value, self.scale);
        if !self.trimmed || self.scale == 0 {
            return text;
        }
        text.trim_end_matches('0').trim_end_matches('.')
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; WRITTEN_MAX]))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; WRITTEN_MAX]))
    }
}

/// Nineteen digits, a point, a sign, and zeros before the first digit where the scale is larger.
const WRITTEN_MAX: usize = 48;

/// The digits of 0 to 99: a division brings two of them.
const PAIRS: &[u8; 200] = b"\
    00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051\
    525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// The number from its last digits to the first.
fn written(digits: &mut [u8; WRITTEN_MAX], value: i64, scale: u32) -> &str {
    // Half of an answer's figures are nothing: no tax, no discount, no points.
    match (value, scale) {
        (0, 0) => return "0",
        (0, 2) => return "0.00",
        _ => {}
    }
    let (mut at, mut rest) = (digits.len(), value.unsigned_abs());
    let mut put = |bytes: &[u8]| {
        at -= bytes.len();
        digits[at..at + bytes.len()].copy_from_slice(bytes);
    };
    let pair = |number: u64| {
        let from = (number % 100) as usize * 2;
        &PAIRS[from..from + 2]
    };
    for _ in 0..scale / 2 {
        put(pair(rest));
        rest /= 100;
    }
    if scale % 2 == 1 {
        put(&pair(rest)[1..]);
        rest /= 10;
    }
    if scale > 0 {
        put(b".");
    }
    while rest >= 100 {
        put(pair(rest));
        rest /= 100;
    }
    put(if rest < 10 { &pair(rest)[1..] } else { pair(rest) });
    if value < 0 {
        put(b"-");
    }
    std::str::from_utf8(&digits[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_scaled_integers_or_are_refused() {
        let cases: &[(&str, u32, Result<i64, DecimalError>)] = &[
            ("1234.50", 2, Ok(123_450)),
            ("-0.01", 2, Ok(-1)),
            ("7", 0, Ok(7)),
            ("7.000", 2, Ok(700)),
            ("7.005", 2, Err(DecimalError::TooManyDecimals { allowed: 2 })),
            ("", 2, Err(DecimalError::Malformed)),
            (".5", 2, Err(DecimalError::Malformed)),
            ("5.", 2, Err(DecimalError::Malformed)),
            ("1e3", 2, Err(DecimalError::Malformed)),
            ("1 000", 2, Err(DecimalError::Malformed)),
            ("1,5", 2, Err(DecimalError::Malformed)),
            ("--1", 2, Err(DecimalError::Malformed)),
            ("99999999999999999999", 2, Err(DecimalError::OutOfRange)),
        ];
        for (text, scale, expected) in cases {
            assert_eq!(parse_scaled(text, *scale), *expected, "{text}");
        }
        assert_eq!(format_scaled(-5, 2), "-0.05");
        assert_eq!(format_scaled(123_450, 2), "1234.50");
        assert_eq!(format_trimmed(1500, 3), "1.5");
        assert_eq!(format_trimmed(2000, 3), "2");
    }

    #[test]
    fn numbers_are_written_with_all_their_digits() {
        let written = |v, scale| format_scaled(v, scale);
        assert_eq!(
            [0, 5, -5, 100, -12_345].map(|v| written(v, 2)),
            ["0.00", "0.05", "-0.05", "1.00", "-123.45"]
        );
        assert_eq!([0, 7, -70].map(|v| written(v, 0)), ["0", "7", "-70"]);
        assert_eq!(written(i64::MIN, 3), "-9223372036854775.808");
        assert_eq!(written(1, 20), "0.00000000000000000001");
        assert_eq!([1_500, 1_000, 0].map(|v| format_trimmed(v, 3)), ["1.5", "1", "0"]);
        assert_eq!([-12_000, 12_340, 1].map(|v| format_trimmed(v, 3)), ["-12", "12.34", "0.001"]);
        for value in (0..1_000).chain([9_999, 10_000, 99_999, 100_000, i64::MAX]) {
            assert_eq!(written(value, 0), value.to_string());
            assert_eq!(
                written(-value, 3),
                format!("{}{}.{:03}", if value > 0 { "-" } else { "" }, value / 1000, value % 1000)
            );
        }
    }
}
