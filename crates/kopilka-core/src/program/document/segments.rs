//! Segments, the control group, and what conditions ask of consents, languages and regions.
//!
//! Invariant: a segment asks of the member alone, and of segments above it: there is no circle.

use super::conditions::{Asked, condition};
use super::node::{Field, shortened};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Node, effects, impossible, tiers};
use crate::consent::{Channel, Channels};
use crate::money::Rate;
use crate::program::diagnostics::Findings;
use crate::program::{Condition, ControlGroup, Segment, Text, Trigger};
use std::collections::HashMap;
use std::sync::Arc;

/// Segments of one program: people choose among them by name.
const SEGMENTS_MAX: usize = 200;
/// Beyond half of all members it is the rules that are tried on a few.
const CONTROL_SHARE_MAX: i64 = Rate::ONE / 2;

pub(super) fn read(document: &Fields<'_>, asked: Asked<'_>) -> Vec<Arc<Segment>> {
    let findings = document.findings;
    let Some(node) = document.optional("segments") else { return Vec::new() };
    let kind = Kind::List(&Kind::Map(Block::Segment));
    let items = findings.items(node, kind, SEGMENTS_MAX, Text::of("segments", "сегментов"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut read: Vec<Arc<Segment>> = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::Segment) else { continue };
        let asked = Asked { when: Some(Trigger::SegmentAsked), segments: &read, ..asked };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let Some(segment) = segment(&fields, asked) else { continue };
        tiers::once(findings, &mut seen, &segment.id, (place, "duplicate_id"));
        read.push(Arc::new(segment));
    }
    read
}

fn segment(fields: &Fields<'_>, asked: Asked<'_>) -> Option<Segment> {
    let findings = fields.findings;
    let id = fields.required("id").and_then(|n| id(findings, n));
    let name = fields.read("name", localized);
    let only_if = fields.required("if").and_then(|n| condition(findings, n, asked));
    let (id, only_if) = (id?, only_if?);
    let place = fields.optional("if").map_or(fields.place, |n| n.place);
    impossible::refuse_impossible(findings, place, &id, asked.when, &only_if);
    let name = name.unwrap_or_else(|| Text::both(id.clone()));
    Some(Segment { id: id.into(), name, only_if })
}

/// Segments by their ids.
pub(super) fn asked_of(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Condition> {
    let known: Vec<&str> = asked.segments.iter().map(|s| s.id.as_str()).collect();
    let ids = tiers::known_ids(findings, node, &known, ("unknown_segment", "segment"))?;
    let of_offers = |s: &&Arc<Segment>| s.only_if.contains(&|c| matches!(c, Condition::Offers(_)));
    if asked.when == Some(Trigger::OrderPlaced)
        && let Some(segment) =
            asked.segments.iter().filter(of_offers).find(|s| ids.iter().any(|id| s.id == *id))
    {
        effects::not_when_placed(findings, node.place, &format!("segment: {}", segment.id));
    }
    let named = asked.segments.iter().filter(|s| ids.iter().any(|id| s.id == *id));
    Some(Condition::Segments(named.cloned().collect()))
}

pub(super) fn control_group(document: &Fields<'_>) -> Option<ControlGroup> {
    let fields = document.map("control_group", Block::ControlGroup)?;
    let salt = fields.read("salt", text).unwrap_or_default();
    let node = fields.required("share")?;
    let share = percent(fields.findings, node, false)?;
    if share.0 > CONTROL_SHARE_MAX {
        fields.findings.report("control_group_too_large", node.place, &[]);
        return None;
    }
    Some(ControlGroup { share, salt: salt.into() })
}

pub(super) fn in_control_group(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Condition> {
    if !asked.has_control_group {
        findings.report("no_control_group", field.place, &[]);
    }
    truth(findings, &field.value).map(Condition::ControlGroup)
}

pub(super) fn languages(findings: &Findings, node: &Node) -> Option<Condition> {
    let what = Text::of("languages", "языков");
    one_or_many(findings, node, what, language).map(Condition::Languages)
}

/// As registrations tell it: two or three small letters.
pub(crate) fn language(findings: &Findings, node: &Node) -> Option<String> {
    let tag = scalar(findings, node, Kind::Language)?;
    let letters = tag.bytes().all(|b| b.is_ascii_lowercase());
    if !letters || !(2..=3).contains(&tag.len()) {
        findings.report("bad_language", node.place, &[("text", Text::both(shortened(tag)))]);
        return None;
    }
    Some(tag.to_owned())
}

pub(crate) fn channels(findings: &Findings, node: &Node) -> Option<Channels> {
    let what = Text::of("channels", "способов");
    let all = one_or_many(findings, node, what, |f, n| Channel::by_name(choice(f, n, Block::Channel)?))?;
    Some(all.into_iter().collect())
}

pub(super) fn subscribed(findings: &Findings, node: &Node) -> Option<Trigger> {
    let channel = Channel::by_name(choice(findings, node, Block::Channel)?)?;
    Some(Trigger::MemberSubscribed { channel: Some(channel) })
}
