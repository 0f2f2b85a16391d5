//! Where members stand: how many have each level and achievement, which rewards wait, which codes were made.
//!
//! Invariant: it is counted beside the requests, page by page, and kept; nobody waits for it.

use super::Service;
use crate::error::ServiceError;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::measures::Standings;
use kopilka_core::program::Program;
use kopilka_store::read::PAGE_MAX;
use kopilka_store::{Consumer, Reader, StoreError};
use std::sync::Arc;

/// The name under which the report is kept.
pub(crate) const STANDINGS: &str = "standings";

/// Where members stand, as it was counted last, and what it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingsReport {
    /// Every entry of the journal up to this one is in it.
    pub entry: EntryId,
    pub standings: Standings,
}

/// A walk over the members of a program, a page at a time: no reader is held for the whole of it.
pub(crate) struct StandingsPass {
    program: ProgramId,
    present: Arc<Program>,
    standings: Standings,
    /// Where it begins to be told from what came later; none before the first page.
    entry: Option<EntryId>,
    after: Option<MemberId>,
    pub done: bool,
}

impl StandingsPass {
    /// Counts the next page.
    pub fn step(&mut self, reader: &Reader) -> Result<(), StoreError> {
        if self.entry.is_none() {
            self.entry = Some(reader.cursor(Consumer::Pages)?);
            self.standings.codes = reader.coupons_by_campaign(self.program)?.into_iter().collect();
        }
        let rows = reader.members(self.program, self.after, PAGE_MAX)?;
        for row in &rows {
            self.standings.add(&self.present, &row.member);
        }
        self.done = rows.len() < PAGE_MAX;
        self.after = rows.last().map(|row| row.member.id).or(self.after);
        Ok(())
    }

    pub fn report(self) -> StandingsReport {
        StandingsReport { entry: self.entry.unwrap_or(EntryId(0)), standings: self.standings }
    }
}

impl StandingsReport {
    pub(crate) fn body(&self) -> Result<String, ServiceError> {
        serde_json::to_string(&self.standings).map_err(|e| ServiceError::Storage(e.to_string()))
    }
}

impl Service {
    /// Where members stand, as it was counted last; nothing before the first time.
    pub async fn standings_report(
        &self,
        program: ProgramId,
    ) -> Result<Option<StandingsReport>, ServiceError> {
        self.shared.program(program)?;
        let kept = self.read(move |reader| reader.report(program, STANDINGS)).await?;
        // A report of another form is as good as none: it is counted again.
        Ok(kept.and_then(|(entry, body)| {
            serde_json::from_str(&body).ok().map(|standings| StandingsReport { entry, standings })
        }))
    }

    /// Counts now where members stand, and keeps it.
    pub async fn count_standings(&self, program: ProgramId) -> Result<StandingsReport, ServiceError> {
        let mut pass = self.standings_pass(program)?;
        while !pass.done {
            pass = self.read(move |reader| pass.step(reader).map(|()| pass)).await?;
        }
        let report = pass.report();
        let (entry, body) = (report.entry, report.body()?);
        self.alone(move |engine| {
            engine.transaction(|engine| engine.writer.put_report(program, STANDINGS, entry, &body))
        })
        .await??;
        Ok(report)
    }

    pub(crate) fn standings_pass(&self, program: ProgramId) -> Result<StandingsPass, ServiceError> {
        let (present, now) = self.present(program)?;
        let standings = Standings::new(now);
        Ok(StandingsPass { program, present, standings, entry: None, after: None, done: false })
    }
}
