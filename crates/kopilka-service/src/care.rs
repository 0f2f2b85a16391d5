//! Looking after an installation: copies, moves, and what is wrong with it.

mod copies;
mod doctor;
mod migrate;

pub use copies::{BackupMade, CareError, back_up, restore};
pub use doctor::{Finding, Level, doctor};
pub use migrate::{Installation, Moved, migrate_database};
