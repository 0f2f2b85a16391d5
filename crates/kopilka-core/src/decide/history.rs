//! What the member bought before: the earlier orders, as they stand by now.
//!
//! Invariant: an order counts by what remains of it, and never as one before itself; nothing is remembered
//! of it beside the order, so a return undoes what it stood for.

use super::facts::{Facts, goods};
use crate::money::Money;
use crate::order::{OrderState, OrderStatus};
use crate::program::BoughtBefore;
use crate::time::{Ends, Instant};

/// What one order, or all of them, had of the goods asked about.
#[derive(Default)]
struct Had {
    orders: i64,
    paid: Money,
    pieces: i64,
}

pub(super) fn bought_before(asked: &BoughtBefore, facts: &Facts<'_>) -> bool {
    let earlier = |order: &&OrderState| {
        let own = facts.place.order.is_some_and(|own| *own == order.key);
        let stands = matches!(order.status, OrderStatus::Paid | OrderStatus::Completed);
        !own && stands && order.paid_at.is_some_and(|paid| counts(asked, facts, paid))
    };
    let had = facts.orders.iter().filter(earlier).fold(Had::default(), |mut sum, order| {
        let mut had_some = false;
        for line in goods(&order.lines).filter(|l| l.remaining().0 > 0 && asked.of.matches(l.traits())) {
            had_some = true;
            sum.paid += line.left_of(line.counted);
            sum.pieces += line.remaining().0;
        }
        sum.orders += i64::from(had_some);
        sum
    });
    let within = |range: &Option<crate::range::Range>, value: i64| range.is_none_or(|r| r.holds(value));
    // Bounds from above hold of nothing too: "fewer than two orders" is true of none.
    let bounded = asked.orders.or(asked.total).or(asked.quantity).is_some();
    (bounded || had.orders > 0)
        && within(&asked.orders, had.orders)
        && within(&asked.total, had.paid.0)
        && within(&asked.quantity, had.pieces)
}

fn counts(asked: &BoughtBefore, facts: &Facts<'_>, paid: Instant) -> bool {
    let ends = |period| facts.zone.end_of(paid, period, Ends::EndOfDay);
    paid <= facts.at && asked.within.is_none_or(|period| facts.at < ends(period))
}
