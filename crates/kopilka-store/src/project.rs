//! Projections: what pages and reports read, filled from the journal in sorted batches.
//!
//! Invariant: the cursor moves in the transaction of a batch's last part, and a part of pages written twice
//! changes nothing. A batch is gathered on a read connection, so that the writer only writes; its rows are
//! sorted, so that it touches each page once; it comes in parts, so that no command waits long behind it.
//! Nothing is gathered beyond an entry up to which the journal is settled: with several writers ids are not
//! in the order of commits.

mod days;
mod purchases;

pub(crate) use purchases::{Bought, Purchase};

use crate::codec;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::postgres;
use crate::read::orders_touched;
use crate::reader::Reader;
use crate::rows::{FORMAT, MemberRow};
use crate::sql::projection;
use crate::sqlite;
use crate::value::{Columns, exactly, params};
use crate::writer::Writer;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::Member;
use kopilka_core::order::OrderKey;
use kopilka_core::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Who reads the journal, each with a cursor of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    /// Old keys, due times, entries by order, purchases: a second behind at most.
    Pages,
    /// Lots with their ends, and their sums by month: waits while there is other work.
    Liability,
    /// Sums by day: like these.
    Days,
    /// Effects on other members, of one stripe of members.
    Relay(u8),
    /// What endpoints are told: each keeps a place of its own, so this one has no cursor, only its lease.
    Webhooks,
    /// What members are written: the same.
    Messages,
}

const RELAYS: [&str; STRIPES as usize] =
    ["relay/0", "relay/1", "relay/2", "relay/3", "relay/4", "relay/5", "relay/6", "relay/7"];

/// Members are shared out between servers in so many parts: enough for a handful of servers to have equal
/// work, few enough to keep a cursor each.
pub const STRIPES: u8 = 8;

/// The stripe of a member: by the milliseconds of its id, which are spread evenly. The statements say the
/// same.
pub fn stripe_of(member: MemberId) -> u8 {
    ((member.0 >> 20) & i64::from(STRIPES - 1)) as u8
}

impl Consumer {
    pub fn name(self) -> &'static str {
        match self {
            Consumer::Pages => "pages",
            Consumer::Liability => "liability",
            Consumer::Days => "days",
            Consumer::Webhooks => "webhooks",
            Consumer::Messages => "messages",
            Consumer::Relay(stripe) => RELAYS[usize::from(stripe % STRIPES)],
        }
    }
}

/// Causes of entries that never touch an order: their events need not be read.
const CAUSES_WITHOUT_ORDER: [&str; 6] = ["register", "import", "adjustment", "status", "person", "event"];
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
pub struct Part(pub(crate) Vec<Change>);

#[derive(Debug)]
pub(crate) enum Change {
    Key { member: i64, hash: [u8; 16], program: i64, entry: i64 },
    OrderEntry { member: i64, key: OrderKey, entry: i64, program: i64 },
    Due { member: i64, program: i64 },
    Purchase { member: i64, program: i64, purchase: Purchase },
    PurchaseGone { member: i64, program: i64, key: OrderKey },
    Lot { member: i64, lot: i64, program: i64, kept: KeptLot },
    LotGone { member: i64, lot: i64, program: i64 },
    Sum { program: i64, month: i64, points: i64 },
    Day { program: i64, day: i64, what: &'static str, value: i64 },
}

type KeyRows = BTreeSet<(i64, [u8; 16], i64, i64)>;
type OrderRows = BTreeSet<(i64, OrderKey, i64, i64)>;
type Sums = BTreeMap<(i64, i64), i64>;
/// member → lot → what is kept of it.
type Kept = BTreeMap<i64, BTreeMap<i64, KeptLot>>;

/// What the list of open lots says of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeptLot {
    pub month: i64,
    pub points: i64,
    /// Nothing for a lot that never ends.
    pub ends_at: Option<i64>,
}

/// Members of the batch with their programs.
pub(crate) type Members = BTreeMap<i64, i64>;

