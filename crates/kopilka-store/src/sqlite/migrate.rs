//! Numbered migrations, each in its own transaction; a database of a newer program is left alone.

use super::errors::error;
use super::{execute, query};
use crate::error::StoreError;
use crate::migrations::{SCHEMA_VERSION, STEPS};
use crate::rows::words_of_name;
use crate::sql::{command, projection};
use crate::value::params;
use rusqlite::Connection;

const VERSION_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY)";
/// Names that are held at once.
const NAMES_PAGE: i64 = 1_000;

/// The schema's version; 0 for an empty file.
pub fn version(conn: &Connection) -> Result<i64, StoreError> {
    let has_table: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'", [], |r| r.get(0))
        .map_err(error)?;
    if has_table == 0 {
        let foreign: i64 =
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).map_err(error)?;
        return if foreign == 0 {
            Ok(0)
        } else {
            Err(StoreError::Damaged("it is a database of another program".to_owned()))
        };
    }
    conn.query_row("SELECT coalesce(max(version), 0) FROM schema_version", [], |r| r.get(0)).map_err(error)
}

pub fn refuse_newer(conn: &Connection) -> Result<(), StoreError> {
    let found = version(conn)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
    }
    Ok(())
}

/// Brings the schema up to [`SCHEMA_VERSION`].
pub fn migrate(conn: &Connection) -> Result<(), StoreError> {
    if version(conn)? == SCHEMA_VERSION {
        return Ok(());
    }
    conn.execute_batch("BEGIN IMMEDIATE").map_err(error)?;
    let result = run_missing(conn);
    match &result {
        Ok(()) => conn.execute_batch("COMMIT").map_err(error)?,
        Err(_) => conn.execute_batch("ROLLBACK").map_err(error)?,
    }
    result
}

fn run_missing(conn: &Connection) -> Result<(), StoreError> {
    // Asked again inside the transaction: another process may have migrated meanwhile.
    let done = version(conn)?;
    conn.execute_batch(VERSION_TABLE).map_err(error)?;
    for (number, step) in (1_i64..).zip(STEPS).filter(|(number, _)| *number > done) {
        conn.execute_batch(step.sqlite).map_err(error)?;
        if step.fills_words {
            fill_words(conn)?;
        }
        conn.execute("INSERT INTO schema_version (version) VALUES (?1)", [number]).map_err(error)?;
    }
    Ok(())
}

/// The words of the names that are there already.
fn fill_words(conn: &Connection) -> Result<(), StoreError> {
    let mut after = -1;
    loop {
        let mut page: Vec<(i64, i64, String)> = Vec::new();
        query(conn, projection::NAMES_AFTER, params![after, NAMES_PAGE], &mut |row| {
            page.push((row.int(0)?, row.int(1)?, row.text(2)?.to_owned()));
            Ok(true)
        })?;
        for (member, program, name) in &page {
            for word in words_of_name(name) {
                execute(conn, command::PERSON_WORD_INSERT, params![*member, &word, *program])?;
            }
        }
        match page.last() {
            Some((member, ..)) => after = *member,
            None => return Ok(()),
        }
    }
}
