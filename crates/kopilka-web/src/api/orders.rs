//! Orders through their life.

pub mod back;
pub mod cancel;
pub mod exchange;
pub mod explain;
pub mod get;
pub mod put;
