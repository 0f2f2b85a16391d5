//! JSON text in one pass into one buffer.
//!
//! Invariant: the text is that of `serde_json`, byte for byte. An answer is hundreds of short texts and names
//! of fields, so what is done for each of them is all that writing costs: names are copied as they are, since
//! no field of ours needs an escape; a short text is looked at and copied as one block, and not byte by byte;
//! figures come as one. Every value is followed by its comma, and what closes takes the last one's place.

use kopilka_core::decimal::FIGURE;
use serde::ser::{self, Serialize};
use serde_json::Error;

/// The text of an answer; `room` is how long it will be, more or less.
pub fn text<T: Serialize>(answer: &T, room: usize) -> Result<Vec<u8>, Error> {
    let mut writer = Writer { out: Vec::with_capacity(room), is_figure: false };
    answer.serialize(&mut writer)?;
    writer.out.pop();
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    /// What is being written is a figure, which gives its bytes.
    is_figure: bool,
}

impl Writer {
    /// With its comma.
    fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.out.push(b',');
    }
    fn text(&mut self, text: &str) -> Result<(), Error> {
        let bytes = text.as_bytes();
        if bytes.len() <= BLOCK {
            let (block, is_special) = block_of(bytes);
            if !is_special {
                self.block(&block, bytes.len());
                return Ok(());
            }
        }
        if needs_escape(bytes) {
            serde_json::to_writer(&mut self.out, text)?;
            self.out.push(b',');
            return Ok(());
        }
        self.out.reserve(bytes.len() + 3);
        self.out.push(b'"');
        self.out.extend_from_slice(bytes);
        self.out.extend_from_slice(b"\",");
        Ok(())
    }
    /// The first bytes of the block as text.
    fn block(&mut self, block: &Block, length: usize) {
        self.out.reserve(BLOCK + 3);
        self.out.push(b'"');
        let at = self.out.len();
        // To copy a few bytes too many and leave them out again is one store: their number is known.
        self.out.extend_from_slice(block);
        self.out.truncate(at + length);
        self.out.extend_from_slice(b"\",");
    }
    /// `{"name":` before what a variant holds.
    fn variant(&mut self, name: &'static str) {
        self.out.extend_from_slice(b"{\"");
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
    fn many(&mut self, open: u8, close: u8) -> Many<'_> {
        self.out.push(open);
        Many { writer: self, close, of_variant: false }
    }
    fn end(&mut self, close: u8) {
        if self.out.last() == Some(&b',') {
            self.out.pop();
        }
        self.bytes(&[close]);
    }
    /// Numbers are few: figures travel as text.
    fn number<T: Serialize>(&mut self, number: T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, &number)?;
        self.out.push(b',');
        Ok(())
    }
}

/// Most texts of an answer are no longer.
const BLOCK: usize = 16;
type Block = [u8; BLOCK];

fn words(first: u64, last: u64) -> Block {
    let mut block = [0; BLOCK];
    block[..8].copy_from_slice(&first.to_le_bytes());
    block[8..].copy_from_slice(&last.to_le_bytes());
    block
}

/// Where there is a control character, a quote or a backslash among eight bytes: the lowest bit set is that
/// of the first one, and none is where there is none.
pub fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // With its second bit turned a quote is what a space was, and comes next after what controls.
    let quoted = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let escaped = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    (quoted | escaped) & !word & HIGH
}

/// At most [`BLOCK`] bytes with something behind them, and whether one of them needs an escape.
fn block_of(bytes: &[u8]) -> (Block, bool) {
    const SPACES: u64 = 0x2020_2020_2020_2020;
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        // The last eight bytes may have some of the first among them.
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        let known = 8 * (BLOCK - bytes.len()) as u32;
        return (words(first, last.unbounded_shr(known)), specials(first) | specials(last) != 0);
    }
    let bits = 8 * bytes.len();
    let word = match (bytes, bytes.first_chunk(), bytes.last_chunk()) {
        (_, Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << (bits - 32)
        }
        ([a, b, c], ..) => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
        ([a, b], ..) => u64::from(*a) | u64::from(*b) << 8,
        ([a], ..) => u64::from(*a),
        _ => 0,
    };
    let word = word | SPACES << bits;
    (words(word, SPACES), specials(word) != 0)
}

