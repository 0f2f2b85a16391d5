//! Gift cards: codes are money, so none stands in an address.

pub mod change;
pub mod issue;
pub mod left;
pub mod lookup;
