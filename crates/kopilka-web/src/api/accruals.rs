//! Points for many members at once.

pub mod answer;
pub mod list;
pub mod parts;
pub mod put;
pub mod steps;
