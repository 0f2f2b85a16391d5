//! Tells endpoints what happens: the journal becomes deliveries, deliveries become requests.
//!
//! Invariant: an endpoint's place in the journal moves in the transaction that writes the deliveries of the
//! stretch, and a delivery is done with only after its answer: nothing is lost, whatever dies when, and what
//! is told again comes under the same id. Of one member and endpoint one event is under way at a time, the
//! earliest that waits; nobody else waits for it. One server of a database sends for all.

mod queue;
mod send;

use super::{Job, OwnReader};
use crate::error::ServiceError;
use crate::outside::Outside;
use crate::service::Service;
use kopilka_core::ids::{EntryId, MemberId, WebhookId};
use kopilka_core::time::Instant;
use kopilka_store::webhooks::{WebhookRow, WebhookState};
use kopilka_store::{Consumer, StoreError};
use send::Tried;
use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use tokio::runtime::Runtime;

/// What an endpoint was told is kept for so long: a month's bill can be looked into.
const LOG_KEPT_SECONDS: i64 = 30 * 24 * 3_600;
/// The log is looked through for old rows so often.
const TRIM_EVERY_SECONDS: i64 = 3_600;
/// Rows of the log that are deleted in one transaction.
const TRIM_BATCH: usize = 256;

/// Sends events to endpoints.
pub struct Deliverer {
    service: Service,
    reader: OwnReader,
    /// Drives the requests; ends with this, without waiting for them.
    runtime: Option<Runtime>,
    outside: Outside,
    answers: (Sender<Tried>, Receiver<Tried>),
    /// What came back and is not written down yet.
    tried: Vec<Tried>,
    /// Members with an event under way, by endpoint.
    under_way: HashMap<WebhookId, Vec<MemberId>>,
    places: HashMap<WebhookId, Place>,
    trimmed_at: Instant,
}

/// How far an endpoint is: on disk, and where what was read since told it nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    saved: EntryId,
    reached: EntryId,
}

impl Deliverer {
    pub fn new(service: Service) -> Result<Deliverer, ServiceError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("kopilka-sender")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|e| ServiceError::Storage(format!("no async runtime: {e}")))?;
        Ok(Deliverer {
            outside: service.shared.outside.separate(),
            service,
            reader: OwnReader::default(),
            runtime: Some(runtime),
            answers: mpsc::channel(),
            tried: Vec::new(),
            under_way: HashMap::new(),
            places: HashMap::new(),
            trimmed_at: Instant(0),
        })
    }

    /// Sends all that can be sent now, and waits for the answers.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        loop {
            let moved = self.step()?;
            if self.under_way.values().any(|members| !members.is_empty()) {
                let answer = self.answers.1.recv().map_err(|_| ServiceError::Stopping)?;
                self.tried.push(answer);
            } else if !moved {
                return Ok(());
            }
        }
    }

    /// Whether there is more to do at once.
    fn step(&mut self) -> Result<bool, ServiceError> {
        let mut rows = self.reader.read(&self.service, |reader| reader.webhooks_of_all())?;
        self.tried.extend(self.answers.1.try_iter());
        if self.write_down(&rows)? {
            rows = self.reader.read(&self.service, |reader| reader.webhooks_of_all())?;
        }
        if !self.service.shared.crew.does(Consumer::Webhooks) {
            return Ok(false);
        }
        self.trim(&rows)?;
        self.places.retain(|id, _| rows.iter().any(|row| row.id == *id));
        // Another server may have published a program that this one has not read yet.
        let reference = self.service.shared.reference();
        let is_to_tell = |row: &WebhookRow| {
            row.state == WebhookState::Enabled && reference.programs.contains_key(&row.program)
        };
        let enabled: Vec<WebhookRow> = rows.into_iter().filter(is_to_tell).collect();
        if enabled.is_empty() {
            return Ok(false);
        }
        let queued = self.queue(&enabled)?;
        let mut sent = false;
        for row in &enabled {
            sent |= self.send(row)?;
        }
        Ok(queued || sent)
    }

    /// Old rows of the log go.
    fn trim(&mut self, rows: &[WebhookRow]) -> Result<(), ServiceError> {
        let now = self.service.shared.system_now();
        if now < self.trimmed_at.plus_seconds(TRIM_EVERY_SECONDS) {
            return Ok(());
        }
        let before = now.plus_seconds(-LOG_KEPT_SECONDS);
        for row in rows {
            loop {
                let (program, id) = (row.program, row.id);
                let old = self
                    .reader
                    .read(&self.service, |reader| reader.deliveries_old(program, id, before, TRIM_BATCH))?;
                let more = old.len() == TRIM_BATCH;
                if !old.is_empty() {
                    self.service.along_blocking(move |writer| {
                        old.iter().try_for_each(|row| writer.delete_delivery(&row.key))
                    })?;
                }
                if !more {
                    break;
                }
            }
        }
        self.trimmed_at = now;
        Ok(())
    }
}

impl Job for Deliverer {
    const NAME: &'static str = "deliverer";
    /// An event is on its way within a moment.
    const EVERY: Duration = Duration::from_millis(200);
    const FAILED: &'static str = "endpoints have to wait for their events";

    fn once(&mut self) -> Result<(), ServiceError> {
        if self.step()? {
            self.service.shared.hurry_deliverer();
        }
        Ok(())
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Errors of the store in closures that a writer runs.
type Written = Result<(), StoreError>;
