//! What travels: the types of the API's bodies, and how they become the core's and back.
//!
//! Invariant: money, points and quantities travel as decimal text and are never rounded on the way.

pub mod answer;
pub mod consent;
pub mod figures;
pub mod member;
pub mod order;
pub mod product;
pub mod returns;
mod text;

pub use text::{DayText, DecimalText, LineWord, TEXT_MAX, TimeText, Word};
