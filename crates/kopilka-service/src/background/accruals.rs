//! Gives points to many members, a page at a time.
//!
//! Invariant: a page is on disk whole or not at all, the place with it; a part that its member was given
//! before is known by its key and given once. What an operator has changed meanwhile wins.

use super::{Job, OwnReader};
use crate::courtesy::Courtesy;
use crate::crew::Divided;
use crate::engine::accruals::{AccrualPage, PartOutcome};
use crate::error::ServiceError;
use crate::prepare::prepare;
use crate::service::{Service, members_in};
use crate::write::{Change, MemberRef, Write};
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::Points;
use kopilka_store::rows::{AccrualPart, AccrualRow, AccrualState, PartState};
use std::time::Duration;

/// Pages of one accrual before others have their turn.
const PAGES_IN_A_ROW: usize = 64;
/// The scope of the keys of such writes: no caller's scope, which always names a shop and an endpoint.
const SCOPE: &str = "accrual";
const SCOPE_UNDO: &str = "accrual_undo";

/// Carries out what operators let run.
pub struct Accruals {
    service: Service,
    reader: OwnReader,
}

impl Accruals {
    pub fn new(service: Service) -> Accruals {
        Accruals { service, reader: OwnReader::default() }
    }

    /// Does all there is to do.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        while self.round()? {}
        Ok(())
    }

    /// Whether something is left to do.
    fn round(&mut self) -> Result<bool, ServiceError> {
        let shared = self.service.shared.clone();
        // Whoever has the first stripe does this for all.
        if shared.crew.stripes(Divided::Due) & 1 == 0 {
            return Ok(false);
        }
        let mut left = false;
        let service = self.service.clone();
        for program in shared.reference().programs.keys().copied() {
            for row in self.reader.read(&service, |r| r.accruals_active(program))? {
                left |= self.go_on(program, row)?;
            }
        }
        Ok(left)
    }

    fn go_on(&mut self, program: ProgramId, mut row: AccrualRow) -> Result<bool, ServiceError> {
        let shared = self.service.shared.clone();
        let mut courtesy = Courtesy::new(&shared);
        for _ in 0..PAGES_IN_A_ROW {
            let next = match row.state {
                AccrualState::Preparing => self.prepare(program, &row, courtesy.page())?,
                AccrualState::Running => self.give(program, &row, courtesy.page())?,
                AccrualState::Undoing => self.take_back(program, &row, courtesy.page())?,
                _ => return Ok(false),
            };
            match next {
                Some(next) if next.state.is_active() => row = next,
                _ => return Ok(false),
            }
            std::thread::sleep(courtesy.rest(&shared));
        }
        Ok(true)
    }

    /// The accrual as it is now, with parts that are new; `None` where somebody has changed it meanwhile.
    fn save(
        &self,
        program: ProgramId,
        seen: &AccrualRow,
        next: AccrualRow,
        parts: Vec<AccrualPart>,
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let seen = (seen.state, seen.cursor);
        let saved = self.service.alone_blocking(move |engine| {
            engine.transaction(|engine| {
                for part in &parts {
                    engine.writer.insert_part((program, &next.name), part.member, part.points)?;
                }
                Ok(engine.writer.update_accrual(program, &next, seen)?.then_some(next))
            })
        })?;
        saved.map_err(ServiceError::from)
    }

    /// Writes down the next members of the segment.
    fn prepare(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        most: usize,
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let service = self.service.clone();
        let state = service.shared.program(program)?;
        let now = service.shared.now_of(&state);
        let segment = row.body.segment.clone().unwrap_or_default();
        let after = (row.cursor.0 > 0).then_some(row.cursor);
        let declared = state.versions.at(now).is_some_and(|p| p.segments.iter().any(|s| s.id == segment));
        if !declared {
            let failed = AccrualRow { state: AccrualState::Failed, ..row.clone() };
            return self.save(program, row, failed, Vec::new());
        }
        let page = self.reader.read(&service, |r| members_in(r, &state, &segment, (now, after, most)))?;
        let mut next = row.clone();
        match page.next {
            Some(last) => next.cursor = last,
            None => (next.state, next.cursor) = (AccrualState::Ready, MemberId(0)),
        }
        next.counts.members += page.members.len() as i64;
        next.counts.points += Points(row.body.points.0 * page.members.len() as i64);
        let part = |member| AccrualPart {
            member,
            points: row.body.points,
            state: PartState::Waiting,
            entry: None,
            why: None,
        };
        self.save(program, row, next, page.members.into_iter().map(part).collect())
    }

    /// The next parts in this state.
    fn parts(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        (state, most): (PartState, usize),
    ) -> Result<Vec<AccrualPart>, ServiceError> {
        let service = self.service.clone();
        self.reader.read(&service, |r| r.accrual_parts((program, &row.name), Some(state), row.cursor, most))
    }

    fn give(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        most: usize,
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let parts = self.parts(program, row, (PartState::Waiting, most))?;
        let writes = parts.iter().map(|part| given(program, row, part)).collect();
        self.page(program, row, (parts, writes), (AccrualState::Done, note_given))
    }

    fn take_back(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        most: usize,
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let parts = self.parts(program, row, (PartState::Given, most))?;
        let writes = parts.iter().filter_map(|part| taken(program, row, part)).collect();
        self.page(program, row, (parts, writes), (AccrualState::Undone, note_taken))
    }

    /// Carries out the commands of a page, or ends the accrual where there are no more.
    fn page(
        &self,
        program: ProgramId,
        row: &AccrualRow,
        (parts, writes): (Vec<AccrualPart>, Vec<Write>),
        (end, note): (AccrualState, Note),
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let Some(last) = parts.last().map(|part| part.member) else {
            let ended = AccrualRow { state: end, cursor: MemberId(0), ..row.clone() };
            return self.save(program, row, ended, Vec::new());
        };
        let secret = &self.service.shared.secret;
        let commands = writes.into_iter().map(|write| prepare(secret, write)).collect::<Result<_, _>>()?;
        let next = AccrualRow { cursor: last, ..row.clone() };
        let page = AccrualPage { program, seen: row.clone(), next, parts, commands, note };
        self.service.alone_blocking(move |engine| engine.run_accrual_page(page))?
    }
}

