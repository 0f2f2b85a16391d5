//! What a command reads beyond its member: coupon codes, and counters that others change too.
//!
//! Invariant: a counter is locked before its value decides anything, and in one order for the whole group, so
//! no limit is passed and no two groups wait for each other.

use super::{Engine, Stop, Turn};
use crate::overlay::Overlay;
use crate::prepare::{Prepared, Ready};
use kopilka_core::ShortText;
use kopilka_core::book::Book;
use kopilka_core::coupon::MadeCode;
use kopilka_core::decide::{self, Command, Context};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Member;
use kopilka_core::order::OrderBody;
use kopilka_store::StoreError;
use std::collections::BTreeSet;

impl Engine {
    /// Reads the made codes of the group's orders and locks the counters they will ask for.
    pub(super) fn load_coupons(&self, writes: &mut [&mut Prepared]) -> Result<(), StoreError> {
        let mut wanted: BTreeSet<(ProgramId, ShortText)> = BTreeSet::new();
        for write in writes.iter_mut() {
            let (Ready::PutOrder { body, .. } | Ready::Exchange { order: body, .. }) = &write.change else {
                continue;
            };
            if body.coupons.is_empty() {
                continue;
            }
            let Ok(state) = self.shared.program(write.program) else { continue };
            if state.versions.is_empty() {
                continue;
            }
            let ctx = Context { versions: &state.versions, now: self.shared.now_of(&state) };
            write.codes = self.made_codes(ctx, write.program, body)?;
            // Nobody's book: what the codes alone ask for.
            let mut book = Book::new(Member::new(MemberId(0)));
            book.codes.clone_from(&write.codes);
            let counters = decide::counters_to_load(ctx, &book, body);
            wanted.extend(counters.into_iter().map(|what| (write.program, what)));
        }
        self.writer.lock_counters(&wanted)
    }

    fn made_codes(
        &self,
        ctx: Context<'_>,
        program: ProgramId,
        body: &OrderBody,
    ) -> Result<Vec<MadeCode>, StoreError> {
        let codes = decide::codes_to_load(ctx, body);
        let found = codes.iter().map(|code| self.writer.reads().coupon(program, code));
        found.filter_map(Result::transpose).collect()
    }

    /// Puts what the command reads of others into the member's book.
    pub(super) fn load_uses(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        command: &Command,
    ) -> Result<(), Stop> {
        let (Command::PutOrder { body, .. } | Command::Exchange { order: body, .. }) = command else {
            return Ok(());
        };
        let seat = self.seat(overlay, turn.id(), member)?;
        seat.book.codes.clone_from(&turn.write.codes);
        let wanted = decide::counters_to_load(turn.context(), &seat.book, body);
        let mut loaded = Vec::with_capacity(wanted.len());
        for what in wanted {
            let value = overlay.counter(&self.writer, turn.id(), &what)?;
            loaded.push((what, value));
        }
        let seat = self.seat(overlay, turn.id(), member)?;
        loaded.into_iter().for_each(|(what, value)| seat.book.counters.load(what, value));
        Ok(())
    }
}
