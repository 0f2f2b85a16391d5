//! Typed queries for pages, lists and look-ups.
//!
//! Invariant: each takes a program and finds nothing of another one.

mod orders;
mod reference;

pub use orders::orders_touched;

use crate::error::StoreError;
use crate::rows::*;
use crate::sql;
use crate::sqlite::Reader;
use crate::sqlite::codec::{self, error};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::PersonFacts;
use kopilka_core::time::Instant;

/// The most rows one page of a list may have: a member's year fits in a few.
pub const PAGE_MAX: usize = 500;

impl Reader {
    pub fn member(&self, program: ProgramId, id: MemberId) -> Result<Option<MemberRow>, StoreError> {
        self.one(sql::MEMBER, (id.0, program.0), codec::member)
    }
    /// Members in order of id, after `after`.
    pub fn members(
        &self,
        program: ProgramId,
        after: Option<MemberId>,
        limit: usize,
    ) -> Result<Vec<MemberRow>, StoreError> {
        let after = after.map_or(-1, |m| m.0);
        self.many(sql::MEMBERS, (after, program.0, page(limit)), codec::member)
    }
    /// The program has had its first command.
    pub fn has_members(&self, program: ProgramId) -> Result<bool, StoreError> {
        Ok(self.number(sql::MEMBER_EXISTS, [program.0])?.is_some())
    }
    /// Number and id of a member's newest entry.
    pub fn head(&self, program: ProgramId, id: MemberId) -> Result<Option<(i64, EntryId)>, StoreError> {
        self.one(sql::MEMBER_HEAD, (id.0, program.0), |row| {
            Ok((row.get(0).map_err(error)?, EntryId(row.get(1).map_err(error)?)))
        })
    }
    pub fn person(&self, program: ProgramId, id: MemberId) -> Result<Option<Person>, StoreError> {
        self.one(sql::PERSON, (id.0, program.0), codec::person)
    }
    /// The part of a person that decisions read.
    pub fn person_facts(&self, program: ProgramId, id: MemberId) -> Result<PersonFacts, StoreError> {
        let facts = self.one(sql::PERSON_FACTS, (id.0, program.0), |row| {
            Ok(PersonFacts {
                birth_date: codec::day(row.get(0).map_err(error)?)?,
                birth_date_known_at: row.get::<_, Option<i64>>(1).map_err(error)?.map(Instant),
            })
        })?;
        Ok(facts.unwrap_or_default())
    }
    /// Whose a unique value is.
    pub fn find(&self, program: ProgramId, name: &Name) -> Result<Option<Target>, StoreError> {
        self.one(sql::NAME, (program.0, name.kind.name(), &name.value), codec::target)
    }
    /// The entry that answered a key which the member's row no longer remembers.
    pub fn old_key(
        &self,
        program: ProgramId,
        member: MemberId,
        hash: Hash16,
    ) -> Result<Option<EntryId>, StoreError> {
        Ok(self.number(sql::OLD_KEY, (member.0, hash, program.0))?.map(EntryId))
    }

    pub fn entry(&self, program: ProgramId, id: EntryId) -> Result<Option<EntryRow>, StoreError> {
        self.one(sql::ENTRY, (id.0, program.0), codec::entry)
    }
    /// A member's entries, newest first, older than `before`.
    pub fn entries(
        &self,
        program: ProgramId,
        member: MemberId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let mut next = match before {
            // The page goes on from an entry of this member and of no other.
            Some(before) => match self.entry(program, before)?.filter(|e| e.member == member) {
                Some(entry) => entry.prev,
                None => return Ok(Vec::new()),
            },
            None => self.head(program, member)?.map_or(EntryId(0), |(_, head)| head),
        };
        let mut out = Vec::new();
        while next.0 != 0 && out.len() < limit.min(PAGE_MAX) {
            let Some(entry) = self.entry(program, next)? else {
                return Err(StoreError::Malformed(format!("the journal has no entry {next}")));
            };
            next = entry.prev;
            out.push(entry);
        }
        Ok(out)
    }
    /// The newest entry of the journal, of any program; 0 when it is empty.
    pub fn newest_entry(&self) -> Result<EntryId, StoreError> {
        Ok(EntryId(self.number(sql::ENTRY_NEWEST, [])?.unwrap_or_default()))
    }
    pub fn newest_member(&self) -> Result<MemberId, StoreError> {
        Ok(MemberId(self.number(sql::MEMBER_NEWEST, [])?.unwrap_or_default()))
    }

    /// Members with something due by `until`, in order of due time. A row may be late: the member's own
    /// row is asked again before anything runs.
    pub fn due(
        &self,
        program: ProgramId,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<(MemberId, Instant)>, StoreError> {
        self.many(sql::DUE, (program.0, until.0, limit as i64), |row| {
            Ok((MemberId(row.get(0).map_err(error)?), Instant(row.get(1).map_err(error)?)))
        })
    }
    /// Outstanding points by the month in which their lots end, as [`month_of`](crate::month_of) counts it.
    pub fn liability(&self, program: ProgramId) -> Result<Vec<(i64, i64)>, StoreError> {
        self.many(sql::LIABILITY, [program.0], |row| {
            Ok((row.get(0).map_err(error)?, row.get(1).map_err(error)?))
        })
    }
}

fn page(limit: usize) -> i64 {
    limit.min(PAGE_MAX) as i64
}
