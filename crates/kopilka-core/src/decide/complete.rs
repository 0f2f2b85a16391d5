//! Completion: the shop has done its part, or the term for it has passed.
//!
//! Invariant: an order is completed once, and only while something of it remains; what that gives is among
//! the order's credits, so returns take it back as any other.

use super::draft::Draft;
use super::earn::{self, Earning};
use super::{achievements, dates, tiers};
use crate::ledger::Event;
use crate::order::{OrderKey, OrderStatus};
use crate::program::Trigger;
use crate::time::Instant;

/// Completes a paid order at `at`; what its rules give waits since `from`. An order that is completed, or of
/// which nothing is left, stays as it is.
pub(super) fn complete(draft: &mut Draft<'_>, key: &OrderKey, at: Instant, from: Instant) {
    if draft.order(key).status != OrderStatus::Paid {
        return;
    }
    // Of an order that was a guest's nothing waits for less than since it was claimed.
    let claimed_at = draft.order(key).claimed.map(|claimed| claimed.at);
    let since = |at: Instant| claimed_at.map_or(at, |claimed_at| at.max(claimed_at));
    draft.push(Event::OrderCompleted { order: key.clone(), at });
    dates::bring_forward(draft, key, since(at));
    if draft.program.rules_for(Trigger::OrderCompleted).next().is_some() {
        let earning = Earning { trigger: Trigger::OrderCompleted, at, from: since(from) };
        earn::earn_order(draft, key, earning);
        tiers::count(draft, key);
        tiers::rise(draft);
        achievements::reach(draft);
    }
    draft.settle_debt();
}
