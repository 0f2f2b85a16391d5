//! One connection, driven by the thread that asks.
//!
//! Invariant: statements are prepared once per connection; after a broken connection the next `connect`
//! looks for a host that takes writes again.

use super::errors::{error, first};
use super::tls::{self, Place};
use crate::error::StoreError;
use crate::value::{Cell, Columns, Param};
use std::cell::{Cell as Slot, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Runtime, RuntimeFlavor};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row, Statement};

/// A connection nobody has spoken to for this long is asked whether it still leads somewhere.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// Plans are made once: with lists of members as parameters a server would plan each group anew.
/// No statement of ours takes longer but the proof's and the copy's, which read in pages; a lock that is
/// not given by then is given up and the command is run again.
const WRITER_SETTINGS: &str = "SET statement_timeout = '20s'; SET lock_timeout = '3s'; \
    SET idle_in_transaction_session_timeout = '20s'; SET jit = off; SET plan_cache_mode = force_generic_plan; \
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";
const READER_SETTINGS: &str = "SET jit = off; SET default_transaction_read_only = on";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Write,
    Read,
}

pub(crate) struct Link {
    /// There until the link is dropped.
    runtime: Option<Runtime>,
    client: Client,
    statements: RefCell<HashMap<usize, Statement>>,
    spoken_at: Slot<Instant>,
}

impl Link {
    pub fn connect(place: &Place, to: Use) -> Result<Link, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| StoreError::Engine(format!("no async runtime: {e}")))?;
        let connected = blocking(|| {
            runtime.block_on(async {
                let client = tls::connect(place, to).await?;
                let settings = if to == Use::Write { WRITER_SETTINGS } else { READER_SETTINGS };
                client.batch_execute(settings).await.map_err(error)?;
                Ok::<_, StoreError>(client)
            })
        });
        let client = match connected {
            Ok(client) => client,
            Err(error) => {
                runtime.shutdown_background();
                return Err(error);
            }
        };
        Ok(Link {
            runtime: Some(runtime),
            client,
            statements: RefCell::default(),
            spoken_at: Slot::new(Instant::now()),
        })
    }

    /// Drives the connection until the future is done.
    pub fn drive<T>(&self, future: impl Future<Output = T>) -> T {
        let done = match &self.runtime {
            Some(runtime) => blocking(|| runtime.block_on(future)),
            None => unreachable!("a link is driven while it is there"),
        };
        self.spoken_at.set(Instant::now());
        done
    }
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The statement, prepared on this connection when first asked for. Texts are told apart by where they
    /// stand in the program.
    pub fn prepared(&self, sql: &'static str) -> Result<Statement, StoreError> {
        let place = sql.as_ptr() as usize;
        if let Some(statement) = self.statements.borrow().get(&place) {
            return Ok(statement.clone());
        }
        let text = sql.replace('?', "$");
        let statement = self.drive(self.client.prepare(&text)).map_err(error)?;
        self.statements.borrow_mut().insert(place, statement.clone());
        Ok(statement)
    }

    pub fn query(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Columns) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        for row in self.drive(self.client.query(&statement, &params)).map_err(error)? {
            if !each(&row)? {
                break;
            }
        }
        Ok(())
    }
    pub fn execute(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        self.drive(self.client.execute(&statement, &params)).map_err(error)
    }
    /// The same statement for each row, all in one flight.
    pub fn fly(&self, sql: &'static str, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        let statement = self.prepared(sql)?;
        let rows: Vec<Vec<Param<'_>>> =
            rows.iter().map(|row| row.iter().map(Cell::param).collect()).collect();
        let asked = rows.iter().map(|row| {
            let statement = &statement;
            async move {
                let params: Vec<&(dyn ToSql + Sync)> = row.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
                self.client.execute(statement, &params).await
            }
        });
        first(self.drive(all(asked))).map(|_| ())
    }
    /// Statements without values, as they stand.
    pub fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.drive(self.client.batch_execute(sql)).map_err(error)
    }

    pub fn is_alive(&self) -> bool {
        let fresh = self.spoken_at.get().elapsed() < TRUSTED_FOR;
        !self.client.is_closed() && (fresh || self.run("").is_ok())
    }
}

/// Starts all before the first answer is waited for, in their order.
pub(super) async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(Box::pin).collect();
    let mut answers: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut left = false;
        for (future, answer) in waiting.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *answer = Some(value),
                    std::task::Poll::Pending => left = true,
                }
            }
        }
        if left { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    answers.into_iter().flatten().collect()
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Nothing is waited for: what was under way ends with the connection.
            runtime.shutdown_background();
        }
    }
}

/// Lets a thread of an async runtime wait, where it is one.
fn blocking<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(wait)
        }
        _ => wait(),
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Param::Int(number) => number.to_sql(ty, out),
            Param::Text(text) => text.to_sql(ty, out),
            Param::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

fn read<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<T, StoreError> {
    row.try_get(at).map_err(|e| StoreError::Malformed(e.to_string()))
}

impl Columns for Row {
    fn int_or_null(&self, at: usize) -> Result<Option<i64>, StoreError> {
        match *self.columns()[at].type_() {
            Type::INT4 => Ok(read::<Option<i32>>(self, at)?.map(i64::from)),
            _ => read(self, at),
        }
    }
    fn text_or_null(&self, at: usize) -> Result<Option<&str>, StoreError> {
        read(self, at)
    }
    fn bytes_or_null(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        read(self, at)
    }
    fn cell(&self, at: usize) -> Result<Cell, StoreError> {
        Ok(match *self.columns()[at].type_() {
            Type::TEXT => self.text_or_null(at)?.map_or(Cell::Null, |text| Cell::Text(text.to_owned())),
            Type::BYTEA => self.bytes_or_null(at)?.map_or(Cell::Null, |bytes| Cell::Bytes(bytes.to_owned())),
            _ => self.int_or_null(at)?.map_or(Cell::Null, Cell::Int),
        })
    }
}
