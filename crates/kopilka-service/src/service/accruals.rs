//! Points for many members at once: asked for, looked at, let run, stopped, taken back.
//!
//! Invariant: nobody gets a point before an operator has seen whom it is for and lets it run; above
//! the program's limit another operator with another key does. Each part is a command with a key of its own,
//! so it is given once, whatever stops in between.

use super::Service;
use crate::engine::Engine;
use crate::error::ServiceError;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::{POINTS_MAX, Points};
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::{AccrualAct, AccrualBody, AccrualCounts, AccrualRow, AccrualState};
use std::collections::HashSet;

/// Accruals of one program: each stays as what was done, and a page shows them all.
pub const ACCRUALS_MAX: usize = 1_000;
/// Members of one list that is one transaction; a longer one is written down page by page.
pub const LISTED_MAX: usize = 10_000;
/// Members of a list from a file, all in memory at once: 16 megabytes.
pub const LIST_OF_FILE_MAX: usize = 1_000_000;
/// Members of one transaction while a long list is written down: tills find room between.
const LIST_PAGE: usize = 1_000;

/// Who acts, and by which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    pub operator: String,
    pub key: String,
}

/// For whom it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    Segment { segment: String, points: Points },
    Listed(Vec<(MemberId, Points)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccrualAsked {
    pub name: String,
    pub recipients: Recipients,
    pub active_at: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub gift: bool,
    pub reason: String,
    /// A hash of the request.
    pub input: String,
}

/// What an operator does with one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccrualStep {
    Start,
    Stop,
    Undo,
}

impl AccrualStep {
    fn name(self) -> &'static str {
        match self {
            AccrualStep::Start => "start",
            AccrualStep::Stop => "stop",
            AccrualStep::Undo => "undo",
        }
    }
    /// What it becomes; itself where it is so already.
    fn goal(self, from: AccrualState) -> Option<AccrualState> {
        use AccrualState::{Done, Ready, Running, Stopped, Undoing, Undone};
        match (self, from) {
            (AccrualStep::Start, Ready | Stopped | Running) => Some(Running),
            (AccrualStep::Start, Done) => Some(Done),
            (AccrualStep::Stop, Running | Stopped) => Some(Stopped),
            (AccrualStep::Undo, Stopped | Done | Undoing) => Some(Undoing),
            (AccrualStep::Undo, Undone) => Some(Undone),
            _ => None,
        }
    }
}

/// Why an accrual is not taken or does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccrualProblem {
    /// Another one has this name.
    Taken,
    Unknown,
    TooMany,
    SegmentUnknown,
    ListedTwice,
    PointsOutOfRange,
    /// Not from the state in which it is.
    NotNow(AccrualState),
    /// Above the program's limit whoever asked for it does not let it run.
    SecondPerson,
}

/// Points whose end comes before their beginning, or that come in no possible number.
fn judge(asked: &AccrualAsked, now: Instant) -> Result<(), AccrualProblem> {
    let fits = |points: Points| (1..=POINTS_MAX).contains(&points.0);
    let all_fit = match &asked.recipients {
        Recipients::Segment { points, .. } => fits(*points),
        Recipients::Listed(list) => list.iter().all(|(_, points)| fits(*points)),
    };
    let begins = asked.active_at.unwrap_or(now).max(now);
    let lives = asked.expires_at.is_none_or(|end| end > begins);
    if all_fit && lives { Ok(()) } else { Err(AccrualProblem::PointsOutOfRange) }
}

