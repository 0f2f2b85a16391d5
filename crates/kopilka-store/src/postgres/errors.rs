//! Errors of PostgreSQL, told apart by SQLSTATE alone: a cluster sends no names of constraints.

use crate::error::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// What the caller can do about it.
pub fn error(error: Error) -> StoreError {
    let Some(failure) = error.as_db_error() else {
        // Without an answer of the server the connection itself is what failed.
        return if error.is_closed() || is_input_output(&error) {
            StoreError::Lost(error.to_string())
        } else {
            StoreError::Engine(error.to_string())
        };
    };
    let text = format!("{} ({})", failure.message(), failure.code().code());
    match *failure.code() {
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::QUERY_CANCELED => StoreError::Again(text),
        // A host that no longer takes writes: the one that does is looked for.
        SqlState::READ_ONLY_SQL_TRANSACTION
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::Lost(text),
        SqlState::DISK_FULL => StoreError::Full,
        SqlState::UNIQUE_VIOLATION => StoreError::Conflict(text),
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => StoreError::Damaged(text),
        ref other if other.code().starts_with("08") => StoreError::Lost(text),
        _ => StoreError::Engine(text),
    }
}

fn is_input_output(error: &Error) -> bool {
    use std::error::Error as _;
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// Of several errors of one flight the one that broke the transaction: those after it only say that it is
/// broken.
pub fn first<T>(results: Vec<Result<T, Error>>) -> Result<Vec<T>, StoreError> {
    let mut values = Vec::with_capacity(results.len());
    let mut aborted = None;
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(e) if e.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => aborted = Some(e),
            Err(e) => return Err(error(e)),
        }
    }
    match aborted {
        Some(e) => Err(error(e)),
        None => Ok(values),
    }
}