fn needs_escape(bytes: &[u8]) -> bool {
    let is_special = |word: &[u8; 8]| specials(u64::from_le_bytes(*word)) != 0;
    match bytes.last_chunk() {
        Some(last) => bytes.as_chunks().0.iter().any(is_special) || is_special(last),
        None => block_of(bytes).1,
    }
}

/// Names up to here are put together before they are copied.
const NAME_FEW: usize = 29;

/// Items or fields under way.
struct Many<'w> {
    writer: &'w mut Writer,
    close: u8,
    /// The variant around them is to be closed too.
    of_variant: bool,
}

impl Many<'_> {
    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.writer)
    }
    // In its caller the name's length is known, and copying it is a store or two.
    #[inline(always)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        let out = &mut self.writer.out;
        if name.len() > NAME_FEW {
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
        } else {
            let mut quoted = [b'"'; NAME_FEW + 3];
            quoted[1..name.len() + 1].copy_from_slice(name.as_bytes());
            quoted[name.len() + 2] = b':';
            out.extend_from_slice(&quoted[..name.len() + 3]);
        }
        value.serialize(&mut *self.writer)
    }
    fn close(self) -> Result<(), Error> {
        self.writer.end(self.close);
        if self.of_variant {
            self.writer.end(b'}');
        }
        Ok(())
    }
}

macro_rules! numbers {
    ($($name:ident: $kind:ty),*) => {
        $(fn $name(self, value: $kind) -> Result<(), Error> { self.number(value) })*
    };
}

impl<'w> ser::Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Many<'w>;
    type SerializeTuple = Many<'w>;
    type SerializeTupleStruct = Many<'w>;
    type SerializeTupleVariant = Many<'w>;
    type SerializeMap = Many<'w>;
    type SerializeStruct = Many<'w>;
    type SerializeStructVariant = Many<'w>;

    numbers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32, serialize_f64: f64);

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.bytes(if value { b"true" } else { b"false" });
        Ok(())
    }
    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.text(text)
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        self.collect_seq(bytes)
    }
    #[inline]
    fn serialize_u128(self, number: u128) -> Result<(), Error> {
        if !self.is_figure {
            return self.number(number);
        }
        self.block(&number.to_le_bytes(), BLOCK - number.leading_zeros() as usize / 8);
        Ok(())
    }
    fn serialize_i128(self, number: i128) -> Result<(), Error> {
        self.number(number)
    }
    /// A figure is asked for its text as a number.
    fn is_human_readable(&self) -> bool {
        !self.is_figure
    }
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Error> {
        self.bytes(b"null");
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Error> {
        self.text(name)
    }
    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.is_figure = name == FIGURE;
        let written = value.serialize(&mut *self);
        self.is_figure = false;
        written
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(name);
        value.serialize(&mut *self)?;
        self.end(b'}');
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Many<'w>, Error> {
        Ok(self.many(b'[', b']'))
    }
    fn serialize_tuple(self, _: usize) -> Result<Many<'w>, Error> {
        Ok(self.many(b'[', b']'))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Many<'w>, Error> {
        Ok(self.many(b'[', b']'))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Many<'w>, Error> {
        self.variant(name);
        Ok(Many { of_variant: true, ..self.many(b'[', b']') })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Many<'w>, Error> {
        Ok(self.many(b'{', b'}'))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Many<'w>, Error> {
        Ok(self.many(b'{', b'}'))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Many<'w>, Error> {
        self.variant(name);
        Ok(Many { of_variant: true, ..self.many(b'{', b'}') })
    }
}

macro_rules! items {
    ($($kind:ident: $put:ident),*) => {
        $(impl ser::$kind for Many<'_> {
            type Ok = ();
            type Error = Error;
            fn $put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> { self.item(value) }
            fn end(self) -> Result<(), Error> { self.close() }
        })*
    };
}
items!(SerializeSeq: serialize_element, SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field);

