//! The personal offers of a document.
//!
//! Invariant: conditions, effects and offers name only what is declared here; who may be given an offer is
//! asked of the member alone.

use super::conditions::{Asked, COUNT_MAX, condition};
use super::node::Data;
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Node, impossible, tiers};
use crate::ShortText;
use crate::program::diagnostics::Findings;
use crate::program::{Condition, Grant, Offer, Program, Text, Trigger};
use std::collections::HashMap;

/// Offers of one program; those that nobody holds any longer are taken out with the next version.
const OFFERS_MAX: usize = 200;

/// The names alone, so that conditions may speak of offers and offers of conditions. Complaints come when
/// the offers are read.
pub(super) fn names(document: &Fields<'_>) -> Vec<ShortText> {
    let Some(Data::List(items)) = document.optional("offers").map(|node| &node.data) else {
        return Vec::new();
    };
    let name = |item: &Node| {
        let Data::Map(fields) = &item.data else { return None };
        let id = fields.iter().find(|field| field.word == "id")?;
        let Data::Scalar { text, .. } = &id.value.data else { return None };
        is_id(text).then(|| text.as_str().into())
    };
    items.iter().filter_map(name).collect()
}

pub(super) fn read(document: &Fields<'_>, asked: Asked<'_>) -> Vec<Offer> {
    let findings = document.findings;
    let Some(node) = document.optional("offers") else { return Vec::new() };
    let asked = Asked { when: Some(Trigger::OfferGiven), ..asked };
    let kind = Kind::List(&Kind::Map(Block::Offer));
    let items = findings.items(node, kind, OFFERS_MAX, Text::of("offers", "предложений"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut read = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::Offer) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let Some(offer) = offer(&fields, asked) else { continue };
        tiers::once(findings, &mut seen, &offer.id, (place, "duplicate_id"));
        read.push(offer);
    }
    read
}

fn offer(fields: &Fields<'_>, asked: Asked<'_>) -> Option<Offer> {
    let findings = fields.findings;
    let id = fields.required("id").and_then(|n| id(findings, n));
    let (name, text) = (fields.read("name", localized), fields.read("text", localized));
    let lasts = fields.required("for").and_then(|n| period_of_some_length(findings, n, "for"));
    let activate = fields.read("activate", |f, n| choice(f, n, Block::OfferActivate));
    let only_if = fields.read("if", |f, n| condition(f, n, asked)).unwrap_or(Condition::Always);
    let kind = Kind::Whole { from: 1, to: COUNT_MAX };
    let times = fields.read("times", |f, n| number(f, n, kind, 0, (1, COUNT_MAX)));
    let (id, lasts) = (id?, lasts?);
    let place = fields.optional("if").map_or(fields.place, |n| n.place);
    impossible::refuse_impossible(findings, place, &id, asked.when, &only_if);
    let name = name.unwrap_or_else(|| Text::both(id.clone()));
    let by_member = activate == Some("by_member");
    Some(Offer { id: id.into(), name, text, lasts, by_member, only_if, times })
}

/// Offers by their names.
pub(super) fn asked_of(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Condition> {
    let known: Vec<&str> = asked.offers.iter().map(ShortText::as_str).collect();
    tiers::known_ids(findings, node, &known, ("unknown_offer", "offer")).map(Condition::Offers)
}

/// The effect that gives one.
pub(super) fn given(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Grant> {
    let name = id(findings, node)?;
    let known = asked.offers.iter().map(ShortText::as_str);
    findings.knows(&name, node.place, known, ("unknown_offer", "offer"));
    Some(Grant::Offer(name.into()))
}

/// An offer that nothing asks for brings its holder nothing.
pub(super) fn judge(document: &Fields<'_>, program: &Program) {
    let Some(Data::List(items)) = document.optional("offers").map(|node| &node.data) else { return };
    for (offer, item) in program.offers.iter().zip(items) {
        let names =
            |c: &Condition| matches!(c, Condition::Offers(list) if list.iter().any(|n| offer.id == *n));
        if !program.conditions().any(|condition| condition.contains(&names)) {
            let argument = [("offer", Text::both(offer.id.as_str()))];
            document.findings.report("unused_offer", item.place, &argument);
        }
    }
}
