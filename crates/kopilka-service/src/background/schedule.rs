//! Finds what is due and has it done, in order of due time.
//!
//! Invariant: the member's own row decides whether something is due; several servers share the members by
//! stripes, and one that meets another's work finds nothing due.

use super::{Job, OwnReader};
use crate::courtesy::Courtesy;
use crate::crew::Divided;
use crate::error::ServiceError;
use crate::reference::{ProgramState, REFERENCE_COUNT};
use crate::service::Service;
use kopilka_core::ids::ProgramId;
use kopilka_core::time::Day;
use std::collections::HashMap;
use std::time::Duration;

/// Runs due commands and arms new versions.
pub struct Scheduler {
    service: Service,
    reader: OwnReader,
    /// The day on which each program's hashes of erased persons and one-time codes were last looked through.
    swept: HashMap<ProgramId, Day>,
}

impl Scheduler {
    pub fn new(service: Service) -> Scheduler {
        Scheduler { service, reader: OwnReader::default(), swept: HashMap::new() }
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
            self.service.shared.goes_on()?;
            after = Some(last);
        }
        self.service.alone_blocking(move |engine| engine.finish_arming(id, now))?
    }
}

impl Scheduler {
    /// Once a day of the program.
    fn sweep(&mut self, state: &ProgramState) -> Result<(), ServiceError> {
        let (id, now) = (state.row.id, self.service.shared.now_of(state));
        let Some(today) = state.versions.at(now).map(|program| program.zone.day_of(now)) else {
            return Ok(());
        };
        if self.swept.get(&id) != Some(&today) {
            self.service.alone_blocking(move |engine| engine.sweep_former(id, now))??;
            self.service.alone_blocking(move |engine| engine.sweep_codes(id, now))??;
            self.swept.insert(id, today);
        }
        Ok(())
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
            if stripes & 1 == 1 {
                self.sweep(state)?;
            }
            let id = state.row.id;
            let mut courtesy = Courtesy::new(&shared);
            loop {
                shared.goes_on()?;
                let now = shared.now_of(state);
                if self.reader.read(&service, |r| r.due(id, now, stripes, 1))?.is_empty() {
                    break;
                }
                let most = courtesy.page();
                let members = service
                    .alone_blocking(move |engine| engine.run_due_batch(id, now, (stripes, most)))??;
                metrics::counter!("kopilka_due_members_total").increment(members as u64);
                if members < most {
                    break;
                }
                std::thread::sleep(courtesy.rest(&shared));
            }
        }
        Ok(())
    }
}
