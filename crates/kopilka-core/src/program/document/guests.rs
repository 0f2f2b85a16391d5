//! People the shop does not know: whether a guest's order can become somebody's, and when a card that is
//! nobody's closes.

use super::node::Data;
use super::scalars::{choice, period_of_some_length};
use super::vocabulary::Block;
use super::{Fields, Node};
use crate::program::diagnostics::Findings;
use crate::time::Period;

/// As long as an order is talked of: it has arrived, and who made it has been asked to join.
const CLAIM_WITHIN: Period = Period::Days(30);

pub(super) fn read(document: &Fields<'_>) -> Option<Period> {
    document.read("guest_orders", one).flatten()
}

fn one(findings: &Findings, node: &Node) -> Option<Option<Period>> {
    if let Data::Scalar { .. } = node.data {
        return choice(findings, node, Block::GuestOrdersName).map(|_| None);
    }
    let fields = findings.fields(node, Block::GuestOrders)?;
    let claim = findings.fields(fields.required("claim")?, Block::GuestClaim)?;
    let within = claim.read("within", |f, n| period_of_some_length(f, n, "within"));
    Some(Some(within.unwrap_or(CLAIM_WITHIN)))
}

/// How long a card may be nobody's.
pub(super) fn unclaimed_cards(document: &Fields<'_>) -> Option<Period> {
    let fields = document.map("unclaimed_cards", Block::UnclaimedCards)?;
    period_of_some_length(document.findings, fields.required("close_after")?, "close_after")
}
