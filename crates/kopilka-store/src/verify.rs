//! The proof of the books: the journal is folded anew and every column, row and list is compared with it.
//!
//! Invariant: nothing here is computed by the code that wrote the rows, but for the fold itself, the
//! accounts' postings and the measures, which check each other.

mod fold;
mod guests;
mod merges;
mod tables;
mod transfers;
mod uses;

use crate::error::StoreError;
use crate::project::{Consumer, MonthOf};
use crate::reader::Reader;
use crate::rows::*;
use crate::sql::proof;
use crate::value::params;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::{Member, PersonFacts};
use kopilka_core::time::Instant;
use std::collections::BTreeMap;

/// Differences kept in words; all are counted.
pub const DIFFERENCES_TOLD: usize = 100;
const BATCH: i64 = 500;

/// When the member's next command is due; the outer `None` where it cannot be told (a version is being
/// armed).
pub type NextDueOf<'a> = &'a dyn Fn(ProgramId, &Member, &PersonFacts) -> Option<Option<Instant>>;

/// What the store cannot know by itself.
pub struct Expectations<'a> {
    /// The directory names of a person's identifiers.
    pub names: &'a dyn Fn(&Person) -> Vec<Name>,
    pub next_due: NextDueOf<'a>,
    pub month_of: MonthOf<'a>,
    /// Called after each batch of members with how many have been seen.
    pub progress: &'a dyn Fn(u64),
}

/// A place where state and journal do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub program: ProgramId,
    pub member: Option<MemberId>,
    pub what: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.member {
            Some(member) => write!(f, "member {member}: {}", self.what),
            None => write!(f, "program {}: {}", self.program, self.what),
        }
    }
}

/// The result of a proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub members: u64,
    pub entries: u64,
    /// Points that have left one member and not yet reached another, in smallest units.
    pub under_way: i64,
    /// Pending, available and held points of all members, less their debts.
    pub outstanding: i64,
    /// All differences; the first [`DIFFERENCES_TOLD`] stand in `told`.
    pub differences: u64,
    pub told: Vec<Difference>,
}

/// What has been seen so far, to be compared with the tables' counts at the end.
#[derive(Default)]
struct Seen {
    orders: i64,
    persons: i64,
    entries: i64,
    names: BTreeMap<&'static str, i64>,
    liability: BTreeMap<i64, i64>,
    transfers: transfers::Transfers,
    merges: merges::Merges,
    guests: guests::GuestOrders,
    /// What the journals say of counters across members.
    uses: BTreeMap<String, i64>,
}

struct Proof<'a> {
    reader: &'a Reader,
    with: &'a Expectations<'a>,
    pages: EntryId,
    liability: EntryId,
    result: Verified,
}

/// Proves every program of the database. Run it in a snapshot: a live database moves on meanwhile.
pub fn verify(reader: &Reader, with: &Expectations<'_>) -> Result<Verified, StoreError> {
    let mut proof = Proof {
        reader,
        with,
        pages: reader.cursor(Consumer::Pages)?,
        liability: reader.cursor(Consumer::Liability)?,
        result: Verified::default(),
    };
    for program in reader.programs()? {
        proof.program(program.id)?;
    }
    let stray = reader.number(proof::STRAY_MEMBERS, &[])?.unwrap_or_default();
    if stray != 0 {
        proof.differ(ProgramId(0), None, format!("{stray} members of no program"));
    }
    Ok(proof.result)
}

