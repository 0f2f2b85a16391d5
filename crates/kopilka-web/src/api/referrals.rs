//! Who brought whom.

pub mod network;
pub mod visit;
