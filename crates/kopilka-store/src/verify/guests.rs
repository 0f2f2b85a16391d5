//! Every guest's order that was handed over arrived once, with the member it went to.

use super::merges::Merges;
use super::{Proof, Seen};
use crate::error::StoreError;
use crate::project::{Consumer, stripe_of};
use crate::rows::{EntryRow, Name};
use kopilka_core::guest::GuestEvent;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::order::OrderKey;
use std::collections::BTreeMap;

/// What the journals of a program's members say of guests' orders.
#[derive(Default)]
pub(super) struct GuestOrders {
    /// Entry that handed an order over → from whose row, to whom, which.
    left: BTreeMap<EntryId, (MemberId, MemberId, OrderKey)>,
    /// Entry that handed over → who took it, which entry says so, and which order.
    claimed: Vec<(EntryId, MemberId, EntryId, OrderKey)>,
}

impl GuestOrders {
    pub fn see(&mut self, entry: &EntryRow) {
        for event in &entry.events {
            let Event::Guest(event) = event else { continue };
            let key = event.key().clone();
            match event {
                GuestEvent::Left { to, .. } => {
                    self.left.insert(entry.id, (entry.member, *to, key));
                }
                GuestEvent::Claimed { entry: left, .. } => {
                    self.claimed.push((*left, entry.member, entry.id, key));
                }
            }
        }
    }
}

impl Proof<'_> {
    /// What is still on its way the relay must not have passed, and it still leads to where it left.
    pub(super) fn guest_orders(
        &mut self,
        program: ProgramId,
        seen: &mut Seen,
        merges: &Merges,
    ) -> Result<(), StoreError> {
        let GuestOrders { mut left, claimed } = std::mem::take(&mut seen.guests);
        for (entry, member, by, key) in claimed {
            match left.remove(&entry) {
                Some((_, to, order)) if order == key && merges.is(member, to) => {}
                _ => self.differ(program, Some(member), format!("entry {by} claims an order nobody left")),
            }
        }
        for (entry, (from, _, key)) in left {
            *seen.names.entry("order").or_default() += 1;
            let target = self.reader.find(program, &Name::order(&key))?;
            if target.map(|target| target.member) != Some(from) {
                let what = format!("order {key} on its way to a member is not in the directory");
                self.differ(program, Some(from), what);
            }
            if entry <= self.reader.cursor(Consumer::Relay(stripe_of(from)))? {
                self.differ(program, Some(from), format!("the order of entry {entry} never arrived"));
            }
        }
        Ok(())
    }
}
