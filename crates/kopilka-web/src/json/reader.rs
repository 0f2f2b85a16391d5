//! Plain JSON read in one pass, its texts borrowed from the body.
//!
//! Invariant: what it reads is what `serde_json` reads. It knows the JSON that programs mostly write, texts
//! without escapes and whole numbers, and at anything else, a mistake too, it gives up: the body is then read
//! from its start by `serde_json`, which knows all of it and says what is wrong. A cart is a hundred short
//! texts and names, so what is done for each of them is all that reading costs.

use super::DEPTH_MAX;
use super::text::specials;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Display};

/// A value out of the whole text, if it is plain.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader).ok()?;
    reader.peek();
    (reader.at == text.len()).then_some(value)
}

/// Why is said by the second reading.
#[derive(Debug)]
struct GivenUp;

impl Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not read")
    }
}
impl std::error::Error for GivenUp {}
impl de::Error for GivenUp {
    fn custom<T: Display>(_: T) -> GivenUp {
        GivenUp
    }
}

struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// Of lists and objects around the place.
    depth: usize,
}

impl<'de> Reader<'de> {
    /// The next byte that is not white space; zero, which begins nothing, at the end.
    fn peek(&mut self) -> u8 {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                Some(byte) => return *byte,
                None => return 0,
            }
        }
    }
    fn skip(&mut self, byte: u8) -> Result<(), GivenUp> {
        if self.peek() != byte {
            return Err(GivenUp);
        }
        self.at += 1;
        Ok(())
    }
    fn word(&mut self, word: &str) -> Result<(), GivenUp> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(GivenUp);
        }
        self.at += word.len();
        Ok(())
    }
    fn text(&mut self) -> Result<&'de str, GivenUp> {
        self.skip(b'"')?;
        let bytes = &self.text.as_bytes()[self.at..];
        let length = plain_length(bytes);
        if bytes.get(length) != Some(&b'"') {
            return Err(GivenUp);
        }
        let text = self.text.get(self.at..self.at + length).ok_or(GivenUp)?;
        self.at += length + 1;
        Ok(text)
    }
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, GivenUp> {
        let rest = &self.text[self.at..];
        let is_part = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|b| !is_part(b)).unwrap_or(rest.len());
        let number = &rest[..length];
        self.at += length;
        let (negative, digits) = match number.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, number),
        };
        // A zero in front is a mistake, a negative zero a fraction.
        if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.starts_with('0') && number != "0" {
            return Err(GivenUp);
        }
        match negative {
            true => visitor.visit_i64(number.parse().map_err(|_| GivenUp)?),
            false => visitor.visit_u64(number.parse().map_err(|_| GivenUp)?),
        }
    }
    /// What stands between brackets, and nothing besides.
    fn inside<T>(
        &mut self,
        open: u8,
        read: impl FnOnce(&mut Inside<'_, 'de>) -> Result<T, GivenUp>,
    ) -> Result<T, GivenUp> {
        self.skip(open)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(GivenUp);
        }
        let mut inside = Inside { reader: self, close: open + 2, begun: false, ended: false };
        let value = read(&mut inside)?;
        // A pair asks for two items and not for the end.
        if !inside.ended && inside.advance()? {
            return Err(GivenUp);
        }
        self.depth -= 1;
        Ok(value)
    }
}

/// How many bytes there are before a quote, a backslash or a control character: eight at a time.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return i * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let found = rest.iter().position(|byte| *byte < b' ' || *byte == b'"' || *byte == b'\\');
    words.len() * 8 + found.unwrap_or(rest.len())
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = GivenUp;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        match self.peek() {
            b'"' => visitor.visit_borrowed_str(self.text()?),
            b'{' => self.inside(b'{', |fields| visitor.visit_map(fields)),
            b'[' => self.inside(b'[', |items| visitor.visit_seq(items)),
            b't' => self.word("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.word("false").and_then(|()| visitor.visit_bool(false)),
            b'n' => self.word("null").and_then(|()| visitor.visit_unit()),
            _ => self.number(visitor),
        }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        match self.peek() {
            b'n' => self.word("null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        visitor.visit_borrowed_str(self.text()?)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        self.deserialize_str(visitor)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        self.inside(b'[', |items| visitor.visit_seq(items))
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GivenUp> {
        self.inside(b'{', |fields| visitor.visit_map(fields))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GivenUp> {
        self.deserialize_map(visitor)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, GivenUp> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GivenUp> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?))
    }
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier ignored_any
    }
}

