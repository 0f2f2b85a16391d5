//! The write-ahead log: how long it is, and copying it back into the database file.

use super::errors::error;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::reader::Reader;
use crate::writer::Writer;
use rusqlite::Connection;
use std::time::Duration;

/// A reader is done with the log within it, or the next try meets another.
const EMPTY_WAIT: Duration = Duration::from_millis(20);

impl Reader {
    /// Pages of the write-ahead log that the database file does not have yet; 0 where there is no such log.
    pub fn log_pages(&self) -> Result<i64, StoreError> {
        self.checkpoint_step("PRAGMA wal_checkpoint(NOOP)")
    }
    /// Copies what can be copied of the log into the database file, without holding anybody up; the pages
    /// left over. A log that is copied to its end is begun anew by the next write.
    pub fn checkpoint_some(&self) -> Result<i64, StoreError> {
        self.checkpoint_step("PRAGMA wal_checkpoint(PASSIVE)")
    }
    /// Copies the log into the database file and cuts it off; whether nobody needed it any more. Whoever
    /// writes waits no longer than [`EMPTY_WAIT`].
    pub fn empty_log(&self) -> Result<bool, StoreError> {
        let Conn::Sqlite(conn) = &self.conn else { return Ok(true) };
        conn.busy_timeout(EMPTY_WAIT).map_err(error)?;
        let emptied = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        conn.busy_timeout(super::BUSY_WAIT).map_err(error)?;
        match emptied.map_err(error) {
            Err(StoreError::Busy) => Ok(false),
            busy => Ok(busy? == 0),
        }
    }
    fn checkpoint_step(&self, sql: &str) -> Result<i64, StoreError> {
        let Conn::Sqlite(conn) = &self.conn else { return Ok(0) };
        conn.query_row(sql, [], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?)).map_err(error)
    }
}

impl Writer {
    /// Writes the log back into the database file and empties it.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.pragma("PRAGMA wal_checkpoint(TRUNCATE)").map(|_| ())
    }
    /// Writes the file anew without the space of what was deleted, and empties the log. Where a server keeps
    /// the database, its own vacuum does that.
    pub fn compact(&self) -> Result<(), StoreError> {
        match &self.reads().conn {
            Conn::Sqlite(conn) => conn.execute_batch("VACUUM").map_err(error)?,
            Conn::Postgres(_) => return Ok(()),
        }
        self.checkpoint()
    }
    /// Lets the database grow to so many pages at most; for tests of a full disk.
    pub fn limit_pages(&self, pages: i64) -> Result<i64, StoreError> {
        self.pragma(&format!("PRAGMA max_page_count = {pages}"))
    }
    /// Pages the database has now.
    pub fn pages(&self) -> Result<i64, StoreError> {
        self.pragma("PRAGMA page_count")
    }
    fn pragma(&self, sql: &str) -> Result<i64, StoreError> {
        match &self.reads().conn {
            Conn::Sqlite(conn) => number(conn, sql),
            Conn::Postgres(_) => Ok(0),
        }
    }
}

fn number(conn: &Connection, sql: &str) -> Result<i64, StoreError> {
    conn.query_row(sql, [], |row| row.get(0)).map_err(error)
}
