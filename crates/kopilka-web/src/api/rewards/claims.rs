//! `GET /v1/members/{id}/claims`: rewards that wait to be handed over.

use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::member::Member;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimsAnswer {
    /// The oldest first.
    pub claims: Vec<ClaimAnswer>,
}

/// A claim that the shop has still to settle.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimAnswer {
    /// Its number within the member.
    pub claim: u32,
    pub reward: String,
    pub points: String,
    pub at: TimeText,
}

impl ClaimAnswer {
    pub fn all(member: &Member, program: &Program) -> Vec<ClaimAnswer> {
        let claims = member.claims.iter().map(|claim| ClaimAnswer {
            claim: claim.no,
            reward: claim.reward.to_string(),
            points: program.points.format(claim.pieces.iter().map(|p| p.points).sum::<Points>()),
            at: TimeText(claim.at),
        });
        claims.collect()
    }
}

/// A member's open claims
#[utoipa::path(get, path = "/v1/members/{id}/claims", tag = "rewards",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = ClaimsAnswer)))]
pub async fn list_claims(desk: Desk, id: Named) -> Result<Json<ClaimsAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    let book = desk.app.service.book(desk.program_id(), member).await.map_err(|e| desk.failed(e))?;
    Ok(Json(ClaimsAnswer { claims: ClaimAnswer::all(&book.member, &desk.program) }))
}
