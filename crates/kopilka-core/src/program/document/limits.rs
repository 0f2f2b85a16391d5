//! Limits of a rule.
//!
//! Invariant: a limit that could never be met, or that the rule's own words contradict, is told; what a
//! multiplier adds has no limit of its own.

use super::conditions::{Asked, COUNT_MAX};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Findings, Node, Units, effects};
use crate::decimal::format_trimmed;
use crate::points::Points;
use crate::program::{CreditAmount, CreditEffect, Effect, Limits, MemberLimit, Most, Overflow, Span, Text};

/// The words of limits that count what a rule gives.
const LIMITS: [&str; 3] = ["per_order", "per_member", "total"];

pub(super) fn read(rule: &Fields<'_>, asked: Asked<'_>, then: &[Effect]) -> Limits {
    let Some(fields) = rule.map("limits", Block::Limits) else { return Limits::default() };
    let findings = fields.findings;
    let per_order = fields.read("per_order", |f, n| points(f, n, asked.units, 1));
    let overflow = match fields.read("overflow", |f, n| choice(f, n, Block::Overflow)) {
        Some("refuse") => Overflow::Refuse,
        _ => Overflow::Cut,
    };
    let per_member = fields.map("per_member", Block::MemberLimit).and_then(|f| {
        let span = match f.read("per", |f, n| choice(f, n, Block::Span)) {
            Some("day") => Span::Day,
            Some("week") => Span::Week,
            Some("month") => Span::Month,
            Some("year") => Span::Year,
            _ => Span::Ever,
        };
        most(&f, asked.units).map(|most| MemberLimit { most, span })
    });
    let total = fields.map("total", Block::TotalLimit).and_then(|f| most(&f, asked.units));
    if !LIMITS.iter().any(|word| fields.has(word)) {
        fields.needs("overflow", "per_order");
    }
    if let (Some(place), Some(when)) = (fields.place_of("per_order"), asked.when)
        && !when.is_of_order()
    {
        effects::without_data(findings, place, "per_order", when);
    }
    weigh(fields, asked.units, then, per_order, overflow);
    Limits { per_order, per_member, total, overflow }
}

/// Exactly one of points, the money they are worth, and times.
fn most(fields: &Fields<'_>, units: &Units) -> Option<Most> {
    fields.only_one_of(&["points", "money", "times"]);
    if fields.has("points") {
        return fields.read("points", |f, n| points(f, n, units, 1)).map(Most::Points);
    }
    if fields.has("money") {
        return fields.read("money", |f, n| worth(f, n, units)).map(Most::Points);
    }
    if !fields.has("times") {
        fields.missing("points");
        return None;
    }
    let kind = Kind::Whole { from: 1, to: COUNT_MAX };
    fields.read("times", |f, n| number(f, n, kind, 0, (1, COUNT_MAX))).map(Most::Times)
}

/// The most points that are worth no more than an amount of money: a budget is never passed by a rounding.
fn worth(findings: &Findings, node: &Node, units: &Units) -> Option<Points> {
    let most = units.points.equivalent_floor(money(findings, node, units, 1)?);
    if most.is_zero() {
        findings
            .wrong(node, Text::of("an amount that buys a point", "сумма, на которую есть хоть один балл"));
        return None;
    }
    Some(most)
}

/// A fixed number of points above the rule's own limit is never given whole, or never at all.
fn weigh(limits: Fields<'_>, units: &Units, then: &[Effect], per_order: Option<Points>, overflow: Overflow) {
    let fixed = then.iter().filter_map(|e| match e {
        Effect::Credit(CreditEffect { amount: CreditAmount::Fixed(points), .. }) => Some(*points),
        _ => None,
    });
    let (Some(most), Some(given)) = (per_order, fixed.max()) else { return };
    if given > most {
        let code = match overflow {
            Overflow::Refuse => "limit_refuses_always",
            Overflow::Cut => "limit_cuts_always",
        };
        let text = |points: Points| Text::both(format_trimmed(points.0, units.points.precision));
        let place = limits.place_of("per_order").unwrap_or(limits.place);
        limits.findings.report(code, place, &[("points", text(given)), ("limit", text(most))]);
    }
}

/// A multiplier gives no points of its own, so a group cannot weigh it and a limit cannot cut it.
pub(super) fn multiplies_alone(rule: &Fields<'_>, then: &[Effect]) {
    if !then.iter().any(|e| matches!(e, Effect::Multiply(_))) {
        return;
    }
    let of_limits = LIMITS.iter().filter_map(|word| Some((*word, rule.peek("limits", word)?.place)));
    let group = rule.place_of("group").map(|place| ("group", place));
    for (word, place) in group.into_iter().chain(of_limits) {
        let arguments = [("first", Text::both("multiply")), ("second", Text::both(word))];
        rule.findings.report("words_conflict", place, &arguments);
    }
}
