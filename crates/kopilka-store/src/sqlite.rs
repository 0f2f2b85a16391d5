//! SQLite: one file, one connection that writes, any number that read beside it.
//!
//! Invariant: what a committed transaction wrote is on disk before `commit` returns (`synchronous=FULL`).

mod backup;
mod errors;
mod group;
mod health;
mod log;
mod migrate;
mod project;

use crate::error::StoreError;
use crate::value::{Cell, Columns, Param};
pub use backup::{back_up, check_file};
use errors::error;
pub(crate) use group::write;
pub(crate) use health::health;
pub(crate) use project::put_part;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, Row};
use std::path::Path;
use std::time::Duration;

/// How long a transaction waits for one of another process (a backup's last step, a key being made).
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Checkpoints of 128 MiB: a page touched again and again is written back once.
const CHECKPOINT_PAGES: i64 = 32_768;
/// The writer's page cache; readers share the system's cache and need little. A larger one gains nothing: a
/// page that is not in it is in the system's, and each commit that split a page walks all of it.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
const READER_CACHE_KIB: i64 = 8 * 1024;
/// More than all statements of the store: none is prepared twice.
const STATEMENTS: usize = 192;

/// Opens the connection that writes, creating and migrating the database. There should be one.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(error)?;
    prepare(&conn, WRITER_CACHE_KIB)?;
    migrate::refuse_newer(&conn)?;
    conn.pragma_update(None, "page_size", 4096).map_err(error)?;
    conn.pragma_update(None, "journal_mode", "WAL").map_err(error)?;
    conn.pragma_update(None, "synchronous", "FULL").map_err(error)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(error)?;
    // What is deleted or written over is gone from its page, not only from the table.
    conn.pragma_update(None, "secure_delete", true).map_err(error)?;
    migrate::migrate(&conn)?;
    Ok(conn)
}

/// Opens a connection that reads; the database must exist.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    // A reader of a write-ahead log may have to rebuild its index, so the file is not opened read-only.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(error)?;
    prepare(&conn, READER_CACHE_KIB)?;
    migrate::refuse_newer(&conn)?;
    conn.pragma_update(None, "query_only", true).map_err(error)?;
    Ok(conn)
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

pub(crate) fn query(
    conn: &Connection,
    sql: &'static str,
    params: &[Param<'_>],
    each: &mut dyn FnMut(&dyn Columns) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(error)?;
    let params = rusqlite::params_from_iter(params);
    let mut rows = statement.query(params).map_err(error)?;
    while let Some(row) = rows.next().map_err(error)? {
        if !each(row)? {
            break;
        }
    }
    Ok(())
}

pub(crate) fn execute(conn: &Connection, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(error)?;
    let changed = statement.execute(rusqlite::params_from_iter(params)).map_err(error)?;
    Ok(changed as u64)
}

/// Statements one after another, mostly the same again: it is looked up anew only where another comes, for
/// that takes a tenth of what a small row does.
pub(crate) struct InARow<'c> {
    conn: &'c Connection,
    statement: Option<(&'static str, CachedStatement<'c>)>,
}

impl<'c> InARow<'c> {
    pub fn on(conn: &'c Connection) -> InARow<'c> {
        InARow { conn, statement: None }
    }
    pub fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let statement = match self.statement.take() {
            Some(same) if std::ptr::eq(same.0, sql) => same,
            _ => (sql, self.conn.prepare_cached(sql).map_err(error)?),
        };
        let (_, statement) = self.statement.insert(statement);
        let changed = statement.execute(rusqlite::params_from_iter(params)).map_err(error)?;
        Ok(changed as u64)
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn malformed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Malformed(error.to_string())
}

impl Columns for Row<'_> {
    fn int_or_null(&self, at: usize) -> Result<Option<i64>, StoreError> {
        self.get_ref(at).map_err(error)?.as_i64_or_null().map_err(malformed)
    }
    fn text_or_null(&self, at: usize) -> Result<Option<&str>, StoreError> {
        self.get_ref(at).map_err(error)?.as_str_or_null().map_err(malformed)
    }
    fn bytes_or_null(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        self.get_ref(at).map_err(error)?.as_blob_or_null().map_err(malformed)
    }
    fn cell(&self, at: usize) -> Result<Cell, StoreError> {
        Ok(match self.get_ref(at).map_err(error)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_owned()),
            ValueRef::Real(_) => return Err(malformed("a fraction where none may stand")),
        })
    }
}
