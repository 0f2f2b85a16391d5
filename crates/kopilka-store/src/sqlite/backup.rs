//! Copies of a live database, whole and of one moment.

use super::errors::error;
use super::migrate;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::reader::Reader;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// All pages in one step: in steps, each commit of the writer would start the copy anew.
const ALL_PAGES: i32 = -1;
const PAUSE: Duration = Duration::from_millis(50);

/// Copies the database as of now into a new file. Commits go on meanwhile and are not in the copy.
pub fn back_up(reader: &Reader, to: &Path) -> Result<(), StoreError> {
    let Conn::Sqlite(conn) = &reader.conn else {
        return Err(StoreError::Engine("a server's database is copied by its own tools".to_owned()));
    };
    let mut copy = Connection::open(to).map_err(error)?;
    {
        let backup = Backup::new(conn, &mut copy).map_err(error)?;
        loop {
            use rusqlite::backup::StepResult::{Busy, Done, Locked, More};
            match backup.step(ALL_PAGES).map_err(error)? {
                Done => break,
                More => {}
                Busy | Locked => std::thread::sleep(PAUSE),
                _ => return Err(StoreError::Engine("the backup stopped".to_owned())),
            }
        }
    }
    // One file without a log beside it: what is handed over is complete.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(error)?;
    copy.close().map_err(|(_, e)| error(e))?;
    check_file(to)
}

/// Reads every page of a database file; refuses a damaged or newer one.
pub fn check_file(path: &Path) -> Result<(), StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(error)?;
    migrate::refuse_newer(&conn)?;
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(error)?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged(verdict)) }
}
