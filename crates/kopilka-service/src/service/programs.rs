//! Programs: published versions and the movable clock.

use super::Service;
use crate::asks::{ProgramInfo, Publish, Published};
use crate::compile;
use crate::courtesy::Courtesy;
use crate::crew::ALL_STRIPES;
use crate::engine::Engine;
use crate::error::{PublishError, ServiceError};
use crate::reference::ProgramState;
use kopilka_core::ids::ProgramId;
use kopilka_core::program::{Program, Versions};
use kopilka_core::time::{INSTANT_MIN, Instant};
use kopilka_store::rows::{DraftRow, ProgramRow, VersionRow};
use std::sync::Arc;

/// Drafts of one program: more are a heap in which nobody finds anything.
pub const DRAFTS_MAX: usize = 100;

impl Service {
    /// Checks, compiles and publishes a document.
    pub async fn publish(&self, publish: Publish) -> Result<Published, PublishError> {
        let program = compile::check(&publish.text).map_err(PublishError::Diagnostics)?;
        self.alone(move |engine| engine.publish(publish, program)).await?
    }

    /// Keeps a draft over the revision that its writer has seen; 0 is a new one. Answers the new revision,
    /// or `None` where another has written since, or too many are kept.
    pub async fn put_draft(
        &self,
        program: ProgramId,
        mut draft: DraftRow,
    ) -> Result<Option<i64>, ServiceError> {
        self.shared.program(program)?;
        draft.updated_at = self.shared.system_now();
        self.alone(move |engine| {
            engine.transaction(|engine| {
                let new = draft.revision == 0;
                if new && engine.writer.reads().drafts(program)?.len() >= DRAFTS_MAX {
                    return Ok(None);
                }
                Ok(engine.writer.put_draft(program, &draft)?.then_some(draft.revision + 1))
            })
        })
        .await?
        .map_err(ServiceError::from)
    }
    /// Whether there was one.
    pub async fn delete_draft(&self, program: ProgramId, name: String) -> Result<bool, ServiceError> {
        self.shared.program(program)?;
        self.alone(move |engine| engine.transaction(|engine| engine.writer.delete_draft(program, &name)))
            .await?
            .map_err(ServiceError::from)
    }

    pub fn programs(&self) -> Vec<ProgramInfo> {
        let reference = self.shared.reference();
        let info = |state: &Arc<ProgramState>| ProgramInfo {
            id: state.row.id,
            slug: state.row.slug.clone(),
            sandbox: state.row.sandbox,
            newest: state.published.last().map_or(0, |v| v.version),
        };
        let mut list: Vec<ProgramInfo> = reference.programs.values().map(info).collect();
        list.sort_by_key(|program| program.id);
        list
    }

    pub fn versions(&self, program: ProgramId) -> Option<Arc<Versions>> {
        self.shared.program(program).ok().map(|state| state.versions.clone())
    }

    /// The version in force, and the program's time.
    pub(super) fn present(&self, program: ProgramId) -> Result<(Arc<Program>, Instant), ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let present = state.versions.at(now).cloned().ok_or(ServiceError::ProgramUnknown)?;
        Ok((present, now))
    }

    /// The program's time: a sandbox's clock once it is set, else the system's.
    pub fn now(&self, program: ProgramId) -> Instant {
        match self.shared.program(program) {
            Ok(state) => self.shared.now_of(&state),
            Err(_) => self.shared.system_now(),
        }
    }

    /// Moves a sandbox program's clock; all that is due by then has run when this answers, each thing at its
    /// own time, as if the server had been there all the while.
    pub async fn set_clock(&self, program: ProgramId, to: Instant) -> Result<Instant, ServiceError> {
        if self.shared.beside {
            return Err(ServiceError::Stopping);
        }
        let (from, started) = self.alone(move |engine| engine.move_clock(program, to)).await??;
        if started {
            self.alone(|engine| engine.project_all_pages()).await??;
        }
        let state = self.shared.program(program)?;
        for (at, arms) in milestones(&state, from, to) {
            // A version's begin finds what was due before it already done by the version before it.
            let until = if arms { Instant(at.0 - 1) } else { at };
            if started && until >= from {
                let mut courtesy = Courtesy::new(&self.shared);
                loop {
                    let which = (ALL_STRIPES, courtesy.page());
                    if self.alone(move |engine| engine.run_due_batch(program, until, which)).await?? == 0 {
                        break;
                    }
                    tokio::time::sleep(courtesy.rest(&self.shared)).await;
                }
            }
            if arms {
                self.arm(program, at.max(from)).await?;
            }
        }
        Ok(to)
    }

    async fn arm(&self, program: ProgramId, at: Instant) -> Result<(), ServiceError> {
        let mut after = None;
        while let Some(last) = self.alone(move |engine| engine.arm_batch(program, at, after)).await?? {
            after = Some(last);
        }
        self.alone(move |engine| engine.finish_arming(program, at)).await?
    }
}

