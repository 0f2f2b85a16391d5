//! The small types of bodies. Each refuses with a code of its own, which `json` puts a place to.

use kopilka_core::ShortText;
use kopilka_core::time::{Day, Instant};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Longer ids, names and codes than 200 characters are a slip of a program that pasted something else.
pub const TEXT_MAX: usize = 200;

/// A decimal number as text, `"1234.50"`. What it may be depends on where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, example = "1234.50", pattern = r"^[+-]?\d+(\.\d+)?$")]
pub struct DecimalText(pub ShortText);

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DecimalText, D::Error> {
        deserializer.deserialize_any(DecimalVisitor)
    }
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = DecimalText;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a decimal number as text")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<DecimalText, E> {
        Ok(DecimalText(text.into()))
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<DecimalText, E> {
        Err(E::custom("kopilka: decimal_as_number"))
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<DecimalText, E> {
        Err(E::custom("kopilka: decimal_as_number"))
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<DecimalText, E> {
        Err(E::custom("kopilka: decimal_as_number"))
    }
}

/// An id, a name or a code: 1 to [`TEXT_MAX`] characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 200)]
pub struct Word(pub String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_word(&text) { Ok(Word(text)) } else { Err(D::Error::custom("kopilka: invalid_text")) }
    }
}

fn is_word(text: &str) -> bool {
    // Most words are short and plain: one look at their bytes says so.
    let plain = text.len() <= TEXT_MAX && text.bytes().all(|b| (b' '..0x7f).contains(&b));
    let fits = || (1..=TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    !text.is_empty() && plain || fits()
}

impl Word {
    /// A word of an address, if it is one.
    pub fn checked(text: &str) -> Option<Word> {
        is_word(text).then(|| Word(text.to_owned()))
    }
}

/// A [`Word`] of a line: carts have dozens of them, mostly short ones, which lie in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineWord(pub ShortText);

impl<'de> Deserialize<'de> for LineWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LineWord, D::Error> {
        deserializer.deserialize_str(LineWordVisitor)
    }
}

struct LineWordVisitor;

impl Visitor<'_> for LineWordVisitor {
    type Value = LineWord;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<LineWord, E> {
        if is_word(text) { Ok(LineWord(text.into())) } else { Err(E::custom("kopilka: invalid_text")) }
    }
}

/// An instant in RFC 3339 with an offset, between the years 1900 and 2200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = "date-time", example = "2026-03-01T12:00:00+03:00")]
pub struct TimeText(pub Instant);

impl<'de> Deserialize<'de> for TimeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TimeText, D::Error> {
        let text = String::deserialize(deserializer)?;
        Instant::parse(&text).map(TimeText).ok_or_else(|| D::Error::custom("kopilka: invalid_time"))
    }
}
impl Serialize for TimeText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A calendar day, `2026-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = "date", example = "1990-05-10")]
pub struct DayText(pub Day);

impl<'de> Deserialize<'de> for DayText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DayText, D::Error> {
        let text = String::deserialize(deserializer)?;
        Day::parse(&text).map(DayText).ok_or_else(|| D::Error::custom("kopilka: invalid_date"))
    }
}
impl Serialize for DayText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
