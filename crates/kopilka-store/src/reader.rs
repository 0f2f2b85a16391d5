//! A connection that only reads, and the ways to ask: for one row, for many, for a moment.

use crate::conn::Conn;
use crate::error::StoreError;
use crate::sql::session;
use crate::value::{Columns, Param};

/// A connection that only reads. Every call sees what was committed before it.
pub struct Reader {
    pub(crate) conn: Conn,
}

impl Reader {
    pub(crate) fn one<T>(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl FnOnce(&dyn Columns) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let (mut read, mut found) = (Some(read), None);
        self.conn.query(sql, params, &mut |row| {
            if let Some(read) = read.take() {
                found = Some(read(row)?);
            }
            Ok(false)
        })?;
        Ok(found)
    }

    pub(crate) fn many<T>(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&dyn Columns) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut out = Vec::new();
        self.conn.query(sql, params, &mut |row| {
            out.push(read(row)?);
            Ok(true)
        })?;
        Ok(out)
    }

    pub(crate) fn number(&self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<i64>, StoreError> {
        Ok(self.one(sql, params, |row| row.int_or_null(0))?.flatten())
    }

    /// Runs queries that all see the same moment.
    pub fn snapshot<T>(&self, run: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.conn.run(match &self.conn {
            Conn::Sqlite(_) => session::SQLITE_SNAPSHOT,
            Conn::Postgres(_) => session::POSTGRES_SNAPSHOT,
        })?;
        let result = run(self);
        let ended = self.conn.run(session::COMMIT);
        result.and_then(|value| ended.map(|()| value))
    }

    /// Whether the connection still leads somewhere. A file's always does; a server is asked when nobody
    /// has spoken to it for a while.
    pub fn is_alive(&self) -> bool {
        match &self.conn {
            Conn::Sqlite(_) => true,
            Conn::Postgres(link) => link.is_alive(),
        }
    }
}
