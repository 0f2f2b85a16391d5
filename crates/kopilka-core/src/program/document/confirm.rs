//! `confirm_with_code`: when the member agrees to a payment with points by a one-time code.

use super::node::Data;
use super::scalars::{choice, points};
use super::vocabulary::Block;
use super::{Fields, Node, Units};
use crate::program::ConfirmSpending;
use crate::program::diagnostics::Findings;

pub(super) fn confirm_with_code(spending: &Fields<'_>, units: &Units) -> ConfirmSpending {
    let read = |f: &Findings, n: &Node| one(f, n, units);
    spending.read("confirm_with_code", read).unwrap_or_default()
}

fn one(findings: &Findings, node: &Node, units: &Units) -> Option<ConfirmSpending> {
    if let Data::Scalar { .. } = node.data {
        return Some(match choice(findings, node, Block::ConfirmName)? {
            "always" => ConfirmSpending::Always,
            "without_card" => ConfirmSpending::WithoutCard,
            _ => ConfirmSpending::Never,
        });
    }
    let fields = findings.fields(node, Block::Confirm)?;
    points(findings, fields.required("above")?, units, 0).map(ConfirmSpending::Above)
}
