//! `GET /v1/members/{id}/claims`: rewards that wait to be handed over.

use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::points::Points;
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

/// A member's open claims
#[utoipa::path(get, path = "/v1/members/{id}/claims", tag = "rewards",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = ClaimsAnswer)))]
pub async fn list_claims(desk: Desk, id: Named) -> Result<Json<ClaimsAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    let book = desk.app.service.book(desk.program_id(), member).await.map_err(|e| desk.failed(e))?;
    let claims = book.member.claims.iter().map(|claim| ClaimAnswer {
        claim: claim.no,
        reward: claim.reward.to_string(),
        points: desk.program.points.format(claim.pieces.iter().map(|p| p.points).sum::<Points>()),
        at: TimeText(claim.at),
    });
    Ok(Json(ClaimsAnswer { claims: claims.collect() }))
}
