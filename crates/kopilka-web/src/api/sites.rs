//! Sites of members, from which their friends come.

pub mod change;
pub mod confirm;
pub mod list;
