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
    /// The text of an amount or of whole pieces as its bytes, the first one lowest, where they are few.
    fn packed(self) -> Option<u128> {
        let (number, decimals) = match self {
            Decimal { value, scale: 2, trimmed: false } => (value, true),
            Decimal { value, scale: 3, trimmed: true } if value % 1000 == 0 => (value / 1000, false),
            _ => return None,
        };
        // Half of an answer's figures are nothing: no tax, no discount, no points.
        match (number, decimals) {
            (0, true) => return Some(u128::from(u32::from_le_bytes(*b"0.00"))),
            (0, false) => return Some(u128::from(b'0')),
            _ => {}
        }
        if !(0..PACKED_END).contains(&number) {
            return None;
        }
        let pair = |number: u64| u128::from(u16::from_le_bytes(PAIRS[(number % 100) as usize]));
        let (mut packed, mut rest) = (0, number as u64);
        if decimals {
            packed = u128::from(b'.') | pair(rest) << 8;
            rest /= 100;
        }
        while rest >= 100 {
            packed = packed << 16 | pair(rest);
            rest /= 100;
        }
        Some(match rest {
            0..10 => packed << 8 | u128::from(b'0' + rest as u8),
            _ => packed << 16 | pair(rest),
        })
    }
    /// The text, whose bytes are digits, a sign and a point.
    fn bytes(self, room: &mut [u8; WRITTEN_MAX]) -> &[u8] {
        // Whole pieces are the rule, and their zeros need not be written first.
        if self.trimmed && self.scale == 3 && self.value % 1000 == 0 {
            return written(room, self.value / 1000, 0);
        }
        let mut text = written(room, self.value, self.scale);
        if self.trimmed && self.scale > 0 {
            while let [shorter @ .., b'0'] = text {
                text = shorter;
            }
            if let [shorter @ .., b'.'] = text {
                text = shorter;
            }
        }
        text
    }
    fn text(self, room: &mut [u8; WRITTEN_MAX]) -> &str {
        std::str::from_utf8(self.bytes(room)).unwrap_or_default()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; WRITTEN_MAX]))
    }
}

/// The name that a serializer hears before a figure. One that knows it says that what it writes now is not
/// for people, and is given the text as a number: its bytes, the first one lowest, and zeros behind them.
pub const FIGURE: &str = "Figure";

impl Serialize for Decimal {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(FIGURE, &Figure(*self))
    }
}

struct Figure(Decimal);

impl Serialize for Figure {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.packed().filter(|_| !serializer.is_human_readable()) {
            Some(packed) => serializer.serialize_u128(packed),
            None => serializer.serialize_str(self.0.text(&mut [0; WRITTEN_MAX])),
        }
    }
}

/// Nineteen digits, a point, a sign, and zeros before the first digit where the scale is larger.
const WRITTEN_MAX: usize = 48;

/// From here on a number and its point might have more than sixteen bytes.
const PACKED_END: i64 = 1_000_000_000_000_000;

/// The digits of 0 to 99: a division brings two of them.
const PAIRS: [[u8; 2]; 100] = {
    let (mut pairs, mut number) = ([[0; 2]; 100], 0);
    while number < 100 {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};

/// The number from its last digits to the first.
fn written(digits: &mut [u8; WRITTEN_MAX], value: i64, scale: u32) -> &[u8] {
    let (mut at, mut rest) = (digits.len(), value.unsigned_abs());
    let mut put = |bytes: &[u8]| {
        at -= bytes.len();
        digits[at..at + bytes.len()].copy_from_slice(bytes);
    };
    let pair = |number: u64| &PAIRS[(number % 100) as usize];
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
    put(if rest < 10 { &pair(rest)[1..] } else { &pair(rest)[..] });
    if value < 0 {
        put(b"-");
    }
    &digits[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_the_text() {
        let numbers =
            (0..1_100).chain([9_999, 10_000, 123_456, 99_999_999, PACKED_END - 1, PACKED_END, i64::MAX]);
        for number in numbers.flat_map(|n| [n, -n]).chain([i64::MIN]) {
            for figure in
                [Decimal::scaled(number, 2), Decimal::trimmed(number, 3), Decimal::scaled(number, 0)]
            {
                let Some(packed) = figure.packed() else { continue };
                let bytes = packed.to_le_bytes();
                let length = 16 - packed.leading_zeros() as usize / 8;
                assert_eq!(std::str::from_utf8(&bytes[..length]), Ok(figure.to_string().as_str()));
            }
            assert_eq!(Decimal::scaled(number, 2).packed().is_some(), (0..PACKED_END).contains(&number));
        }
    }

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
