//! Typed queries for pages, lists and look-ups.
//!
//! Invariant: each takes a program and finds nothing of another one.

mod accruals;
mod lists;
mod orders;
mod reference;
mod reports;

pub use lists::{NamedPlace, PurchaseRow, Somebody};
pub use orders::orders_touched;
pub use reports::{Burning, BurningPlace, Flagged, FlaggedAsked, FlaggedPlace, PurchasePlace};

use crate::codec;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::Ahead;
use crate::reader::Reader;
use crate::rows::*;
use crate::sql::{command, lookup, projection, proof};
use crate::value::params;
use kopilka_core::ShortText;
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::measures::Codes;
use kopilka_core::member::{Member, MemberStatus, PersonFacts};
use kopilka_core::time::Instant;

/// The most rows one page of a list may have: a member's year fits in a few.
pub const PAGE_MAX: usize = 500;

impl Reader {
    pub fn member(&self, program: ProgramId, id: MemberId) -> Result<Option<MemberRow>, StoreError> {
        self.one(command::MEMBER, params![id.0, program.0], codec::member)
    }
    /// Members in order of id, after `after`.
    pub fn members(
        &self,
        program: ProgramId,
        after: Option<MemberId>,
        limit: usize,
    ) -> Result<Vec<MemberRow>, StoreError> {
        let after = after.map_or(-1, |m| m.0);
        self.many(lookup::MEMBERS, params![after, program.0, page(limit)], codec::member)
    }
    /// Ids of members in their order, after `after`.
    pub fn member_ids(
        &self,
        program: ProgramId,
        after: Option<MemberId>,
        limit: usize,
    ) -> Result<Vec<MemberId>, StoreError> {
        let after = after.map_or(-1, |m| m.0);
        self.many(proof::MEMBER_IDS, params![after, program.0, page(limit)], |row| Ok(MemberId(row.int(0)?)))
    }
    /// The program has had its first command.
    pub fn has_members(&self, program: ProgramId) -> Result<bool, StoreError> {
        Ok(self.number(lookup::MEMBER_EXISTS, params![program.0])?.is_some())
    }
    /// Number and id of a member's newest entry.
    pub fn head(&self, program: ProgramId, id: MemberId) -> Result<Option<(i64, EntryId)>, StoreError> {
        self.one(lookup::MEMBER_HEAD, params![id.0, program.0], |row| Ok((row.int(0)?, EntryId(row.int(1)?))))
    }
    pub fn person(&self, program: ProgramId, id: MemberId) -> Result<Option<Person>, StoreError> {
        self.one(command::PERSON, params![id.0, program.0], codec::person)
    }
    /// The part of a person that decisions read.
    pub fn person_facts(&self, program: ProgramId, id: MemberId) -> Result<PersonFacts, StoreError> {
        let facts = self.one(command::PERSON_FACTS, params![id.0, program.0], codec::person_facts)?;
        Ok(facts.unwrap_or_default())
    }
    /// Whose a unique value is.
    pub fn find(&self, program: ProgramId, name: &Name) -> Result<Option<Target>, StoreError> {
        self.one(command::NAME, params![program.0, name.kind.name(), &name.value], |row| {
            codec::target(row, 0)
        })
    }
    /// A code that was made, by its one spelling.
    pub fn coupon(&self, program: ProgramId, code: &CouponCode) -> Result<Option<MadeCode>, StoreError> {
        self.one(command::COUPON, params![program.0, code.as_str()], codec::coupon)
    }
    /// Codes that belong to the member, the newest first.
    pub fn coupons_of(
        &self,
        program: ProgramId,
        member: MemberId,
        limit: usize,
    ) -> Result<Vec<MadeCode>, StoreError> {
        let mut codes = Vec::new();
        for account in self.accounts_of(program, member)? {
            let named = params![account.0, program.0, page(limit)];
            codes.extend(self.many(lookup::COUPONS_OF_MEMBER, named, codec::coupon)?);
        }
        codes.truncate(page(limit) as usize);
        Ok(codes)
    }
    /// How many codes were made for each campaign: a walk over all of them, for whoever counts beside the
    /// requests.
    pub fn coupons_by_campaign(&self, program: ProgramId) -> Result<Vec<(ShortText, Codes)>, StoreError> {
        self.many(lookup::COUPONS_BY_CAMPAIGN, params![program.0], |row| {
            let codes = Codes { made: row.int(1)?, blocked: row.int(2)?, personal: row.int(3)? };
            Ok((row.text(0)?.into(), codes))
        })
    }
    /// When a code was made; none where there is no such code.
    pub fn coupon_made_at(
        &self,
        program: ProgramId,
        code: &CouponCode,
    ) -> Result<Option<Instant>, StoreError> {
        let made_at = self.number(lookup::COUPON_MADE_AT, params![program.0, code.as_str()])?;
        Ok(made_at.map(Instant))
    }
    /// The account that the member's id leads to: its own, but where it was merged.
    pub fn survivor(&self, program: ProgramId, member: MemberId) -> Result<MemberId, StoreError> {
        let merged = codec::status(MemberStatus::Merged);
        let mut id = member;
        while let Some(row) =
            self.one(command::MEMBER_OF_STATUS, params![id.0, program.0, merged], |row| {
                codec::json::<Member>(row.int(0)?, "a member", row.text(1)?)
            })?
        {
            let Some(into) = row.merged_into else { break };
            id = into;
        }
        Ok(id)
    }
    /// The member, and the accounts that have become part of it.
    pub fn accounts_of(&self, program: ProgramId, member: MemberId) -> Result<Vec<MemberId>, StoreError> {
        let row = self.member(program, member)?;
        let absorbed = row.into_iter().flat_map(|row| row.member.absorbed).map(|one| one.member);
        Ok(std::iter::once(member).chain(absorbed).collect())
    }
    /// What is counted across members; nothing where nobody has counted.
    pub fn counter(&self, program: ProgramId, what: &str) -> Result<i64, StoreError> {
        Ok(self.number(command::COUNTER, params![program.0, what])?.unwrap_or_default())
    }
    /// Gift cards with money on them, and how much that is in minor units.
    pub fn gift_cards_left(&self, program: ProgramId) -> Result<(i64, i64), StoreError> {
        let found =
            self.one(lookup::GIFT_CARDS_LEFT, params![program.0], |row| Ok((row.int(0)?, row.int(1)?)))?;
        Ok(found.unwrap_or_default())
    }
    /// The entry that answered a key which the member's row no longer remembers.
    pub fn old_key(
        &self,
        program: ProgramId,
        member: MemberId,
        hash: Hash16,
    ) -> Result<Option<EntryId>, StoreError> {
        Ok(self.number(command::OLD_KEY, params![member.0, &hash, program.0])?.map(EntryId))
    }

