//! The ledger of one member: lots, holds, debts, and the events that move points between accounts.
//!
//! Invariant: a member's state is the fold of its events ([`evolve`]), every event moves points from one
//! account to another ([`postings`]), and the accounts' sums equal the state at every commit.

mod accounts;
mod event;
mod evolve;
mod lots;

pub use accounts::*;
pub use event::*;
pub use evolve::*;
pub use lots::*;
