//! Segments of a program, and who is in them.

pub mod list;
pub mod members;
pub mod of_member;
