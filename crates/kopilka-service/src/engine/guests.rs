//! Guests' orders: under which address one can be claimed, and how it goes over to its member.
//!
//! Invariant: an order is handed over under the lock of the guest's row and taken under that of the member;
//! between the two it takes no command. An address is kept as a keyed hash, as long as the order can be
//! claimed.

use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::service::confirmed_address;
use crate::write::Done;
use kopilka_core::decide::{Command, claimable_until};
use kopilka_core::ids::{CodeId, EntryId, MemberId};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::refusal::Refusal;
use kopilka_store::guests::AddressHash;
use kopilka_store::rows::{Name, Target};

impl Engine {
    /// Lays a guest's order under the addresses that it was told with, where it can be claimed.
    pub(super) fn keep_contact(
        &self,
        overlay: &Overlay,
        turn: &Turn<'_>,
        (done, contact): (&Done, &[AddressHash]),
    ) -> Result<(), Stop> {
        let Some(order) = done.order.as_ref().filter(|order| !order.is_closed()) else { return Ok(()) };
        if contact.is_empty() || overlay.status_of(turn.id(), done.member) != Some(MemberStatus::Guest) {
            return Ok(());
        }
        let program = turn.state.versions.numbered(order.version);
        let until = program.and_then(|program| claimable_until(program, order));
        if let Some(until) = until.filter(|until| *until > turn.now) {
            for address in contact {
                self.writer.put_guest_contact(turn.id(), (address, &order.key), until)?;
            }
        }
        Ok(())
    }

    /// Hands the order over: to whoever shows by a code that the address is theirs, or as support says.
    pub(super) fn hand_over(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (who, key): (&Who, &OrderKey),
        code: Option<CodeId>,
    ) -> Result<Done, Stop> {
        // Afterwards the order is the member's, so the key is found where no member is needed.
        if let Some(done) = self.answer_of_directory(overlay, turn)? {
            return Ok(done);
        }
        let to = self.led_to(overlay, turn.id(), who)?;
        let to = self.as_it_is(overlay, turn.id(), to)?;
        match to.status {
            MemberStatus::Guest => return Err(Refusal::MemberUnknown.into()),
            MemberStatus::Merged => return Err(Refusal::MergeUnderWay.into()),
            MemberStatus::Anonymized => return Err(Refusal::MemberAnonymized.into()),
            MemberStatus::Blocked => return Err(Refusal::MemberBlocked.into()),
            MemberStatus::Active | MemberStatus::Frozen => {}
        }
        if let Some(code) = code {
            let row = self.writer.reads().code(turn.id(), code)?;
            let address = row.and_then(|row| confirmed_address(&row, turn.now));
            let address = address.ok_or(Refusal::ContactUnconfirmed)?;
            if !self.writer.reads().has_guest_contact(turn.id(), &address, key)? {
                return Err(Refusal::NothingToClaim.into());
            }
        }
        let target = overlay.find(&self.writer, turn.id(), &Name::order(key))?;
        let guest = target.ok_or(Refusal::NothingToClaim)?.member;
        let seat = self.seat(overlay, turn.id(), guest)?;
        seat.need_orders(&self.writer, vec![key.clone()])?;
        let is_guests = seat.book.member.status == MemberStatus::Guest;
        if !is_guests || !seat.book.orders.contains_key(key) {
            return Err(Refusal::AlreadyClaimed.into());
        }
        let operator = turn.write.operator.as_deref().unwrap_or_default();
        let bound_by = code.is_none().then(|| operator.into());
        let command = Command::HandOver { to: to.id, order: key.clone(), bound_by };
        let done = self.execute(overlay, turn, guest, &command)?;
        if let Some(name) = turn.write.key_hash.map(Name::key) {
            overlay.add_name(turn.id(), name, Target { member: guest, entry: done.entry });
        }
        Ok(done)
    }

    /// The order that the guest's entry handed over reaches the member, or the account that is by now.
    pub(super) fn take_order(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        (from, entry, order): (MemberId, EntryId, &OrderState),
    ) -> Result<Done, Stop> {
        let account = self.account_of(overlay, turn, member)?;
        if let Some(done) = self.first_answer(overlay, account, turn.write)? {
            return Ok(done);
        }
        let command = Command::ClaimOrder { from, entry, order: Box::new(order.clone()) };
        let done = self.execute(overlay, turn, account, &command)?;
        let name = Name::order(&order.key);
        overlay.remove_name(turn.id(), name.clone(), from);
        overlay.add_name(turn.id(), name, Target { member: account, entry: None });
        Ok(done)
    }

    /// Refuses a command on an order that has left its guest's row and has not arrived.
    pub(super) fn not_on_its_way(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (owner, key): (MemberId, &OrderKey),
    ) -> Result<(), Stop> {
        let seat = self.seat(overlay, turn.id(), owner)?;
        if seat.book.member.status == MemberStatus::Guest {
            seat.need_orders(&self.writer, vec![key.clone()])?;
            if !seat.book.orders.contains_key(key) {
                return Err(Refusal::ClaimUnderWay.into());
            }
        }
        Ok(())
    }

    /// The first answer to a key that came while the order was a guest's.
    pub(super) fn answer_of_guest(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (owner, key): (MemberId, &OrderKey),
    ) -> Result<Option<Done>, Stop> {
        if turn.write.key_hash.is_none() {
            return Ok(None);
        }
        let seat = self.seat(overlay, turn.id(), owner)?;
        seat.need_orders(&self.writer, vec![key.clone()])?;
        match seat.book.orders.get(key).and_then(|order| order.claimed) {
            Some(claimed) => self.first_answer(overlay, claimed.from, turn.write),
            None => Ok(None),
        }
    }
}
