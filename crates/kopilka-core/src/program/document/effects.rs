//! Effects: what a rule gives. Here: points to the member.

use super::conditions::{Asked, trigger_name};
use super::node::{Data, Field};
use super::scalars::*;
use super::settings::{life, line_match};
use super::vocabulary::{Block, Kind};
use super::{EFFECTS_MAX, Fields, Node, Units, grants, network, table};
use crate::money::Rate;
use crate::product::LineMatch;
use crate::program::diagnostics::{Findings, Place};
use crate::program::{Condition, CreditAmount, CreditEffect, Effect, Multiplier, Text, Trigger};

pub(super) fn effect(
    findings: &Findings,
    node: &Node,
    asked: Asked<'_>,
    only_if: &Condition,
) -> Option<Effect> {
    let fields = findings.fields(node, Block::Effect)?;
    let field = fields.only_word()?;
    if field.word != "credit" {
        network::refuse_others(findings, asked.when, Some((&field.word, field.place)));
    }
    if field.word == "multiply" {
        return multiplier(findings, field, asked, only_if).map(Effect::Multiply);
    }
    if let Some(grant) = grants::effect(findings, field, asked) {
        return grant;
    }
    let credit = findings.fields(&field.value, Block::Credit)?;
    if let Some(when) = asked.when.filter(|w| !w.is_of_order()) {
        for word in ["percent", "per", "each", "of", "by_table"] {
            if let Some(place) = credit.place_of(word) {
                without_data(findings, place, word, when);
            }
        }
    }
    let amount = amount(&credit, asked.units, only_if);
    let effect = CreditEffect {
        active_after: credit.read("active_after", period),
        expires: credit.read("expires", life),
        rounding: credit.read("rounding", rounding),
        gift: credit.read("gift", truth).unwrap_or(false),
        to_level: network::level(&credit, asked),
        amount: amount?,
    };
    Some(Effect::Credit(effect))
}

/// A hundredfold is a slip of the pen.
const FACTOR_MAX: i64 = 100 * Rate::ONE;

fn multiplier(
    findings: &Findings,
    field: &Field,
    asked: Asked<'_>,
    only_if: &Condition,
) -> Option<Multiplier> {
    if let Some(when) = asked.when.filter(|w| !w.is_of_order()) {
        without_data(findings, field.place, "multiply", when);
    }
    if asked.when == Some(Trigger::OrderPlaced) {
        not_when_placed(findings, field.place, "multiply");
    }
    let fields = findings.fields(&field.value, Block::Multiply)?;
    let of = fields.read("of", |f, n| lines_of(f, n, asked.units, only_if)).unwrap_or_default();
    let by = fields.required("by")?;
    let by = number(findings, by, Kind::Decimal, 6, (Rate::ONE + 1, FACTOR_MAX))?;
    Some(Multiplier { of, by: Rate(by) })
}

/// Before the payment lines still come and go: what a placing promises is counted by each rule alone.
pub(super) fn not_when_placed(findings: &Findings, place: Place, word: &str) {
    let arguments = [("first", Text::both("when: order.placed")), ("second", Text::both(word))];
    findings.report("words_conflict", place, &arguments);
}

pub(super) fn without_data(findings: &Findings, place: Place, word: &str, when: Trigger) {
    findings.report(
        "effect_without_data",
        place,
        &[("word", Text::both(word)), ("trigger", trigger_name(when))],
    );
}

