//! The shell around the rules: time, ids, storage, and one way for every write.
//!
//! Invariant: a write is answered after its transaction is on disk, and only then.

pub mod error;
pub mod service;
pub mod write;

pub use error::{OpenError, PublishError, ServiceError};
pub use kopilka_store::{Reader, StoreError, rows};
pub use service::*;
pub use write::*;
