//! Bounds as documents write them: `from`, `at_least`, `to` include the value, `above`, `below` do not.

use super::conditions::COUNT_MAX;
use super::node::{Data, Field};
use super::scalars::*;
use super::vocabulary::Kind;
use super::{Fields, Node, Units};
use crate::attribute::ATTRIBUTE_NUMBER_MAX;
use crate::money::MONEY_MAX;
use crate::order::QUANTITY_MAX;
use crate::program::Text;
use crate::program::diagnostics::Findings;
use crate::range::Range;

pub(super) fn money_range(fields: &Fields<'_>, units: &Units) -> Option<Range> {
    let scale = units.currency.exponent;
    range(fields, |f, n| number(f, n, Kind::Money, scale, (0, MONEY_MAX)))
}

pub(super) fn quantity_range(fields: &Fields<'_>) -> Option<Range> {
    range(fields, |f, n| number(f, n, Kind::Quantity, 3, (0, QUANTITY_MAX)))
}

pub(super) fn count_range(fields: &Fields<'_>) -> Option<Range> {
    range(fields, count)
}

pub(super) fn count(findings: &Findings, node: &Node) -> Option<i64> {
    number(findings, node, Kind::Whole { from: 0, to: COUNT_MAX }, 0, (0, COUNT_MAX))
}

pub(super) fn attribute_range(fields: &Fields<'_>) -> Option<Range> {
    let most = ATTRIBUTE_NUMBER_MAX;
    range(fields, |f, n| number(f, n, Kind::Whole { from: 0, to: most }, 0, (0, most)))
}

fn range(fields: &Fields<'_>, read: impl Fn(&Findings, &Node) -> Option<i64>) -> Option<Range> {
    for (first, second) in [("from", "at_least"), ("from", "above"), ("at_least", "above"), ("to", "below")] {
        fields.not_both(first, second);
    }
    if fields.present().next().is_none() {
        fields.missing_one_of(&["from", "at_least", "above", "to", "below"]);
        return None;
    }
    let bound = |word| fields.read(word, &read);
    let range = Range {
        least: bound("from").or_else(|| bound("at_least")).or_else(|| bound("above").map(|v| v + 1)),
        most: bound("to").or_else(|| bound("below").map(|v| v - 1)),
    };
    if range.is_empty() || range.most.is_some_and(|most| most < 0) {
        let written = |field: &Field| match &field.value.data {
            Data::Scalar { text, .. } => format!("`{}: {text}`", field.word),
            _ => format!("`{}`", field.word),
        };
        let bounds: Vec<String> = fields.present().map(written).collect();
        let bounds = Text::of(bounds.join(" and "), bounds.join(" и "));
        let arguments = [("bounds", bounds)];
        fields.findings.report("range_empty", fields.place, &arguments);
        return None;
    }
    Some(range)
}
