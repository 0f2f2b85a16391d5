//! One connection to whichever engine holds the database.
//!
//! Invariant: statements and rows look the same from here up; what differs by engine is asked for by name.

use crate::error::StoreError;
use crate::postgres::Link;
use crate::sqlite;
use crate::value::{Columns, Param};
use rusqlite::Connection;

pub(crate) enum Conn {
    Sqlite(Connection),
    Postgres(Box<Link>),
}

impl Conn {
    /// Calls `each` with every row until it answers `false`.
    pub fn query(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Columns) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Conn::Sqlite(conn) => sqlite::query(conn, sql, params, each),
            Conn::Postgres(link) => link.query(sql, params, each),
        }
    }

    /// Runs a statement without rows; how many rows it changed.
    pub fn execute(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        match self {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, params),
            Conn::Postgres(link) => link.execute(sql, params),
        }
    }

    /// Runs a statement without values, such as `COMMIT`.
    pub fn run(&self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Conn::Sqlite(conn) => sqlite::execute(conn, sql, &[]).map(|_| ()),
            Conn::Postgres(link) => link.run(sql),
        }
    }
}
