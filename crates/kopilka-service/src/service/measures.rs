//! What the owner's plots show: sums by day, and how members buy.
//!
//! Invariant: both say up to which entry of the journal they have seen; what is counted over all purchases
//! is counted beside the requests and kept.

use super::Service;
use super::reports::{AsOf, as_of};
use crate::error::ServiceError;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::measures::{Counting, Customers, DaySums};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::time::{Day, Instant, Zone};
use kopilka_store::{Consumer, Reader, StoreError};
use std::collections::BTreeMap;

/// The name under which the report on buying is kept.
pub(crate) const CUSTOMERS: &str = "customers";
/// Purchases of a page: some hundred kilobytes.
const PURCHASES_OF_PAGE: usize = 5_000;

/// Sums of days, and what they have seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaysReport {
    pub as_of: AsOf,
    /// By [`Day::number`]; days without any are left out.
    pub days: BTreeMap<i32, DaySums>,
}

/// How members buy, and what it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomersReport {
    /// Every entry of the journal up to this one is in it.
    pub entry: EntryId,
    pub customers: Customers,
}

/// What is owed, by the month in which it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiabilityReport {
    pub as_of: AsOf,
    /// Year × 100 + month, 0 for what never ends; smallest point units.
    pub months: Vec<(i64, Points)>,
}

impl Service {
    /// Sums by day of the program's calendar, both days included.
    pub async fn days_report(
        &self,
        program: ProgramId,
        from: Day,
        to: Day,
    ) -> Result<DaysReport, ServiceError> {
        let (_, now) = self.present(program)?;
        self.read(move |reader| {
            let as_of = as_of(reader, Consumer::Days, now)?;
            Ok(DaysReport { as_of, days: reader.days(program, from, to)? })
        })
        .await
    }

    /// What is owed by the month in which it ends.
    pub async fn liability_report(&self, program: ProgramId) -> Result<LiabilityReport, ServiceError> {
        let (_, now) = self.present(program)?;
        self.read(move |reader| {
            let as_of = as_of(reader, Consumer::Liability, now)?;
            let months =
                reader.liability(program)?.into_iter().map(|(month, points)| (month, Points(points)));
            Ok(LiabilityReport { as_of, months: months.collect() })
        })
        .await
    }

    /// How members buy, as it was counted last; nothing before the first time.
    pub async fn customers_report(
        &self,
        program: ProgramId,
    ) -> Result<Option<CustomersReport>, ServiceError> {
        self.shared.program(program)?;
        let kept = self.read(move |reader| reader.report(program, CUSTOMERS)).await?;
        // A report of another form is as good as none: it is counted again.
        Ok(kept.and_then(|(entry, body)| {
            serde_json::from_str(&body).ok().map(|customers| CustomersReport { entry, customers })
        }))
    }

    /// Counts now how members buy, and keeps it.
    pub async fn count_customers(&self, program: ProgramId) -> Result<CustomersReport, ServiceError> {
        let asked = self.customers_asked(program)?;
        let (entry, customers) = self.read(move |reader| asked.counted(reader)).await?;
        let body = serde_json::to_string(&customers).map_err(|e| ServiceError::Storage(e.to_string()))?;
        self.alone(move |engine| {
            engine.transaction(|engine| engine.writer.put_report(program, CUSTOMERS, entry, &body))
        })
        .await??;
        Ok(CustomersReport { entry, customers })
    }
}

/// What is to be counted, as of when.
pub(crate) struct CustomersAsked {
    program: ProgramId,
    zone: Zone,
    now: Instant,
}

impl Service {
    pub(crate) fn customers_asked(&self, program: ProgramId) -> Result<CustomersAsked, ServiceError> {
        let (present, now) = self.present(program)?;
        Ok(CustomersAsked { program, zone: present.zone.clone(), now })
    }
}

impl CustomersAsked {
    /// The report, and the entry of the journal up to which it has seen everything.
    pub(crate) fn counted(&self, reader: &Reader) -> Result<(EntryId, Customers), StoreError> {
        Ok((reader.cursor(Consumer::Pages)?, counted(reader, self.program, &self.zone, self.now)?))
    }
}

fn counted(reader: &Reader, program: ProgramId, zone: &Zone, now: Instant) -> Result<Customers, StoreError> {
    let mut counting = Counting::new(zone, now);
    let mut of: Option<MemberId> = None;
    let mut bought: Vec<(Instant, Money)> = Vec::new();
    let mut after = None;
    loop {
        let (rows, next) = reader.purchases_by_member(program, after, PURCHASES_OF_PAGE)?;
        for (member, at, money) in rows {
            if of != Some(member) {
                counting.member(&bought);
                bought.clear();
                of = Some(member);
            }
            bought.push((at, money));
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    counting.member(&bought);
    Ok(counting.done())
}
