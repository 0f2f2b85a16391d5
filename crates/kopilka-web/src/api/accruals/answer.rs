//! How a mass accrual is told.

use crate::app::Desk;
use crate::problem::Problem;
use crate::wire::TimeText;
use kopilka_core::program::Program;
use kopilka_service::AccrualProblem;
use kopilka_service::rows::AccrualRow;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct AccrualAnswer {
    #[schema(example = "sorry-for-the-delay")]
    pub accrual: String,
    /// `preparing`, `listing`, `ready`, `running`, `stopped`, `done`, `undoing`, `undone`, or `failed` where
    /// the segment is declared no longer.
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Whom it is for, as far as they are written down.
    pub members: i64,
    /// What they are to get together.
    pub points: String,
    /// What these points can pay: so much the liability grows.
    pub liability: String,
    /// A second person must let it run.
    pub second_person: bool,
    pub given: i64,
    pub given_points: String,
    pub refused: i64,
    pub undone: i64,
    pub reason: String,
    pub operator: String,
    pub created_at: TimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_at: Option<TimeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
    /// Who let it run, stopped it and took it back, the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<ActAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ActAnswer {
    /// `start`, `stop` or `undo`.
    pub act: String,
    pub operator: String,
    pub at: TimeText,
}

impl AccrualAnswer {
    pub fn of(row: &AccrualRow, program: &Program) -> AccrualAnswer {
        let (counts, body) = (&row.counts, &row.body);
        let acts = body.acts.iter().map(|act| ActAnswer {
            act: act.act.clone(),
            operator: act.operator.clone(),
            at: TimeText(act.at),
        });
        AccrualAnswer {
            accrual: row.name.clone(),
            state: row.state.name(),
            segment: body.segment.clone(),
            members: counts.members,
            points: program.points.format(counts.points),
            liability: program.currency.format(program.points.worth(counts.points)),
            second_person: program.approval.accruals_above.is_some_and(|most| counts.points > most),
            given: counts.given,
            given_points: program.points.format(counts.given_points),
            refused: counts.refused,
            undone: counts.undone,
            reason: body.reason.clone(),
            operator: body.operator.clone(),
            created_at: TimeText(body.created_at),
            active_at: body.active_at.map(TimeText),
            expires_at: body.expires_at.map(TimeText),
            acts: acts.collect(),
        }
    }
}

/// Why it is not taken, or does not go on.
pub fn problem(desk: &Desk, problem: AccrualProblem) -> Problem {
    match problem {
        AccrualProblem::Taken => Problem::of("accrual_taken"),
        AccrualProblem::Unknown => Problem::of("accrual_unknown"),
        AccrualProblem::TooMany => {
            Problem::of("too_many_accruals").with("limit", kopilka_service::ACCRUALS_MAX)
        }
        AccrualProblem::SegmentUnknown => Problem::of("segment_unknown").at("/segment"),
        AccrualProblem::ListedTwice => Problem::of("accrual_member_twice").at("/members"),
        AccrualProblem::PointsOutOfRange => desk.refused(&kopilka_core::refusal::Refusal::PointsOutOfRange),
        AccrualProblem::NotNow(state) => Problem::of("accrual_not_now").with("state", state.name()),
        AccrualProblem::SecondPerson => desk.refused(&kopilka_core::refusal::Refusal::SecondPersonNeeded),
    }
}
