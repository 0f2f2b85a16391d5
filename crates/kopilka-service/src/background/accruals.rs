//! Gives points to many members, a page at a time.
//!
//! Invariant: the place moves only past members whose parts are on disk; a part handed over again after a
//! crash is known by its key and given once. Parts are on disk as `sending` before they are handed over, so
//! whoever takes all back knows which may have been given. What an operator has changed meanwhile wins.

use super::{Job, OwnReader};
use crate::crew::Divided;
use crate::error::ServiceError;
use crate::service::{Service, members_in};
use crate::write::{Change, MemberRef, Write, WriteResult};
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{AccrualPart, AccrualRow, AccrualState, PartState};
use std::time::Duration;
use tokio::sync::oneshot;

/// Commands under way at once: half of a writer's group, so that a till finds room in it.
const PAGE: usize = 128;
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
        for _ in 0..PAGES_IN_A_ROW {
            let seen = row.clone();
            let (next, parts) = match row.state {
                AccrualState::Preparing => self.prepare(program, &row)?,
                AccrualState::Running => self.give(program, &row)?,
                AccrualState::Undoing => self.take_back(program, &row)?,
                _ => return Ok(false),
            };
            row = next;
            if !self.save(program, &row, &seen, parts)? || !row.state.is_active() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether nobody has changed it meanwhile. Parts that were dealt with are written down all the same.
    fn save(
        &self,
        program: ProgramId,
        row: &AccrualRow,
        seen: &AccrualRow,
        parts: Vec<AccrualPart>,
    ) -> Result<bool, ServiceError> {
        let (row, seen) = (row.clone(), seen.clone());
        let saved = self.service.alone_blocking(move |engine| {
            engine.transaction(|engine| {
                let name = row.name.clone();
                for part in &parts {
                    match seen.state {
                        AccrualState::Preparing => {
                            engine.writer.insert_part((program, &name), part.member, part.points)?;
                        }
                        _ => engine.writer.update_part((program, &name), part)?,
                    }
                }
                if engine.writer.update_accrual(program, &row, (seen.state, seen.cursor))? {
                    return Ok(true);
                }
                if let Some(now) = engine.writer.reads().accrual(program, &name)? {
                    let place = (now.state, now.cursor);
                    engine.writer.update_accrual(program, &met(now, &seen, &row), place)?;
                }
                Ok(false)
            })
        })?;
        saved.map_err(ServiceError::from)
    }

    /// Writes down the next members of the segment.
    fn prepare(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
    ) -> Result<(AccrualRow, Vec<AccrualPart>), ServiceError> {
        let service = self.service.clone();
        let state = service.shared.program(program)?;
        let now = service.shared.now_of(&state);
        let segment = row.body.segment.clone().unwrap_or_default();
        let after = (row.cursor.0 > 0).then_some(row.cursor);
        let declared = state.versions.at(now).is_some_and(|p| p.segments.iter().any(|s| s.id == segment));
        if !declared {
            return Ok((AccrualRow { state: AccrualState::Failed, ..row.clone() }, Vec::new()));
        }
        let page = self.reader.read(&service, |r| members_in(r, &state, &segment, (now, after, PAGE)))?;
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
        Ok((next, page.members.into_iter().map(part).collect()))
    }

    fn parts(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        state: PartState,
    ) -> Result<Vec<AccrualPart>, ServiceError> {
        let service = self.service.clone();
        self.reader.read(&service, |r| r.accrual_parts((program, &row.name), Some(state), row.cursor, PAGE))
    }

    fn give(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
    ) -> Result<(AccrualRow, Vec<AccrualPart>), ServiceError> {
        let service = self.service.clone();
        let name = (program, row.name.as_str());
        let parts = self.reader.read(&service, |r| r.accrual_parts_to_give(name, row.cursor, PAGE))?;
        if parts.is_empty() {
            let next = AccrualRow { state: AccrualState::Done, cursor: MemberId(0), ..row.clone() };
            return Ok((next, parts));
        }
        if !self.mark(program, row, &parts)? {
            return Ok((row.clone(), Vec::new()));
        }
        let last = parts.last().map_or(row.cursor, |part| part.member);
        let (next, parts) = self.send(program, row, parts)?;
        Ok((AccrualRow { cursor: last, ..next }, parts))
    }

    /// Writes down that these parts are handed over now, unless an operator has changed the accrual
    /// meanwhile.
    fn mark(
        &self,
        program: ProgramId,
        row: &AccrualRow,
        parts: &[AccrualPart],
    ) -> Result<bool, ServiceError> {
        let (name, seen) = (row.name.clone(), (row.state, row.cursor));
        let waiting = parts.iter().filter(|part| part.state == PartState::Waiting);
        let sending = waiting.map(|part| AccrualPart { state: PartState::Sending, ..part.clone() });
        let sending: Vec<AccrualPart> = sending.collect();
        let marked = self.service.alone_blocking(move |engine| {
            engine.transaction(|engine| {
                let now = engine.writer.reads().accrual(program, &name)?;
                if now.is_none_or(|now| (now.state, now.cursor) != seen) {
                    return Ok(false);
                }
                sending.iter().try_for_each(|part| engine.writer.update_part((program, &name), part))?;
                Ok(true)
            })
        })?;
        marked.map_err(ServiceError::from)
    }

    /// Hands parts over, each under its key: one that was given already is answered again.
    fn send(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        mut parts: Vec<AccrualPart>,
    ) -> Result<(AccrualRow, Vec<AccrualPart>), ServiceError> {
        let mut next = row.clone();
        let writes = parts.iter().map(|part| given(program, row, part)).collect();
        for (part, result) in parts.iter_mut().zip(self.all(writes)?) {
            match outcome(result)? {
                Ok(done) => {
                    (part.state, part.entry) = (PartState::Given, done);
                    next.counts.given += 1;
                    next.counts.given_points += part.points;
                }
                Err(refusal) => {
                    (part.state, part.why) = (PartState::Refused, Some(refusal.code().to_owned()));
                    next.counts.refused += 1;
                }
            }
        }
        Ok((next, parts))
    }

    fn take_back(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
    ) -> Result<(AccrualRow, Vec<AccrualPart>), ServiceError> {
        if row.cursor == MemberId(0) {
            // What a crash left under way is settled first; then it is taken back with the rest.
            let left = self.parts(program, row, PartState::Sending)?;
            if !left.is_empty() {
                return self.send(program, row, left);
            }
        }
        let mut parts = self.parts(program, row, PartState::Given)?;
        let mut next = row.clone();
        if parts.is_empty() {
            (next.state, next.cursor) = (AccrualState::Undone, MemberId(0));
            return Ok((next, parts));
        }
        let writes = parts.iter().filter_map(|part| taken(program, row, part)).collect();
        for (part, result) in parts.iter_mut().zip(self.all(writes)?) {
            match outcome(result)? {
                Ok(_) => {
                    part.state = PartState::Undone;
                    next.counts.undone += 1;
                }
                Err(refusal) => {
                    (part.state, part.why) = (PartState::Kept, Some(refusal.code().to_owned()));
                }
            }
        }
        next.cursor = parts.last().map_or(row.cursor, |part| part.member);
        Ok((next, parts))
    }

    /// Hands all over and waits for each.
    fn all(&self, writes: Vec<Write>) -> Result<Vec<WriteResult>, ServiceError> {
        let handed = writes.into_iter().map(|write| self.service.submit(write));
        let waiting: Vec<oneshot::Receiver<WriteResult>> = handed.collect::<Result<_, _>>()?;
        let answers = waiting.into_iter().map(|answer| answer.blocking_recv());
        Ok(answers.map(|answer| answer.unwrap_or(Err(ServiceError::Stopping))).collect())
    }
}

