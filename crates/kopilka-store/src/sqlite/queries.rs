//! The two ways to ask: for one row, for many.

use super::Reader;
use super::codec::error;
use crate::error::StoreError;
use rusqlite::{Params, Row};

impl Reader {
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql).map_err(error)?;
        let mut rows = statement.query(params).map_err(error)?;
        match rows.next().map_err(error)? {
            Some(row) => read(row).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql).map_err(error)?;
        let mut rows = statement.query(params).map_err(error)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().map_err(error)? {
            out.push(read(row)?);
        }
        Ok(out)
    }

    pub(crate) fn number(&self, sql: &str, params: impl Params) -> Result<Option<i64>, StoreError> {
        self.one(sql, params, |row| row.get(0).map_err(error))
    }

    /// Runs queries that all see the same moment.
    pub fn snapshot<T>(&self, run: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.conn.execute_batch("BEGIN DEFERRED").map_err(error)?;
        let result = run(self);
        let ended = self.conn.execute_batch("COMMIT").map_err(error);
        result.and_then(|value| ended.map(|()| value))
    }

    /// Pages of the write-ahead log that the database file does not have yet.
    pub fn log_pages(&self) -> Result<i64, StoreError> {
        self.checkpoint_step("PRAGMA wal_checkpoint(NOOP)")
    }
    /// Copies what can be copied of the log into the database file, without holding anybody up; the pages
    /// left over. A log that is copied to its end is begun anew by the next write.
    pub fn checkpoint_some(&self) -> Result<i64, StoreError> {
        self.checkpoint_step("PRAGMA wal_checkpoint(PASSIVE)")
    }
    fn checkpoint_step(&self, sql: &str) -> Result<i64, StoreError> {
        let left = self.one(sql, [], |row| {
            let (in_log, copied): (i64, i64) = (row.get(1).map_err(error)?, row.get(2).map_err(error)?);
            Ok(in_log - copied)
        })?;
        Ok(left.unwrap_or_default())
    }
}
