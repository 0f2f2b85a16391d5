//! Keeps the projections close behind the journal.
//!
//! Invariant: one server of a database does it for all; what is gathered is written by a writer, a small part
//! at a time, the cursor with the last.

use super::{Job, OwnReader};
use crate::engine::due::PROJECT_BATCH;
use crate::error::ServiceError;
use crate::faults::Step;
use crate::service::Service;
use kopilka_core::ids::EntryId;
use kopilka_store::{Batch, Consumer};
use std::time::Duration;

/// Entries of one batch for the sums by month. Beside commands it is one batch at a time, with a pause after
/// it; where nobody writes, as after a million points given at once, they catch up without one.
const LIABILITY_BATCH: usize = 2_048;
/// Entries of one batch of the sums by day: their rows are few, however many entries.
const DAYS_BATCH: usize = 4_096;

/// Fills the projections from the journal.
pub struct Projector {
    service: Service,
    reader: OwnReader,
    /// The settled end of the journal that the sums by month have reached; pages may be brought to a later
    /// one by somebody else, such as whoever moves a clock.
    sums_end: Option<EntryId>,
    /// The same of the sums by day.
    days_end: Option<EntryId>,
}

impl Projector {
    pub fn new(service: Service) -> Projector {
        Projector { service, reader: OwnReader::default(), sums_end: None, days_end: None }
    }

    /// Brings pages to the journal's end, then a batch of the sums, or all of them where nobody writes.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        self.once()
    }

    fn pages(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        let settled = shared.settled()?;
        if *shared.projected.borrow() >= settled {
            return Ok(());
        }
        loop {
            shared.goes_on()?;
            let gather = |r: &kopilka_store::Reader| r.snapshot(|r| r.gather_pages(settled, PROJECT_BATCH));
            let batch = self.reader.read(&self.service, gather)?;
            let (cursor, entries) = (batch.cursor, batch.entries);
            self.hand_over(batch)?;
            shared.note_projected(cursor);
            if entries < PROJECT_BATCH {
                return Ok(());
            }
        }
    }

    /// Whether the sums by month have reached the journal's end.
    fn liability(&mut self) -> Result<bool, ServiceError> {
        let shared = self.service.shared.clone();
        let settled = shared.settled()?;
        if self.sums_end == Some(settled) {
            return Ok(true);
        }
        let reference = shared.reference();
        let month_of = |program, ends| reference.month_of(program, ends);
        let batch = self.reader.read(&self.service, |r| {
            r.snapshot(|r| r.gather_liability(settled, LIABILITY_BATCH, &month_of))
        })?;
        let reached = batch.entries < LIABILITY_BATCH;
        self.hand_over(batch)?;
        self.sums_end = reached.then_some(settled);
        Ok(reached)
    }

    /// The same of the sums by day.
    fn days(&mut self) -> Result<bool, ServiceError> {
        let shared = self.service.shared.clone();
        let settled = shared.settled()?;
        if self.days_end == Some(settled) {
            return Ok(true);
        }
        let reference = shared.reference();
        let day_of = |program, at| reference.day_of(program, at);
        let (from, batch) = self.reader.read(&self.service, |r| {
            r.snapshot(|r| Ok((r.cursor(Consumer::Days)?, r.gather_days(settled, DAYS_BATCH, &day_of)?)))
        })?;
        let reached = batch.entries < DAYS_BATCH;
        if batch.entries > 0 {
            // Sums that were added must not be added again: they and the cursor are one transaction, and
            // nothing is written over a cursor that somebody else has moved.
            self.service.along_blocking(move |writer| {
                match writer.reads().cursor(Consumer::Days)? == from {
                    true => writer.put_batch(&batch),
                    false => Ok(()),
                }
            })?;
        }
        self.days_end = reached.then_some(settled);
        Ok(reached)
    }

    /// Gives the writers a batch part by part; the cursor moves with the last.
    fn hand_over(&self, batch: Batch) -> Result<(), ServiceError> {
        let Batch { consumer, cursor, parts, entries } = batch;
        if entries == 0 {
            return Ok(());
        }
        for part in parts {
            self.service.along_blocking(move |writer| writer.put_part(&part))?;
            if self.service.shared.dies_at(Step::Projected) {
                return Err(ServiceError::Stopping);
            }
        }
        self.service.along_blocking(move |writer| writer.put_cursor(consumer, cursor))
    }
}

impl Job for Projector {
    const NAME: &'static str = "projector";
    /// They lag half a second under load, so that a batch is large and touches each page once.
    const EVERY: Duration = Duration::from_millis(400);
    const FAILED: &'static str = "the projections stay behind";

    fn once(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        loop {
            shared.goes_on()?;
            if shared.crew.does(Consumer::Pages) {
                self.pages()?;
            }
            if !shared.crew.does(Consumer::Liability) {
                return Ok(());
            }
            let before = shared.settled()?;
            let (months, days) = (self.liability()?, self.days()?);
            let is_quiet = shared.settled()? == before;
            if (months && days) || !is_quiet {
                return Ok(());
            }
        }
    }
}
