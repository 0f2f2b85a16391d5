//! `GET /v1/members/{id}/lots`: every credit that still holds points, with its dates.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::answer::LotsAnswer;
use axum::Json;
use kopilka_core::refusal::Refusal;

/// A member's lots
///
/// In the order they would be spent.
#[utoipa::path(get, path = "/v1/members/{id}/lots", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = LotsAnswer)))]
pub async fn get_lots(desk: Desk, id: Named, asked: Query<MemberAsked>) -> Result<Json<LotsAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    let program = desk.program_id();
    let row = desk.read(move |r| r.member(program, member)).await?;
    let row = row.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    Ok(Json(LotsAnswer::of(&row, &desk.program, desk.now)))
}
