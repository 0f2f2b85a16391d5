//! Automatic discounts, compiled: on what, how much, and how they go together.

use super::Condition;
use crate::ShortText;
use crate::money::{Money, Rate};
use crate::order::Quantity;
use crate::product::LineMatch;

/// One discount. [`Program::discounts`](super::Program) holds them in the order they are applied in.
#[derive(Debug, Clone, PartialEq)]
pub struct Discount {
    pub id: ShortText,
    pub only_if: Condition,
    pub of: LineMatch,
    pub off: Off,
    pub on: On,
    /// Of each line for what is counted by line or piece; of all lines together for single pieces.
    pub max_pieces: Option<Quantity>,
    /// With `each_piece`: only as many pieces as make full groups of so many, the dearest first.
    pub groups_of: Option<u32>,
    /// With [`On::Bought`]: what must be bought.
    pub bought: Option<Bought>,
    /// The most money for one order.
    pub cap: Option<Money>,
    /// Position in [`Program::groups`](super::Program).
    pub group: Option<usize>,
    /// The higher goes first.
    pub priority: i32,
    /// Counted on the list price instead of what earlier discounts left.
    pub of_list: bool,
}

/// What must be bought for a discount on other pieces, or on some of the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    pub of: LineMatch,
    /// For each so many pieces …
    pub pieces: u32,
    /// … so many are lowered.
    pub gives: u32,
}

/// How much.
#[derive(Debug, Clone, PartialEq)]
pub enum Off {
    Percent(Rate),
    Amount(Money),
    /// What it costs then; never more than before.
    Price(Money),
    /// So much off the first piece of a line and so much off each further one.
    Pieces {
        first: Money,
        next: Money,
    },
    /// The row that the lines together reach holds for them all.
    Table(Vec<(Money, RowOff)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOff {
    Percent(Rate),
    Amount(Money),
}

/// What it is counted on, and so where it is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    EachPiece,
    EachLine,
    /// The cheapest piece, or as many of them as `max_pieces` says.
    Cheapest,
    /// Of the pieces from the dearest down, every one at this place.
    Nth(u32),
    /// For each so many pieces bought, so many of the cheapest that it speaks of.
    Bought,
    /// Once on the lines together, spread over them.
    Order,
    /// The same with delivery.
    OrderWithDelivery,
    Delivery,
}

impl On {
    /// What is decided line by line, so that a group can pick the best for each line.
    pub fn is_by_line(self) -> bool {
        matches!(self, On::EachPiece | On::EachLine)
    }
    pub fn takes_delivery(self) -> bool {
        matches!(self, On::Delivery | On::OrderWithDelivery)
    }
}

impl Discount {
    /// What it takes off does not grow with what is added to the order: it is given once.
    pub fn is_once(&self) -> bool {
        let whole = match (&self.off, self.on) {
            (_, On::Cheapest | On::Nth(_) | On::Bought) => true,
            (Off::Percent(_), _) | (_, On::EachPiece | On::EachLine) => false,
            (_, On::Order | On::OrderWithDelivery | On::Delivery) => true,
        };
        whole || self.cap.is_some() || self.groups_of.is_some()
    }
}

/// What no discount may go below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscountLimits {
    /// The most of a line's list amount that all discounts together take, in millionths.
    pub max_share: Rate,
    /// Money that remains on each piece.
    pub least_per_piece: Money,
}

impl Default for DiscountLimits {
    fn default() -> DiscountLimits {
        DiscountLimits { max_share: Rate(Rate::ONE), least_per_piece: Money::ZERO }
    }
}
