//! `POST /v1/members/lookup`: finds a member by an identifier, so that no phone stands in an address.

use super::get::answer;
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::FoundAnswer;
use crate::wire::member::IdentifierWire;
use axum::Json;

/// Find a member
///
/// By exactly one of phone (in any spelling), e-mail, card, the shop's own id. Changes nothing.
#[utoipa::path(post, path = "/v1/members/lookup", tag = "members", request_body = IdentifierWire,
    responses((status = 200, body = FoundAnswer)))]
pub async fn lookup_member(desk: Desk, wire: Body<IdentifierWire>) -> Result<Json<FoundAnswer>, Problem> {
    let reference = wire.body.reference(&desk.program, "")?;
    let member = desk.find(reference).await?;
    Ok(Json(FoundAnswer { member: answer(&desk, member).await? }))
}
