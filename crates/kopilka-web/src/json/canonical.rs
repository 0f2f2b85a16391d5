//! A body without what does not matter: white space gone, the fields of every object sorted by name.
//!
//! Invariant: the text is that of the sorted JSON tree, byte for byte, since its hash stands in the
//! journals of years ago; of a field that comes twice the last one counts.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;
use std::borrow::Cow;
use std::fmt;

pub fn text(json: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let node: Node = serde_json::from_slice(json)?;
    let mut canonical = Vec::with_capacity(json.len());
    serde_json::to_writer(&mut canonical, &node)?;
    Ok(canonical)
}

/// JSON whose texts lie in the body, where they have no escapes.
enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text<'a>),
    List(Vec<Node<'a>>),
    /// Sorted, each name once.
    Fields(Vec<(Text<'a>, Node<'a>)>),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Text<'a>(Cow<'a, str>);

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Text(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Text(Cow::Owned(text.to_owned()))))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let mut fields: Vec<(Text, Node)> = Vec::new();
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        // Reversed, the last of a name comes first; the sort leaves equals as they lie, and the first stays.
        fields.reverse();
        fields.sort_by(|one, other| one.0.cmp(&other.0));
        fields.dedup_by(|later, first| later.0 == first.0);
        Ok(Node::Fields(fields))
    }
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node<'de>, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Number(number) => number.serialize(serializer),
            Node::Text(text) => text.serialize(serializer),
            Node::List(items) => serializer.collect_seq(items),
            Node::Fields(fields) => serializer.collect_map(fields.iter().map(|(name, node)| (name, node))),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_text_of_the_sorted_tree() {
        for json in [
            "null",
            " [ true , false, [] , {} ] ",
            r#"{"points": "-1", "reason":"bench","operator":"b","a":{"z":1,"y":[{"d":1,"c":2}]}}"#,
            r#"{"a":1,"b":2,"a":3,"c":{"x":1,"x":2},"a":null}"#,
            r#"{"\u0062":"\u043a\n\\\"\/","a":"\u007f\u0001é","":""}"#,
            "[0, -0, -1, 18446744073709551615, 18446744073709551616, 1.0, 1.50, 1e3, 1E-7, 123456789.123456789]",
        ] {
            let tree: serde_json::Value = serde_json::from_str(json).unwrap();
            let canonical = super::text(json.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(canonical).as_deref(), Ok(tree.to_string().as_str()), "{json}");
        }
        assert!(super::text(b"{").is_err());
    }
}