/// What a page did, on a row that an operator has changed meanwhile: its state and acts stay, what the page
/// did counts. Whoever takes it back begins with the first member, so the place of that stays.
fn met(now: AccrualRow, seen: &AccrualRow, done: &AccrualRow) -> AccrualRow {
    let mut counts = now.counts;
    counts.given += done.counts.given - seen.counts.given;
    counts.given_points += done.counts.given_points - seen.counts.given_points;
    counts.refused += done.counts.refused - seen.counts.refused;
    counts.undone += done.counts.undone - seen.counts.undone;
    let cursor = if now.state == AccrualState::Stopped { done.cursor } else { now.cursor };
    AccrualRow { counts, cursor, ..now }
}

/// The entry that did it, or the refusal; anything else stops the page, which is tried again.
fn outcome(result: WriteResult) -> Result<Result<Option<kopilka_core::ids::EntryId>, Refusal>, ServiceError> {
    match result {
        Ok(done) => Ok(Ok(done.entry)),
        Err(ServiceError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
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
        self.round().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::time::Instant;
    use kopilka_store::rows::{AccrualBody, AccrualCounts};

    fn row(state: AccrualState, cursor: i64, given: i64) -> AccrualRow {
        let body = AccrualBody {
            segment: None,
            points: Points(0),
            active_at: None,
            expires_at: None,
            gift: false,
            reason: "r".into(),
            operator: "o".into(),
            key: "k".into(),
            created_at: Instant(0),
            input: "i".into(),
            acts: Vec::new(),
        };
        let counts = AccrualCounts { given, given_points: Points(5 * given), ..AccrualCounts::default() };
        AccrualRow { name: "n".into(), state, body, cursor: MemberId(cursor), counts }
    }

    #[test]
    fn what_a_page_gave_counts_and_an_undo_still_begins_with_the_first_member() {
        let (seen, done) = (row(AccrualState::Running, 0, 0), row(AccrualState::Running, 7, 3));
        let stopped = met(row(AccrualState::Stopped, 0, 0), &seen, &done);
        assert_eq!((stopped.state, stopped.cursor.0, stopped.counts.given), (AccrualState::Stopped, 7, 3));
        let undoing = met(row(AccrualState::Undoing, 0, 0), &seen, &done);
        assert_eq!((undoing.state, undoing.cursor.0), (AccrualState::Undoing, 0));
        assert_eq!((undoing.counts.given, undoing.counts.given_points.0), (3, 15));
        let later = met(row(AccrualState::Undoing, 0, 4), &row(AccrualState::Running, 9, 4), &done);
        assert_eq!(later.counts.given, 3, "a difference, whatever was counted before");
    }
}
