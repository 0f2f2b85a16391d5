//! The SQL of the store, one subset for every engine.
//!
//! Invariant: time and ids are parameters; every statement of a command names the member or a full key, and
//! filters on the program; `ON CONFLICT` names a whole primary key. `tests/rules.rs` reads these files and
//! refuses what breaks a rule. Parameters are written `?1`; an engine that says it otherwise rewrites them.

pub mod accrual;
pub mod batch;
pub mod codes;
pub mod command;
pub mod lookup;
pub mod messages;
pub mod projection;
pub mod proof;
pub mod reference;
pub mod servers;
pub mod session;
pub mod team;
pub mod webhooks;
