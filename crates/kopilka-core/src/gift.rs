//! Gift cards: money paid in advance. They pay like money does, so they change no price and no points.
//!
//! Invariant: what is left on a card is a counter across members, changed only by events: a payment is taken
//! off it when its order is placed and never more than is on it.

use crate::ShortText;
use crate::coupon::{CouponCode, MadeCode};
use crate::money::Money;
use crate::time::{Instant, Period};
use serde::{Deserialize, Serialize};

/// Cards of one order: a command names at most 16 rows beside the member's, and each card has two.
pub const GIFT_CARDS_MAX: usize = 4;
/// What stands in a code's row instead of a campaign. No campaign can be called so: ids have no colon.
pub const GIFT_CARD: &str = "gift:card";

/// What a program says of its gift cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftCards {
    /// How long a card lives from the day it is issued; `None`: for ever.
    pub expires: Option<Period>,
    /// The least and the most money of one card.
    pub min: Money,
    pub max: Money,
}

/// A card that an order is to be paid with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftAsk {
    /// As typed.
    pub code: ShortText,
    /// At most so much of it; all that is needed when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// A card of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftPayment {
    /// In its one spelling.
    pub code: ShortText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Money>,
    /// What it pays.
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Money::is_zero")]
    pub came_back: Money,
    /// Taken off the card at present: not before the order is placed, and no longer after a lapse.
    pub taken: bool,
}

impl GiftPayment {
    /// What the card pays for by now.
    pub fn net(&self) -> Money {
        if self.taken { self.amount - self.came_back } else { Money::ZERO }
    }
    pub fn asks(&self) -> GiftAsk {
        GiftAsk { code: self.code.clone(), amount: self.asked }
    }
}

/// The row of a card's code.
pub fn code_row(code: CouponCode, expires_at: Option<Instant>, blocked: bool) -> MadeCode {
    MadeCode { code, campaign: GIFT_CARD.into(), owner: None, expires_at, blocked }
}

/// Enough of a code to tell cards apart: the whole of it is money.
pub fn ending(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    let shown = signs.len().min(4).min(signs.len() / 2);
    format!("…{}", signs[signs.len() - shown..].iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_never_shown_whole() {
        assert_eq!(super::ending("GIFT7K3MQ2"), "…3MQ2");
        assert_eq!(super::ending("G1"), "…1");
        assert_eq!(super::ending("G"), "…");
    }
}
