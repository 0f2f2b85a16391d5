//! What rules give beside points, and the marks that members may have.
//!
//! Invariant: a grant names a campaign whose codes are made, a level above the lowest, a mark or an offer
//! that the document declares; and nothing that gives a level hears of levels.

use super::conditions::Asked;
use super::node::{Data, Field};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Node, effects, offers, telling, tiers};
use crate::ShortText;
use crate::program::diagnostics::Findings;
use crate::program::{Condition, Effect, Grant, Text, Trigger};
use crate::time::Period;
use std::collections::HashMap;

/// Marks of one program: a member's row may have them all.
const TAGS_MAX: usize = 50;

/// The marks that a document declares.
pub(super) fn tags(document: &Fields<'_>) -> Vec<ShortText> {
    let findings = document.findings;
    let Some(node) = document.optional("tags") else { return Vec::new() };
    let items = findings.items(node, Kind::List(&Kind::Id), TAGS_MAX, Text::of("tags", "меток"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut tags = Vec::new();
    for item in items {
        let Some(tag) = id(findings, item) else { continue };
        tiers::once(findings, &mut seen, &tag, (item.place, "duplicate_id"));
        tags.push(tag.into());
    }
    tags
}

/// The member has one of these marks.
pub(super) fn tagged(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Condition> {
    let known: Vec<&str> = asked.tags.iter().map(ShortText::as_str).collect();
    tiers::known_ids(findings, node, &known, ("unknown_tag", "tag")).map(Condition::Tags)
}

/// An effect that gives no points; `None` where the word is another's.
pub(super) fn effect(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Option<Effect>> {
    let read: fn(&Findings, &Field, Asked<'_>) -> Option<Grant> = match field.word.as_str() {
        "offer" => |f, field, asked| offers::given(f, &field.value, asked),
        "coupon" => coupon,
        "tier" => tier,
        "tag" | "untag" => tag,
        // Nothing of these is taken back when an order that was placed is never paid.
        "message" | "webhook" => return Some(telling::effect(findings, field).map(Effect::Grant)),
        _ => return None,
    };
    if asked.when == Some(Trigger::OrderPlaced) {
        effects::not_when_placed(findings, field.place, &field.word);
    }
    Some(read(findings, field, asked).map(Effect::Grant))
}

/// A name alone, or with how long it lasts.
fn named(
    findings: &Findings,
    node: &Node,
    (block, word): (Block, &'static str),
) -> Option<(NameAt, Option<Period>)> {
    if !matches!(node.data, Data::Map(_)) {
        return Some((NameAt { name: id(findings, node)?, place: node.place }, None));
    }
    let fields = findings.fields(node, block)?;
    let lasts = fields.read("for", |f, n| period_of_some_length(f, n, "for"));
    let node = fields.required(word)?;
    Some((NameAt { name: id(findings, node)?, place: node.place }, lasts))
}

struct NameAt {
    name: String,
    place: crate::program::diagnostics::Place,
}

fn coupon(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Grant> {
    let (at, lasts) = named(findings, &field.value, (Block::CouponGiven, "campaign"))?;
    let argument = [("campaign", Text::both(at.name.clone()))];
    match asked.campaigns.iter().find(|c| c.id == at.name) {
        Some(campaign) if campaign.has_made_codes() => {}
        Some(_) => findings.report("gift_needs_made_codes", at.place, &argument),
        None => findings.report("unknown_campaign", at.place, &argument),
    }
    Some(Grant::Coupon { campaign: at.name.into(), lasts })
}

fn tier(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Grant> {
    let (at, lasts) = named(findings, &field.value, (Block::TierGiven, "level"))?;
    let known = asked.levels.iter().map(|level| level.id.as_str());
    findings.knows(&at.name, at.place, known, ("unknown_tier", "tier"));
    if asked.levels.first().is_some_and(|lowest| lowest.id == at.name) {
        findings.report("lowest_tier_given", at.place, &[("tier", Text::both(at.name.clone()))]);
    }
    if matches!(asked.when, Some(Trigger::TierChanged { .. })) {
        findings.report("effect_loop", field.place, &[]);
    }
    Some(Grant::Tier { tier: at.name.into(), lasts })
}

fn tag(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Grant> {
    let name = id(findings, &field.value)?;
    let known = asked.tags.iter().map(ShortText::as_str);
    findings.knows(&name, field.value.place, known, ("unknown_tag", "tag"));
    Some(Grant::Tag { tag: name.into(), on: field.word == "tag" })
}

/// A group weighs points against each other, and these are none.
pub(super) fn has_no_group(rule: &Fields<'_>, then: &[Effect]) {
    let word = then.iter().find_map(|effect| match effect {
        Effect::Grant(Grant::Offer(_)) => Some("offer"),
        Effect::Grant(Grant::Coupon { .. }) => Some("coupon"),
        Effect::Grant(Grant::Tier { .. }) => Some("tier"),
        Effect::Grant(Grant::Tag { on, .. }) => Some(if *on { "tag" } else { "untag" }),
        Effect::Grant(Grant::Message(_)) => Some("message"),
        Effect::Grant(Grant::Webhook { .. }) => Some("webhook"),
        Effect::Credit(_) | Effect::Multiply(_) => None,
    });
    if let (Some(place), Some(word)) = (rule.place_of("group"), word) {
        let arguments = [("first", Text::both(word)), ("second", Text::both("group"))];
        rule.findings.report("words_conflict", place, &arguments);
    }
}
