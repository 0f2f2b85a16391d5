//! Statements that begin, end and set up; they touch no rows.

/// The write lock at once, so that what is read until the commit stays true.
pub const SQLITE_BEGIN: &str = "BEGIN IMMEDIATE";
pub const SQLITE_SNAPSHOT: &str = "BEGIN DEFERRED";
/// Rows are locked as they are read; what is read behind a member's lock stays true.
pub const POSTGRES_BEGIN: &str = "BEGIN";
pub const POSTGRES_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
pub const COMMIT: &str = "COMMIT";
pub const ROLLBACK: &str = "ROLLBACK";
/// A copy of everything may take its time.
pub const POSTGRES_COPY: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
    SET LOCAL idle_in_transaction_session_timeout = 0";
pub const POSTGRES_ANALYZE: &str = "ANALYZE";
