//! The shell around the rules: time, ids, storage, and one way for every write.
//!
//! Invariant: a write is answered after its transaction is on disk, and only then.

mod answer;
mod asks;
mod background;
pub mod care;
mod compile;
mod engine;
pub mod error;
pub mod identifiers;
mod ids;
pub mod key_file;
mod overlay;
mod prepare;
mod reference;
pub mod relay;
mod service;
mod shared;
mod verify;
mod write;

pub use asks::*;
pub use background::Background;
pub use error::{OpenError, PublishError, ServiceError};
pub use kopilka_store::verify::{Difference, Verified};
pub use kopilka_store::{Reader, StoreError, rows};
pub use service::{DATABASE_FILE, LOCK_FILE, Service, lock};
pub use verify::verify_dir;
pub use write::*;
