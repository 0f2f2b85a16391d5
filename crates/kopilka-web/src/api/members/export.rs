//! `GET /v1/members/{id}/export`: all that is known of a member, for the person who asks.

use crate::app::Desk;
use crate::asked::Named;
use crate::export::{Asked, ExportAnswer, export};
use crate::problem::Problem;
use axum::Json;
use kopilka_core::refusal::Refusal;

/// Export a member
///
/// The person, the identifiers, the points, the orders, the journal with its reasons, in one document. Other
/// people are masked.
#[utoipa::path(get, path = "/v1/members/{id}/export", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = ExportAnswer)))]
pub async fn export_member(desk: Desk, id: Named) -> Result<Json<ExportAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    let (id, program, now, language) = (desk.program_id(), desk.program.clone(), desk.now, desk.language);
    let answer = desk.read(move |r| export(r, &Asked { id, member, program: &program, now, language }));
    let mut answer = answer.await?.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    if desk.caller.member.is_some() {
        answer.member = answer.member.for_member();
    }
    Ok(Json(answer))
}
