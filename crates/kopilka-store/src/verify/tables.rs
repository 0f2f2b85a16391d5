//! What stands beside a member's row: its columns, names, keys, due time and the projections.

use super::{Proof, Seen};
use crate::codec;
use crate::error::StoreError;
use crate::project::{KeptLot, Purchase, open_lots};
use crate::read::orders_touched;
use crate::rows::*;
use crate::sql::{projection, proof};
use crate::value::params;
use kopilka_core::ids::ProgramId;
use kopilka_core::ledger::Event;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::referral::is_of_others;
use std::collections::{BTreeMap, BTreeSet};

/// The causes of entries whose key stands in the directory: no member is there to keep it, or none is found.
const CAUSES_OF_DIRECTORY_KEYS: [&str; 5] =
    ["register", "import", "gift_card_issued", "erased", "guest_order_left"];

impl Proof<'_> {
    /// The plain columns repeat what the JSON says.
    pub(super) fn columns(
        &self,
        program: ProgramId,
        row: &MemberRow,
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let member = &row.member;
        self.reader.one(proof::MEMBER_COLUMNS, params![member.id.0, program.0], |columns| {
            let status = columns.text(0)?;
            if status != codec::status(member.status) {
                found.push(format!("column status is {status}, the row says {:?}", member.status));
            }
            for (position, (name, points)) in (1..).zip(codec::figures(member)) {
                let column = columns.int(position)?;
                if column != points {
                    found.push(format!("column {name} is {column}, the row says {points}"));
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Every identifier, order and key leads back to the member.
    pub(super) fn names(
        &self,
        program: ProgramId,
        row: &MemberRow,
        entries: &[EntryRow],
        seen: &mut Seen,
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let id = row.member.id;
        let mut names = Vec::new();
        if let Some(person) = self.reader.person(program, id)? {
            seen.persons += 1;
            let merged = row.member.status == MemberStatus::Merged;
            for name in (self.with.names)(&person) {
                // Those of an account that was merged lead to the other as soon as it has them.
                let own = !merged || self.reader.find(program, &name)?.is_some_and(|t| t.member == id);
                names.extend(own.then_some((name, None)));
            }
        }
        let orders = self.reader.orders_of_member(program, id)?;
        // Rows of what others bought are found by their member alone.
        let own = orders.iter().filter(|order| !is_of_others(&order.key));
        names.extend(own.map(|order| (Name::order(&order.key), None)));
        for entry in entries {
            if CAUSES_OF_DIRECTORY_KEYS.contains(&entry.cause.as_str())
                && let Some(hash) = entry.key_hash
            {
                names.push((Name::key(hash), Some(entry.id)));
            }
        }
        for event in entries.iter().flat_map(|entry| &entry.events) {
            if let Event::GiftCardIssued { code, .. } = event {
                names.push((Name::gift_card(code), None));
            }
        }
        for (name, entry) in names {
            *seen.names.entry(name.kind.name()).or_default() += 1;
            if self.reader.find(program, &name)? != Some(Target { member: id, entry }) {
                found.push(format!("a {} of the member is not in the directory", name.kind.name()));
            }
        }
        // Which entry was reversed stands in the directory alone; here it is enough that each has its row.
        let reversals = entries.iter().filter(|e| e.cause == "reversal").count() as i64;
        *seen.names.entry(Kind::Reversed.name()).or_default() += reversals;
        Ok(())
    }

    /// A person is found by the words of the name, and by no other.
    pub(super) fn words(
        &self,
        program: ProgramId,
        row: &MemberRow,
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let id = row.member.id;
        let mut expected = self.reader.person(program, id)?.map(|person| person.words()).unwrap_or_default();
        expected.sort();
        let named = params![id.0, program.0];
        let mut kept =
            self.reader.many(proof::PERSON_WORDS_KEPT, named, |row| Ok(row.text(0)?.to_owned()))?;
        kept.sort();
        if kept != expected {
            found.push("the words of the name differ from the person".to_owned());
        }
        Ok(())
    }

    /// A key is in the row until the projection has taken it over; it is never nowhere.
    pub(super) fn keys(
        &self,
        program: ProgramId,
        row: &MemberRow,
        entries: &[EntryRow],
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        for entry in entries {
            let Some(hash) = entry.key_hash else { continue };
            let recent = row.keys.iter().any(|key| key.hash == hash && key.entry == entry.id);
            if !recent && self.reader.old_key(program, row.member.id, hash)? != Some(entry.id) {
                found.push(format!("the key of entry {} is forgotten", entry.id));
            }
        }
        for key in &row.keys {
            if !entries.iter().any(|e| e.id == key.entry && e.key_hash == Some(key.hash)) {
                found.push(format!("the row has a key of {}, which has another", key.entry));
            }
        }
        Ok(())
    }

    pub(super) fn due(
        &self,
        program: ProgramId,
        row: &MemberRow,
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let facts = self.reader.person_facts(program, row.member.id)?;
        if let Some(expected) = (self.with.next_due)(program, &row.member, &facts)
            && expected != row.next_due
        {
            found.push(format!("next_due is {:?}, it should be {expected:?}", row.next_due));
        }
        if row.head <= self.pages {
            let listed =
                self.reader.number(projection::DUE_OF_MEMBER, params![row.member.id.0, program.0])?;
            if listed != row.next_due.map(|at| at.0) {
                found.push(format!("the list of due times says {listed:?}, the row {:?}", row.next_due));
            }
        }
        Ok(())
    }

    pub(super) fn order_entries(
        &self,
        program: ProgramId,
        row: &MemberRow,
        entries: &[EntryRow],
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let mut expected: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for entry in entries {
            for key in orders_touched(&entry.events) {
                expected.entry(key).or_default().insert(entry.id);
            }
        }
        for (key, entries) in expected {
            let listed = self.reader.order_entries_kept(program, row.member.id, &key)?;
            // A stop within a batch leaves rows ahead of the cursor; they must be true all the same.
            let complete = entries.iter().filter(|id| **id <= self.pages).all(|id| listed.contains(id));
            if !complete || !listed.iter().all(|id| entries.contains(id)) {
                found.push(format!("the list of entries of order {key} differs from the journal"));
            }
        }
        Ok(())
    }

    pub(super) fn purchases(
        &self,
        program: ProgramId,
        row: &MemberRow,
        orders: &[OrderState],
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        if row.head > self.pages {
            return Ok(());
        }
        let status = codec::status(row.member.status);
        let mut expected: Vec<Purchase> =
            orders.iter().filter_map(|order| Purchase::of(order, status)).collect();
        let named = params![row.member.id.0, program.0];
        let mut kept = self.reader.many(projection::PURCHASES_KEPT, named, |row| {
            Ok(Purchase {
                key: OrderKey { shop: row.text(0)?.into(), order: row.text(1)?.into() },
                bought_at: row.int(2)?,
                cashier: row.text(3)?.to_owned(),
                money: row.int(4)?,
                points: row.int(5)?,
            })
        })?;
        expected.sort_by(|a, b| a.key.cmp(&b.key));
        kept.sort_by(|a, b| a.key.cmp(&b.key));
        if kept != expected {
            found.push("the list of purchases differs from the orders".to_owned());
        }
        Ok(())
    }

    pub(super) fn lots(
        &self,
        program: ProgramId,
        row: &MemberRow,
        seen: &mut Seen,
        found: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let expected = open_lots(program, &row.member, self.with.month_of);
        for lot in expected.values() {
            *seen.liability.entry(lot.month).or_default() += lot.points;
        }
        if row.head > self.liability {
            return Ok(());
        }
        let kept = self.reader.many(projection::LOTS_KEPT, params![row.member.id.0, program.0], |lot| {
            Ok((lot.int(0)?, KeptLot::read(lot, 1)?))
        })?;
        if !kept.into_iter().eq(expected) {
            found.push("the list of lots differs from the row".to_owned());
        }
        Ok(())
    }
}
