//! Attributes: what a shop tells of its members in words of its own, each declared by the program.
//!
//! Invariant: a value counts only where its kind is the declared one. A value left from before a declaration
//! changed, or one that was never told, fulfils no condition.

use crate::ShortText;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Declarations of one program; more belong into the shop's own customer database.
pub const ATTRIBUTES_MAX: usize = 50;
/// Characters of a text: it names something and tells no story.
pub const ATTRIBUTE_TEXT_MAX: usize = 100;
/// Counts and ratings lie far below; larger numbers are ids, and those are texts.
pub const ATTRIBUTE_NUMBER_MAX: i64 = 1_000_000_000;

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub id: ShortText,
    pub kind: AttributeKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeKind {
    /// One of these texts; any when the list is empty.
    Text(Vec<String>),
    /// A whole number from 0 to [`ATTRIBUTE_NUMBER_MAX`].
    Number,
    YesNo,
}

/// What was told of one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    YesNo(bool),
    Number(i64),
    Text(ShortText),
}

/// Values by the attributes' ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub BTreeMap<ShortText, AttributeValue>);

impl Attributes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn get(&self, id: &str) -> Option<&AttributeValue> {
        self.0.get(id)
    }
}

impl AttributeKind {
    /// Whether the declaration admits this value.
    pub fn admits(&self, value: &AttributeValue) -> bool {
        match (self, value) {
            (AttributeKind::Text(values), AttributeValue::Text(text)) => {
                let length = text.chars().count();
                (1..=ATTRIBUTE_TEXT_MAX).contains(&length)
                    && (values.is_empty() || values.iter().any(|v| v == text))
            }
            (AttributeKind::Number, AttributeValue::Number(number)) => {
                (0..=ATTRIBUTE_NUMBER_MAX).contains(number)
            }
            (AttributeKind::YesNo, AttributeValue::YesNo(_)) => true,
            _ => false,
        }
    }
}
