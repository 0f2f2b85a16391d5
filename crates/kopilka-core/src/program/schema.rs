//! The JSON Schema (draft 2020-12) of program documents: editors complete and check with it.
//!
//! Invariant: it is made of the vocabulary and nothing else; a word the reader understands is in it.

use super::document::vocabulary::{self, Block, Kind, Word};
use super::document::{
    ACHIEVEMENTS_MAX, DISCOUNTS_MAX, EFFECTS_MAX, LEVELS_MAX, NAMES_MAX, RULES_MAX, STEPS_MAX, TESTS_MAX,
    TEXT_CHARS_MAX,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The schema. Descriptions are in English; Russian ones stand beside them as `x-ru`.
pub fn schema() -> Value {
    let blocks: BTreeSet<Block> = vocabulary::words().map(|w| w.block).collect();
    let mut definitions = Map::new();
    for block in blocks.iter().filter(|b| !matches!(b, Block::Everywhere | Block::Document)) {
        definitions.insert(name_of(*block), definition(*block));
    }
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Kopilka loyalty program",
        "$defs": definitions,
    });
    if let (Value::Object(root), Value::Object(document)) = (&mut root, definition(Block::Document)) {
        root.extend(document);
    }
    root
}

/// `BaseLines` becomes `base_lines`.
fn name_of(block: Block) -> String {
    let mut name = String::new();
    for letter in format!("{block:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A block of values is a choice among them; a block of words is an object of these words and no others.
fn definition(block: Block) -> Value {
    let words: Vec<&Word> = vocabulary::words_of(block).collect();
    if words.iter().all(|w| matches!(w.kind, Kind::Value)) {
        let values: Vec<Value> =
            words.iter().map(|w| json!({"const": w.word, "description": w.en, "x-ru": w.ru})).collect();
        return json!({ "oneOf": values });
    }
    let mut properties = Map::new();
    for word in words.iter().copied().chain(vocabulary::words_of(Block::Everywhere)) {
        let mut of = of_kind(word.kind, word.word);
        if let Value::Object(of) = &mut of {
            of.insert("description".into(), word.en.into());
            of.insert("x-ru".into(), word.ru.into());
        }
        properties.insert(word.word.to_owned(), of);
    }
    let required: Vec<&str> = words.iter().filter(|w| w.required).map(|w| w.word).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What may follow a word. YAML editors read `5` as a number and `2026-03-01` as a text: both are taken.
fn of_kind(kind: Kind, word: &str) -> Value {
    let written = |pattern: &str| json!({"type": ["string", "number"], "pattern": pattern});
    match kind {
        Kind::Text => {
            json!({"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": TEXT_CHARS_MAX})
        }
        Kind::Localized => {
            json!({"anyOf": [of_kind(Kind::Text, word), of_kind(Kind::Map(Block::Localized), word)]})
        }
        Kind::Id => json!({"type": ["string", "number"], "pattern": "^[a-z0-9-]{1,64}$"}),
        Kind::Currency => json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
        Kind::Zone => json!({"type": "string", "examples": ["Europe/Moscow", "UTC"]}),
        Kind::Money | Kind::Points | Kind::Percent | Kind::Decimal | Kind::Quantity => {
            written(r"^[+-]?[0-9]+(\.[0-9]+)?$")
        }
        Kind::Whole { from, to } => {
            json!({"type": ["string", "integer"], "pattern": "^[+-]?[0-9]+$", "minimum": from, "maximum": to})
        }
        Kind::Period => json!({
            "type": "string",
            "pattern": "^[0-9]+ (minute|hour|day|week|month|year)s?$",
            "examples": ["14 days", "1 month"],
        }),
        Kind::Day => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        Kind::Moment => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$"}),
        Kind::TimeOfDay => json!({"type": "string", "pattern": "^([01][0-9]|2[0-4]):[0-5][0-9]$"}),
        Kind::Language => json!({"type": "string", "pattern": "^[a-z]{2,3}$"}),
        Kind::Truth => json!({"type": "boolean"}),
        Kind::Refusal => json!({"enum": crate::refusal::CODES}),
        Kind::Words(block) | Kind::Map(block) => json!({"$ref": format!("#/$defs/{}", name_of(block))}),
        Kind::List(inner) => {
            let mut list = json!({"type": "array", "items": of_kind(*inner, word)});
            if let Some(most) = list_limit(word) {
                list["maxItems"] = most.into();
            }
            list
        }
        Kind::OneOrMany(inner) => json!({"anyOf": [
            of_kind(*inner, word),
            {"type": "array", "items": of_kind(*inner, word), "minItems": 1, "maxItems": NAMES_MAX},
        ]}),
        Kind::Either(kinds) => {
            json!({"anyOf": kinds.iter().map(|k| of_kind(*k, word)).collect::<Vec<_>>()})
        }
        Kind::Groups => by_id(of_kind(Kind::Words(Block::GroupMode), word)),
        Kind::Rates => by_id(of_kind(Kind::Percent, word)),
        Kind::AttributeTests => by_id(json!({"anyOf": [
            of_kind(Kind::OneOrMany(&Kind::Text), word),
            of_kind(Kind::Truth, word),
            of_kind(Kind::Map(Block::CountRange), word),
        ]})),
        Kind::AttributeValues | Kind::Constants => by_id(json!({"type": ["string", "integer", "boolean"]})),
        Kind::Window => json!({
            "type": "string",
            "pattern": "^(for_ever|calendar (year|quarter|month)|rolling [0-9]+ (day|week|month|year)s?)$",
            "examples": ["rolling 12 months", "calendar year", "for_ever"],
        }),
        // A value has nothing after it; it is told in its block's choice.
        Kind::Value => json!(false),
    }
}

/// A map of ids of the author's own.
fn by_id(value: Value) -> Value {
    json!({
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9-]{1,64}$"},
        "additionalProperties": value,
    })
}

fn list_limit(word: &str) -> Option<usize> {
    match word {
        "rules" => Some(RULES_MAX),
        "discounts" => Some(DISCOUNTS_MAX),
        "then" | "rates" | "by_table" => Some(EFFECTS_MAX),
        "levels" => Some(LEVELS_MAX),
        "achievements" => Some(ACHIEVEMENTS_MAX),
        "tests" => Some(TESTS_MAX),
        "steps" => Some(STEPS_MAX),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_vocabulary_is_in_the_schema() {
        let schema = schema();
        for word in vocabulary::words() {
            let place = match word.block {
                Block::Document => schema.clone(),
                Block::Everywhere => schema["$defs"]["rule"].clone(),
                block => schema["$defs"][name_of(block)].clone(),
            };
            let found = match word.kind {
                Kind::Value => place["oneOf"]
                    .as_array()
                    .is_some_and(|values| values.iter().any(|v| v["const"] == word.word)),
                _ => place["properties"].get(word.word).is_some(),
            };
            assert!(found, "{} of {:?}", word.word, word.block);
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
            match value {
                Value::Object(map) => {
                    into.extend(map.get("$ref").and_then(Value::as_str));
                    map.values().for_each(|v| walk(v, into));
                }
                Value::Array(list) => list.iter().for_each(|v| walk(v, into)),
                _ => {}
            }
        }
        let schema = schema();
        let mut references = Vec::new();
        walk(&schema, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let name = reference.trim_start_matches("#/$defs/");
            assert!(schema["$defs"].get(name).is_some(), "{reference}");
        }
    }
}
