//! Discounts, automatic and by coupon: each on what the earlier left, and the best set where some exclude
//! each other.
//!
//! Invariant: a pure function of the terms, the lines and the answers of its questions (does a condition
//! hold, what would be earned). No line goes below its floor, nothing spreads over delivery, and effort is
//! counted in steps, so a quote and the placing after it agree.

mod index;
mod off;
mod seats;
mod stack;

use crate::ShortText;
use crate::money::{Money, Rate, Rounding};
use crate::order::{LineKind, LineState};
use crate::points::Points;
use crate::program::{Condition, Discount, DiscountLimits, Group, On};
use crate::trace::{Silence, Trace};
use smallvec::SmallVec;
use stack::Stack;

pub use index::Index;

/// Discounts applied in the search for the best set, at most: a cart with a dozen promotions that exclude
/// each other is searched whole, and the worst document costs a few milliseconds.
pub const EFFORT_MAX: usize = 20_000;

/// What the program says, in the order of application.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    pub discounts: &'a [Discount],
    /// Those of the order's coupons, in the order entered: they come after the program's own.
    pub by_coupon: &'a [&'a Discount],
    pub index: &'a Index,
    pub groups: &'a [Group],
    pub limits: DiscountLimits,
    pub rounding: Rounding,
    /// Amounts are without the tax that lines add on top.
    pub amounts_net: bool,
    /// Why each discount acted or not is told; what they come to does not depend on it.
    pub explain: bool,
}

impl<'a> Terms<'a> {
    fn len(&self) -> usize {
        self.discounts.len() + self.by_coupon.len()
    }
    /// The program's own first, then those by coupon.
    fn discount(&self, at: usize) -> &'a Discount {
        match self.discounts.get(at) {
            Some(own) => own,
            None => self.by_coupon[at - self.discounts.len()],
        }
    }
}

/// What the discounts came to.
#[derive(Debug, Default)]
pub struct Priced {
    pub trace: Trace,
    /// What each discount by coupon took off, or why it did not.
    pub by_coupon: Vec<Result<Money, Silence>>,
}

/// What only the decision knows.
pub struct Questions<'a> {
    pub holds: &'a dyn Fn(&Condition, &[LineState]) -> bool,
    /// What the lines would earn as they stand: breaks ties between sets.
    pub points: &'a dyn Fn(&[LineState]) -> Points,
    /// Whether a discount may act at all: what an order was given once is not given again.
    pub allowed: &'a dyn Fn(&Discount) -> bool,
}

/// Prices the lines from `first` on; conditions and totals look at all of them. Answers why, where the terms
/// are to be explained.
pub fn price(terms: Terms<'_>, questions: &Questions<'_>, lines: &mut [LineState], first: usize) -> Priced {
    if terms.len() == 0 {
        return Priced::default();
    }
    let priced = Stack::new(terms, questions, lines, first).best();
    for line in &mut lines[first..] {
        line.settle();
    }
    priced
}

/// What the line must keep: of its list amount, and of each piece.
fn floor_of(limits: DiscountLimits, line: &LineState) -> Money {
    let own = line.own.as_ref().map_or(Money::ZERO, |own| own.least_for(line.quantity.0));
    let none = limits.max_share.0 == Rate::ONE && limits.least_per_piece.is_zero();
    if none || line.kind == LineKind::Delivery {
        return own.min(line.discounted);
    }
    let kept = Rate(Rate::ONE - limits.max_share.0).of(line.list, Rounding::Ceil);
    let pieces = (line.quantity.0 + 999) / 1000;
    kept.max(own).max(Money(limits.least_per_piece.0.saturating_mul(pieces))).min(line.discounted)
}

/// The discount speaks of this line.
fn concerns(discount: &Discount, line: &LineState) -> bool {
    match (discount.on, line.kind) {
        (On::Delivery, kind) => kind == LineKind::Delivery,
        (On::OrderWithDelivery, LineKind::Delivery) => true,
        (_, LineKind::Goods) => discount.of.matches(line.traits()),
        // A gift card is money in another form: lowering its price would mint it.
        (_, LineKind::Delivery | LineKind::GiftCard) => false,
    }
}

/// A discount that acted, and what it took off each line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Applied {
    pub discount: usize,
    pub by_line: ByLine,
}

/// Money by line: most discounts speak of a few.
pub(crate) type ByLine = SmallVec<[(u16, Money); 4]>;

impl Applied {
    fn sum(&self) -> Money {
        self.by_line.iter().map(|(_, money)| *money).sum()
    }
}

/// The ids of a set, for the trace.
fn names(terms: &Terms<'_>, applied: &[Applied]) -> Vec<ShortText> {
    applied.iter().map(|a| terms.discount(a.discount).id.clone()).collect()
}
