//! A personal offer as its member holds it, and as an order uses it.
//!
//! Invariant: what was given stands: its term and its number of uses are those of the moment it was given,
//! whatever later versions say of it.

use crate::ShortText;
use crate::counters::of_offer;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Offers that a member holds at once: more than anybody reads, and few enough for a row that every command
/// loads.
pub const OFFERS_HELD_MAX: usize = 32;

/// An offer that a member holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOffer {
    pub offer: ShortText,
    /// Its number within the member: given again it is another one, so that what an order gives back counts
    /// for the one it used.
    pub no: u32,
    pub given_at: Instant,
    /// The first instant at which it is over.
    pub ends_at: Instant,
    /// Since when it acts; `None` while the member has still to activate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Instant>,
    /// How many paid orders may use it; any number where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<i64>,
}

impl HeldOffer {
    /// The member's counter of its uses.
    pub fn counter(&self) -> ShortText {
        of_offer(&self.offer, self.no)
    }
    pub fn is_over(&self, at: Instant) -> bool {
        self.ends_at <= at
    }
    /// Activated and not over.
    pub fn runs(&self, at: Instant) -> bool {
        self.activated_at.is_some_and(|since| since <= at) && !self.is_over(at)
    }
}

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    ToActivate,
    Active,
    UsedUp,
    Expired,
}

impl OfferState {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            OfferState::ToActivate => "to_activate",
            OfferState::Active => "active",
            OfferState::UsedUp => "used_up",
            OfferState::Expired => "expired",
        }
    }
}

/// An offer that a rule or a discount of an order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderOffer {
    pub offer: ShortText,
    /// Which of those the member was given.
    pub no: u32,
    /// Its use is counted at present: reserved, or used once the order is paid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken: bool,
}
