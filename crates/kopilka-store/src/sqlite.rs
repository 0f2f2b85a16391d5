//! SQLite: one file, one connection that writes, any number that read beside it.
//!
//! Invariant: what a committed transaction wrote is on disk before `commit` returns (`synchronous=FULL`).

mod backup;
pub(crate) mod codec;
mod health;
mod migrate;
mod project;
mod queries;
mod write;

use crate::error::StoreError;
pub use backup::{back_up, check_file};
use codec::error;
pub use health::Health;
pub use migrate::SCHEMA_VERSION;
pub(crate) use project::open_lots;
pub use project::{Batch, Consumer, MONTH_NEVER, MonthOf, Part};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;
pub use write::Writer;

/// How long a transaction waits for one of another process (a backup's last step, a key being made).
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Checkpoints of 128 MiB: a page touched again and again is written back once.
const CHECKPOINT_PAGES: i64 = 32_768;
/// The writer's page cache; readers share the system's cache and need little.
const WRITER_CACHE_KIB: i64 = 128 * 1024;
const READER_CACHE_KIB: i64 = 8 * 1024;
/// More than all statements of the store: none is prepared twice.
const STATEMENTS: usize = 128;

/// A connection that only reads. Every call sees what was committed before it.
pub struct Reader {
    pub(crate) conn: Connection,
}

/// The database file of a data directory.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// Names the file; nothing is opened yet.
    pub fn at(path: impl Into<PathBuf>) -> Store {
        Store { path: path.into() }
    }
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the connection that writes, creating and migrating the database. There should be one.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags).map_err(error)?;
        prepare(&conn, WRITER_CACHE_KIB)?;
        migrate::refuse_newer(&conn)?;
        conn.pragma_update(None, "page_size", 4096).map_err(error)?;
        conn.pragma_update(None, "journal_mode", "WAL").map_err(error)?;
        conn.pragma_update(None, "synchronous", "FULL").map_err(error)?;
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(error)?;
        migrate::migrate(&conn)?;
        Ok(Writer { reader: Reader { conn } })
    }

    /// Opens a connection that reads; the database must exist.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        // A reader of a write-ahead log may have to rebuild its index, so the file is not opened read-only.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags).map_err(error)?;
        prepare(&conn, READER_CACHE_KIB)?;
        migrate::refuse_newer(&conn)?;
        conn.pragma_update(None, "query_only", true).map_err(error)?;
        Ok(Reader { conn })
    }
}

fn prepare(conn: &Connection, cache_kib: i64) -> Result<(), StoreError> {
    conn.busy_timeout(BUSY_WAIT).map_err(error)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without it statements are prepared anew for each bound value once ANALYZE has run.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(error)?;
    conn.pragma_update(None, "cache_size", -cache_kib).map_err(error)?;
    conn.pragma_update(None, "foreign_keys", false).map_err(error)?;
    Ok(())
}
