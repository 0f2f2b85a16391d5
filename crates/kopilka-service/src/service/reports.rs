//! Reports for the owner, over all members of a program.
//!
//! Invariant: a report waits for nothing: it says up to which entry of the journal it has seen, and its pages
//! are bounded whatever the number of members.

use super::Service;
use crate::error::ServiceError;
use kopilka_core::counters::month_of;
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::time::{Day, INSTANT_MAX, INSTANT_MIN, Instant, Period};
use kopilka_store::guests::Bound;
use kopilka_store::read::{Burning, BurningPlace, Flagged, FlaggedAsked, FlaggedPlace};
use kopilka_store::{Consumer, Reader, StoreError};

/// Who is told a week ahead has a weekend to come by.
pub const WITHIN_DAYS: u16 = 7;
/// A year and a day: what ends later will move with the orders of a whole season first.
pub const WITHIN_DAYS_MAX: u16 = 366;

/// What a report has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// The program's time when it was asked.
    pub at: Instant,
    /// Every entry of the journal up to this one is in it.
    pub entry: EntryId,
    /// The journal has entries after that one; a running server takes them in within moments.
    pub behind: bool,
}

/// A page of those who lose points soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringReport {
    pub as_of: AsOf,
    /// What burns by then stands in it.
    pub until: Instant,
    /// In order of end and member.
    pub rows: Vec<Burning>,
    pub next: Option<BurningPlace>,
}

/// A page of what is unusual about a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudReport {
    pub as_of: AsOf,
    /// More purchases than these are shown.
    pub max_purchases_per_day: i64,
    /// The most purchases first.
    pub rows: Vec<Flagged>,
    pub next: Option<FlaggedPlace>,
    /// Who bound guests' orders to members in the day's month: on the first page alone.
    pub bound: Vec<Bound>,
}

/// Tills and operators of one month that a report names: a chain of hundreds of shops fits.
const BOUND_MAX: usize = 1_000;

/// Which purchases of a day are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudAsked {
    /// In the program's zone.
    pub day: Day,
    /// Of this shop alone.
    pub shop: Option<String>,
    pub after: Option<FlaggedPlace>,
    pub limit: usize,
}

/// A day on which something can have been bought: instants outside are refused everywhere.
pub fn is_day_of_reports(day: Day) -> bool {
    let utc = kopilka_core::time::Zone::utc();
    let (first, last) = (utc.day_of(INSTANT_MIN), utc.day_of(INSTANT_MAX));
    first < day && day < last
}

impl Service {
    /// Members who lose points within so many days of the program's calendar; whoever takes the number from
    /// outside refuses more than [`WITHIN_DAYS_MAX`].
    pub async fn expiring_report(
        &self,
        program: ProgramId,
        within_days: u16,
        after: Option<BurningPlace>,
        limit: usize,
    ) -> Result<ExpiringReport, ServiceError> {
        let (present, now) = self.present(program)?;
        let until = present.zone.plus(now, Period::Days(i32::from(within_days)));
        self.read(move |reader| {
            let as_of = as_of(reader, Consumer::Liability, now)?;
            let (rows, next) = reader.burning(program, (now, until), after, limit)?;
            Ok(ExpiringReport { as_of, until, rows, next })
        })
        .await
    }

    /// Members with more purchases on a day, with one cashier of one shop, than the program in force finds
    /// usual.
    pub async fn fraud_report(
        &self,
        program: ProgramId,
        asked: FraudAsked,
    ) -> Result<FraudReport, ServiceError> {
        let (present, now) = self.present(program)?;
        let above = present.fraud.max_purchases_per_day;
        let (from, until) = (present.zone.start_of(asked.day), present.zone.start_of(asked.day.plus_days(1)));
        let FraudAsked { day, shop, after, limit } = asked;
        let (month, first) = (month_of(day), after.is_none());
        let asked = FlaggedAsked { from, until, shop, above, after, limit };
        self.read(move |reader| {
            let own = |bound: &Bound| asked.shop.as_ref().is_none_or(|shop| *shop == bound.shop);
            let mut bound = if first { reader.bound(program, &month, BOUND_MAX)? } else { Vec::new() };
            bound.retain(own);
            let as_of = as_of(reader, Consumer::Pages, now)?;
            let (rows, more) = reader.flagged(program, &asked)?;
            let next = rows.last().filter(|_| more).map(|last| last.place.clone());
            Ok(FraudReport { as_of, max_purchases_per_day: above, rows, next, bound })
        })
        .await
    }
}

pub(super) fn as_of(reader: &Reader, consumer: Consumer, at: Instant) -> Result<AsOf, StoreError> {
    let entry = reader.cursor(consumer)?;
    Ok(AsOf { at, entry, behind: reader.newest_entry()? > entry })
}
