//! Finds what is due and has it done, in order of due time.
//!
//! Invariant: the member's own row decides whether something is due; several servers share the members by
//! stripes, and one that meets another's work finds nothing due.

use super::{Job, OwnReader};
use crate::crew::Divided;
use crate::engine::due::DUE_BATCH;
use crate::error::ServiceError;
use crate::reference::{ProgramState, REFERENCE_COUNT};
use crate::service::Service;
use std::time::Duration;

/// Runs due commands and arms new versions.
pub struct Scheduler {
    service: Service,
    reader: OwnReader,
}

impl Scheduler {
    pub fn new(service: Service) -> Scheduler {
        Scheduler { service, reader: OwnReader::default() }
    }

    /// Does all that is due now.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        self.once()
    }

    fn arm(&self, state: &ProgramState) -> Result<(), ServiceError> {
        let id = state.row.id;
        let now = self.service.shared.now_of(state);
        let mut after = None;
        while let Some(last) =
            self.service.alone_blocking(move |engine| engine.arm_batch(id, now, after))??
        {
            after = Some(last);
        }
        self.service.alone_blocking(move |engine| engine.finish_arming(id, now))?
    }
}

impl Job for Scheduler {
    const NAME: &'static str = "scheduler";
    /// A birthday comes within a second of midnight.
    const EVERY: Duration = Duration::from_millis(500);
    const FAILED: &'static str = "what is due has to wait";

    fn once(&mut self) -> Result<(), ServiceError> {
        let service = self.service.clone();
        let shared = service.shared.clone();
        if self.reader.read(&service, |r| r.setting(REFERENCE_COUNT))? != shared.reference().count {
            service.alone_blocking(|engine| engine.reload())??;
        }
        let stripes = shared.crew.stripes(Divided::Due);
        for state in shared.reference().programs.values() {
            let now = shared.now_of(state);
            // Whoever has the first stripe arms for all.
            if stripes & 1 == 1 && state.published.iter().any(|v| !v.armed && v.effective_from <= now) {
                self.arm(state)?;
            }
            let id = state.row.id;
            loop {
                let now = shared.now_of(state);
                if self.reader.read(&service, |r| r.due(id, now, stripes, 1))?.is_empty() {
                    break;
                }
                let members =
                    service.alone_blocking(move |engine| engine.run_due_batch(id, now, stripes))??;
                metrics::counter!("kopilka_due_members_total").increment(members as u64);
                if members < DUE_BATCH {
                    break;
                }
            }
        }
        Ok(())
    }
}
