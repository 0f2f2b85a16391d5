//! What is written to members.

pub mod list;
