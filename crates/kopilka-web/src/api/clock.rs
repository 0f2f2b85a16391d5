//! The clock of the program.

pub mod get;
pub mod set;