type Note = fn(&mut AccrualRow, &mut AccrualPart, PartOutcome);

fn note_given(row: &mut AccrualRow, part: &mut AccrualPart, outcome: PartOutcome) {
    match outcome {
        Ok(entry) => {
            (part.state, part.entry) = (PartState::Given, entry);
            row.counts.given += 1;
            row.counts.given_points += part.points;
        }
        Err(refusal) => {
            (part.state, part.why) = (PartState::Refused, Some(refusal.code().to_owned()));
            row.counts.refused += 1;
        }
    }
}

fn note_taken(row: &mut AccrualRow, part: &mut AccrualPart, outcome: PartOutcome) {
    match outcome {
        Ok(_) => {
            part.state = PartState::Undone;
            row.counts.undone += 1;
        }
        Err(refusal) => (part.state, part.why) = (PartState::Kept, Some(refusal.code().to_owned())),
    }
}

fn write(program: ProgramId, scope: &str, row: &AccrualRow, operator: String, change: Change) -> Write {
    let mut input_hash = [0; 16];
    let digits = row.body.input.as_bytes();
    let kept = digits.len().min(input_hash.len());
    input_hash[..kept].copy_from_slice(&digits[..kept]);
    Write {
        program,
        scope: scope.to_owned(),
        key: Some(row.name.clone()),
        input_hash,
        operator: Some(operator),
        reason: Some(row.body.reason.clone()),
        change,
    }
}

/// Whoever did this last.
fn operator_of(row: &AccrualRow) -> String {
    row.body.acts.last().map_or_else(|| row.body.operator.clone(), |act| act.operator.clone())
}

fn given(program: ProgramId, row: &AccrualRow, part: &AccrualPart) -> Write {
    let adjustment = Adjustment {
        points: part.points,
        active_at: row.body.active_at,
        expires_at: row.body.expires_at,
        gift: row.body.gift,
        allow_debt: false,
    };
    let change = Change::Adjust { member: MemberRef::Id(part.member), adjustment };
    write(program, SCOPE, row, operator_of(row), change)
}

fn taken(program: ProgramId, row: &AccrualRow, part: &AccrualPart) -> Option<Write> {
    let change = Change::Reverse { member: part.member, entry: part.entry? };
    Some(write(program, SCOPE_UNDO, row, operator_of(row), change))
}

impl Job for Accruals {
    const NAME: &'static str = "accruals";
    /// An operator who pressed a button looks at the progress at once.
    const EVERY: Duration = Duration::from_millis(300);
    const FAILED: &'static str = "points for many members have to wait";

    fn once(&mut self) -> Result<(), ServiceError> {
        self.run()
    }
}
