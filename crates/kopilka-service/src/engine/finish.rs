//! The end of a command: its entry with the first answer, and what fell due by it.
//!
//! Invariant: a command that brings something due has it booked in its own transaction, after its own entry.

use super::{Engine, Stop, Turn};
use crate::answer;
use crate::overlay::{Meta, Overlay};
use crate::write::Done;
use kopilka_core::book::EntryDraft;
use kopilka_core::decide::{self, Outcome};
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::time::Instant;

impl Engine {
    /// Appends the command's entry with its answer, and what fell due by it. Where a key must be
    /// remembered, a command that changed nothing has an entry too.
    pub(super) fn finish(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        entry: Option<EntryDraft>,
        outcome: Outcome,
    ) -> Result<Done, Stop> {
        let seat = self.seat(overlay, turn.id(), member)?;
        let entry = entry.or_else(|| turn.leaves_an_entry().then(|| turn.empty_draft()));
        seat.need_facts(&self.writer, turn.needs_person())?;
        seat.arm(turn.program);
        let mut due = Vec::new();
        if seat.next_due.is_some_and(|at| at <= turn.now) {
            seat.need_history(&self.writer, turn.state.versions.need_history())?;
            seat.need_orders(&self.writer, decide::orders_of_due(&seat.book.member, turn.now))?;
            self.load_uses(overlay, (turn.id(), turn.context()), member, None)?;
            let seat = self.seat(overlay, turn.id(), member)?;
            // The entry is appended once its answer is known: no counter of the group has what it counts yet.
            seat.count_ahead(entry.as_ref());
            due = decide::run_due(turn.context(), &mut seat.book);
            seat.forget_uses();
            seat.arm(turn.program);
        }
        let seat = self.seat(overlay, turn.id(), member)?;
        let id = entry.is_some().then(|| EntryId(self.shared.ids.next_after(seat.head.0)));
        let done = Done {
            member,
            seq: seat.seq + i64::from(entry.is_some()) + due.len() as i64,
            entry: id,
            replayed: false,
            existed: turn.is_registration() && seat.seq > 0,
            outcome,
            balance: seat.book.member.balance_at(turn.now),
            order: None,
            now: turn.now,
            version: entry.as_ref().map_or(turn.program.version, |e| e.version),
        };
        if let (Some(id), Some(draft)) = (id, entry) {
            self.append_answered(overlay, turn, id, draft, &done)?;
        }
        self.append_due(overlay, member, due, turn.now);
        Ok(done)
    }

    fn append_answered(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        id: EntryId,
        draft: EntryDraft,
        done: &Done,
    ) -> Result<(), Stop> {
        let write = turn.write;
        let meta = Meta {
            key_hash: write.key_hash,
            input_hash: write.input_hash,
            operator: write.operator.clone(),
            reason: write.reason.clone(),
            answer: write.key_hash.map(|_| answer::write(done)).transpose()?,
        };
        overlay.append(id, done.member, draft, meta, turn.now);
        Ok(())
    }

    /// Entries of what was due: nobody asked for them, so they have no key and no answer.
    pub(crate) fn append_due(
        &self,
        overlay: &mut Overlay,
        member: MemberId,
        due: Vec<EntryDraft>,
        now: Instant,
    ) {
        for draft in due {
            let head = overlay.seated(member).map_or(0, |seat| seat.head.0);
            let id = EntryId(self.shared.ids.next_after(head));
            overlay.append(id, member, draft, Meta::default(), now);
        }
    }
}
