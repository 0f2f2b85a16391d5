//! The journal.

pub mod explain;
