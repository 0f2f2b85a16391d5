//! Automatic discounts of a document.
//!
//! Invariant: they come out in the order they are applied in: the higher priority first, then as written.

use super::conditions::{Asked, condition};
use super::effects::lines_of;
use super::node::Data;
use super::scalars::*;
use super::settings::line_match;
use super::vocabulary::{Block, Kind};
use super::{DISCOUNTS_MAX, EFFECTS_MAX, Fields, Node, Units, impossible, rules};
use crate::money::{Money, Rate};
use crate::order::Quantity;
use crate::program::diagnostics::Findings;
use crate::program::{Bought, Condition, Discount, DiscountLimits, Group, Off, On, RowOff, Text};
use std::collections::HashMap;

/// Steps of priority beyond a thousand are a slip of the pen.
pub(super) const PRIORITY_MAX: i64 = 1_000;
/// Every hundredth piece is a lottery, not a discount.
pub(super) const NTH_MAX: i64 = 100;
/// The most pieces a line may have.
pub(super) const PIECES_MAX: i64 = crate::order::QUANTITY_MAX / 1000;

pub(super) fn read(document: &Fields<'_>, asked: Asked<'_>, groups: &[Group]) -> Vec<Discount> {
    let findings = document.findings;
    let Some(node) = document.optional("discounts") else { return Vec::new() };
    let kind = Kind::List(&Kind::Map(Block::Discount));
    let items = findings.items(node, kind, DISCOUNTS_MAX, Text::of("discounts", "скидки"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut read = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::Discount) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let Some(discount) = discount(&fields, asked, groups) else { continue };
        if let Some(line) = seen.insert(discount.id.to_string(), place.line) {
            let id = Text::both(discount.id.as_str());
            findings.report("duplicate_rule", place, &[("id", id), ("line", Text::both(line.to_string()))]);
        }
        read.push(discount);
    }
    // The sort is stable: equals stay as written.
    read.sort_by_key(|d| std::cmp::Reverse(d.priority));
    read
}

fn discount(fields: &Fields<'_>, asked: Asked<'_>, groups: &[Group]) -> Option<Discount> {
    let findings = fields.findings;
    let id = fields.required("id").and_then(|n| id(findings, n));
    let only_if = fields.read("if", |f, n| condition(f, n, asked)).unwrap_or(Condition::Always);
    let priority = whole(fields, "priority", -PRIORITY_MAX, PRIORITY_MAX).unwrap_or(0);
    let discount = taken_off(fields, asked.units, groups, only_if);
    let (id, mut discount) = (id?, discount?);
    let place = fields.optional("if").map_or(fields.place, |n| n.place);
    impossible::refuse_impossible(findings, place, &id, asked.when, &discount.only_if);
    discount.id = id.into();
    discount.priority = i32::try_from(priority).unwrap_or(0);
    Some(discount)
}

fn whole(fields: &Fields<'_>, word: &'static str, least: i64, most: i64) -> Option<i64> {
    fields.read(word, |f, n| number(f, n, Kind::Whole { from: least, to: most }, 0, (least, most)))
}

/// A discount whose id and priority its bearer sets.
pub(super) fn taken_off(
    fields: &Fields<'_>,
    units: &Units,
    groups: &[Group],
    only_if: Condition,
) -> Option<Discount> {
    let off = off(fields, units);
    let (on, bought) = fields.read("on", |f, n| on(f, n, units)).unwrap_or((On::Order, None));
    let of = fields.read("of", |f, n| lines_of(f, n, units, &only_if)).unwrap_or_default();
    let max_pieces = whole(fields, "max_pieces", 1, PIECES_MAX).map(Quantity::pieces);
    let groups_of = whole(fields, "in_groups_of", 2, NTH_MAX).and_then(|n| u32::try_from(n).ok());
    refuse_without_meaning(fields, &off, on);
    let group = fields.read("group", |f, n| rules::group(f, n, groups));
    let cap = fields.read("cap", |f, n| money(f, n, units, 1));
    let of_list = fields.read("base", |f, n| choice(f, n, Block::DiscountBase)) == Some("list");
    let id = crate::ShortText::default();
    Some(Discount {
        id,
        only_if,
        of,
        off: off?,
        on,
        max_pieces,
        groups_of,
        bought,
        cap,
        group,
        priority: 0,
        of_list,
    })
}

/// Words that say nothing beside what the discount is counted on.
fn refuse_without_meaning(fields: &Fields<'_>, off: &Option<Off>, on: On) {
    let conflict = |word: &'static str| {
        if let Some(place) = fields.place_of(word) {
            let on = match on {
                On::Delivery => "on: delivery",
                On::Order | On::OrderWithDelivery => "on: order",
                _ => "on",
            };
            let arguments = [("first", Text::both(on)), ("second", Text::both(word))];
            let fix = match on {
                "on: order" => Text::of(
                    "write `on: each_piece` or `on: each_line`, or remove it",
                    "напишите `on: each_piece` или `on: each_line` либо уберите его",
                ),
                _ => Text::of(format!("remove `{word}`"), format!("уберите `{word}`")),
            };
            fields.findings.report_with_fix("words_conflict", place, &arguments, fix);
        }
    };
    if on == On::Delivery {
        conflict("of");
    }
    if matches!(on, On::Delivery | On::Order | On::OrderWithDelivery) {
        conflict("max_pieces");
    }
    if on != On::EachPiece {
        conflict("in_groups_of");
    }
    fields.not_both("in_groups_of", "max_pieces");
    // What the first piece gives and what the others give is said of the pieces of a line.
    if matches!(off, Some(Off::Pieces { .. })) && on != On::EachLine {
        conflict("next");
    }
}

