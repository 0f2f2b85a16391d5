pub mod error;
mod hex;
pub mod read;
pub mod rows;
mod sql;
mod sqlite;

pub use error::StoreError;
pub use sqlite::{Consumer, Progress, Reader, SCHEMA_VERSION, Store, Writer};