    /// A member for whoever writes later, and whether it has used the key: its row is read first, for a key
    /// leaves it when it is among the old ones already.
    pub fn ahead(
        &self,
        program: ProgramId,
        member: MemberId,
        key: Option<Hash16>,
    ) -> Result<Option<Ahead>, StoreError> {
        let Some(row) = self.member(program, member)? else { return Ok(None) };
        let mut unused = key.filter(|hash| row.keys.iter().all(|key| key.hash != *hash));
        if let Some(hash) = unused
            && self.old_key(program, member, hash)?.is_some()
        {
            unused = None;
        }
        Ok(Some(Ahead { row, unused }))
    }

    pub fn entry(&self, program: ProgramId, id: EntryId) -> Result<Option<EntryRow>, StoreError> {
        self.one(lookup::ENTRY, params![id.0, program.0], codec::entry)
    }
    /// A member's entries, newest first, older than `before`.
    pub fn entries(
        &self,
        program: ProgramId,
        member: MemberId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let from = match before {
            // The page goes on from an entry of this member and of no other.
            Some(before) => match self.entry(program, before)?.filter(|e| e.member == member) {
                Some(entry) => (entry.seq - 1, entry.prev),
                None => return Ok(Vec::new()),
            },
            None => self.head(program, member)?.unwrap_or((0, EntryId(0))),
        };
        self.journal(program, member, from, limit.min(PAGE_MAX + 1))
    }
    /// The same, and when they end those of the accounts that have become part of the member, one account
    /// after the other. `before` may be an entry of any of them.
    pub fn entries_of_all(
        &self,
        program: ProgramId,
        member: MemberId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let accounts = self.accounts_of(program, member)?;
        let mut before = before;
        let place = match before {
            Some(id) => {
                let entry = self.entry(program, id)?;
                entry.and_then(|entry| accounts.iter().position(|account| *account == entry.member))
            }
            None => Some(0),
        };
        let Some(place) = place else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for account in &accounts[place..] {
            out.extend(self.entries(program, *account, before.take(), limit - out.len())?);
            if out.len() >= limit {
                break;
            }
        }
        Ok(out)
    }
    /// A member's entries from a number (and the entry that has it) on, newest first.
    pub(crate) fn journal(
        &self,
        program: ProgramId,
        member: MemberId,
        (seq, mut next): (i64, EntryId),
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        if let Conn::Postgres(_) = &self.conn {
            let page = params![member.0, program.0, seq, limit as i64];
            return self.many(lookup::JOURNAL, page, codec::entry);
        }
        let mut out = Vec::new();
        while next.0 != 0 && out.len() < limit {
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
        Ok(EntryId(self.number(projection::ENTRY_NEWEST, &[])?.unwrap_or_default()))
    }
    pub fn newest_member(&self) -> Result<MemberId, StoreError> {
        Ok(MemberId(self.number(projection::MEMBER_NEWEST, &[])?.unwrap_or_default()))
    }

    /// Members of the stripes in the mask with something due by `until`, in order of due time. A row may be
    /// late: the member's own row is asked again before anything runs.
    pub fn due(
        &self,
        program: ProgramId,
        until: Instant,
        stripes: u8,
        limit: usize,
    ) -> Result<Vec<(MemberId, Instant)>, StoreError> {
        self.many(lookup::DUE, params![program.0, until.0, i64::from(stripes), limit as i64], |row| {
            Ok((MemberId(row.int(0)?), Instant(row.int(1)?)))
        })
    }
    /// Outstanding points by the month in which their lots end, as [`month_of`](crate::month_of) counts it.
    pub fn liability(&self, program: ProgramId) -> Result<Vec<(i64, i64)>, StoreError> {
        self.many(lookup::LIABILITY, params![program.0], |row| Ok((row.int(0)?, row.int(1)?)))
    }
    /// Entries after `after`, up to `settled`, that may concern another member, of the stripes in the mask;
    /// of every program.
    pub fn relayed(
        &self,
        after: EntryId,
        settled: EntryId,
        stripes: u8,
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let stretch = params![after.0, settled.0, i64::from(stripes), limit as i64];
        self.many(projection::RELAYED_AFTER, stretch, codec::entry)
    }
}

/// One row more than a page has tells whether there is a next one.
pub(crate) fn page(limit: usize) -> i64 {
    limit.min(PAGE_MAX + 1) as i64
}
