//! What `doctor` asks of a database.

use crate::conn::Conn;
use crate::error::StoreError;
use crate::project::Consumer;
use crate::reader::Reader;
use crate::store::Store;
use crate::{postgres, sqlite};
use kopilka_core::ids::EntryId;

/// What the engine tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Engine {
    pub schema_version: i64,
    pub bytes: u64,
    /// The write-ahead log beside a file.
    pub log_bytes: u64,
    /// `None` when every page of the file is whole; else the first complaint. A server watches its own.
    pub damage: Option<String>,
    /// The server's version.
    pub server: Option<String>,
    /// Settings of the server under which an answered write may be lost.
    pub careless: Vec<String>,
}

/// Figures of a database at rest or at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub engine: Engine,
    pub newest_entry: EntryId,
    /// How far the projections for pages have come.
    pub projected: EntryId,
}

impl Store {
    /// Looks at the database; reads all of a file.
    pub fn health(&self, reader: &Reader) -> Result<Health, StoreError> {
        let engine = match (&reader.conn, self.path()) {
            (Conn::Sqlite(conn), path) => sqlite::health(conn, path)?,
            (Conn::Postgres(link), _) => postgres::health(link)?,
        };
        let (newest_entry, projected) = (reader.newest_entry()?, reader.cursor(Consumer::Pages)?);
        Ok(Health { engine, newest_entry, projected })
    }
}
