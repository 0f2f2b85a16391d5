//! Gift cards: each has a row of its own, which its code leads to.
//!
//! Invariant: a code is given out once for ever, to a card or to a coupon; its directory row is made with
//! the card.

use super::{Engine, Stop, Turn};
use crate::overlay::Overlay;
use crate::write::Done;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{Command, GiftCardChange};
use kopilka_core::gift::ending;
use kopilka_core::money::Money;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::{Name, Target};

impl Engine {
    pub(super) fn issue_gift_card(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (code, amount, expires_at): (&CouponCode, Money, Option<Instant>),
    ) -> Result<Done, Stop> {
        if let Some(done) = self.answer_of_directory(overlay, turn)? {
            return Ok(done);
        }
        let name = Name::gift_card(code);
        let taken = overlay.find(&self.writer, turn.id(), &name)?.is_some()
            || turn.write.codes.iter().any(|known| known.code == *code)
            || turn.program.coupons.of_shared(code).is_some();
        if taken {
            return Err(Refusal::GiftCardTaken { code: ending(code.as_str()) }.into());
        }
        let command = Command::IssueGiftCard { code: code.clone(), amount, expires_at };
        let done = self.execute_for_guest(overlay, turn, &command)?;
        overlay.add_name(turn.id(), name, Target { member: done.member, entry: None });
        if let Some(key) = turn.write.key_hash.map(Name::key) {
            overlay.add_name(turn.id(), key, Target { member: done.member, entry: done.entry });
        }
        Ok(done)
    }

    pub(super) fn change_gift_card(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        code: &CouponCode,
        change: GiftCardChange,
    ) -> Result<Done, Stop> {
        let found = overlay.find(&self.writer, turn.id(), &Name::gift_card(code))?;
        let found = found.ok_or_else(|| Refusal::GiftCardUnknown { code: ending(code.as_str()) })?;
        if let Some(done) = self.first_answer(overlay, found.member, turn.write)? {
            return Ok(done);
        }
        self.execute(overlay, turn, found.member, &Command::ChangeGiftCard { code: code.clone(), change })
    }
}
