//! JSON text in one pass into one buffer.
//!
//! Invariant: the text is that of `serde_json`, byte for byte. An answer is hundreds of short texts and names
//! of fields, so what is done for each of them is all that writing costs: names are copied as they are, since
//! no field of ours needs an escape, and a text is looked at once, not byte by byte through a table.

use serde::ser::{self, Serialize};
use serde_json::Error;

/// The text of an answer; `room` is how long it will be, more or less.
pub fn text<T: Serialize>(answer: &T, room: usize) -> Result<Vec<u8>, Error> {
    let mut writer = Writer { out: Vec::with_capacity(room) };
    answer.serialize(&mut writer)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
    fn text(&mut self, text: &str) -> Result<(), Error> {
        if needs_escape(text.as_bytes()) {
            return serde_json::to_writer(&mut self.out, text);
        }
        self.out.reserve(text.len() + 2);
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
        Ok(())
    }
    /// `{"name":` before what a variant holds.
    fn variant(&mut self, name: &'static str) -> Result<(), Error> {
        self.out.push(b'{');
        self.text(name)?;
        self.out.push(b':');
        Ok(())
    }
    fn many(&mut self, open: u8, close: &'static [u8]) -> Many<'_> {
        self.out.push(open);
        Many { writer: self, first: true, close }
    }
    /// Numbers are few: figures travel as text.
    fn number<T: Serialize>(&mut self, number: T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, &number)
    }
}

/// Eight bytes at a time: whether one is a control character, a quote or a backslash.
fn needs_escape(bytes: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let less_than = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word & HIGH;
    let is = |word: u64, byte: u8| less_than(word ^ (ONES * u64::from(byte)), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    let special = |word: u64| less_than(word, 0x20) | is(word, b'"') | is(word, b'\\');
    words.iter().any(|word| special(u64::from_le_bytes(*word)) != 0)
        || rest.iter().any(|byte| *byte < b' ' || *byte == b'"' || *byte == b'\\')
}

/// Items or fields under way.
struct Many<'w> {
    writer: &'w mut Writer,
    first: bool,
    close: &'static [u8],
}

impl Many<'_> {
    fn comma(&mut self) {
        if !self.first {
            self.writer.out.push(b',');
        }
        self.first = false;
    }
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(&mut *self.writer)
    }
    // In its caller the name's length is known, and copying it is a store or two.
    #[inline(always)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        let out = &mut self.writer.out;
        out.reserve(name.len() + 4);
        out.extend_from_slice(if self.first { b"\"" } else { b",\"" });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        self.first = false;
        value.serialize(&mut *self.writer)
    }
    fn close(self) -> Result<(), Error> {
        self.writer.bytes(self.close);
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
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(name)?;
        value.serialize(&mut *self)?;
        self.bytes(b"}");
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Many<'w>, Error> {
        Ok(self.many(b'[', b"]"))
    }
    fn serialize_tuple(self, _: usize) -> Result<Many<'w>, Error> {
        Ok(self.many(b'[', b"]"))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Many<'w>, Error> {
        Ok(self.many(b'[', b"]"))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Many<'w>, Error> {
        self.variant(name)?;
        Ok(self.many(b'[', b"]}"))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Many<'w>, Error> {
        Ok(self.many(b'{', b"}"))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Many<'w>, Error> {
        Ok(self.many(b'{', b"}"))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Many<'w>, Error> {
        self.variant(name)?;
        Ok(self.many(b'{', b"}}"))
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
        self.comma();
        let at = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        // A name is text, also where it is a number.
        if self.writer.out.get(at) != Some(&b'"') {
            self.writer.out.insert(at, b'"');
            self.writer.out.push(b'"');
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.writer.out.push(b':');
        value.serialize(&mut *self.writer)
    }
    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
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
}
