//! PostgreSQL: a server that many of our servers may write to.
//!
//! Invariant: what a committed transaction wrote is on disk before `commit` returns (`synchronous_commit` is
//! left as the server has it, on by default; `doctor` tells when it is off). A member's row is locked as it
//! is read.

mod arrays;
mod errors;
mod flight;
mod health;
mod link;
mod load;
mod migrate;
mod project;
mod tls;
mod write;

pub(crate) use health::health;
pub(crate) use link::{Link, Use};
pub(crate) use load::{Loaded, begin, load, lock_counters};
pub(crate) use migrate::{migrate, refuse_unready};
pub(crate) use project::{due_states, kept_lots, members_named, orders_bought, put_part};
pub(crate) use tls::Place;
pub(crate) use write::{run_each, write};
