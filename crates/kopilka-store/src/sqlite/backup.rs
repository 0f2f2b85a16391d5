//! Copies of a live database, whole and of one moment.

use super::errors::error;
use super::migrate;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::reader::Reader;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Copies the database as of now into a new file, row by row: what was deleted is not in it, nor the space
/// it took. Commits go on meanwhile and are not in the copy either.
pub fn back_up(reader: &Reader, to: &Path) -> Result<(), StoreError> {
    let Conn::Sqlite(conn) = &reader.conn else {
        return Err(StoreError::Engine("a server's database is copied by its own tools".to_owned()));
    };
    // A connection that reads may write nothing, not even elsewhere.
    conn.pragma_update(None, "query_only", false).map_err(error)?;
    let copied = conn.execute("VACUUM INTO ?1", [to.to_string_lossy()]);
    conn.pragma_update(None, "query_only", true).map_err(error)?;
    copied.map_err(error)?;
    check_file(to)
}

/// Reads every page of a database file; refuses a damaged or newer one.
pub fn check_file(path: &Path) -> Result<(), StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(error)?;
    migrate::refuse_newer(&conn)?;
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(error)?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged(verdict)) }
}
