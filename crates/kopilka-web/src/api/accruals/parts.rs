//! `GET /v1/accruals/{name}/members`: who gets, got or did not get what.

use super::answer::problem;
use crate::app::Desk;
use crate::asked::{Named, PartsAsked, Query, rows_of_page};
use crate::problem::Problem;
use axum::Json;
use kopilka_core::ids::MemberId;
use kopilka_core::program::Program;
use kopilka_service::AccrualProblem;
use kopilka_service::rows::{AccrualPart, PartState};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct PartsAnswer {
    /// In order of id.
    pub members: Vec<PartAnswer>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PartAnswer {
    pub member: String,
    pub points: String,
    /// `waiting`, `given`, `refused`, `undone`, or `kept` where it could not be taken back.
    pub state: &'static str,
    /// The entry that gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl PartAnswer {
    fn of(part: &AccrualPart, program: &Program) -> PartAnswer {
        PartAnswer {
            member: part.member.to_string(),
            points: program.points.format(part.points),
            state: part.state.name(),
            entry: part.entry.map(|entry| entry.to_string()),
            why: part.why.clone(),
        }
    }
}

/// Members of a mass accrual
#[utoipa::path(get, path = "/v1/accruals/{name}/members", tag = "accruals",
    params(("name" = String, Path, description = "its name"), PartsAsked),
    responses((status = 200, body = PartsAnswer)))]
pub async fn list_accrual_members(
    desk: Desk,
    name: Named,
    asked: Query<PartsAsked>,
) -> Result<Json<PartsAnswer>, Problem> {
    let limit = rows_of_page(asked.0.limit)?;
    let after = asked.0.cursor.as_deref();
    let after = after.map(|c| MemberId::parse(c).ok_or_else(|| Problem::of("cursor_invalid"))).transpose()?;
    let unknown = |state: &str| {
        let why = format!("state is one of waiting, given, refused, undone, kept, not {state}");
        Problem::of("query_invalid").with("why", why)
    };
    let state = asked.0.state.as_deref();
    let state = state.map(|s| PartState::by_name(s).ok_or_else(|| unknown(s))).transpose()?;
    let program = desk.program_id();
    let (known, mut parts) = desk
        .read(move |reader| {
            let known = reader.accrual(program, &name.0)?.is_some();
            let after = after.unwrap_or(MemberId(0));
            Ok((known, reader.accrual_parts((program, &name.0), state, after, limit + 1)?))
        })
        .await?;
    if !known {
        return Err(problem(&desk, AccrualProblem::Unknown));
    }
    let more = parts.len() > limit;
    parts.truncate(limit);
    Ok(Json(PartsAnswer {
        next: parts.last().filter(|_| more).map(|part| part.member.to_string()),
        members: parts.iter().map(|part| PartAnswer::of(part, &desk.program)).collect(),
    }))
}
