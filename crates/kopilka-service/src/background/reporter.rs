//! Counts again how members buy and where they stand, where something happened since.
//!
//! Invariant: it reads beside everybody else, by a connection of its own, and writes one row a program.

use super::{Job, OwnReader};
use crate::error::ServiceError;
use crate::service::{CUSTOMERS, STANDINGS, Service};
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_store::Consumer;
use std::collections::HashMap;
use std::time::{Duration, Instant as Steady};

/// A pass over a million purchases takes a second or two of one reader, one over the rows of a million
/// members half a minute: each rests a hundred times as long as it took. So a small shop sees its figures of
/// a minute ago, and a large one gives a hundredth of a core to them.
const RESTS: u32 = 100;

/// Keeps the reports on all purchases fresh.
pub struct Reporter {
    service: Service,
    reader: OwnReader,
    counted: HashMap<ProgramId, Pass>,
    stood: HashMap<ProgramId, Pass>,
}

/// What was counted last: up to which entry, when, and how long that took.
#[derive(Clone, Copy)]
struct Pass {
    entry: EntryId,
    ended: Steady,
    took: Duration,
}

impl Pass {
    fn is_fresh(&self, newest: EntryId) -> bool {
        self.entry == newest || self.ended.elapsed() < self.took * RESTS
    }
}

impl Reporter {
    pub fn new(service: Service) -> Reporter {
        Reporter { service, reader: OwnReader::default(), counted: HashMap::new(), stood: HashMap::new() }
    }

    /// Counts what is older than it should be.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        self.once()
    }

    fn count(&mut self, program: ProgramId, newest: EntryId) -> Result<(), ServiceError> {
        let asked = match self.service.customers_asked(program) {
            // A program whose first version begins later has nothing to count.
            Err(ServiceError::ProgramUnknown) => return Ok(()),
            asked => asked?,
        };
        let kept = self.reader.read(&self.service, |r| r.snapshot(|r| r.report(program, CUSTOMERS)))?;
        if kept.is_some_and(|(entry, _)| entry == newest) {
            return Ok(());
        }
        let (entry, customers) = self.reader.read(&self.service, |r| r.snapshot(|r| asked.counted(r)))?;
        let body = serde_json::to_string(&customers).map_err(|e| ServiceError::Storage(e.to_string()))?;
        self.service.along_blocking(move |writer| writer.put_report(program, CUSTOMERS, entry, &body))
    }
}

impl Reporter {
    fn stand(&mut self, program: ProgramId, newest: EntryId) -> Result<(), ServiceError> {
        let mut pass = match self.service.standings_pass(program) {
            Err(ServiceError::ProgramUnknown) => return Ok(()),
            pass => pass?,
        };
        let kept = self.reader.read(&self.service, |r| r.report(program, STANDINGS))?;
        if kept.is_some_and(|(entry, _)| entry == newest) {
            return Ok(());
        }
        while !pass.done {
            self.service.shared.goes_on()?;
            self.reader.read(&self.service, |r| pass.step(r))?;
        }
        let report = pass.report();
        let (entry, body) = (report.entry, report.body()?);
        self.service.along_blocking(move |writer| writer.put_report(program, STANDINGS, entry, &body))
    }
}

impl Job for Reporter {
    const NAME: &'static str = "reporter";
    const EVERY: Duration = Duration::from_secs(5);
    const FAILED: &'static str = "the reports stay as they were";

    fn once(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        // Whoever keeps the other sums.
        if !shared.crew.does(Consumer::Liability) {
            return Ok(());
        }
        for program in self.service.programs() {
            let newest = *shared.projected.borrow();
            let pass = |begun: Steady| Pass { entry: newest, ended: Steady::now(), took: begun.elapsed() };
            if !self.counted.get(&program.id).is_some_and(|pass| pass.is_fresh(newest)) {
                let begun = Steady::now();
                self.count(program.id, newest)?;
                self.counted.insert(program.id, pass(begun));
            }
            if !self.stood.get(&program.id).is_some_and(|pass| pass.is_fresh(newest)) {
                let begun = Steady::now();
                self.stand(program.id, newest)?;
                self.stood.insert(program.id, pass(begun));
            }
        }
        Ok(())
    }
}
