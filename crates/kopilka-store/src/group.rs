//! What a group of commands asks for before it decides, and what it leaves behind.
//!
//! Invariant: [`Wanted`] is a hint that saves round trips; what it does not name is read when it is asked
//! for. [`Changes`] is all of a group: it is written in one transaction or not at all.

use crate::error::StoreError;
use crate::rows::*;
use kopilka_core::ShortText;
use kopilka_core::coupon::MadeCode;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::time::Instant;

/// What one command will ask for, as far as it can be told from the command alone.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub program: ProgramId,
    pub member: Option<MemberId>,
    /// Names that lead to the member, or that must be free.
    pub names: Vec<Name>,
    /// Names that are asked for without their member being changed.
    pub names_only: Vec<Name>,
    /// Orders of whoever the member turns out to be.
    pub orders: Vec<OrderKey>,
    /// The command's idempotency key.
    pub key: Option<Hash16>,
    /// The rules in force ask for the person's facts.
    pub facts: bool,
}

/// A member as it was read before the transaction.
#[derive(Debug)]
pub struct Ahead {
    pub row: MemberRow,
    /// A key that the member had not used by then: nor by now, or its row has changed.
    pub unused: Option<Hash16>,
}

/// Everything a group has changed.
#[derive(Debug, Default)]
pub struct Changes {
    pub entries: Vec<EntryRow>,
    /// In the order of their ids.
    pub members_new: Vec<MemberRow>,
    /// With the number each row was read with.
    pub members: Vec<(MemberRow, i64)>,
    /// Due times of members that have no entry in this group.
    pub next_due: Vec<(ProgramId, MemberId, Option<Instant>)>,
    /// Rows of the list of due times that are written ahead of the projection.
    pub due: Vec<(ProgramId, MemberId, Option<Instant>)>,
    pub orders: Vec<(ProgramId, MemberId, OrderState)>,
    /// Orders that are another account's by now.
    pub orders_removed: Vec<(ProgramId, MemberId, OrderKey)>,
    pub persons: Vec<(ProgramId, MemberId, Person)>,
    /// Keys that leave their member's row ahead of the projection.
    pub keys_out: Vec<(ProgramId, MemberId, RecentKey)>,
    /// Counters across members, in order of their keys, and by how much each changes.
    pub counters: Vec<(ProgramId, ShortText, i64)>,
    /// Rows of codes as they stand from now on, and when.
    pub codes: Vec<(ProgramId, MadeCode, Instant)>,
    pub names_removed: Vec<(ProgramId, Name, MemberId)>,
    pub names_added: Vec<(ProgramId, Name, Target)>,
    /// Entries whose free text is erased.
    pub reasons_erased: Vec<(ProgramId, MemberId, EntryId)>,
    /// Members who are written to no more, since when.
    pub unwritten: Vec<(ProgramId, MemberId, Instant)>,
    /// Members whose one-time codes are forgotten, and keyed hashes of the addresses such codes went to.
    pub codes_forgotten: Vec<(ProgramId, MemberId, Vec<[u8; 32]>)>,
    /// Hashes of identifiers whose persons were erased, and until when they are kept.
    pub former: Vec<(ProgramId, Hash16, Instant)>,
}

impl Wanted {
    /// Nothing yet.
    pub fn of(program: ProgramId) -> Wanted {
        Wanted {
            program,
            member: None,
            names: Vec::new(),
            names_only: Vec::new(),
            orders: Vec::new(),
            key: None,
            facts: false,
        }
    }
}

impl Changes {
    /// The newest entry of the group; the first id of all when it has none.
    pub fn newest(&self) -> EntryId {
        self.entries.iter().map(|entry| entry.id).max().unwrap_or(EntryId(0))
    }
    /// Whether the member is made by this group.
    pub(crate) fn is_new(&self, member: MemberId) -> bool {
        self.members_new.binary_search_by_key(&member, |row| row.member.id).is_ok()
    }
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.members_new.is_empty()
            && self.members.is_empty()
            && self.next_due.is_empty()
            && self.due.is_empty()
            && self.persons.is_empty()
            && self.names_removed.is_empty()
            && self.names_added.is_empty()
            && self.reasons_erased.is_empty()
            && self.unwritten.is_empty()
            && self.codes_forgotten.is_empty()
            && self.former.is_empty()
    }
}

/// A row changed under the group: it is run again, command by command.
pub(crate) fn conflict(rows: u64, expected: usize, what: &str) -> Result<(), StoreError> {
    if rows == expected as u64 {
        return Ok(());
    }
    Err(StoreError::Conflict(format!("{what}: {rows} rows of {expected}")))
}
