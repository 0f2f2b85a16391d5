//! What time brings: due commands, a version's begin, a sandbox's moving clock.
//!
//! Invariant: the member's own row decides whether something is due; the list of due times only says where
//! to look, so a late row there does no harm and nothing runs twice.

use super::{Engine, Stop};
use crate::courtesy::PAGE;
use crate::crew::{BEAT_EVERY, Crew};
use crate::error::ServiceError;
use crate::overlay::Overlay;
use crate::reference::ProgramState;
use kopilka_core::decide::{self, Context};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::time::Instant;
use kopilka_store::{Changes, StoreError, Wanted};

/// Entries of one batch of projections: half a second of a heavy load.
pub(crate) const PROJECT_BATCH: usize = 16_384;

impl Engine {
    /// Runs what is due for a member of the group, each as its own entry. A moved clock is gone along:
    /// everything happens at its own time, as if somebody had been there. Elsewhere what is late is late.
    pub(super) fn run_due(
        &self,
        overlay: &mut Overlay,
        state: &ProgramState,
        now: Instant,
        member: MemberId,
    ) -> Result<(), Stop> {
        while let Some(at) = overlay.seated(member).and_then(|seat| seat.next_due).filter(|at| *at <= now) {
            let moment = state.moved_from.map_or(now, |from| at.max(from));
            self.run_due_at(overlay, state, moment, member)?;
            if overlay.seated(member).and_then(|seat| seat.next_due) == Some(at) {
                tracing::error!(%member, %at, "what was due is still due");
                break;
            }
        }
        Ok(())
    }

    fn run_due_at(
        &self,
        overlay: &mut Overlay,
        state: &ProgramState,
        now: Instant,
        member: MemberId,
    ) -> Result<(), Stop> {
        let Some(program) = state.versions.at(now) else { return Ok(()) };
        let Some(seat) = overlay.seated(member) else { return Ok(()) };
        seat.need_facts(&self.writer, state.versions.need_person(now))?;
        seat.need_history(&self.writer, state.versions.need_history())?;
        seat.need_orders(&self.writer, decide::orders_of_due(&seat.book.member, now))?;
        let ctx = Context { versions: &state.versions, now };
        self.load_uses(overlay, (state.row.id, ctx), member, None)?;
        let Some(seat) = overlay.seated(member) else { return Ok(()) };
        let drafts = decide::run_due(ctx, &mut seat.book);
        seat.forget_uses();
        seat.arm(program);
        self.append_due(overlay, member, drafts, now);
        Ok(())
    }

    /// Runs what is due by `until` for the next members of the stripes, `most` of them, in order of due time;
    /// how many have nothing due any more. Zero is the end.
    pub fn run_due_batch(
        &mut self,
        program: ProgramId,
        until: Instant,
        (stripes, most): (u8, usize),
    ) -> Result<usize, ServiceError> {
        let state = self.shared.program(program)?;
        let newest = self.transaction(|engine| {
            let due = engine.writer.reads().due(program, until, stripes, most)?;
            let wanted: Vec<Wanted> = due.iter().map(|(member, _)| wanted(program, *member)).collect();
            engine.writer.load(&wanted)?;
            let mut overlay = Overlay::settling_due(engine.shared.draws.next());
            let mut settled = 0;
            for (member, _) in &due {
                match engine.run_due_of(&mut overlay, &state, *member, until) {
                    Ok(done) => settled += usize::from(done),
                    Err(Stop::Group(error)) => return Err(error),
                    Err(Stop::Answer(error)) => tracing::error!(%member, %error, "a due command was refused"),
                }
            }
            let changes = overlay.into_changes();
            engine.writer.write(&changes)?;
            Ok((changes.newest(), settled))
        });
        let (newest, settled) = self.or_recover(newest)?;
        self.note_newest(newest);
        Ok(settled)
    }

    fn run_due_of(
        &self,
        overlay: &mut Overlay,
        state: &ProgramState,
        member: MemberId,
        until: Instant,
    ) -> Result<bool, Stop> {
        if overlay.seat(&self.writer, state.row.id, member, self.projected())?.is_none() {
            return Ok(false);
        }
        self.run_due(overlay, state, until, member)?;
        Ok(overlay.seated(member).and_then(|seat| seat.next_due).is_none_or(|at| at > until))
    }

