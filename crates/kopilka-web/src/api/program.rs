//! The program itself.

pub mod get;
