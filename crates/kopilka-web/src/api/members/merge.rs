//! `POST /v1/members/{id}/merge`, `…/merge/preview`: two accounts of one person become one.
//!
//! Invariant: the preview is the merge on copies of the books, and writes nothing.

use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::BalanceAnswer;
use crate::wire::member::MemberName;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_core::decide::Outcome;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::words::{self, Speaker};
use kopilka_service::{Change, Done, MemberRef, MergePreview};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeWire {
    /// The account that stays.
    pub into: MemberName,
    /// Stays in the journal until the person is erased.
    pub reason: Word,
    pub operator: Word,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergePreviewWire {
    /// The account that would stay.
    pub into: MemberName,
}

/// What was asked for, and what went over.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeWritten {
    /// `merged`, or `second_person`: nothing has moved yet, another operator with another key has to send the
    /// same.
    pub state: &'static str,
    /// The account that ends: its id leads to the other for ever.
    pub member: String,
    pub into: String,
    /// Points of every kind that go over, and what the member owed.
    pub points: String,
    pub debt: String,
    pub orders: u32,
    /// Of the account that ends.
    pub entry: String,
}

/// What a merge would come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergePreviewAnswer {
    pub member: String,
    pub into: String,
    /// Of the account that would end.
    pub member_balance: BalanceAnswer,
    /// Of the account that would stay: as it is, and as it would be.
    pub into_balance: BalanceAnswer,
    pub balance: BalanceAnswer,
    /// Its level, as it is and as it would be; absent in a program without levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Orders that would go over.
    pub orders: u32,
    /// Points that a person gets once and both had, and rewards that one had for the other.
    pub taken_back: String,
    /// Another operator with another key would have to agree.
    pub second_person: bool,
    /// What would happen to the account that stays, in the caller's language.
    pub words: Vec<String>,
}

impl MergeWritten {
    fn of(done: &Done, program: &Program) -> Option<MergeWritten> {
        let (state, into, points, debt, orders) = match &done.outcome {
            Outcome::MergeProposed { into, points } => ("second_person", into, points, None, 0),
            Outcome::Merged { into, points, debt, orders } => ("merged", into, points, Some(debt), *orders),
            _ => return None,
        };
        let debt = debt.copied().unwrap_or(done.balance.debt);
        Some(MergeWritten {
            state,
            member: done.member.to_string(),
            into: into.to_string(),
            points: program.points.format(*points),
            debt: program.points.format(debt),
            orders,
            entry: done.entry?.to_string(),
        })
    }
}

impl MergePreviewAnswer {
    fn of(told: &MergePreview, speaker: &Speaker<'_>) -> MergePreviewAnswer {
        let program = speaker.program;
        MergePreviewAnswer {
            member: told.from.to_string(),
            into: told.into.to_string(),
            member_balance: BalanceAnswer::of(&told.before.0, program),
            into_balance: BalanceAnswer::of(&told.before.1, program),
            balance: BalanceAnswer::of(&told.after, program),
            tier_before: told.tier.0.clone(),
            tier: told.tier.1.clone(),
            orders: told.orders,
            taken_back: program.points.format(told.taken_back),
            second_person: told.second_person,
            words: told.events.iter().filter_map(|event| words::movement(speaker, event)).collect(),
        }
    }
}

/// Merge two members
///
/// The account of the address ends; its id, its identifiers and its orders lead to the account that stays,
/// and points with their dates, holds, limits, the debt and what was agreed to go over. What a person gets
/// once and both had is taken back where it came later.
#[utoipa::path(post, path = "/v1/members/{id}/merge", tag = "members", request_body = MergeWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = MergeWritten)))]
pub async fn merge_members(
    desk: Desk,
    id: Named,
    key: IdempotencyKey,
    wire: Body<MergeWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let into = wire.body.into.reference(&desk.program, "/into")?;
    let envelope = Envelope {
        operator: Some(wire.body.operator.0.clone()),
        reason: Some(wire.body.reason.0.clone()),
        ..Envelope::keyed("members.merge", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let api_key = desk.caller.key_id.clone();
    let change = Change::Merge { member: member.clone(), into, api_key };
    let done = match desk.write(envelope, change).await {
        Err(problem) => return Err(pointed(&desk, problem, member).await),
        Ok(done) => done,
    };
    desk.app.service.carry(desk.program_id(), &done).await;
    let answer = MergeWritten::of(&done, &desk.program);
    let answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    Ok((replayed(&done), Json(answer)))
}

/// Preview a merge
///
/// In figures and words; nothing is written.
#[utoipa::path(post, path = "/v1/members/{id}/merge/preview", tag = "members",
    request_body = MergePreviewWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = MergePreviewAnswer)))]
pub async fn preview_merge(
    desk: Desk,
    id: Named,
    wire: Body<MergePreviewWire>,
) -> Result<Json<MergePreviewAnswer>, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let into = wire.body.into.reference(&desk.program, "/into")?;
    match desk.app.service.preview_merge(desk.program_id(), member.clone(), into).await {
        Ok(told) => Ok(Json(MergePreviewAnswer::of(&told, &desk.speaker()))),
        Err(error) => Err(pointed(&desk, desk.failed(error), member).await),
    }
}

/// Says whose name leads nowhere, where it is not that of the address.
async fn pointed(desk: &Desk, problem: Problem, member: MemberRef) -> Problem {
    if problem.code == Refusal::MemberUnknown.code() && desk.find(member).await.is_ok() {
        return problem.at("/into");
    }
    problem
}
