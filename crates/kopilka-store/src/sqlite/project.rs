//! Projections: what pages and reports read, filled from the journal in sorted batches.
//!
//! Invariant: the cursor moves in the transaction of a batch's last part, and a part of pages written twice
//! changes nothing. A batch is gathered on a read connection, so that the writer only writes; its rows are
//! sorted, so that it touches each page once; it comes in parts, so that no command waits long behind it.

use super::codec::{self, error};
use super::{Reader, Writer};
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

/// Causes of entries that never touch an order: their events need not be read.
const CAUSES_WITHOUT_ORDER: [&str; 4] = ["register", "adjustment", "status", "person"];
/// Rows of a part: a millisecond or two of the writer's time.
const PART_ROWS: usize = 256;

/// Lots that never end stand under this month.
pub const MONTH_NEVER: i64 = 0;

/// The month in which a lot ends, as year × 100 + month in the program's zone.
pub type MonthOf<'a> = &'a dyn Fn(ProgramId, Option<Instant>) -> i64;

/// What a stretch of the journal adds to the projections.
#[derive(Debug)]
pub struct Batch {
    pub consumer: Consumer,
    pub cursor: EntryId,
    /// Entries taken in; fewer than asked for means the end of the journal.
    pub entries: usize,
    /// To be written in this order, each in one transaction, the cursor with the last.
    pub parts: Vec<Part>,
}

/// Rows of one transaction.
#[derive(Debug, Default)]
pub struct Part(Vec<Change>);

#[derive(Debug)]
enum Change {
    Key { member: i64, hash: [u8; 16], program: i64, entry: i64 },
    OrderEntry { member: i64, key: OrderKey, entry: i64, program: i64 },
    Due { member: i64, program: i64 },
    Lot { member: i64, lot: i64, program: i64, month: i64, points: i64 },
    LotGone { member: i64, lot: i64, program: i64 },
    Sum { program: i64, month: i64, points: i64 },
}

type KeyRows = BTreeSet<(i64, [u8; 16], i64, i64)>;
type OrderRows = BTreeSet<(i64, OrderKey, i64, i64)>;
type Sums = BTreeMap<(i64, i64), i64>;

impl Reader {
    /// What the next `limit` entries mean for pages.
    pub fn gather_pages(&self, limit: usize) -> Result<Batch, StoreError> {
        let from = self.cursor(Consumer::Pages)?;
        let mut keys = KeyRows::new();
        let mut orders = OrderRows::new();
        let mut members = BTreeMap::new();
        let seen = self.many(sql::ENTRIES_AFTER, (from.0, limit as i64), |row| {
            let id: i64 = row.get(0).map_err(error)?;
            let program: i64 = row.get(1).map_err(error)?;
            let member: i64 = row.get(2).map_err(error)?;
            if let Some(hash) = row.get::<_, Option<[u8; 16]>>(4).map_err(error)? {
                keys.insert((member, hash, program, id));
            }
            let cause = row.get_ref(3).map_err(error)?.as_str().unwrap_or_default();
            if !CAUSES_WITHOUT_ORDER.contains(&cause) {
                let events: String = row.get(5).map_err(error)?;
                let events: Vec<Event> = codec::json(FORMAT, "events", &events)?;
                orders.extend(orders_touched(&events).into_iter().map(|key| (member, key, id, program)));
            }
            members.insert(member, program);
            Ok(EntryId(id))
        })?;
        let mut changes: Vec<Change> = Vec::with_capacity(keys.len() + orders.len());
        changes.extend(keys.into_iter().map(|(member, hash, program, entry)| Change::Key {
            member,
            hash,
            program,
            entry,
        }));
        changes.extend(orders.into_iter().map(|(member, key, entry, program)| Change::OrderEntry {
            member,
            key,
            entry,
            program,
        }));
        for (member, program) in members {
            let due = self
                .one(sql::NEXT_DUE, (member, program), |row| row.get::<_, Option<i64>>(0).map_err(error))?;
            if due.flatten() != self.number(sql::DUE_OF_MEMBER, (member, program))? {
                changes.push(Change::Due { member, program });
            }
        }
        let mut parts = Vec::new();
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(PART_ROWS));
            parts.push(Part(std::mem::replace(&mut changes, rest)));
        }
        Ok(batch(Consumer::Pages, from, &seen, parts))
    }

    /// What the next `limit` entries mean for the sums by month. Parts of one batch are written before the
    /// next is gathered: they are differences from what is kept.
    pub fn gather_liability(&self, limit: usize, month_of: MonthOf<'_>) -> Result<Batch, StoreError> {
        let from = self.cursor(Consumer::Liability)?;
        let mut members = BTreeMap::new();
        let seen = self.many(sql::ENTRY_MEMBERS_AFTER, (from.0, limit as i64), |row| {
            members.insert(row.get::<_, i64>(2).map_err(error)?, row.get::<_, i64>(1).map_err(error)?);
            Ok(EntryId(row.get(0).map_err(error)?))
        })?;
        let mut parts = Vec::new();
        let (mut part, mut sums) = (Part::default(), Sums::new());
        for (member, program) in members {
            let (member, program) = (MemberId(member), ProgramId(program));
            if let Some(row) = self.member(program, member)? {
                self.gather_lots(program, &row.member, month_of, &mut part.0, &mut sums)?;
            }
            if part.0.len() >= PART_ROWS {
                parts.push(part.with_sums(&mut sums));
                part = Part::default();
            }
        }
        parts.push(part.with_sums(&mut sums));
        Ok(batch(Consumer::Liability, from, &seen, parts))
    }

    /// The difference between a member's kept lots and what they are now.
    fn gather_lots(
        &self,
        program: ProgramId,
        member: &Member,
        month_of: MonthOf<'_>,
        changes: &mut Vec<Change>,
        sums: &mut Sums,
    ) -> Result<(), StoreError> {
        let kept = self.many(sql::LOTS_KEPT, (member.id.0, program.0), |row| {
            let lot: i64 = row.get(0).map_err(error)?;
            Ok((lot, (row.get::<_, i64>(1).map_err(error)?, row.get::<_, i64>(2).map_err(error)?)))
        })?;
        let kept: BTreeMap<i64, (i64, i64)> = kept.into_iter().collect();
        let now = open_lots(program, member, month_of);
        let (member, program) = (member.id.0, program.0);
        for (&lot, &(month, points)) in &kept {
            if now.get(&lot) != Some(&(month, points)) {
                *sums.entry((program, month)).or_default() -= points;
            }
            if !now.contains_key(&lot) {
                changes.push(Change::LotGone { member, lot, program });
            }
        }
        for (lot, (month, points)) in now {
            if kept.get(&lot) != Some(&(month, points)) {
                *sums.entry((program, month)).or_default() += points;
                changes.push(Change::Lot { member, lot, program, month, points });
            }
        }
        Ok(())
    }
}

