//! What can go wrong with a database, told apart by what the caller can do about it.

use thiserror::Error;

/// Errors of the store. None of them leaves a transaction half written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The disk (or the allowed size) is full. Writes work again when there is space.
    #[error("the storage is full: free some disk space and try again")]
    Full,
    /// Another process holds the database for longer than a command may wait.
    #[error("the database is busy in another process")]
    Busy,
    /// The transaction met another one; run again, it succeeds.
    #[error("the transaction has to be run again: {0}")]
    Again(String),
    /// The connection broke. A commit that was under way may have been done or not.
    #[error("the connection to the database is lost: {0}")]
    Lost(String),
    /// The other servers took this one for dead: it may not write any more.
    #[error("this server was taken for dead by the others and must be started again")]
    Fenced,
    /// A trial let the process die: nothing is undone, nothing answered.
    #[error("the process was let die here")]
    Died,
    /// The database was written by a newer program.
    #[error(
        "the database has schema version {found}, this program knows up to {known}: install the newer program"
    )]
    Newer { found: i64, known: i64 },
    /// The file is a database of something else, or its pages are damaged.
    #[error("the database cannot be read: {0}")]
    Damaged(String),
    /// A row was not as the command had read it; the command is run again.
    #[error("a row changed under the command: {0}")]
    Conflict(String),
    /// A copy goes into an empty database only.
    #[error("the goal is not empty: its table {0} has rows")]
    NotEmpty(&'static str),
    /// A row does not have the form its format number promises.
    #[error("a row cannot be understood: {0}")]
    Malformed(String),
    #[error("{0}")]
    Engine(String),
}

impl StoreError {
    /// Whether the same command, run again, may succeed.
    pub fn may_be_run_again(&self) -> bool {
        matches!(self, StoreError::Again(_) | StoreError::Lost(_) | StoreError::Conflict(_))
    }
}
