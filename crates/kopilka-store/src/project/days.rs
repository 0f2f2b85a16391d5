//! Sums by day: how many points were issued, spent and lost, how many orders were paid.
//!
//! Invariant: a batch's sums are one part, which is written with the moved cursor in one transaction: each
//! entry is added once, whatever dies.

use super::{Batch, Change, Consumer, Part, batch};
use crate::codec;
use crate::error::StoreError;
use crate::reader::Reader;
use crate::rows::FORMAT;
use crate::sql::{lookup, projection};
use crate::value::params;
use crate::writer::Writer;
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::measures::{DAY_NAMES, DaySums};
use kopilka_core::time::{Day, Instant};
use std::collections::BTreeMap;

/// The day of an instant by the program's calendar.
pub type DayOf<'a> = &'a dyn Fn(ProgramId, Instant) -> Day;

impl Reader {
    /// What the next `limit` entries, up to the one `settled`, add to the sums by day.
    pub fn gather_days(
        &self,
        settled: EntryId,
        limit: usize,
        day_of: DayOf<'_>,
    ) -> Result<Batch, StoreError> {
        let from = self.cursor(Consumer::Days)?;
        let mut sums: BTreeMap<(i64, i32), DaySums> = BTreeMap::new();
        let stretch = params![from.0, settled.0, limit as i64];
        let seen = self.many(projection::ENTRY_DAYS_AFTER, stretch, |row| {
            let program = row.int(1)?;
            let events: Vec<Event> = codec::json(FORMAT, "events", row.text(3)?)?;
            let day = day_of(ProgramId(program), Instant(row.int(2)?));
            sums.entry((program, day.number())).or_default().add(&events);
            Ok(EntryId(row.int(0)?))
        })?;
        let mut part = Part::default();
        for ((program, day), sums) in sums {
            let moved = DAY_NAMES.into_iter().zip(sums.values()).filter(|(_, value)| *value != 0);
            part.0.extend(moved.map(|(what, value)| Change::Day {
                program,
                day: i64::from(day),
                what,
                value,
            }));
        }
        Ok(batch(Consumer::Days, from, &seen, vec![part]))
    }

    /// Sums of a program's days from one to another, both included; days without any are left out.
    pub fn days(&self, program: ProgramId, from: Day, to: Day) -> Result<BTreeMap<i32, DaySums>, StoreError> {
        let mut out: BTreeMap<i32, DaySums> = BTreeMap::new();
        let asked = params![program.0, i64::from(from.number()), i64::from(to.number())];
        self.many(lookup::DAYS, asked, |row| {
            let day = i32::try_from(row.int(0)?).unwrap_or_default();
            out.entry(day).or_default().take(row.text(1)?, row.int(2)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// A report that was counted, and as of which entry of the journal.
    pub fn report(&self, program: ProgramId, name: &str) -> Result<Option<(EntryId, String)>, StoreError> {
        self.one(lookup::REPORT, params![program.0, name], |row| {
            Ok((EntryId(row.int(0)?), row.text(1)?.to_owned()))
        })
    }
}

impl Writer {
    pub fn put_report(
        &self,
        program: ProgramId,
        name: &str,
        as_of: EntryId,
        body: &str,
    ) -> Result<(), StoreError> {
        self.run(lookup::REPORT_PUT, params![program.0, name, as_of.0, body]).map(|_| ())
    }
}
