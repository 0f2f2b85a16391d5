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
    /// The most money for one order.
    pub cap: Option<Money>,
    /// Position in [`Program::groups`](super::Program).
    pub group: Option<usize>,
    /// The higher goes first.
    pub priority: i32,
    /// Counted on the list price instead of what earlier discounts left.
    pub of_list: bool,
}

/// How much.
#[derive(Debug, Clone, PartialEq)]
pub enum Off {
    Percent(Rate),
    Amount(Money),
    /// What it costs then; never more than before.
    Price(Money),
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
    /// Once on the lines together, spread over them.
    Order,
    Delivery,
}

impl On {
    /// What is decided line by line, so that a group can pick the best for each line.
    pub fn is_by_line(self) -> bool {
        matches!(self, On::EachPiece | On::EachLine)
    }
}

impl Discount {
    /// What it takes off does not grow with what is added to the order: it is given once.
    pub fn is_once(&self) -> bool {
        let whole = match (&self.off, self.on) {
            (_, On::Cheapest | On::Nth(_)) => true,
            (Off::Percent(_), _) | (_, On::EachPiece | On::EachLine) => false,
            (Off::Amount(_) | Off::Price(_) | Off::Table(_), On::Order | On::Delivery) => true,
        };
        whole || self.cap.is_some()
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