fn batch(consumer: Consumer, from: EntryId, seen: &[EntryId], parts: Vec<Part>) -> Batch {
    Batch { consumer, cursor: seen.last().copied().unwrap_or(from), entries: seen.len(), parts }
}

impl Part {
    /// The sums of a part's lots are written with them.
    fn with_sums(mut self, sums: &mut Sums) -> Part {
        let sums = std::mem::take(sums).into_iter().filter(|(_, points)| *points != 0);
        self.0.extend(sums.map(|((program, month), points)| Change::Sum { program, month, points }));
        self
    }
}

impl Writer {
    /// Writes a part inside the open transaction.
    pub fn put_part(&self, part: &Part) -> Result<(), StoreError> {
        part.0.iter().try_for_each(|change| self.put_change(change))
    }

    fn put_change(&self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Key { member, hash, program, entry } => {
                self.run(sql::OLD_KEY_INSERT, (member, hash, program, entry))
            }
            Change::OrderEntry { member, key, entry, program } => self.run(
                sql::ORDER_ENTRY_INSERT,
                (member, key.shop.as_str(), key.order.as_str(), entry, program),
            ),
            Change::Due { member, program } => {
                // Asked again: it may have moved since the batch was gathered.
                let due = self.reads().one(sql::NEXT_DUE, (member, program), |row| {
                    row.get::<_, Option<i64>>(0).map_err(error)
                })?;
                return self.put_due(ProgramId(*program), MemberId(*member), due.flatten().map(Instant));
            }
            Change::Lot { member, lot, program, month, points } => {
                self.run(sql::LOT_PUT, (member, lot, program, month, points))
            }
            Change::LotGone { member, lot, program } => self.run(sql::LOT_DELETE, (member, lot, program)),
            Change::Sum { program, month, points } => self.run(sql::LIABILITY_ADD, (program, month, points)),
        }
        .map(|_| ())
    }

    /// Moves a consumer's cursor forward, never back.
    pub fn put_cursor(&self, consumer: Consumer, cursor: EntryId) -> Result<(), StoreError> {
        self.run(sql::CURSOR_PUT, (consumer.name(), cursor.0)).map(|_| ())
    }

    /// Writes a whole batch inside the open transaction.
    pub fn put_batch(&self, batch: &Batch) -> Result<(), StoreError> {
        batch.parts.iter().try_for_each(|part| self.put_part(part))?;
        self.put_cursor(batch.consumer, batch.cursor)
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
