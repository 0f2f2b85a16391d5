//! The reward catalogue of a document.
//!
//! Invariant: a reward that gives a coupon names a campaign whose codes are made, so there is always one to
//! give.

use super::conditions::{Asked, COUNT_MAX, condition};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Node, impossible};
use crate::ShortText;
use crate::program::diagnostics::Findings;
use crate::program::{Condition, Gives, Reward, Text, Trigger};
use std::collections::HashMap;

/// A catalogue that a shopper still reads; what is over is taken out with the next version.
const REWARDS_MAX: usize = 1_000;

pub(super) fn read(document: &Fields<'_>, asked: Asked<'_>) -> Vec<Reward> {
    let findings = document.findings;
    let Some(node) = document.optional("rewards") else { return Vec::new() };
    let asked = Asked { when: Some(Trigger::RewardClaimed), ..asked };
    let kind = Kind::List(&Kind::Map(Block::Reward));
    let items = findings.items(node, kind, REWARDS_MAX, Text::of("rewards", "наград"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut read = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::Reward) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let Some(reward) = reward(&fields, asked) else { continue };
        super::tiers::once(findings, &mut seen, &reward.id, (place, "duplicate_id"));
        read.push(reward);
    }
    read
}

fn reward(fields: &Fields<'_>, asked: Asked<'_>) -> Option<Reward> {
    let findings = fields.findings;
    let id = fields.required("id").and_then(|n| id(findings, n));
    let name = fields.read("name", localized);
    let cost = fields.required("cost").and_then(|n| points(findings, n, asked.units, 0));
    let gives = fields.map("gives", Block::RewardGives).and_then(|gives| {
        let campaign = gives.required("coupon")?;
        coupon(findings, campaign, asked)
    });
    let only_if = fields.read("if", |f, n| condition(f, n, asked)).unwrap_or(Condition::Always);
    let (from, to) = (fields.read("from", day), fields.read("to", day));
    if let (Some(first), Some(last)) = (from, to)
        && last < first
    {
        let arguments = [("from", Text::both(first.to_string())), ("to", Text::both(last.to_string()))];
        findings.report("window_reversed", fields.place_of("to").unwrap_or(fields.place), &arguments);
    }
    let count = |word| {
        let kind = Kind::Whole { from: 1, to: COUNT_MAX };
        fields.read(word, |f, n| number(f, n, kind, 0, (1, COUNT_MAX)))
    };
    let (stock, per_member) = (count("stock"), count("per_member"));
    let (id, cost) = (id?, cost?);
    let place = fields.optional("if").map_or(fields.place, |n| n.place);
    impossible::refuse_impossible(findings, place, &id, asked.when, &only_if);
    let name = name.unwrap_or_else(|| Text::both(id.clone()));
    let gives = gives.map_or(Gives::HandedOver, Gives::Coupon);
    Some(Reward { id: id.into(), name, cost, gives, only_if, from, to, stock, per_member })
}

/// A campaign whose codes are made.
fn coupon(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<ShortText> {
    let name = id(findings, node)?;
    let argument = [("campaign", Text::both(name.clone()))];
    match asked.campaigns.iter().find(|c| c.id == name) {
        Some(campaign) if campaign.has_made_codes() => {}
        Some(_) => findings.report("reward_needs_made_codes", node.place, &argument),
        None => findings.report("unknown_campaign", node.place, &argument),
    }
    Some(name.into())
}
