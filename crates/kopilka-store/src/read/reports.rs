//! What the owner's reports read.
//!
//! Invariant: the list of lots says where to look, the member's own row says what burns. A page asks for a
//! bounded number of rows and members, however many there are.

use super::PAGE_MAX;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::postgres;
use crate::project::Members;
use crate::reader::Reader;
use crate::sql::lookup;
use crate::value::params;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::{Balance, Member};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::time::{Day, Instant, Zone};
use std::collections::BTreeMap;

/// Points of a member that burn at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burning {
    pub ends_at: Instant,
    pub member: MemberId,
    pub points: Points,
    /// As of when it was asked.
    pub balance: Balance,
}

impl Burning {
    /// The last day on which they are there.
    pub fn last_day(&self, zone: &Zone) -> Day {
        zone.day_of(Instant(self.ends_at.0 - 1))
    }
}

/// Where a page of what burns ended.
pub type BurningPlace = (Instant, MemberId);

/// Which purchases to add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlaggedAsked {
    /// From this instant, before the other.
    pub from: Instant,
    pub until: Instant,
    /// Of this shop alone.
    pub shop: Option<String>,
    /// More purchases than these are shown.
    pub above: i64,
    pub after: Option<FlaggedPlace>,
    pub limit: usize,
}

/// Where a page of flagged members ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlaggedPlace {
    pub purchases: i64,
    pub member: MemberId,
    pub shop: String,
    /// Empty where the shop named none.
    pub cashier: String,
}

/// More purchases of a member with one cashier of one shop than asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flagged {
    pub place: FlaggedPlace,
    /// Paid for what remains of them.
    pub money: Money,
    /// Earned by what remains of them, pending or not.
    pub points: Points,
    pub first_at: Instant,
    pub last_at: Instant,
}

/// Whose a purchase was, when, and what remains of what was paid.
pub type Purchased = (MemberId, Instant, Money);
/// Where a page of purchases in order of members ended.
pub type PurchasePlace = (MemberId, String, String);

impl Reader {
    /// Purchases in order of members: whose, when, for how much; and where the next page goes on.
    pub fn purchases_by_member(
        &self,
        program: ProgramId,
        after: Option<PurchasePlace>,
        limit: usize,
    ) -> Result<(Vec<Purchased>, Option<PurchasePlace>), StoreError> {
        let (member, shop, order) = after.unwrap_or((MemberId(-1), String::new(), String::new()));
        let mut last = None;
        let asked = params![member.0, &shop, &order, program.0, limit as i64];
        let rows = self.many(lookup::PURCHASES_BY_MEMBER, asked, |row| {
            let member = MemberId(row.int(0)?);
            last = Some((member, row.text(1)?.to_owned(), row.text(2)?.to_owned()));
            Ok((member, Instant(row.int(3)?), Money(row.int(4)?)))
        })?;
        let next = last.filter(|_| rows.len() == limit);
        Ok((rows, next))
    }

    /// Points that burn after `now` and not after `until`, in order of end and member, and where the next
    /// page goes on. A page may have fewer rows than `limit`, even none, and have a next one: lots that are
    /// held are looked at and left out.
    pub fn burning(
        &self,
        program: ProgramId,
        (now, until): (Instant, Instant),
        after: Option<BurningPlace>,
        limit: usize,
    ) -> Result<(Vec<Burning>, Option<BurningPlace>), StoreError> {
        let limit = limit.min(PAGE_MAX);
        // What is due already burns no more, however long ago the page before was asked for.
        let due = (now, MemberId(i64::MAX));
        let (at, member) = after.map_or(due, |after| after.max(due));
        let page = params![program.0, at.0, member.0, until.0, limit as i64 + 1];
        let mut found =
            self.many(lookup::BURNING, page, |row| Ok((Instant(row.int(0)?), MemberId(row.int(1)?))))?;
        let more = found.len() > limit;
        found.truncate(limit);
        let members = self.members_of(program, found.iter().map(|(_, member)| *member))?;
        let burning = found.iter().filter_map(|&(ends_at, id)| {
            let member = members.get(&id)?;
            let points = member.burning_at(ends_at);
            (points.0 > 0).then(|| Burning { ends_at, member: id, points, balance: member.balance_at(now) })
        });
        let next = found.last().copied().filter(|_| more);
        Ok((burning.collect(), next))
    }

    pub(super) fn members_of(
        &self,
        program: ProgramId,
        ids: impl Iterator<Item = MemberId>,
    ) -> Result<BTreeMap<MemberId, Member>, StoreError> {
        let named: Members = ids.map(|id| (id.0, program.0)).collect();
        let rows = match &self.conn {
            Conn::Postgres(link) => postgres::members_named(link, &named)?,
            Conn::Sqlite(_) => {
                let rows = named.keys().map(|id| self.member(program, MemberId(*id)));
                rows.filter_map(Result::transpose).collect::<Result<_, _>>()?
            }
        };
        Ok(rows.into_iter().map(|row| (row.member.id, row.member)).collect())
    }

    /// The most purchases first, then in order of member, shop and cashier; and whether there are more.
    pub fn flagged(
        &self,
        program: ProgramId,
        asked: &FlaggedAsked,
    ) -> Result<(Vec<Flagged>, bool), StoreError> {
        let limit = asked.limit.min(PAGE_MAX);
        let first = FlaggedPlace {
            purchases: i64::MAX,
            member: MemberId(i64::MAX),
            shop: String::new(),
            cashier: String::new(),
        };
        let after = asked.after.as_ref().unwrap_or(&first);
        let page = params![
            program.0,
            asked.from.0,
            asked.until.0,
            asked.shop.as_deref().unwrap_or_default(),
            asked.above,
            after.purchases,
            after.member.0,
            &after.shop,
            &after.cashier,
            limit as i64 + 1,
        ];
        let mut found = self.many(lookup::FLAGGED, page, |row| {
            Ok(Flagged {
                place: FlaggedPlace {
                    member: MemberId(row.int(0)?),
                    shop: row.text(1)?.to_owned(),
                    cashier: row.text(2)?.to_owned(),
                    purchases: row.int(3)?,
                },
                money: Money(row.int(4)?),
                points: Points(row.int(5)?),
                first_at: Instant(row.int(6)?),
                last_at: Instant(row.int(7)?),
            })
        })?;
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }
}
