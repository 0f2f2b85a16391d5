//! Every account that was merged arrived whole, once, and left nothing behind.

use super::{Proof, Seen};
use crate::error::StoreError;
use crate::project::{Consumer, stripe_of};
use crate::rows::{EntryRow, Name};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::merge::{Belongings, MergeEvent};
use kopilka_core::order::OrderKey;
use kopilka_core::referral::is_of_others;
use std::collections::{BTreeMap, BTreeSet};

/// What the journals of a program's members say of merges.
#[derive(Default)]
pub(super) struct Merges {
    /// Entry that closed an account → what left with it.
    left: BTreeMap<EntryId, Leaving>,
    /// Entry that closed an account → by whom it was taken in, which entry says so, and points.
    joined: Vec<(EntryId, MemberId, EntryId, i64)>,
    settled: BTreeSet<MemberId>,
    /// Where the ids of merged accounts lead.
    into: BTreeMap<MemberId, MemberId>,
}

struct Leaving {
    from: MemberId,
    into: MemberId,
    points: i64,
    orders: Vec<OrderKey>,
}

impl Merges {
    pub fn see(&mut self, entry: &EntryRow) {
        let points = |what: &Belongings| what.member.balance_booked().outstanding().0;
        for event in &entry.events {
            let Event::Merge(event) = event else { continue };
            match event {
                MergeEvent::Left { into, belongings } => {
                    let orders = event.orders().into_iter().filter(|key| !is_of_others(key));
                    let (from, orders) = (entry.member, orders.cloned().collect());
                    let leaving = Leaving { from, into: *into, points: points(belongings), orders };
                    self.left.insert(entry.id, leaving);
                    self.into.insert(from, *into);
                }
                MergeEvent::Joined { entry: left, belongings, .. } => {
                    self.joined.push((*left, entry.member, entry.id, points(belongings)));
                }
                MergeEvent::Settled { .. } => {
                    self.settled.insert(entry.member);
                }
                _ => {}
            }
        }
    }

    /// Whether the one is the other, or has taken it in.
    pub fn is(&self, member: MemberId, id: MemberId) -> bool {
        let next = |id: &MemberId| self.into.get(id).copied();
        std::iter::successors(Some(id), next).any(|account| account == member)
    }
}

impl Proof<'_> {
    /// What is still on its way the relay must not have passed; its orders still lead to where they left.
    pub(super) fn merges(&mut self, program: ProgramId, seen: &mut Seen) -> Result<(), StoreError> {
        let mut left = std::mem::take(&mut seen.merges.left);
        let unsettled = left.values().filter(|one| !seen.merges.settled.contains(&one.from)).count();
        // Both that take part stand in the directory until nothing is left to do.
        *seen.names.entry("merging").or_default() += 2 * unsettled as i64;
        for (entry, member, by, points) in &seen.merges.joined {
            match left.remove(entry) {
                Some(one) if one.points == *points && one.into == *member => {}
                Some(_) => {
                    self.differ(program, Some(*member), format!("entry {by} takes in another account"))
                }
                None => self.differ(program, Some(*member), format!("entry {by} takes in nobody")),
            }
        }
        for (entry, one) in left {
            self.result.under_way += one.points;
            for key in &one.orders {
                *seen.names.entry("order").or_default() += 1;
                let target = self.reader.find(program, &Name::order(key))?;
                if target.map(|target| target.member) != Some(one.from) {
                    let what = format!("order {key} of an account under way is not in the directory");
                    self.differ(program, Some(one.from), what);
                }
            }
            if entry <= self.reader.cursor(Consumer::Relay(stripe_of(one.from)))? {
                self.differ(program, Some(one.from), format!("the merge of entry {entry} never ended"));
            }
        }
        Ok(())
    }
}
