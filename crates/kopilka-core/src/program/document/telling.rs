//! Whom rules tell: members by messages, the shop's own systems by webhooks.
//!
//! Invariant: a document says the name of what is told and what it says of every member alike; words to
//! members stand with the templates, and nothing of a person stands in a document.

use super::Node;
use super::attributes::fields_of;
use super::node::{Data, Field};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use crate::attribute::{ATTRIBUTE_NUMBER_MAX, AttributeValue, Attributes};
use crate::program::Grant;
use crate::program::diagnostics::Findings;

pub(super) fn effect(findings: &Findings, field: &Field) -> Option<Grant> {
    let node = &field.value;
    if field.word == "message" {
        return id(findings, node).map(|name| Grant::Message(name.into()));
    }
    if !matches!(node.data, Data::Map(_)) {
        let event = id(findings, node)?.into();
        return Some(Grant::Webhook { event, data: Attributes::default() });
    }
    let fields = findings.fields(node, Block::WebhookTold)?;
    let data = fields.read("data", data).unwrap_or_default();
    let event = fields.required("event").and_then(|n| id(findings, n))?.into();
    Some(Grant::Webhook { event, data })
}

fn data(findings: &Findings, node: &Node) -> Option<Attributes> {
    let mut out = Attributes::default();
    for field in fields_of(findings, node, Kind::Constants)? {
        if !is_id(&field.word) {
            bad_id(findings, &field.word, field.place);
            continue;
        }
        if let Some(value) = constant(findings, &field.value) {
            out.0.insert(field.word.as_str().into(), value);
        }
    }
    Some(out)
}

/// Numbers and truths stay such where they are written without quotes, as receivers will read them; a larger
/// number is an id, and those are texts.
fn constant(findings: &Findings, node: &Node) -> Option<AttributeValue> {
    let text = text(findings, node)?;
    let plain = matches!(node.data, Data::Scalar { plain: true, .. });
    let number = text.parse::<i64>().ok().filter(|n| (0..=ATTRIBUTE_NUMBER_MAX).contains(n));
    let number = number.filter(|n| n.to_string() == text);
    Some(match (plain, text.as_str(), number) {
        (true, "true", _) => AttributeValue::YesNo(true),
        (true, "false", _) => AttributeValue::YesNo(false),
        (true, _, Some(number)) => AttributeValue::Number(number),
        _ => AttributeValue::Text(text.into()),
    })
}
