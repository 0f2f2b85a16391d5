//! Projections: what pages and reports read, filled from the journal in sorted batches.
//!
//! Invariant: a batch and its cursor are one transaction, and a batch run twice changes nothing.

use super::Writer;
use super::codec::{self, error};
use crate::error::StoreError;
use crate::read::orders_touched;
use crate::rows::FORMAT;
use crate::sql;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::Member;
use kopilka_core::order::OrderKey;
use kopilka_core::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Who reads the journal, each with a cursor of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    /// Old keys, due times, entries by order: a second behind at most.
    Pages,
    /// Lots and their sums by month: waits while there is other work.
    Liability,
}

impl Consumer {
    pub fn name(self) -> &'static str {
        match self {
            Consumer::Pages => "pages",
            Consumer::Liability => "liability",
        }
    }
}

/// What a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub cursor: EntryId,
    /// Entries taken in; fewer than asked for means the end of the journal.
    pub entries: usize,
}

/// Causes of entries that never touch an order: their events need not be read.
const CAUSES_WITHOUT_ORDER: [&str; 4] = ["register", "adjustment", "status", "person"];

/// Lots that never end stand under this month.
pub const MONTH_NEVER: i64 = 0;

/// The month in which a lot ends, as year × 100 + month in the program's zone.
pub type MonthOf<'a> = &'a dyn Fn(ProgramId, Option<Instant>) -> i64;

type KeyRows = BTreeSet<(i64, [u8; 16], i64, i64)>;
type OrderRows = BTreeSet<(i64, OrderKey, i64, i64)>;

impl Writer {
    /// Takes in the next `limit` entries for pages. Needs an open transaction.
    pub fn project_pages(&self, limit: usize) -> Result<Progress, StoreError> {
        let from = self.reads().cursor(Consumer::Pages)?;
        let mut keys = KeyRows::new();
        let mut orders = OrderRows::new();
        let mut members = BTreeMap::new();
        let seen = self.reads().many(sql::ENTRIES_AFTER, (from.0, limit as i64), |row| {
            let id: i64 = row.get(0).map_err(error)?;
            let program: i64 = row.get(1).map_err(error)?;
            let member: i64 = row.get(2).map_err(error)?;
            if let Some(hash) = row.get::<_, Option<[u8; 16]>>(4).map_err(error)? {
                keys.insert((member, hash, program, id));
            }
            let cause: String = row.get(3).map_err(error)?;
            if !CAUSES_WITHOUT_ORDER.contains(&cause.as_str()) {
                let events: String = row.get(5).map_err(error)?;
                let events: Vec<Event> = codec::json(FORMAT, "events", &events)?;
                orders.extend(orders_touched(&events).into_iter().map(|key| (member, key, id, program)));
            }
            members.insert(member, program);
            Ok(EntryId(id))
        })?;
        for (member, hash, program, entry) in &keys {
            self.run(sql::OLD_KEY_INSERT, (member, hash, program, entry))?;
        }
        for (member, key, entry, program) in &orders {
            self.run(
                sql::ORDER_ENTRY_INSERT,
                (member, key.shop.as_str(), key.order.as_str(), entry, program),
            )?;
        }
        for (member, program) in members {
            let due = self
                .reads()
                .one(sql::NEXT_DUE, (member, program), |row| row.get::<_, Option<i64>>(0).map_err(error))?;
            self.put_due(ProgramId(program), MemberId(member), due.flatten().map(Instant))?;
        }
        self.advance(Consumer::Pages, from, &seen)
    }

    /// Takes in the next `limit` entries for the sums by month. Needs an open transaction.
    pub fn project_liability(&self, limit: usize, month_of: MonthOf<'_>) -> Result<Progress, StoreError> {
        let from = self.reads().cursor(Consumer::Liability)?;
        let mut members = BTreeMap::new();
        let seen = self.reads().many(sql::ENTRY_MEMBERS_AFTER, (from.0, limit as i64), |row| {
            members.insert(row.get::<_, i64>(2).map_err(error)?, row.get::<_, i64>(1).map_err(error)?);
            Ok(EntryId(row.get(0).map_err(error)?))
        })?;
        let mut sums = BTreeMap::new();
        for (member, program) in members {
            let (member, program) = (MemberId(member), ProgramId(program));
            if let Some(row) = self.reads().member(program, member)? {
                self.project_lots(program, &row.member, month_of, &mut sums)?;
            }
        }
        for ((program, month), points) in sums.into_iter().filter(|(_, points)| *points != 0) {
            self.run(sql::LIABILITY_ADD, (program, month, points))?;
        }
        self.advance(Consumer::Liability, from, &seen)
    }

    /// Brings a member's kept lots to what they are now, and adds the difference to the sums.
    fn project_lots(
        &self,
        program: ProgramId,
        member: &Member,
        month_of: MonthOf<'_>,
        sums: &mut BTreeMap<(i64, i64), i64>,
    ) -> Result<(), StoreError> {
        let kept = self.reads().many(sql::LOTS_KEPT, (member.id.0, program.0), |row| {
            let lot: i64 = row.get(0).map_err(error)?;
            Ok((lot, (row.get::<_, i64>(1).map_err(error)?, row.get::<_, i64>(2).map_err(error)?)))
        })?;
        let kept: BTreeMap<i64, (i64, i64)> = kept.into_iter().collect();
        let now = open_lots(program, member, month_of);
        for (lot, (month, points)) in &kept {
            if now.get(lot) != Some(&(*month, *points)) {
                *sums.entry((program.0, *month)).or_default() -= points;
            }
            if !now.contains_key(lot) {
                self.run(sql::LOT_DELETE, (member.id.0, lot, program.0))?;
            }
        }
        for (lot, (month, points)) in now {
            if kept.get(&lot) != Some(&(month, points)) {
                *sums.entry((program.0, month)).or_default() += points;
                self.run(sql::LOT_PUT, (member.id.0, lot, program.0, month, points))?;
            }
        }
        Ok(())
    }

    fn advance(&self, consumer: Consumer, from: EntryId, seen: &[EntryId]) -> Result<Progress, StoreError> {
        let cursor = seen.last().copied().unwrap_or(from);
        if cursor != from {
            self.run(sql::CURSOR_PUT, (consumer.name(), cursor.0))?;
        }
        Ok(Progress { cursor, entries: seen.len() })
    }

    /// Empties every projection and its cursors; the next batches fill them again. Keys stay: without them
    /// a command that comes again would not be known meanwhile. Needs an open transaction.
    pub fn drop_projections(&self) -> Result<(), StoreError> {
        for table in ["r_due", "r_order_entry", "r_lot", "r_liability", "cursor"] {
            self.run(&format!("DELETE FROM {table}"), [])?;
        }
        Ok(())
    }
}

/// Lots with points left, held ones included: lot → (month of its end, points).
pub(crate) fn open_lots(
    program: ProgramId,
    member: &Member,
    month_of: MonthOf<'_>,
) -> BTreeMap<i64, (i64, i64)> {
    let open = member.lots.iter().filter(|lot| lot.free.0 + lot.held.0 != 0);
    open.map(|lot| (i64::from(lot.no), (month_of(program, lot.expires_at), lot.free.0 + lot.held.0)))
        .collect()
}