impl Proof<'_> {
    fn differ(&mut self, program: ProgramId, member: Option<MemberId>, what: String) {
        self.result.differences += 1;
        if self.result.told.len() < DIFFERENCES_TOLD {
            self.result.told.push(Difference { program, member, what });
        }
    }

    fn program(&mut self, program: ProgramId) -> Result<(), StoreError> {
        let mut seen = Seen::default();
        let mut after = -1_i64;
        loop {
            let ids =
                self.reader.many(proof::MEMBER_IDS, params![after, program.0, BATCH], |row| row.int(0))?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for id in ids {
                self.result.members += 1;
                match self.member(program, MemberId(id), &mut seen) {
                    Err(StoreError::Malformed(what)) => self.differ(program, Some(MemberId(id)), what),
                    other => other?,
                }
            }
            (self.with.progress)(self.result.members);
        }
        self.result.entries += seen.entries as u64;
        self.merges(program, &mut seen)?;
        let merges = std::mem::take(&mut seen.merges);
        self.guest_orders(program, &mut seen, &merges)?;
        self.counts(program, &seen)?;
        self.transfers(program, seen.transfers, &merges)
    }

    /// A row is compared with its fold, then everything that leads to it or was derived from it.
    fn member(&mut self, program: ProgramId, id: MemberId, seen: &mut Seen) -> Result<(), StoreError> {
        let Some(row) = self.reader.member(program, id)? else { return Ok(()) };
        let entries = self.chain(program, &row)?;
        seen.entries += entries.len() as i64;
        for entry in &entries {
            seen.transfers.see(entry);
            seen.merges.see(entry);
            seen.guests.see(entry);
            seen.see_uses(entry);
        }
        self.result.outstanding += row.member.balance_booked().outstanding().0;
        let mut found = Vec::new();
        if let Some(book) = fold::fold(id, &entries, &mut found) {
            fold::compare_member(&book.member, &row.member, &mut found);
            let orders = self.reader.orders_of_member(program, id)?;
            seen.orders += orders.len() as i64;
            fold::compare_orders(&book.orders, &orders, &mut found);
            self.purchases(program, &row, &orders, &mut found)?;
        }
        self.columns(program, &row, &mut found)?;
        self.names(program, &row, &entries, seen, &mut found)?;
        self.words(program, &row, &mut found)?;
        self.keys(program, &row, &entries, &mut found)?;
        self.due(program, &row, &mut found)?;
        self.order_entries(program, &row, &entries, &mut found)?;
        self.lots(program, &row, seen, &mut found)?;
        for what in found {
            self.differ(program, Some(id), what);
        }
        Ok(())
    }

    /// The member's entries, oldest first; each must lead to the one before it.
    fn chain(&mut self, program: ProgramId, row: &MemberRow) -> Result<Vec<EntryRow>, StoreError> {
        let member = row.member.id;
        let mut entries = self.reader.journal(program, member, (row.seq, row.head), usize::MAX >> 1)?;
        let (mut seq, mut next) = (row.seq, row.head);
        for entry in &entries {
            if (entry.id, entry.member, entry.seq) != (next, member, seq) {
                let what = format!(
                    "entry {} is number {} of {}, {next} should be number {seq}",
                    entry.id, entry.seq, entry.member
                );
                self.differ(program, Some(member), what);
                break;
            }
            next = entry.prev;
            seq -= 1;
        }
        if next.0 == 0 && seq != 0 || entries.len() as i64 != row.seq {
            let what = format!("the row counts {} entries, its journal has {}", row.seq, entries.len());
            self.differ(program, Some(member), what);
        }
        entries.reverse();
        Ok(entries)
    }

    /// What is in the tables and belongs to no member that was seen.
    fn counts(&mut self, program: ProgramId, seen: &Seen) -> Result<(), StoreError> {
        for (table, sql, expected) in [
            ("entry", proof::ENTRY_COUNT, seen.entries),
            ("orders", proof::ORDER_COUNT, seen.orders),
            ("person", proof::PERSON_COUNT, seen.persons),
        ] {
            let found = self.reader.number(sql, params![program.0])?.unwrap_or_default();
            if found != expected {
                self.differ(program, None, format!("{table} has {found} rows, its members {expected}"));
            }
        }
        let counted = self
            .reader
            .many(proof::NAME_COUNTS, params![program.0], |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))?;
        // Visitors are forgotten and come again: nothing but the directory knows of them.
        let proven = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Visitor);
        for kind in proven.map(Kind::name) {
            let found = counted.iter().find(|(name, _)| name == kind).map_or(0, |(_, count)| *count);
            let expected = seen.names.get(kind).copied().unwrap_or_default();
            if found != expected {
                let what = format!("the directory has {found} rows of kind {kind}, its members {expected}");
                self.differ(program, None, what);
            }
        }
        self.uses(program, &seen.uses)?;
        if self.reader.newest_entry()? <= self.liability {
            let kept: BTreeMap<i64, i64> = self.reader.liability(program)?.into_iter().collect();
            if kept != seen.liability {
                self.differ(program, None, "the sums by month differ from the lots".to_owned());
            }
        }
        Ok(())
    }
}
