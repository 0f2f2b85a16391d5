//! Lists over all members: the newest people, people by name, the newest purchases.
//!
//! Invariant: a page is found where the page before ended, by an index, and costs as much as its rows.

use super::PAGE_MAX;
use crate::error::StoreError;
use crate::reader::Reader;
use crate::rows::{Person, words_of_name};
use crate::sql::lookup;
use crate::value::params;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Member;
use kopilka_core::money::Money;
use kopilka_core::order::OrderKey;
use kopilka_core::points::Points;
use kopilka_core::time::Instant;

/// Somebody with an account, and what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Somebody {
    pub member: Member,
    pub person: Person,
}

/// Where a page of people found by name ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlace {
    pub word: String,
    pub member: MemberId,
}

/// A purchase of a member, and what remains of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseRow {
    pub bought_at: Instant,
    pub member: MemberId,
    pub key: OrderKey,
    /// Empty where the shop named none.
    pub cashier: String,
    pub money: Money,
    pub points: Points,
}

/// Words of what is asked for that are looked at, the longest: more leave hardly anybody out.
const WORDS_ASKED: usize = 3;
/// Comes after every letter.
const LAST: char = char::MAX;

impl Reader {
    /// People in order of registration, the newest first, before `before`; where the next page goes on.
    pub fn people_newest(
        &self,
        program: ProgramId,
        before: Option<MemberId>,
        limit: usize,
    ) -> Result<(Vec<Somebody>, Option<MemberId>), StoreError> {
        let limit = limit.min(PAGE_MAX);
        let page = params![program.0, before.map_or(i64::MAX, |id| id.0), limit as i64 + 1];
        let mut ids = self.many(lookup::PEOPLE_NEWEST, page, |row| Ok(MemberId(row.int(0)?)))?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let next = ids.last().copied().filter(|_| more);
        Ok((self.somebodies(program, &ids)?, next))
    }

    /// People with words in their names that begin like each of those asked for, in order of the word found.
    /// Nobody where nothing of what is asked for is a letter or a digit.
    pub fn people_named(
        &self,
        program: ProgramId,
        asked: &str,
        after: Option<NamedPlace>,
        limit: usize,
    ) -> Result<(Vec<Somebody>, Option<NamedPlace>), StoreError> {
        let limit = limit.min(PAGE_MAX);
        let mut words = words_of_name(asked);
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        words.truncate(WORDS_ASKED);
        let Some(first) = words.first().cloned() else { return Ok((Vec::new(), None)) };
        // What is not asked for begins every word.
        words.resize(WORDS_ASKED, String::new());
        let ends: Vec<String> = words.iter().map(|word| format!("{word}{LAST}")).collect();
        let after = after.unwrap_or(NamedPlace { word: first.clone(), member: MemberId(-1) });
        let page = params![
            program.0,
            &after.word,
            after.member.0,
            &ends[0],
            &first,
            &words[1],
            &ends[1],
            &words[2],
            &ends[2],
            limit as i64 + 1,
        ];
        let mut found = self.many(lookup::PEOPLE_NAMED, page, |row| {
            Ok(NamedPlace { word: row.text(0)?.to_owned(), member: MemberId(row.int(1)?) })
        })?;
        let more = found.len() > limit;
        found.truncate(limit);
        let ids: Vec<MemberId> = found.iter().map(|place| place.member).collect();
        Ok((self.somebodies(program, &ids)?, found.pop().filter(|_| more)))
    }

    fn somebodies(&self, program: ProgramId, ids: &[MemberId]) -> Result<Vec<Somebody>, StoreError> {
        let mut members = self.members_of(program, ids.iter().copied())?;
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(member) = members.remove(id) else { continue };
            let person = self.person(program, *id)?.unwrap_or_default();
            out.push(Somebody { member, person });
        }
        Ok(out)
    }

    /// Purchases of members, the newest first, older than `before`; and whether there are more. Those of
    /// guests are not among them.
    pub fn purchases_newest(
        &self,
        program: ProgramId,
        before: Option<(Instant, MemberId, OrderKey)>,
        limit: usize,
    ) -> Result<(Vec<PurchaseRow>, bool), StoreError> {
        let limit = limit.min(PAGE_MAX);
        let end = || (Instant(i64::MAX), MemberId(i64::MAX), OrderKey { shop: "".into(), order: "".into() });
        let (at, member, key) = before.unwrap_or_else(end);
        let page =
            params![program.0, at.0, member.0, key.shop.as_str(), key.order.as_str(), limit as i64 + 1];
        let mut rows = self.many(lookup::PURCHASES_NEWEST, page, |row| {
            Ok(PurchaseRow {
                bought_at: Instant(row.int(0)?),
                member: MemberId(row.int(1)?),
                key: OrderKey { shop: row.text(2)?.into(), order: row.text(3)?.into() },
                cashier: row.text(4)?.to_owned(),
                money: Money(row.int(5)?),
                points: Points(row.int(6)?),
            })
        })?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, more))
    }
}