/// The instants a moving clock stops at, ascending: begins of versions that are not armed yet, and its goal.
fn milestones(state: &ProgramState, from: Instant, to: Instant) -> Vec<(Instant, bool)> {
    let unarmed = state.published.iter().filter(|v| !v.armed && v.effective_from <= to);
    let mut stops: Vec<(Instant, bool)> = unarmed.map(|v| (v.effective_from.max(from), true)).collect();
    stops.dedup();
    stops.push((to, false));
    stops
}

impl Engine {
    fn publish(&mut self, publish: Publish, mut program: Program) -> Result<Published, PublishError> {
        // Another process may have published since.
        self.reload().map_err(PublishError::Service)?;
        let reference = self.shared.reference();
        let same = |state: &&Arc<ProgramState>| {
            state.row.slug == program.slug && state.row.sandbox == publish.sandbox
        };
        let before = reference.programs.values().find(same).cloned();
        if let Some(state) = &before
            && let Some(newest) = state.published.last()
            && *newest.text == *publish.text
        {
            return Ok(Published { program: state.row.id, version: newest.version });
        }
        let row = match &before {
            Some(state) => state.row.clone(),
            None => ProgramRow {
                id: ProgramId(self.shared.ids.next()),
                slug: program.slug.clone(),
                sandbox: publish.sandbox,
                created_at: self.shared.system_now(),
                clock: None,
            },
        };
        let now = row.clock.unwrap_or_else(|| self.shared.system_now());
        // A sandbox's clock may still be set to any instant before its first command: its program is in
        // force at all of them.
        let untouched =
            publish.sandbox && !self.writer.reads().has_members(row.id).map_err(ServiceError::from)?;
        let at_once = if untouched { INSTANT_MIN } else { now };
        let effective_from = publish.effective_from.unwrap_or(at_once);
        if let Some(state) = &before {
            check_follows(state, &program, effective_from)?;
        }
        let number = before.as_ref().and_then(|s| s.published.last()).map_or(1, |v| v.version + 1);
        program.version = number;
        let stored = VersionRow {
            program: row.id,
            version: number,
            effective_from,
            published_at: now,
            author: publish.author,
            note: publish.note,
            text: publish.text,
            // Without members there is nothing to arm.
            armed: before.is_none(),
        };
        self.transaction(|engine| {
            if before.is_none() {
                engine.writer.insert_program(&row)?;
            }
            engine.writer.insert_version(&stored)?;
            engine.bump_reference()
        })
        .map_err(ServiceError::from)?;
        let mut versions = before.as_ref().map_or_else(Versions::default, |s| Versions::clone(&s.versions));
        versions.push(effective_from, program);
        let mut published = before.as_ref().map_or_else(Vec::new, |s| s.published.clone());
        published.push(stored.into());
        let id = row.id;
        let moved_from = before.as_ref().and_then(|s| s.moved_from);
        let state = ProgramState { row, versions: Arc::new(versions), published, moved_from };
        self.shared.replace_reference(reference.with_program(state));
        Ok(Published { program: id, version: number })
    }

    /// Reads programs and keys again; what another process has committed is in force from here.
    pub(crate) fn reload(&mut self) -> Result<(), ServiceError> {
        self.shared.products.forget();
        self.shared
            .reload_reference(self.writer.reads())
            .map_err(|error| ServiceError::Storage(error.to_string()))
    }
}

/// Balances stay in their units, and versions follow each other in time.
fn check_follows(state: &ProgramState, next: &Program, from: Instant) -> Result<(), PublishError> {
    let Some(newest) = state.versions.newest() else { return Ok(()) };
    if newest.currency != next.currency {
        return Err(PublishError::UnitsChanged { what: "currency" });
    }
    if newest.points.precision != next.points.precision {
        return Err(PublishError::UnitsChanged { what: "points.precision" });
    }
    match state.published.last() {
        Some(version) if from < version.effective_from => {
            Err(PublishError::BeforeNewest { newest: version.effective_from })
        }
        _ => Ok(()),
    }
}
