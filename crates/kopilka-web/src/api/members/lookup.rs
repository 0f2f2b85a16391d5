//! `POST /v1/members/lookup`: finds a member by an identifier, so that no phone stands in an address.

use super::get::answer;
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::{FoundAnswer, HolderAnswer};
use crate::wire::member::IdentifierWire;
use axum::Json;

/// Find a member
///
/// By exactly one of phone (in any spelling), e-mail, card, the shop's own id. Changes nothing.
#[utoipa::path(post, path = "/v1/members/lookup", tag = "members", request_body = IdentifierWire,
    responses((status = 200, body = FoundAnswer)))]
pub async fn lookup_member(desk: Desk, wire: Body<IdentifierWire>) -> Result<Json<FoundAnswer>, Problem> {
    let reference = wire.body.reference(&desk.program, "")?;
    let member = desk.find(reference.clone()).await?;
    let holder = desk.app.service.holder_named(desk.program_id(), reference).await;
    let holder = match holder.map_err(|error| desk.failed(error))? {
        Some(holder) => {
            let program = desk.program_id();
            let person = desk.read(move |r| r.person(program, member)).await?.unwrap_or_default();
            Some(HolderAnswer::of(&holder, person.holders.iter().find(|known| known.no == holder.no)))
        }
        None => None,
    };
    Ok(Json(FoundAnswer { member: answer(&desk, member).await?, holder }))
}
