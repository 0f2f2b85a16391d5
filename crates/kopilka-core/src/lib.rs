//! The rules of a loyalty program: money, points, orders, the ledger and every decision about them.
//!
//! Invariant: nothing here does I/O, waits, reads a clock, draws a random number or computes money in
//! floating point. Time, ids and texts from outside are arguments, so every outcome can be repeated.
#![deny(clippy::float_arithmetic, clippy::float_cmp, clippy::iter_over_hash_type)]

/// A text that is mostly short (an id, an article, a rule's name): up to 23 bytes lie in place, so the many
/// copies of it in orders, lots, events and traces allocate nothing.
pub type ShortText = smol_str::SmolStr;

pub mod attribute;
pub mod book;
pub mod consent;
pub mod counters;
pub mod coupon;
pub mod decide;
pub mod decimal;
pub mod discounts;
pub mod gift;
pub mod guest;
pub mod holder;
pub mod ids;
pub mod ledger;
pub mod measures;
pub mod member;
pub mod merge;
pub mod money;
pub mod offer;
pub mod order;
pub mod points;
pub mod product;
pub mod program;
pub mod range;
pub mod record;
pub mod referral;
pub mod refusal;
pub mod standing;
pub mod time;
pub mod trace;
pub mod words;
