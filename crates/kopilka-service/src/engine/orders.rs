//! Commands about orders: whose the order is, and a guest's row where it is nobody's.
//!
//! Invariant: an order id leads to one member for ever; its directory row is made with the order.

use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::write::Done;
use kopilka_core::book::{self, Execution};
use kopilka_core::decide::Command;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::order::{OrderBody, OrderKey, OrderStatus};
use kopilka_core::product::Product;
use kopilka_core::refusal::Refusal;
use kopilka_store::StoreError;
use kopilka_store::rows::{Name, Target};
use std::sync::Arc;

impl Engine {
    /// Decides for the order's member, or for a guest where there is none. `key` is the order that the
    /// answer shows.
    pub(super) fn change_order(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        owner: Option<MemberId>,
        key: &OrderKey,
        command: &Command,
    ) -> Result<Done, Stop> {
        let mut done = match owner {
            Some(member) => {
                if let Some(done) = self.first_answer(overlay, member, turn.write)? {
                    return Ok(done);
                }
                if let Some(done) = self.answer_of_guest(overlay, turn, (member, key))? {
                    return Ok(done);
                }
                self.execute(overlay, turn, member, command)?
            }
            None => self.execute_for_guest(overlay, turn, command)?,
        };
        if self.bound(overlay, turn, key)?.is_none() {
            overlay.add_name(turn.id(), Name::order(key), Target { member: done.member, entry: None });
        }
        done.order = self.seat(overlay, turn.id(), done.member)?.book.orders.get(key).cloned();
        Ok(done)
    }

    /// Takes from the product table what the lines do not say.
    pub(super) fn fill_lines(&mut self, program: ProgramId, body: &mut OrderBody) -> Result<(), Stop> {
        for line in &mut body.lines {
            if let Some(product) = self.product(program, &line.sku)? {
                line.fill_from(&product);
            }
        }
        Ok(())
    }

    /// The product, from memory where it was asked for before.
    fn product(&mut self, program: ProgramId, sku: &str) -> Result<Option<Arc<Product>>, StoreError> {
        if let Some(known) = self.shared.products.known(program, sku) {
            return Ok(known);
        }
        let turn = self.shared.products.turn();
        let found = self.writer.reads().product(program, sku)?.map(Arc::new);
        self.shared.products.keep(turn, program, sku, found.clone());
        Ok(found)
    }

    /// Whose the order is, if anybody has told of it.
    pub(super) fn bound(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        key: &OrderKey,
    ) -> Result<Option<MemberId>, Stop> {
        let Some(target) = overlay.find(&self.writer, turn.id(), &Name::order(key))? else { return Ok(None) };
        let owner = self.account_of(overlay, turn, target.member)?;
        self.not_on_its_way(overlay, turn, (owner, key))?;
        Ok(Some(owner))
    }

    /// The member a body belongs to; `None` means a guest's order that nobody has told of yet.
    pub(super) fn owner_of_put(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        who: Option<&Who>,
        key: &OrderKey,
    ) -> Result<Option<MemberId>, Stop> {
        let bound = self.bound(overlay, turn, key)?;
        let Some(who) = who else { return Ok(bound) };
        if let Some(owner) = bound
            && self.has_left(overlay, turn.id(), owner)?
        {
            return Ok(bound);
        }
        let named = self.member_of(overlay, turn, who)?;
        let guest = self.seat(overlay, turn.id(), named)?.book.member.status == MemberStatus::Guest;
        match bound {
            Some(member) if member == named => Ok(bound),
            // A cancel that came before its order left a mark with a guest; the late body meets it there.
            Some(member) if self.is_cancelled_guest(overlay, turn.id(), member, key)? => Ok(bound),
            Some(_) => Err(Refusal::OrderOfAnotherMember.into()),
            None if guest => Err(Refusal::MemberUnknown.into()),
            None => Ok(Some(named)),
        }
    }

    fn is_cancelled_guest(
        &self,
        overlay: &mut Overlay,
        program: ProgramId,
        member: MemberId,
        key: &OrderKey,
    ) -> Result<bool, Stop> {
        let seat = self.seat(overlay, program, member)?;
        seat.need_orders(&self.writer, vec![key.clone()])?;
        let cancelled = seat.book.orders.get(key).is_some_and(|o| o.status == OrderStatus::Cancelled);
        Ok(cancelled && seat.book.member.status == MemberStatus::Guest)
    }

    /// The new order of an exchange belongs to the member of the old one.
    pub(super) fn owner_of_exchange(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        back: &OrderKey,
        new: &OrderKey,
    ) -> Result<MemberId, Stop> {
        let owner = self.bound(overlay, turn, back)?.ok_or(Refusal::OrderUnknown)?;
        match self.bound(overlay, turn, new)? {
            Some(member) if member != owner => Err(Refusal::OrderOfAnotherMember.into()),
            _ => Ok(owner),
        }
    }

    /// An order without a member, or a gift card: a row that earns and spends nothing is made for it.
    pub(super) fn execute_for_guest(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        command: &Command,
    ) -> Result<Done, Stop> {
        let id = MemberId(self.shared.ids.next());
        let guest = Member { status: MemberStatus::Guest, ..Member::new(id) };
        overlay.new_seat(turn.id(), guest).book.codes.clone_from(&turn.write.codes);
        self.load_uses(overlay, (turn.id(), turn.context()), id, Some(command))?;
        let seat = self.seat(overlay, turn.id(), id)?;
        let executed = book::execute(turn.context(), &mut seat.book, command);
        seat.forget_uses();
        match executed {
            Ok(Execution { due: _, entry: Some(mut entry), outcome }) => {
                entry.events.insert(0, Event::StatusChanged { status: MemberStatus::Guest });
                self.finish(overlay, turn, id, Some(entry), outcome)
            }
            Ok(_) => {
                overlay.drop_new_seat(id);
                Err(Refusal::OrderUnknown.into())
            }
            Err(refusal) => {
                overlay.drop_new_seat(id);
                Err(refusal.into())
            }
        }
    }
}
