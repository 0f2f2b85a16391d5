//! What `doctor` asks of a database.

use super::{Consumer, Reader, Store, migrate};
use crate::error::StoreError;
use crate::sqlite::codec::error;
use kopilka_core::ids::EntryId;

/// Figures of a database at rest or at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub schema_version: i64,
    pub bytes: u64,
    /// The write-ahead log beside the file.
    pub log_bytes: u64,
    pub newest_entry: EntryId,
    /// How far the projections for pages have come.
    pub projected: EntryId,
    /// `None` when every page is whole; else the first complaint.
    pub damage: Option<String>,
}

impl Store {
    /// Looks at the file; reads all of it.
    pub fn health(&self, reader: &Reader) -> Result<Health, StoreError> {
        let verdict: Option<String> =
            reader.one("PRAGMA integrity_check(1)", [], |row| row.get(0).map_err(error))?;
        let size = |suffix: &str| {
            let mut path = self.path().as_os_str().to_owned();
            path.push(suffix);
            std::fs::metadata(path).map_or(0, |m| m.len())
        };
        Ok(Health {
            schema_version: migrate::version(&reader.conn)?,
            bytes: size(""),
            log_bytes: size("-wal"),
            newest_entry: reader.newest_entry()?,
            projected: reader.cursor(Consumer::Pages)?,
            damage: verdict.filter(|v| v != "ok"),
        })
    }
}