    /// Computes the due times of the next members by the program in force at `now`; the last member of the
    /// batch, `None` at the end.
    pub fn arm_batch(
        &mut self,
        program: ProgramId,
        now: Instant,
        after: Option<MemberId>,
    ) -> Result<Option<MemberId>, ServiceError> {
        let state = self.shared.program(program)?;
        let Some(compiled) = state.versions.at(now).cloned() else { return Ok(None) };
        let armed = self.transaction(|engine| {
            let ids = engine.writer.reads().member_ids(program, after, PAGE)?;
            let wanted: Vec<Wanted> = ids.iter().map(|member| wanted(program, *member)).collect();
            engine.writer.load(&wanted)?;
            let mut changes = Changes::default();
            for id in &ids {
                let Some(row) = engine.writer.member(program, *id)? else { continue };
                let person = engine.writer.person_facts(program, *id)?;
                let next = decide::next_due(&compiled, &row.member, &person);
                if next != row.next_due {
                    changes.next_due.push((program, *id, next));
                    changes.due.push((program, *id, next));
                }
            }
            engine.writer.write(&changes)?;
            Ok(ids.last().copied())
        });
        self.or_recover(armed)
    }

    /// A lost connection is made anew for whoever comes next.
    fn or_recover<T>(&mut self, result: Result<T, StoreError>) -> Result<T, ServiceError> {
        if let Err(error) = &result {
            self.recover(error);
        }
        Ok(result?)
    }

    /// Marks the versions in force at `now` as armed.
    pub fn finish_arming(&mut self, program: ProgramId, now: Instant) -> Result<(), ServiceError> {
        let state = self.shared.program(program)?;
        let mut next = ProgramState::clone(&state);
        self.transaction(|engine| {
            for version in next.published.iter_mut().filter(|v| !v.armed && v.effective_from <= now) {
                engine.writer.set_armed(program, version.version)?;
                version.armed = true;
            }
            Ok(())
        })?;
        self.shared.replace_reference(self.shared.reference().with_program(next));
        Ok(())
    }

    /// Checks and writes a sandbox's clock; where it stood before, and whether members have come.
    pub fn move_clock(&mut self, program: ProgramId, to: Instant) -> Result<(Instant, bool), ServiceError> {
        let state = self.shared.program(program)?;
        if !state.row.sandbox {
            return Err(ServiceError::ClockOfLiveProgram);
        }
        let now = self.shared.now_of(&state);
        let started = self.writer.reads().has_members(program)?;
        if started && to < now {
            return Err(ServiceError::ClockBackwards { now });
        }
        self.transaction(|engine| {
            engine.writer.put_clock(program, to)?;
            if engine.shared.store.is_shared() { engine.bump_reference() } else { Ok(()) }
        })?;
        let mut next = ProgramState::clone(&state);
        next.row.clock = Some(to);
        next.moved_from = Some(now);
        self.shared.replace_reference(self.shared.reference().with_program(next));
        Ok((now, started))
    }

    pub(super) fn note_newest(&self, newest: EntryId) {
        self.shared.newest.fetch_max(newest.0, std::sync::atomic::Ordering::Release);
    }

    /// Brings the projections for pages to the journal's end, as it is now.
    pub fn project_all_pages(&mut self) -> Result<(), StoreError> {
        let settled = self.settled_from_here()?;
        loop {
            let batch = self.transaction(|engine| {
                let batch = engine.writer.reads().gather_pages(settled, PROJECT_BATCH)?;
                engine.writer.put_batch(&batch)?;
                Ok(batch)
            })?;
            self.shared.note_projected(batch.cursor);
            if batch.entries < PROJECT_BATCH {
                return Ok(());
            }
        }
    }

    /// Waits until every server has told that what it was writing is written.
    fn settled_from_here(&self) -> Result<EntryId, StoreError> {
        let now = self.shared.ids.mark();
        let mut settled = self.shared.settled()?;
        for _ in 0..BEATS_MAX {
            if matches!(self.shared.crew, Crew::Alone) || settled.0 >= now {
                break;
            }
            std::thread::sleep(BEAT_EVERY);
            settled = self.shared.settled()?;
        }
        Ok(settled)
    }
}

/// Servers that are alive tell within one; two more for a busy machine.
const BEATS_MAX: usize = 3;

fn wanted(program: ProgramId, member: MemberId) -> Wanted {
    Wanted { member: Some(member), facts: true, ..Wanted::of(program) }
}
