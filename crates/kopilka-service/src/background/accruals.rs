//! Gives points to many members, a page at a time.
//!
//! Invariant: a page is on disk whole or not at all, the place with it; a part that its member was given
//! before is known by its key and given once. What an operator has changed meanwhile wins.

use super::{Job, OwnReader};
use crate::courtesy::Courtesy;
use crate::crew::Divided;
use crate::engine::accruals::{AccrualPage, PartOutcome};
use crate::error::ServiceError;
use crate::prepare::{Prepared, prepare};
use crate::service::{Service, members_in};
use crate::write::{Change, MemberRef, Write};
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::Points;
use kopilka_store::rows::{AccrualPart, AccrualRow, AccrualState, PartState};
use kopilka_store::{Ahead, Reader};
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
        let mut ahead = None;
        for _ in 0..PAGES_IN_A_ROW {
            shared.goes_on()?;
            let next = match row.state {
                AccrualState::Preparing => self.prepare(program, &row, courtesy.page())?,
                AccrualState::Running | AccrualState::Undoing => {
                    let page = match ahead.take() {
                        Some(page) => page,
                        None => self.page(program, &row, courtesy.page())?,
                    };
                    let (next, following) = self.carry_out(program, &row, page, &courtesy)?;
                    ahead = following;
                    next
                }
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
        parts: Vec<(MemberId, Points)>,
    ) -> Result<Option<AccrualRow>, ServiceError> {
        let seen = (seen.state, seen.cursor);
        let saved = self.service.alone_blocking(move |engine| {
            engine.transaction(|engine| {
                engine.writer.insert_parts((program, &next.name), &parts)?;
                Ok(engine.writer.move_accrual(program, &next, seen)?.then_some(next))
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
        let parts = page.members.into_iter().map(|member| (member, row.body.points)).collect();
        self.save(program, row, next, parts)
    }

    /// The next parts, and the commands that give or take them back.
    fn page(&mut self, program: ProgramId, row: &AccrualRow, most: usize) -> Result<Page, ServiceError> {
        let service = self.service.clone();
        let state = match row.state {
            AccrualState::Undoing => PartState::Given,
            _ => PartState::Waiting,
        };
        let named = (program, row.name.as_str());
        let parts = self.reader.read(&service, |r| r.accrual_parts(named, Some(state), row.cursor, most))?;
        let write = |part| match state {
            PartState::Given => taken(program, row, part),
            _ => Some(given(program, row, part)),
        };
        let writes = parts.iter().filter_map(write);
        let commands =
            writes.map(|write| prepare(&service.shared.secret, write)).collect::<Result<_, _>>()?;
        Ok(Page { parts, commands, members: Vec::new() })
    }

    /// The same with the members themselves, where they need not be locked as they are read.
    fn page_ahead(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        most: usize,
    ) -> Result<Page, ServiceError> {
        let service = self.service.clone();
        let mut page = self.page(program, row, most)?;
        if !service.shared.store.is_shared() {
            let members = page.parts.iter().map(|part| part.member);
            // One accrual is one key, of each member its own.
            let key = page.commands.first().and_then(|command| command.key_hash);
            let read = |r: &Reader| members.filter_map(|m| r.ahead(program, m, key).transpose()).collect();
            page.members = self.reader.read(&service, read)?;
        }
        Ok(page)
    }

    /// Carries out a page, or ends the accrual where it is empty; the next page is read meanwhile, where
    /// nobody else writes.
    fn carry_out(
        &mut self,
        program: ProgramId,
        row: &AccrualRow,
        page: Page,
        courtesy: &Courtesy,
    ) -> Result<(Option<AccrualRow>, Option<Page>), ServiceError> {
        let (end, note): (_, Note) = match row.state {
            AccrualState::Undoing => (AccrualState::Undone, note_taken),
            _ => (AccrualState::Done, note_given),
        };
        let Some(last) = page.parts.last().map(|part| part.member) else {
            let ended = AccrualRow { state: end, cursor: MemberId(0), ..row.clone() };
            return Ok((self.save(program, row, ended, Vec::new())?, None));
        };
        let next = AccrualRow { cursor: last, ..row.clone() };
        let Page { parts, commands, members } = page;
        let (seen, following) = (row.clone(), next.clone());
        let work = AccrualPage { program, seen, next, parts, commands, ahead: members, note };
        let written = self.service.alone_meanwhile(move |engine| engine.run_accrual_page(work))?;
        let ahead = match courtesy.is_alone() {
            true => Some(self.page_ahead(program, &following, courtesy.page())?),
            false => None,
        };
        let next = written.recv().map_err(|_| ServiceError::Stopping)??;
        Ok((next, ahead))
    }
}

/// Parts that are next, with their commands, and the members as they were when it was read ahead.
struct Page {
    parts: Vec<AccrualPart>,
    commands: Vec<Prepared>,
    members: Vec<Ahead>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asks::{OpenOptions, Publish};
    use crate::service::{AccrualAsked, AccrualStep, Acting, Recipients};
    use crate::write::Registration;
    use kopilka_store::rows::MemberRow;
    use std::sync::atomic::Ordering;

    const PROGRAM: &str = r#"{"program": "trial", "currency": "RUB"}"#;

    async fn changed(service: &Service, program: ProgramId, key: &str, change: Change) -> MemberId {
        let write = Write {
            program,
            scope: "shop".to_owned(),
            key: Some(key.to_owned()),
            input_hash: [0; 16],
            operator: Some("olga".to_owned()),
            reason: Some("trial".to_owned()),
            change,
        };
        service.write(write).await.unwrap().member
    }

    fn points(points: i64) -> Adjustment {
        let points = Points(points);
        Adjustment { points, active_at: None, expires_at: None, gift: false, allow_debt: false }
    }

    #[tokio::test]
    async fn what_a_member_got_after_the_page_was_read_ahead_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::open(OpenOptions::in_dir(folder.path())).unwrap();
        let (author, note) = (String::new(), String::new());
        let publish =
            Publish { text: PROGRAM.to_owned(), author, note, sandbox: false, effective_from: None };
        let program = service.publish(publish).await.unwrap().program;
        let mut members = Vec::new();
        for key in ["a", "b"] {
            let registration = Change::Register(Registration::default());
            members.push(changed(&service, program, key, registration).await);
        }
        let asked = AccrualAsked {
            name: "gift".to_owned(),
            recipients: Recipients::Listed(members.iter().map(|member| (*member, Points(50))).collect()),
            active_at: None,
            expires_at: None,
            gift: false,
            reason: "trial".to_owned(),
            input: "0123456789abcdef".to_owned(),
        };
        let olga = || Acting { operator: "olga".to_owned(), key: "k".to_owned() };
        service.put_accrual(program, asked, olga()).await.unwrap().unwrap();
        let start = service.step_accrual(program, "gift".to_owned(), AccrualStep::Start, olga());
        let row = start.await.unwrap().unwrap();

        let mut accruals = Accruals::new(service.clone());
        // Told to end, it gives nothing more, however much is left.
        service.shared.winding_down.store(true, Ordering::Release);
        assert!(matches!(accruals.run(), Err(ServiceError::Stopping)));
        service.shared.winding_down.store(false, Ordering::Release);
        let page = accruals.page_ahead(program, &row, 10).unwrap();
        let key = page.commands[0].key_hash;
        assert_eq!(page.members.iter().map(|ahead| ahead.unused).collect::<Vec<_>>(), [key, key]);
        let (member, adjustment) = (MemberRef::Id(members[0]), points(10));
        changed(&service, program, "meanwhile", Change::Adjust { member, adjustment }).await;
        let courtesy = Courtesy::new(&service.shared);
        let (next, _) = accruals.carry_out(program, &row, page, &courtesy).unwrap();
        assert_eq!(next.unwrap().counts.given, 2);
        accruals.run().unwrap();

        // A key that was used is never taken for unused: the row knows it, and old keys once it left the row.
        let last = members[1];
        let ahead = || service.read(move |r| r.ahead(program, last, key));
        assert_eq!(ahead().await.unwrap().unwrap().unused, None);
        crate::background::Projector::new(service.clone()).run().unwrap();
        let (member, adjustment) = (MemberRef::Id(last), points(-1));
        changed(&service, program, "later", Change::Adjust { member, adjustment }).await;
        let read_ahead = ahead().await.unwrap().unwrap();
        assert!(read_ahead.row.keys.iter().all(|known| Some(known.hash) != key));
        assert_eq!(read_ahead.unused, None);

        let read =
            move |r: &Reader| members.iter().map(|m| r.member(program, *m)).collect::<Result<Vec<_>, _>>();
        let rows = service.read(read).await.unwrap();
        let available =
            |row: Option<MemberRow>| row.unwrap().member.balance_at(service.now(program)).available.0;
        assert_eq!(rows.into_iter().map(available).collect::<Vec<_>>(), [60, 49]);
        assert!(service.read(move |r| r.accruals_active(program)).await.unwrap().is_empty());
        service.stop();
    }
}