macro_rules! fields {
    ($($kind:ident),*) => {
        $(impl ser::$kind for Many<'_> {
            type Ok = ();
            type Error = Error;
            #[inline(always)]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(name, value)
            }
            fn end(self) -> Result<(), Error> { self.close() }
        })*
    };
}
fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Many<'_> {
    type Ok = ();
    type Error = Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let at = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        let out = &mut self.writer.out;
        out.pop();
        // A name is text, also where it is a number.
        if out.get(at) != Some(&b'"') {
            out.insert(at, b'"');
            out.push(b'"');
        }
        out.push(b':');
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.writer)
    }
    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use kopilka_core::decimal::Decimal;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    enum Kind {
        Plain,
        One(i64),
        Two(u8, char),
        Named { a: Option<bool>, b: Option<()> },
    }

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct Inner {
        numbers: (i8, u64, i64),
        by_number: BTreeMap<u32, f64>,
    }

    #[derive(Serialize)]
    struct All<'a> {
        texts: &'a [&'a str],
        kinds: Vec<Kind>,
        unit: Unit,
        nothing: Vec<u8>,
        no_fields: BTreeMap<String, u8>,
        by_name: BTreeMap<&'a str, Option<char>>,
        #[serde(flatten)]
        inner: Inner,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
        tree: serde_json::Value,
    }

    #[test]
    fn it_is_the_text_of_serde_json() {
        let texts = [
            "",
            "plain",
            "of-eight",
            "eight by\u{1}te",
            "and a \"quote",
            "\\ at first, then nothing",
            "\"",
            "a\\b",
            "\u{0}\u{1f}\n\t",
            "чек №1",
            "\u{7f}\u{2028}😀",
            "/",
        ];
        let all = All {
            texts: &texts,
            kinds: vec![
                Kind::Plain,
                Kind::One(-1),
                Kind::Two(7, '"'),
                Kind::Named { a: Some(true), b: Some(()) },
                Kind::Named { a: None, b: None },
            ],
            unit: Unit,
            nothing: Vec::new(),
            no_fields: BTreeMap::new(),
            by_name: [("\"", None), ("b", Some('я'))].into(),
            inner: Inner {
                numbers: (-128, u64::MAX, i64::MIN),
                by_number: [(1, 0.5), (2, f64::NAN), (3, 1e300)].into(),
            },
            left_out: None,
            tree: serde_json::json!({ "a": [1, -2, 3.5, null, true, "x\"y"], "b": {} }),
        };
        let wanted = serde_json::to_string(&all).unwrap();
        assert_eq!(String::from_utf8(super::text(&all, 0).unwrap()).unwrap(), wanted);
    }

    #[test]
    fn figures_are_written_as_serde_json_does() {
        for value in [0, 1, -1, 99, 1_500, 2_000, 12_345, 1_000_000_000_000_000, i64::MAX, i64::MIN] {
            let scaled = [0, 2, 3].map(|scale| Decimal::scaled(value, scale));
            let all = (scaled, Some(Decimal::trimmed(value, 3)), value.unsigned_abs(), u128::MAX, "after");
            let wanted = serde_json::to_string(&all).unwrap();
            assert_eq!(String::from_utf8(super::text(&all, 0).unwrap()).unwrap(), wanted);
        }
    }

    #[test]
    fn every_character_in_every_place_is_written_right() {
        let characters: Vec<char> = (0..0x80_u8).map(char::from).chain(['я', '\u{a2}', '😀']).collect();
        for length in 0..=20 {
            for at in 0..=length {
                for character in &characters {
                    let text = format!("{}{character}{}", "x".repeat(at), "y".repeat(length - at));
                    let wanted = serde_json::to_string(&text).unwrap();
                    assert_eq!(super::text(&text, 0).unwrap(), wanted.into_bytes(), "{text:?}");
                }
            }
        }
    }
}
