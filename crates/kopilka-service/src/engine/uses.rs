//! What a command reads beyond its member: codes of coupons and gift cards, and counters others change too.
//!
//! Invariant: a counter is locked before its value decides anything, and in one order for the whole group, so
//! no limit is passed and no two groups wait for each other. A card's row is as whoever had its lock last
//! left it, in this group or elsewhere.

use super::{Engine, Stop};
use crate::overlay::Overlay;
use crate::prepare::{Prepared, Ready};
use kopilka_core::ShortText;
use kopilka_core::book::Book;
use kopilka_core::counters::{of_gift_card, of_reward};
use kopilka_core::coupon::{CouponCode, MadeCode};
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
            let body = match &write.change {
                Ready::PutOrder { body, .. } | Ready::Exchange { order: body, .. } => body,
                Ready::IssueGiftCard { code, .. } | Ready::ChangeGiftCard { code, .. } => {
                    write.codes = self.writer.reads().coupon(write.program, code)?.into_iter().collect();
                    wanted.insert((write.program, of_gift_card(code.as_str())));
                    continue;
                }
                Ready::Plain { command: Command::ClaimReward { reward, .. }, .. } => {
                    // A lock too many where the reward has no stock costs nothing.
                    wanted.insert((write.program, of_reward(reward)));
                    continue;
                }
                _ => continue,
            };
            let Ok(state) = self.shared.program(write.program) else { continue };
            let asks = !body.coupons.is_empty() || !body.gift_cards.is_empty() || state.versions.has_totals();
            if state.versions.is_empty() || !asks {
                continue;
            }
            let ctx = Context { versions: &state.versions, now: self.shared.now_of(&state) };
            write.codes = self.made_codes(ctx, write.program, body)?;
            // Nobody's book: what the body and the codes alone ask for.
            let mut book = Book::new(Member::new(MemberId(0)));
            book.codes.clone_from(&write.codes);
            let command = Command::PutOrder { body: body.clone(), hash: 0 };
            let counters = decide::counters_to_load(ctx, &book, Some(&command));
            wanted.extend(counters.into_iter().map(|what| (write.program, what)));
        }
        self.writer.lock_counters(&wanted)?;
        if self.shared.store.is_shared() {
            // While a lock was waited for, the card may have been blocked.
            writes.iter_mut().try_for_each(|write| self.read_cards_again(write))?;
        }
        Ok(())
    }

    fn read_cards_again(&self, write: &mut Prepared) -> Result<(), StoreError> {
        for code in cards_of(&write.change) {
            let row = self.writer.reads().coupon(write.program, &code)?;
            write.codes.retain(|known| known.code != code);
            write.codes.extend(row);
        }
        Ok(())
    }

    /// Cards that earlier commands of the group issued or changed are as these left them.
    pub(super) fn cards_of_group(overlay: &Overlay, write: &mut Prepared) {
        if !overlay.has_codes() {
            return;
        }
        // A coupon may have been withdrawn with the order that gave it.
        let coupons = match &write.change {
            Ready::PutOrder { body, .. } | Ready::Exchange { order: body, .. } => body.coupons.as_slice(),
            _ => &[],
        };
        let coupons: Vec<CouponCode> = coupons.iter().filter_map(|text| CouponCode::read(text)).collect();
        for code in cards_of(&write.change).into_iter().chain(coupons) {
            if let Some(row) = overlay.code(write.program, &code) {
                write.codes.retain(|known| known.code != code);
                write.codes.push(row.clone());
            }
        }
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

    /// Puts what the command, or what is due, reads of others into the member's book.
    pub(super) fn load_uses(
        &self,
        overlay: &mut Overlay,
        (program, ctx): (ProgramId, Context<'_>),
        member: MemberId,
        command: Option<&Command>,
    ) -> Result<(), Stop> {
        let seat = self.seat(overlay, program, member)?;
        let wanted = decide::counters_to_load(ctx, &seat.book, command);
        if wanted.is_empty() {
            return Ok(());
        }
        let mut loaded = Vec::with_capacity(wanted.len());
        for what in wanted {
            let value = overlay.counter(&self.writer, program, &what)?;
            loaded.push((what, value));
        }
        let seat = self.seat(overlay, program, member)?;
        loaded.into_iter().for_each(|(what, value)| seat.book.counters.load(what, value));
        Ok(())
    }
}

/// Gift cards that a command names.
fn cards_of(change: &Ready) -> Vec<CouponCode> {
    match change {
        Ready::PutOrder { body, .. } | Ready::Exchange { order: body, .. } => {
            body.gift_cards.iter().filter_map(|ask| CouponCode::read(&ask.code)).collect()
        }
        Ready::IssueGiftCard { code, .. } | Ready::ChangeGiftCard { code, .. } => vec![code.clone()],
        _ => Vec::new(),
    }
}