impl Service {
    /// Writes an accrual down. The same request again answers with what became of it; a long list that was
    /// not written down to its end goes on.
    pub async fn put_accrual(
        &self,
        program: ProgramId,
        asked: AccrualAsked,
        acting: Acting,
    ) -> Result<Result<AccrualRow, AccrualProblem>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let in_force = state.versions.at(now).cloned().ok_or(ServiceError::ProgramUnknown)?;
        let list = match &asked.recipients {
            Recipients::Listed(list) if list.len() > LISTED_MAX => list.clone(),
            _ => Vec::new(),
        };
        let put = move |engine: &mut Engine| {
            engine.transaction(|engine| {
                let reads = engine.writer.reads();
                if let Some(known) = reads.accrual(program, &asked.name)? {
                    let same = known.body.input == asked.input;
                    return Ok(if same { Ok(known) } else { Err(AccrualProblem::Taken) });
                }
                if let Err(problem) = judge(&asked, now).and(judge_recipients(&asked.recipients, &in_force)) {
                    return Ok(Err(problem));
                }
                if reads.accruals(program)?.len() >= ACCRUALS_MAX {
                    return Ok(Err(AccrualProblem::TooMany));
                }
                let row = row_of(&asked, acting, now);
                engine.writer.insert_accrual(program, &row)?;
                if let Recipients::Listed(list) = &asked.recipients
                    && row.state == AccrualState::Ready
                {
                    engine.writer.insert_parts((program, &row.name), list)?;
                }
                Ok(Ok(row))
            })
        };
        let put = self.alone(put).await??;
        self.shared.hurry_accruals();
        match put {
            Ok(row) if row.state == AccrualState::Listing => self.write_list(program, row, list).await,
            put => Ok(put),
        }
    }

    /// Writes the members of a long list down. Whoever stands there from an earlier try stays.
    async fn write_list(
        &self,
        program: ProgramId,
        row: AccrualRow,
        list: Vec<(MemberId, Points)>,
    ) -> Result<Result<AccrualRow, AccrualProblem>, ServiceError> {
        for page in list.chunks(LIST_PAGE) {
            let (page, name) = (page.to_vec(), row.name.clone());
            let write = move |engine: &mut Engine| {
                engine.transaction(|engine| engine.writer.insert_parts((program, &name), &page))
            };
            self.alone(write).await??;
        }
        let ready = AccrualRow { state: AccrualState::Ready, ..row.clone() };
        let end = move |engine: &mut Engine| {
            engine.transaction(|engine| {
                engine.writer.update_accrual(program, &ready, (row.state, row.cursor))?;
                engine.writer.reads().accrual(program, &ready.name)
            })
        };
        Ok(self.alone(end).await??.ok_or(AccrualProblem::Unknown))
    }

    /// Lets it run, stops it, takes it back.
    pub async fn step_accrual(
        &self,
        program: ProgramId,
        name: String,
        step: AccrualStep,
        acting: Acting,
    ) -> Result<Result<AccrualRow, AccrualProblem>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let in_force = state.versions.at(now).cloned().ok_or(ServiceError::ProgramUnknown)?;
        let stepped = self.alone(move |engine| {
            engine.transaction(|engine| {
                let Some(mut row) = engine.writer.reads().accrual(program, &name)? else {
                    return Ok(Err(AccrualProblem::Unknown));
                };
                let seen = (row.state, row.cursor);
                let Some(goal) = step.goal(row.state) else {
                    return Ok(Err(AccrualProblem::NotNow(row.state)));
                };
                if goal == row.state {
                    return Ok(Ok(row));
                }
                if step == AccrualStep::Start && wants_another(&in_force, &row, &acting) {
                    return Ok(Err(AccrualProblem::SecondPerson));
                }
                row.state = goal;
                if step == AccrualStep::Undo {
                    row.cursor = MemberId(0);
                }
                let Acting { operator, key } = acting;
                row.body.acts.push(AccrualAct { act: step.name().to_owned(), operator, key, at: now });
                engine.writer.update_accrual(program, &row, seen)?;
                Ok(Ok(row))
            })
        });
        let stepped = stepped.await?.map_err(ServiceError::from);
        self.shared.hurry_accruals();
        stepped
    }

    /// Whom lists name; who is not there is told by the place in the list.
    pub async fn members_listed(
        &self,
        program: ProgramId,
        names: Vec<crate::write::MemberRef>,
    ) -> Result<Vec<Option<MemberId>>, ServiceError> {
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.push(match self.find_member(program, name).await {
                Ok(member) => Some(member),
                Err(ServiceError::Refused(Refusal::MemberUnknown | Refusal::InvalidIdentifier { .. })) => {
                    None
                }
                Err(error) => return Err(error),
            });
        }
        Ok(found)
    }
}

fn judge_recipients(recipients: &Recipients, program: &Program) -> Result<(), AccrualProblem> {
    match recipients {
        Recipients::Segment { segment, .. } => match program.segments.iter().any(|s| s.id == *segment) {
            true => Ok(()),
            false => Err(AccrualProblem::SegmentUnknown),
        },
        Recipients::Listed(list) => {
            let mut seen = HashSet::new();
            let once = list.iter().all(|(member, _)| seen.insert(*member));
            if once { Ok(()) } else { Err(AccrualProblem::ListedTwice) }
        }
    }
}

/// Another person with another key than whoever asked for it.
fn wants_another(program: &Program, row: &AccrualRow, acting: &Acting) -> bool {
    let above = program.approval.accruals_above.is_some_and(|most| row.counts.points > most);
    above && (acting.operator == row.body.operator || acting.key == row.body.key)
}

fn row_of(asked: &AccrualAsked, acting: Acting, now: Instant) -> AccrualRow {
    let (state, segment, points, counts) = match &asked.recipients {
        Recipients::Segment { segment, points } => {
            (AccrualState::Preparing, Some(segment.clone()), *points, AccrualCounts::default())
        }
        Recipients::Listed(list) => {
            let points = list.iter().map(|(_, points)| *points).sum();
            let counts = AccrualCounts { members: list.len() as i64, points, ..AccrualCounts::default() };
            let short = list.len() <= LISTED_MAX;
            (if short { AccrualState::Ready } else { AccrualState::Listing }, None, Points::ZERO, counts)
        }
    };
    AccrualRow {
        name: asked.name.clone(),
        state,
        body: AccrualBody {
            segment,
            points,
            active_at: asked.active_at,
            expires_at: asked.expires_at,
            gift: asked.gift,
            reason: asked.reason.clone(),
            operator: acting.operator,
            key: acting.key,
            created_at: now,
            input: asked.input.clone(),
            acts: Vec::new(),
        },
        cursor: MemberId(0),
        counts,
    }
}
