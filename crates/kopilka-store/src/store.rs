//! Where the database is, and the connections to it.

use crate::conn::Conn;
use crate::error::StoreError;
use crate::postgres::{self, Link, Place, Use};
use crate::reader::Reader;
use crate::sqlite;
use crate::writer::Writer;
use std::path::{Path, PathBuf};

/// A database: a file, or one that a PostgreSQL server holds.
#[derive(Debug, Clone)]
pub struct Store {
    place: Where,
}

#[derive(Debug, Clone)]
enum Where {
    File(PathBuf),
    Server(Box<Place>),
}

/// Addresses of a database on a server begin so.
const SERVER_SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

impl Store {
    /// Names the file; nothing is opened yet.
    pub fn at(path: impl Into<PathBuf>) -> Store {
        Store { place: Where::File(path.into()) }
    }
    /// Names a database on a PostgreSQL server by its URL; nothing is opened yet.
    pub fn on_server(url: &str) -> Result<Store, StoreError> {
        Ok(Store { place: Where::Server(Box::new(Place::parse(url)?)) })
    }
    /// Whether a text is the address of a database on a server.
    pub fn is_address(text: &str) -> bool {
        SERVER_SCHEMES.iter().any(|scheme| text.starts_with(scheme))
    }
    /// The file, where there is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Where::File(path) => Some(path),
            Where::Server(_) => None,
        }
    }
    /// Several processes may write to it at once.
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Where::Server(_))
    }
    /// How it is told to people: never with a password.
    pub fn told(&self) -> String {
        match &self.place {
            Where::File(path) => path.display().to_string(),
            Where::Server(place) => place.told(),
        }
    }

    /// Opens a connection that writes, creating and migrating the database. Of a file there should be one.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        let conn = self.connect_writer()?;
        if let Conn::Postgres(link) = &conn {
            postgres::migrate(link)?;
        }
        Ok(Writer::new(self.clone(), conn))
    }
    pub(crate) fn connect_writer(&self) -> Result<Conn, StoreError> {
        Ok(match &self.place {
            Where::File(path) => Conn::Sqlite(sqlite::open_writer(path)?),
            Where::Server(place) => Conn::Postgres(Box::new(Link::connect(place, Use::Write)?)),
        })
    }

    /// Opens a connection that reads; the database must exist.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let conn = match &self.place {
            Where::File(path) => Conn::Sqlite(sqlite::open_reader(path)?),
            Where::Server(place) => {
                let link = Link::connect(place, Use::Read)?;
                postgres::refuse_unready(&link)?;
                Conn::Postgres(Box::new(link))
            }
        };
        Ok(Reader { conn })
    }
}
