pub mod error;
pub mod read;
pub mod rows;

pub use error::StoreError;
pub use read::Reader;
