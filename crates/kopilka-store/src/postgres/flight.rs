//! Statements that go out together and are answered together.

use super::arrays::Arrays;
use super::errors::first;
use super::link::{Link, all};
use crate::error::StoreError;
use crate::group::conflict;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// One flight. A statement without rows is left out.
#[derive(Default)]
pub(super) struct Flight<'a> {
    statements: Vec<Option<(Statement, Vec<&'a (dyn ToSql + Sync)>)>>,
    expected: Vec<Option<(u64, &'static str)>>,
}

impl<'a> Flight<'a> {
    pub fn add(&mut self, link: &Link, sql: &'static str, rows: &'a Arrays<'_>) -> Result<(), StoreError> {
        let one = if rows.rows() == 0 { None } else { Some((link.prepared(sql)?, rows.columns())) };
        self.statements.push(one);
        self.expected.push(None);
        Ok(())
    }
    /// Fewer rows changed than were handed over are a conflict.
    pub fn add_checked(
        &mut self,
        link: &Link,
        sql: &'static str,
        rows: &'a Arrays<'_>,
        what: &'static str,
    ) -> Result<(), StoreError> {
        self.add(link, sql, rows)?;
        if let Some(expected) = self.expected.last_mut() {
            *expected = Some((rows.rows() as u64, what));
        }
        Ok(())
    }
    /// The rows of each statement; none of one that was left out.
    pub fn ask(self, link: &Link) -> Result<Vec<Vec<Row>>, StoreError> {
        let asked = self.statements.iter().map(|one| async move {
            match one {
                Some((statement, params)) => link.client().query(statement, params).await,
                None => Ok(Vec::new()),
            }
        });
        first(link.drive(all(asked)))
    }
    /// Runs all; what was to be checked is.
    pub fn run(self, link: &Link) -> Result<(), StoreError> {
        let asked = self.statements.iter().map(|one| async move {
            match one {
                Some((statement, params)) => link.client().execute(statement, params).await,
                None => Ok(0),
            }
        });
        let counts = first(link.drive(all(asked)))?;
        for (count, expected) in counts.into_iter().zip(self.expected) {
            if let Some((rows, what)) = expected {
                conflict(count, rows as usize, what)?;
            }
        }
        Ok(())
    }
}