/// Items or fields under way.
struct Inside<'r, 'de> {
    reader: &'r mut Reader<'de>,
    close: u8,
    begun: bool,
    ended: bool,
}

impl Inside<'_, '_> {
    /// Goes to the next item or field, if there is one.
    fn advance(&mut self) -> Result<bool, GivenUp> {
        if self.reader.peek() == self.close {
            self.reader.at += 1;
            self.ended = true;
            return Ok(false);
        }
        if self.begun {
            self.reader.skip(b',')?;
        }
        self.begun = true;
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Inside<'_, 'de> {
    type Error = GivenUp;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, GivenUp> {
        match self.advance()? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Inside<'_, 'de> {
    type Error = GivenUp;
    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, GivenUp> {
        if !self.advance()? {
            return Ok(None);
        }
        let name = self.reader.text()?;
        self.reader.skip(b':')?;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, GivenUp> {
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        Other(i64),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Typed {
        text: String,
        kind: Option<Kind>,
        #[serde(default)]
        pairs: Vec<(u8, i64)>,
        by_number: Option<BTreeMap<u8, bool>>,
    }

    /// What both read is the same; answers whether the plain reader read it.
    fn agrees<T: for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(text: &str) -> bool {
        let plain = super::read::<T>(text);
        if let Some(value) = &plain {
            assert_eq!(Some(value), serde_json::from_str(text).ok().as_ref(), "{text}");
        }
        plain.is_some()
    }

    const SAMPLE: &str = "{ \"text\" : \"чек №1, twelve bytes and more\",\n\t\"kind\":\"plain\", \
        \"pairs\": [ [1,-20], [0 , 18446744073709551615],[255,0] ],\r\n\"by_number\":{\"7\":true, \
        \"8\":false}, \"kind\":null, \"x\":[{},[]] }";

    #[test]
    fn plain_json_is_read() {
        assert!(agrees::<Value>(SAMPLE));
        assert!(agrees::<Typed>("{\"text\":\"\",\"kind\":\"plain\",\"pairs\":[[1,2]]}"));
        for text in ["0", " [ ] ", "{}", "-7", "true", "null", "\"eight by\"", "[\"\u{7f}\u{2028}😀\"]"] {
            assert!(agrees::<Value>(text), "{text}");
        }
    }

    #[test]
    fn it_gives_up_where_it_does_not_know() {
        let unknown = [
            "",
            " ",
            "1.5",
            "1e3",
            "-0",
            "01",
            "-",
            "+1",
            "18446744073709551616",
            "\"\\n\"",
            "\"a",
            "\"a\u{1}\"",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            "{1:1}",
            "nul",
            "[1]]",
            "{} x",
            "\u{0}",
            "\u{feff}1",
        ];
        for text in unknown {
            assert!(!agrees::<Value>(text), "{text}");
        }
        assert!(!agrees::<Typed>("{\"text\":\"\",\"pairs\":[[1,2,3]]}"), "an item too many");
        assert!(!agrees::<Typed>("{\"text\":\"\",\"kind\":{\"other\":1}}"));
        assert!(!agrees::<Value>(&"[".repeat(super::DEPTH_MAX + 1)));
    }

    #[test]
    fn a_slip_in_any_place_is_no_other_value() {
        for at in (0..SAMPLE.len()).filter(|at| SAMPLE.is_char_boundary(*at)) {
            let (before, after) = SAMPLE.split_at(at);
            let shorter = after.char_indices().nth(1).map_or("", |(next, _)| &after[next..]);
            for slip in
                ["", "\"", "\\", ",", ":", "[", "]", "{", "}", "0", "-", ".", "e", " ", "\u{0}", "\n", "я"]
            {
                agrees::<Value>(&format!("{before}{slip}{after}"));
                agrees::<Value>(&format!("{before}{slip}{shorter}"));
                agrees::<Typed>(&format!("{before}{slip}{shorter}"));
            }
        }
    }
}