/// How much: a percent, or points once, per amount, or per piece.
fn amount(credit: &Fields<'_>, units: &Units, only_if: &Condition) -> Option<CreditAmount> {
    // `per` and `each` count `points`, and one of them.
    credit.only_one_of(&["points", "percent", "by_table"]);
    if credit.has("percent") || credit.has("by_table") {
        let whole = if credit.has("percent") { "percent" } else { "by_table" };
        credit.not_both(whole, "per");
        credit.not_both(whole, "each");
    } else {
        credit.not_both("per", "each");
    }
    credit.needs("rates", "percent");
    credit.needs("marginal", "by_table");
    let of = credit.read("of", |f, n| lines_of(f, n, units, only_if)).unwrap_or_default();
    if credit.has("percent") {
        let rates = credit.read("rates", |f, n| rates(f, n, units)).unwrap_or_default();
        let rate = credit.read("percent", |f, n| percent(f, n, false))?;
        return Some(CreditAmount::Percent { of, rates, rate });
    }
    if credit.has("by_table") {
        let marginal = credit.read("marginal", truth).unwrap_or(false);
        let rows = credit.read("by_table", |f, n| table::rows(f, n, units, marginal))?;
        return Some(CreditAmount::Table { of, rows, marginal });
    }
    if !credit.has("points") {
        credit.missing_one_of(&["points", "percent", "by_table"]);
        return None;
    }
    let points = credit.read("points", |f, n| points(f, n, units, 1));
    if credit.has("per") {
        let per = credit.read("per", |f, n| money(f, n, units, 1))?;
        return Some(CreditAmount::PerAmount { of, points: points?, per });
    }
    if credit.has("each") {
        credit.read("each", |f, n| choice(f, n, Block::Each))?;
        return Some(CreditAmount::PerPiece { of, points: points? });
    }
    if let Some(place) = credit.place_of("of") {
        let arguments = [("word", Text::both("of")), ("companion", Text::both("each: piece"))];
        credit.findings.report("word_without_companion", place, &arguments);
    }
    Some(CreditAmount::Fixed(points?))
}

/// A match, or the lines that the rule's one `line` condition speaks of.
pub(super) fn lines_of(
    findings: &Findings,
    node: &Node,
    units: &Units,
    only_if: &Condition,
) -> Option<LineMatch> {
    let Data::Scalar { .. } = node.data else { return line_match(findings, node, units) };
    choice(findings, node, Block::MatchName)?;
    let together = only_if.together();
    let mut lines = together.iter().filter_map(|c| match c {
        Condition::Lines { of, .. } => Some(of),
        _ => None,
    });
    match (lines.next(), lines.next()) {
        (Some(of), None) => Some(of.clone()),
        _ => {
            findings.report("no_line_condition", node.place, &[]);
            None
        }
    }
}

fn rates(findings: &Findings, node: &Node, units: &Units) -> Option<Vec<(LineMatch, Rate)>> {
    let kind = Kind::List(&Kind::Map(Block::CategoryRate));
    let items = findings.items(node, kind, EFFECTS_MAX, Text::of("rates", "ставки"));
    if items.is_empty() && matches!(node.data, Data::List(_)) {
        findings.report("empty_list", node.place, &[]);
    }
    let mut read: Vec<(LineMatch, Rate)> = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::CategoryRate) else { continue };
        let of = fields.required("match").and_then(|n| line_match(findings, n, units));
        let rate = fields.required("percent").and_then(|n| percent(findings, n, true));
        let (Some(of), Some(rate)) = (of, rate) else { continue };
        // The same match again, or a narrower category under one taken above, is never reached.
        if read.iter().any(|(above, _)| takes_all_of(above, &of)) {
            findings.report("rate_never_used", item.place, &[]);
        }
        read.push((of, rate));
    }
    Some(read)
}

/// Every line of `narrow` is a line of `wide`, as far as the lists show it.
pub(super) fn takes_all_of(wide: &LineMatch, narrow: &LineMatch) -> bool {
    let list = |wide: &[String], narrow: &[String]| {
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|n| wide.contains(n)))
    };
    let below = |wide: &[String], narrow: &[String]| {
        let under = |n: &String| {
            wide.iter()
                .any(|w| n.strip_prefix(w.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/')))
        };
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(under))
    };
    (wide.except.is_none() || wide == narrow)
        && (wide.price.is_none() || wide.price == narrow.price)
        && (wide.on_sale.is_none() || wide.on_sale == narrow.on_sale)
        && list(&wide.skus, &narrow.skus)
        && list(&wide.brands, &narrow.brands)
        && list(&wide.tags, &narrow.tags)
        && below(&wide.categories, &narrow.categories)
}
