//! Errors of SQLite, told apart by result code alone.

use crate::error::StoreError;
use rusqlite::{ErrorCode, ffi};

/// Extended results of a disk (or quota, or file-size limit) that takes no more.
const FULL_RESULTS: [i32; 4] =
    [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_TRUNCATE, ffi::SQLITE_FULL];

/// What the caller can do about it.
pub fn error(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return StoreError::Engine(text) };
    if FULL_RESULTS.contains(&failure.extended_code) {
        return StoreError::Full;
    }
    match failure.code {
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(text),
        ErrorCode::ConstraintViolation => StoreError::Conflict(text),
        _ => StoreError::Engine(text),
    }
}
