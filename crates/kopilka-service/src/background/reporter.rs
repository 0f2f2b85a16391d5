//! Counts again how members buy, where something was bought since.
//!
//! Invariant: it reads beside everybody else and writes one row a program.

use super::Job;
use crate::error::ServiceError;
use crate::service::Service;
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_store::Consumer;
use std::collections::HashMap;
use std::time::{Duration, Instant as Steady};

/// A pass over a million purchases takes a second or two of one reader.
const AGAIN_AFTER: Duration = Duration::from_secs(900);

/// Keeps the reports on all purchases fresh.
pub struct Reporter {
    service: Service,
    runtime: tokio::runtime::Runtime,
    counted: HashMap<ProgramId, (EntryId, Steady)>,
}

impl Reporter {
    pub fn new(service: Service) -> std::io::Result<Reporter> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Reporter { service, runtime, counted: HashMap::new() })
    }

    /// Counts what is older than it should be.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        self.once()
    }
}

impl Job for Reporter {
    const NAME: &'static str = "reporter";
    const EVERY: Duration = Duration::from_secs(20);
    const FAILED: &'static str = "the reports stay as they were";

    fn once(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        // Whoever keeps the other sums.
        if !shared.crew.does(Consumer::Liability) {
            return Ok(());
        }
        for program in self.service.programs() {
            let newest = *shared.projected.borrow();
            let known = self.counted.get(&program.id);
            let is_fresh = known.is_some_and(|(entry, at)| *entry == newest || at.elapsed() < AGAIN_AFTER);
            if is_fresh {
                continue;
            }
            let service = self.service.clone();
            let id = program.id;
            let counting = async move {
                let kept = service.customers_report(id).await?;
                match kept.is_some_and(|kept| kept.entry == newest) {
                    true => Ok(()),
                    false => service.count_customers(id).await.map(|_| ()),
                }
            };
            match self.runtime.block_on(counting) {
                // A program whose first version begins later has nothing to count.
                Ok(()) | Err(ServiceError::ProgramUnknown) => {}
                Err(error) => return Err(error),
            }
            self.counted.insert(program.id, (newest, Steady::now()));
        }
        Ok(())
    }
}
