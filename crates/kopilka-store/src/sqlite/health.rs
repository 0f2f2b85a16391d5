//! What `doctor` asks of a file.

use super::errors::error;
use super::migrate;
use crate::error::StoreError;
use crate::health::Engine;
use rusqlite::Connection;
use std::path::Path;

/// Reads all of it.
pub(crate) fn health(conn: &Connection, path: Option<&Path>) -> Result<Engine, StoreError> {
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(error)?;
    let size = |suffix: &str| {
        let mut name = path.map(|p| p.as_os_str().to_owned()).unwrap_or_default();
        name.push(suffix);
        std::fs::metadata(name).map_or(0, |m| m.len())
    };
    Ok(Engine {
        schema_version: migrate::version(conn)?,
        bytes: size(""),
        log_bytes: size("-wal"),
        damage: Some(verdict).filter(|v| v != "ok"),
        ..Engine::default()
    })
}
