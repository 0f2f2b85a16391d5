//! Personal offers, compiled: to whom, for how long, how often.

use super::{Condition, Text};
use crate::ShortText;
use crate::time::Period;

/// Something that a member may be given; what it does is said by the rules and discounts that ask for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub id: ShortText,
    pub name: Text,
    /// What the member reads.
    pub text: Option<Text>,
    /// How long it lives once given.
    pub lasts: Period,
    /// It acts once the member has activated it; at once otherwise.
    pub by_member: bool,
    /// Who may be given it.
    pub only_if: Condition,
    /// How many paid orders may use it; any number where absent.
    pub times: Option<i64>,
}
