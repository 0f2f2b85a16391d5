//! The reward catalogue and its claims.

pub mod claim;
pub mod claims;
pub mod list;
pub mod settle;
