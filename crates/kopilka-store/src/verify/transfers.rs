//! Every transfer left once and ends once: with its receiver, back with its sender, or still on its way.

use super::Proof;
use super::merges::Merges;
use crate::error::StoreError;
use crate::project::{Consumer, stripe_of};
use crate::rows::EntryRow;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::{Event, Piece};
use std::collections::BTreeMap;

/// What the journals of a program's members say of transfers.
#[derive(Default)]
pub(super) struct Transfers {
    /// Entry that sent → sender, receiver and points.
    sent: BTreeMap<EntryId, (MemberId, MemberId, i64)>,
    /// Entry that sent → where it ended, which entry says so, and points.
    ended: Vec<(EntryId, MemberId, EntryId, i64)>,
    /// Declined and not yet back, by the entry that sent: the member that declined, and its entry.
    declined: BTreeMap<EntryId, (MemberId, EntryId)>,
}

impl Transfers {
    pub fn see(&mut self, entry: &EntryRow) {
        for event in &entry.events {
            match event {
                Event::TransferSent { to, pieces } => {
                    self.sent.insert(entry.id, (entry.member, *to, points_of(pieces)));
                }
                Event::TransferReceived { entry: sent, lots, gone, .. } => {
                    let points = lots.iter().map(|lot| lot.free.0).sum::<i64>() + gone.0;
                    self.ended.push((*sent, entry.member, entry.id, points));
                }
                Event::TransferCameBack { entry: sent, back, .. } => {
                    let points = back.iter().map(|b| b.piece.points.0).sum();
                    self.ended.push((*sent, entry.member, entry.id, points));
                }
                Event::TransferDeclined { entry: sent, .. } => {
                    self.declined.insert(*sent, (entry.member, entry.id));
                }
                _ => {}
            }
        }
    }
}

fn points_of(pieces: &[Piece]) -> i64 {
    pieces.iter().map(|piece| piece.points.0).sum()
}

impl Proof<'_> {
    /// What is still on its way the relay must not have passed.
    pub(super) fn transfers(
        &mut self,
        program: ProgramId,
        mut seen: Transfers,
        merges: &Merges,
    ) -> Result<(), StoreError> {
        let ends = |member, (from, to)| merges.is(member, from) || merges.is(member, to);
        for (sent, member, by, points) in seen.ended {
            match seen.sent.remove(&sent) {
                Some((from, to, amount)) if amount == points && ends(member, (from, to)) => {}
                Some(_) => self.differ(program, Some(member), format!("entry {by} ends another transfer")),
                None => self.differ(program, Some(member), format!("entry {by} ends no transfer")),
            }
        }
        for (sent, (from, _, points)) in seen.sent {
            self.result.under_way += points;
            let (carrier, entry) = seen.declined.get(&sent).copied().unwrap_or((from, sent));
            let passed = self.reader.cursor(Consumer::Relay(stripe_of(carrier)))?;
            if entry <= passed {
                self.differ(program, Some(from), format!("the transfer of entry {sent} never ended"));
            }
        }
        Ok(())
    }
}
