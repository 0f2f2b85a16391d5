//! `GET /v1/members/{id}`: a member with what is known of the person.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::answer::MemberAnswer;
use axum::Json;
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;

/// Get a member
#[utoipa::path(get, path = "/v1/members/{id}", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = MemberAnswer)))]
pub async fn get_member(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<MemberAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    Ok(Json(answer(&desk, member).await?))
}

/// The member as it stands now.
pub async fn answer(desk: &Desk, member: MemberId) -> Result<MemberAnswer, Problem> {
    let program = desk.program_id();
    let (row, person) =
        desk.read(move |r| Ok((r.member(program, member)?, r.person(program, member)?))).await?;
    let row = row.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let answer = MemberAnswer::of(&row, person, &desk.program, desk.now);
    Ok(if desk.caller.member.is_some() { answer.for_member() } else { answer })
}