/// Exactly one of percent, amount, price and table.
fn off(fields: &Fields<'_>, units: &Units) -> Option<Off> {
    const WORDS: [&str; 4] = ["percent", "amount", "price", "by_table"];
    fields.only_one_of(&WORDS);
    let amount = |word, least| fields.read(word, |f, n| money(f, n, units, least));
    if fields.has("percent") {
        return fields.read("percent", |f, n| percent(f, n, false)).map(Off::Percent);
    }
    fields.needs("next", "amount");
    if fields.has("next") {
        let (first, next) = (amount("amount", 0), amount("next", 0));
        return Some(Off::Pieces { first: first?, next: next? });
    }
    if fields.has("amount") {
        return amount("amount", 1).map(Off::Amount);
    }
    if fields.has("price") {
        return amount("price", 0).map(Off::Price);
    }
    if !fields.has("by_table") {
        fields.missing_one_of(&WORDS);
        return None;
    }
    fields.read("by_table", |f, n| rows(f, n, units)).map(Off::Table)
}

fn rows(findings: &Findings, node: &Node, units: &Units) -> Option<Vec<(Money, RowOff)>> {
    let kind = Kind::List(&Kind::Map(Block::DiscountRow));
    let items = findings.items(node, kind, EFFECTS_MAX, Text::of("rows", "строки таблицы"));
    if items.is_empty() && matches!(node.data, Data::List(_)) {
        findings.report("empty_list", node.place, &[]);
    }
    let mut rows: Vec<(Money, RowOff)> = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::DiscountRow) else { continue };
        fields.not_both("percent", "amount");
        let from = fields.required("from").and_then(|n| money(findings, n, units, 0));
        let off = match (fields.has("percent"), fields.has("amount")) {
            (true, _) => fields.read("percent", |f, n| percent(f, n, true)).map(RowOff::Percent),
            (false, true) => fields.read("amount", |f, n| money(f, n, units, 0)).map(RowOff::Amount),
            (false, false) => {
                fields.missing_one_of(&["percent", "amount"]);
                None
            }
        };
        let (Some(from), Some(off)) = (from, off) else { continue };
        match rows.last() {
            Some((before, _)) if from <= *before => findings.report("table_not_rising", item.place, &[]),
            Some((_, before)) if gives_less(*before, off) => {
                findings.report("table_gives_less", item.place, &[]);
            }
            _ => {}
        }
        rows.push((from, off));
    }
    (!rows.is_empty() && rows.len() == items.len()).then_some(rows)
}

fn gives_less(before: RowOff, row: RowOff) -> bool {
    match (before, row) {
        (RowOff::Percent(a), RowOff::Percent(b)) => b < a,
        (RowOff::Amount(a), RowOff::Amount(b)) => b < a,
        (RowOff::Percent(_), RowOff::Amount(_)) | (RowOff::Amount(_), RowOff::Percent(_)) => false,
    }
}

/// What it is counted on, and what must be bought where that is asked.
fn on(findings: &Findings, node: &Node, units: &Units) -> Option<(On, Option<Bought>)> {
    if let Data::Map(_) = node.data {
        let fields = findings.fields(node, Block::DiscountOnMap)?;
        fields.only_one_of(&["nth", "bought"]);
        fields.needs("gives", "bought");
        if fields.has("nth") {
            let nth = whole(&fields, "nth", 2, NTH_MAX)?;
            return u32::try_from(nth).ok().map(|nth| (On::Nth(nth), None));
        }
        let Some(of) = fields.map("bought", Block::Bought) else {
            fields.missing_one_of(&["nth", "bought"]);
            return None;
        };
        let gives = whole(&fields, "gives", 1, NTH_MAX).unwrap_or(1);
        let pieces = of.required("pieces").and_then(|_| whole(&of, "pieces", 1, NTH_MAX))?;
        let of = of.read("of", |f, n| line_match(f, n, units)).unwrap_or_default();
        let small = |number: i64| u32::try_from(number).unwrap_or(1);
        return Some((On::Bought, Some(Bought { of, pieces: small(pieces), gives: small(gives) })));
    }
    let on = match choice(findings, node, Block::DiscountOn)? {
        "each_piece" => On::EachPiece,
        "each_line" => On::EachLine,
        "cheapest" => On::Cheapest,
        "delivery" => On::Delivery,
        "order_with_delivery" => On::OrderWithDelivery,
        _ => On::Order,
    };
    Some((on, None))
}

pub(super) fn limits(document: &Fields<'_>, units: &Units) -> DiscountLimits {
    let mut limits = DiscountLimits::default();
    let Some(fields) = document.map("discount_limits", Block::DiscountLimits) else { return limits };
    limits.max_share = fields.read("max_share", |f, n| percent(f, n, false)).unwrap_or(Rate(Rate::ONE));
    limits.least_per_piece = fields.read("least_per_piece", |f, n| money(f, n, units, 0)).unwrap_or_default();
    limits
}
