//! Looking after a data directory: copies, and what is wrong with it.

mod copies;
mod doctor;

pub use copies::{BackupMade, CareError, back_up, restore};
pub use doctor::{Finding, Level, doctor};
