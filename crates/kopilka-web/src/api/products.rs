//! The product table.

pub mod list;
pub mod put;
