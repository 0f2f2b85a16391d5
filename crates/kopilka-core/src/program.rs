//! A loyalty program is one document: checked before it is published, compiled once, and the only thing
//! the engine executes.
//!
//! Invariant: a [`Program`] exists only for a document without errors; nothing in it can fail at run time.

mod compiled;
pub mod diagnostics;
pub mod difference;
pub mod document;
pub mod explain;
pub mod habits;
pub mod schema;
pub mod source;
pub mod spec;
pub mod terms;

pub use compiled::*;
pub use document::{Compiled, check, compile, is_id, judge_habits};
