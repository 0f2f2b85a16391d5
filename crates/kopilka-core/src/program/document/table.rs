//! Tables by amount: rows go up, and what they give goes up with them.
//!
//! Invariant: with a table that is taken, more bought never brings less, so returns can be counted in any
//! order.

use super::node::Data;
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{EFFECTS_MAX, Fields, Node, Units};
use crate::money::Money;
use crate::order::{RowGives, TableRow};
use crate::program::Text;
use crate::program::diagnostics::Findings;

pub(super) fn rows(findings: &Findings, node: &Node, units: &Units, marginal: bool) -> Option<Vec<TableRow>> {
    let kind = Kind::List(&Kind::Map(Block::TableRow));
    let items = findings.items(node, kind, EFFECTS_MAX, Text::of("rows", "строки таблицы"));
    if items.is_empty() && matches!(node.data, Data::List(_)) {
        findings.report("empty_list", node.place, &[]);
    }
    let mut rows: Vec<TableRow> = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::TableRow) else { continue };
        let Some(row) = row(&fields, units, marginal) else { continue };
        if let Some(before) = rows.last() {
            if row.from <= before.from {
                findings.report("table_not_rising", item.place, &[]);
            } else if !marginal && gives_less(before, &row) {
                findings.report("table_gives_less", item.place, &[]);
            }
        }
        rows.push(row);
    }
    (!rows.is_empty() && rows.len() == items.len()).then_some(rows)
}

fn row(fields: &Fields<'_>, units: &Units, marginal: bool) -> Option<TableRow> {
    fields.not_both("percent", "points");
    fields.needs("per", "points");
    let from = fields.required("from").and_then(|n| money(fields.findings, n, units, 0));
    if fields.has("percent") {
        let rate = fields.read("percent", |f, n| percent(f, n, true))?;
        return Some(TableRow { from: from?, gives: RowGives::Percent(rate) });
    }
    if let (true, Some(place)) = (marginal, fields.place_of("points")) {
        let arguments = [("first", Text::both("marginal")), ("second", Text::both("points"))];
        fields.findings.report("words_conflict", place, &arguments);
    }
    if !fields.has("points") {
        fields.missing_one_of(&["percent", "points"]);
        return None;
    }
    let points = fields.read("points", |f, n| points(f, n, units, 0));
    let gives = match fields.has("per") {
        true => {
            let per = fields.read("per", |f, n| money(f, n, units, 1))?;
            RowGives::PerAmount { points: points?, per }
        }
        false => RowGives::Points(points?),
    };
    Some(TableRow { from: from?, gives })
}

/// The row gives less than the one before: by its rate, or at the very amount where it begins. Rows of
/// different kinds are compared where they meet.
fn gives_less(before: &TableRow, row: &TableRow) -> bool {
    let last = Money(row.from.0 - 1);
    match (before.gives, row.gives) {
        (RowGives::Percent(a), RowGives::Percent(b)) => b < a,
        (RowGives::Points(a), RowGives::Points(b)) => b < a,
        (a, b) => match (whole_points(a, last), whole_points(b, row.from)) {
            (Some(a), Some(b)) => b < a,
            // A percent beside points is worth what the program's rounding makes of it: not one table.
            _ => true,
        },
    }
}

fn whole_points(gives: RowGives, base: Money) -> Option<i128> {
    match gives {
        RowGives::Percent(_) => None,
        RowGives::Points(points) => Some(i128::from(points.0)),
        RowGives::PerAmount { points, per } => {
            Some(i128::from(base.0) / i128::from(per.0) * i128::from(points.0))
        }
    }
}
