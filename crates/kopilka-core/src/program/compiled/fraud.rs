//! What is unusual enough to be shown to the owner.
//!
//! Invariant: it changes no decision. An order is paid, earns and is returned alike whatever stands here;
//! only the report of a day reads it.

/// A household that comes back for what it forgot makes three or four purchases a day; a cashier's own card
/// makes one a customer.
const PURCHASES_PER_DAY: i64 = 5;
/// A till makes fewer purchases a day than this: a greater number would show nobody.
pub const PURCHASES_PER_DAY_MAX: i64 = 1_000;

/// The limits of a document's `fraud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraud {
    /// More purchases of one member with one cashier of one shop on one day are shown.
    pub max_purchases_per_day: i64,
}

impl Default for Fraud {
    fn default() -> Fraud {
        Fraud { max_purchases_per_day: PURCHASES_PER_DAY }
    }
}