/// When a member's next command is due by its row, and by the list of due times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DueState {
    pub member: i64,
    pub program: i64,
    pub by_row: Option<i64>,
    pub listed: Option<i64>,
}

impl Reader {
    /// What the next `limit` entries, up to the one `settled`, mean for pages.
    pub fn gather_pages(&self, settled: EntryId, limit: usize) -> Result<Batch, StoreError> {
        let from = self.cursor(Consumer::Pages)?;
        let mut keys = KeyRows::new();
        let (mut orders, mut bought) = (OrderRows::new(), Bought::new());
        let mut members = Members::new();
        let mut left: Vec<Change> = Vec::new();
        let stretch = params![from.0, settled.0, limit as i64];
        let seen = self.many(projection::ENTRIES_AFTER, stretch, |row| {
            let (id, program, member) = (row.int(0)?, row.int(1)?, row.int(2)?);
            if let Some(hash) = row.bytes_or_null(4)? {
                keys.insert((member, exactly(hash)?, program, id));
            }
            if !CAUSES_WITHOUT_ORDER.contains(&row.text(3)?) {
                let events: Vec<Event> = codec::json(FORMAT, "events", row.text(5)?)?;
                orders.extend(orders_touched(&events).into_iter().map(|key| (member, key, id, program)));
                bought.extend(purchases::bought(&events).map(|key| ((member, key.clone()), program)));
                let leave = purchases::leave(&events).cloned();
                left.extend(leave.map(|key| Change::PurchaseGone { member, program, key }));
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
        changes.extend(self.purchases(&bought)?);
        changes.extend(left);
        let moved = self.due_states(&members)?.into_iter().filter(|due| due.by_row != due.listed);
        changes.extend(moved.map(|due| Change::Due { member: due.member, program: due.program }));
        let mut parts = Vec::new();
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(PART_ROWS));
            parts.push(Part(std::mem::replace(&mut changes, rest)));
        }
        Ok(batch(Consumer::Pages, from, &seen, parts))
    }

    pub(crate) fn due_states(&self, members: &Members) -> Result<Vec<DueState>, StoreError> {
        if let Conn::Postgres(link) = &self.conn {
            return postgres::due_states(link, members);
        }
        let mut out = Vec::with_capacity(members.len());
        for (&member, &program) in members {
            let by_row = self.number(projection::NEXT_DUE, params![member, program])?;
            let listed = self.number(projection::DUE_OF_MEMBER, params![member, program])?;
            out.push(DueState { member, program, by_row, listed });
        }
        Ok(out)
    }

    /// What the next `limit` entries mean for the sums by month. Parts of one batch are written before the
    /// next is gathered: they are differences from what is kept.
    pub fn gather_liability(
        &self,
        settled: EntryId,
        limit: usize,
        month_of: MonthOf<'_>,
    ) -> Result<Batch, StoreError> {
        let from = self.cursor(Consumer::Liability)?;
        let mut members = Members::new();
        let stretch = params![from.0, settled.0, limit as i64];
        let seen = self.many(projection::ENTRY_MEMBERS_AFTER, stretch, |row| {
            members.insert(row.int(2)?, row.int(1)?);
            Ok(EntryId(row.int(0)?))
        })?;
        let mut kept = self.kept_lots(&members)?;
        let mut parts = Vec::new();
        let (mut part, mut sums) = (Part::default(), Sums::new());
        for row in self.members_named(&members)? {
            let lots = kept.remove(&row.member.id.0).unwrap_or_default();
            let now = open_lots(row.program, &row.member, month_of);
            difference(row.program.0, row.member.id.0, &lots, now, &mut part.0, &mut sums);
            if part.0.len() >= PART_ROWS {
                parts.push(part.with_sums(&mut sums));
                part = Part::default();
            }
        }
        parts.push(part.with_sums(&mut sums));
        Ok(batch(Consumer::Liability, from, &seen, parts))
    }

    fn members_named(&self, members: &Members) -> Result<Vec<MemberRow>, StoreError> {
        if let Conn::Postgres(link) = &self.conn {
            return postgres::members_named(link, members);
        }
        let mut out = Vec::with_capacity(members.len());
        for (&member, &program) in members {
            out.extend(self.member(ProgramId(program), MemberId(member))?);
        }
        Ok(out)
    }
    fn kept_lots(&self, members: &Members) -> Result<Kept, StoreError> {
        let mut kept = Kept::new();
        if let Conn::Postgres(link) = &self.conn {
            for (member, lot, of) in postgres::kept_lots(link, members)? {
                kept.entry(member).or_default().insert(lot, of);
            }
            return Ok(kept);
        }
        for (&member, &program) in members {
            let lots = self.many(projection::LOTS_KEPT, params![member, program], |row| {
                Ok((row.int(0)?, KeptLot::read(row, 1)?))
            })?;
            kept.insert(member, lots.into_iter().collect());
        }
        Ok(kept)
    }
}

impl KeptLot {
    /// Reads `month, points, ends_at` from a place on.
    pub fn read(row: &dyn Columns, at: usize) -> Result<KeptLot, StoreError> {
        Ok(KeptLot { month: row.int(at)?, points: row.int(at + 1)?, ends_at: row.int_or_null(at + 2)? })
    }
}

/// The difference between a member's kept lots and what they are now.
fn difference(
    program: i64,
    member: i64,
    kept: &BTreeMap<i64, KeptLot>,
    now: BTreeMap<i64, KeptLot>,
    changes: &mut Vec<Change>,
    sums: &mut Sums,
) {
    for (lot, of) in kept {
        if now.get(lot) != Some(of) {
            *sums.entry((program, of.month)).or_default() -= of.points;
        }
        if !now.contains_key(lot) {
            changes.push(Change::LotGone { member, lot: *lot, program });
        }
    }
    for (lot, of) in now {
        if kept.get(&lot) != Some(&of) {
            *sums.entry((program, of.month)).or_default() += of.points;
            changes.push(Change::Lot { member, lot, program, kept: of });
        }
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
        let reads = self.reads();
        match &reads.conn {
            Conn::Sqlite(file) => sqlite::put_part(reads, file, part),
            Conn::Postgres(link) => postgres::put_part(reads, link, part),
        }
    }

    /// Moves a consumer's cursor forward, never back.
    pub fn put_cursor(&self, consumer: Consumer, cursor: EntryId) -> Result<(), StoreError> {
        self.run(projection::CURSOR_PUT, params![consumer.name(), cursor.0]).map(|_| ())
    }

    /// Writes a whole batch inside the open transaction.
    pub fn put_batch(&self, batch: &Batch) -> Result<(), StoreError> {
        batch.parts.iter().try_for_each(|part| self.put_part(part))?;
        self.put_cursor(batch.consumer, batch.cursor)
    }

    /// Empties every projection and its cursors; the next batches fill them again. Keys stay: without them
    /// a command that comes again would not be known meanwhile; the relay's cursors stay: what it delivered
    /// need not be looked at again. Needs an open transaction.
    pub fn drop_projections(&self) -> Result<(), StoreError> {
        projection::DROPS.iter().try_for_each(|sql| self.run(sql, &[]).map(|_| ()))
    }
}

/// Lots with points left, held ones included.
pub(crate) fn open_lots(
    program: ProgramId,
    member: &Member,
    month_of: MonthOf<'_>,
) -> BTreeMap<i64, KeptLot> {
    let open = member.lots.iter().filter(|lot| lot.free.0 + lot.held.0 != 0);
    open.map(|lot| {
        let (month, ends_at) = (month_of(program, lot.expires_at), lot.expires_at.map(|at| at.0));
        (i64::from(lot.no), KeptLot { month, points: lot.free.0 + lot.held.0, ends_at })
    })
    .collect()
}
