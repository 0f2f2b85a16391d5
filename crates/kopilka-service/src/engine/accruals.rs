//! A page of points for many members.
//!
//! Invariant: every part is a command of its own under its own key, decided as if somebody had sent it; its
//! entry, what became of the part and the place of the accrual are on disk together or not at all. What was
//! read ahead only saves reading: a member who has changed since has the whole page read anew.

use super::Engine;
use crate::error::ServiceError;
use crate::prepare::Prepared;
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{AccrualPart, AccrualRow};
use kopilka_store::{Ahead, StoreError};

/// The entry that a part has now, or why there is none.
pub(crate) type PartOutcome = Result<Option<EntryId>, Refusal>;

/// Parts with their commands, and how what comes of a command is noted.
pub(crate) struct AccrualPage {
    pub program: ProgramId,
    /// The accrual as it was read.
    pub seen: AccrualRow,
    /// The accrual after the page; what the parts add is counted by `note`.
    pub next: AccrualRow,
    pub parts: Vec<AccrualPart>,
    pub commands: Vec<Prepared>,
    /// Members as they were while the page before was written; none where others write.
    pub ahead: Vec<Ahead>,
    pub note: fn(&mut AccrualRow, &mut AccrualPart, PartOutcome),
}

impl Engine {
    /// Carries a page out; `None` where somebody has changed the accrual meanwhile: nothing is done then.
    pub fn run_accrual_page(&mut self, mut page: AccrualPage) -> Result<Option<AccrualRow>, ServiceError> {
        let ahead = std::mem::take(&mut page.ahead);
        if !ahead.is_empty()
            && let Ok(done) = self.try_accrual_page(&mut page, ahead)
        {
            return Ok(done);
        }
        self.try_accrual_page(&mut page, Vec::new())
    }

    fn try_accrual_page(
        &mut self,
        page: &mut AccrualPage,
        ahead: Vec<Ahead>,
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let AccrualPage { program, seen, commands, note, .. } = page;
        let (mut next, mut parts) = (page.next.clone(), page.parts.clone());
        let (program, note) = (*program, *note);
        let mut group: Vec<&mut Prepared> = commands.iter_mut().collect();
        let mut changed = false;
        let done = self.group_with(&mut group, ahead, |engine, results| {
            for (part, result) in parts.iter_mut().zip(results) {
                let outcome = match result {
                    Ok(done) => Ok(done.entry),
                    Err(ServiceError::Refused(refusal)) => Err(refusal.clone()),
                    // Not the member's affair: the page is tried again.
                    Err(error) => return Err(StoreError::Engine(error.to_string())),
                };
                note(&mut next, part, outcome);
            }
            engine.writer.update_parts((program, &next.name), &parts)?;
            changed = !engine.writer.move_accrual(program, &next, (seen.state, seen.cursor))?;
            if changed { Err(StoreError::Conflict(format!("accrual {}", next.name))) } else { Ok(()) }
        });
        match done {
            Ok(_) => Ok(Some(next)),
            Err(_) if changed => Ok(None),
            Err(error) => {
                self.recover(&error);
                Err(error.into())
            }
        }
    }
}
