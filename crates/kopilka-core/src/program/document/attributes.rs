//! Declared attributes and events, and what conditions and tests say of them.
//!
//! Invariant: a condition names only what is declared, and asks of it only what its kind can answer.

use super::node::{Data, Field};
use super::scalars::*;
use super::tiers::once;
use super::vocabulary::{Block, Kind};
use super::{Fields, NAMES_MAX, Node, ranges};
use crate::ShortText;
use crate::attribute::{
    ATTRIBUTE_NUMBER_MAX, ATTRIBUTES_MAX, Attribute, AttributeKind, AttributeValue, Attributes,
};
use crate::program::diagnostics::Findings;
use crate::program::{AttributeTest, Condition, CustomEvent, Text};
use std::collections::HashMap;

/// Events of one program; each is a word that the shop's developers must send.
const EVENTS_MAX: usize = 100;

/// The `attributes:` of a document.
pub(super) fn read(document: &Fields<'_>) -> Vec<Attribute> {
    declarations(document, "attributes")
}

/// Ids with what their values are.
fn declarations(document: &Fields<'_>, word: &'static str) -> Vec<Attribute> {
    let what = Text::of("attributes", "признаков");
    let read = with_ids(
        document,
        word,
        (Block::Attribute, Kind::List(&Kind::Map(Block::Attribute)), ATTRIBUTES_MAX, what),
        |fields| {
            let findings = fields.findings;
            let kind = fields.required("kind").and_then(|n| choice(findings, n, Block::AttributeKind));
            let values = fields.read("values", names);
            if let (Some("number" | "yes_no"), Some(place)) = (kind, fields.place_of("values")) {
                findings.report("values_of_a_text_only", place, &[]);
            }
            match kind {
                Some("number") => AttributeKind::Number,
                Some("yes_no") => AttributeKind::YesNo,
                _ => AttributeKind::Text(values.unwrap_or_default()),
            }
        },
    );
    read.into_iter().map(|(id, kind)| Attribute { id, kind }).collect()
}

/// The `events:` of a document.
pub(super) fn events(document: &Fields<'_>) -> Vec<CustomEvent> {
    let what = Text::of("events", "событий");
    let read = with_ids(
        document,
        "events",
        (Block::CustomEvent, Kind::List(&Kind::Map(Block::CustomEvent)), EVENTS_MAX, what),
        |fields| (fields.read("name", localized), declarations(fields, "data")),
    );
    let named = |(id, (name, data)): (ShortText, (Option<Text>, Vec<Attribute>))| CustomEvent {
        name: name.unwrap_or_else(|| Text::both(id.as_str())),
        id,
        data,
    };
    read.into_iter().map(named).collect()
}

/// A list of maps of one block, each with an id that no other has; the rest of each is read also where the
/// id cannot be.
fn with_ids<T>(
    document: &Fields<'_>,
    word: &'static str,
    (block, kind, most, what): (Block, Kind, usize, Text),
    read: impl Fn(&Fields<'_>) -> T,
) -> Vec<(ShortText, T)> {
    let findings = document.findings;
    let Some(node) = document.optional(word) else { return Vec::new() };
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut out = Vec::new();
    for item in findings.items(node, kind, most, what) {
        let Some(fields) = findings.fields(item, block) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let rest = read(&fields);
        let Some(id) = fields.required("id").and_then(|n| id(findings, n)) else { continue };
        once(findings, &mut seen, &id, (place, "duplicate_id"));
        out.push((id.into(), rest));
    }
    out
}

/// `attribute: { group: [vip, b2b], visits: { at_least: 3 }, subscribed: true }`; all of them must hold.
pub(super) fn condition(findings: &Findings, node: &Node, declared: &[Attribute]) -> Option<Condition> {
    tests(findings, node, declared, |id, is| Condition::Attribute { id, is })
}

/// `event: { stars: { at_least: 4 } }`, of what is told with the event.
pub(super) fn event_condition(findings: &Findings, node: &Node, declared: &[Attribute]) -> Option<Condition> {
    tests(findings, node, declared, |id, is| Condition::EventData { id, is })
}

fn tests(
    findings: &Findings,
    node: &Node,
    declared: &[Attribute],
    told: fn(String, AttributeTest) -> Condition,
) -> Option<Condition> {
    let each = fields_of(findings, node, Kind::AttributeTests)?;
    let test = |field: &Field| {
        let attribute = declared_as(findings, field, declared)?;
        let is = match &attribute.kind {
            AttributeKind::Text(_) => {
                let one = |f: &Findings, n: &Node| value(f, n, attribute).and_then(as_text);
                AttributeTest::Texts(one_or_many(
                    findings,
                    &field.value,
                    Text::of("values", "значений"),
                    one,
                )?)
            }
            AttributeKind::Number => {
                let fields = findings.fields(&field.value, Block::CountRange)?;
                AttributeTest::Number(ranges::attribute_range(&fields)?)
            }
            AttributeKind::YesNo => AttributeTest::YesNo(truth(findings, &field.value)?),
        };
        Some(told(field.word.clone(), is))
    };
    let mut tests: Vec<Condition> = each.iter().filter_map(test).collect();
    match tests.len() {
        _ if tests.len() < each.len() => None,
        1 => tests.pop(),
        _ => Some(Condition::All(tests)),
    }
}

/// What a test says of its member.
pub(crate) fn values(findings: &Findings, node: &Node, declared: &[Attribute]) -> Option<Attributes> {
    let mut out = Attributes::default();
    for field in fields_of(findings, node, Kind::AttributeValues)? {
        let Some(attribute) = declared_as(findings, field, declared) else { continue };
        if let Some(value) = value(findings, &field.value, attribute) {
            out.0.insert(attribute.id.clone(), value);
        }
    }
    Some(out)
}

pub(super) fn fields_of<'a>(findings: &Findings, node: &'a Node, kind: Kind) -> Option<&'a [Field]> {
    let Data::Map(fields) = &node.data else {
        findings.wrong_kind(node, kind);
        return None;
    };
    if fields.is_empty() || fields.len() > NAMES_MAX {
        findings.report("empty_list", node.place, &[]);
        return None;
    }
    Some(fields)
}

fn declared_as<'a>(findings: &Findings, field: &Field, declared: &'a [Attribute]) -> Option<&'a Attribute> {
    let known = declared.iter().map(|a| a.id.as_str());
    findings.knows(&field.word, field.place, known, ("unknown_attribute", "attribute"));
    declared.iter().find(|a| a.id == field.word)
}

fn value(findings: &Findings, node: &Node, attribute: &Attribute) -> Option<AttributeValue> {
    let value = match &attribute.kind {
        AttributeKind::Text(_) => AttributeValue::Text(text(findings, node)?.into()),
        AttributeKind::Number => {
            let most = ATTRIBUTE_NUMBER_MAX;
            let kind = Kind::Whole { from: 0, to: most };
            AttributeValue::Number(number(findings, node, kind, 0, (0, most))?)
        }
        AttributeKind::YesNo => AttributeValue::YesNo(truth(findings, node)?),
    };
    if attribute.kind.admits(&value) {
        return Some(value);
    }
    let text = as_text(value).unwrap_or_default();
    let arguments = [("attribute", Text::both(attribute.id.as_str())), ("text", Text::both(text))];
    findings.report("attribute_without_value", node.place, &arguments);
    None
}

fn as_text(value: AttributeValue) -> Option<String> {
    match value {
        AttributeValue::Text(text) => Some(text.into()),
        _ => None,
    }
}
