//! The reward catalogue, compiled: what points buy, for whom, how many.

use super::{Condition, Text};
use crate::ShortText;
use crate::points::Points;
use crate::time::Day;

/// Something that points buy.
#[derive(Debug, Clone, PartialEq)]
pub struct Reward {
    pub id: ShortText,
    pub name: Text,
    pub cost: Points,
    pub gives: Gives,
    pub only_if: Condition,
    /// Both days included, in the program's zone.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// How many there are, for everybody together.
    pub stock: Option<i64>,
    pub per_member: Option<i64>,
}

/// What the member gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gives {
    /// Goods, a seat, a certificate: the shop hands it over, and may take the claim back until then.
    HandedOver,
    /// A code of this campaign, the member's own, at once.
    Coupon(ShortText),
}
