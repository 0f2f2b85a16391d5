//! `GET /v1/members/{id}/balance`: points by what can be done with them.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use crate::wire::answer::BalanceAnswer;
use axum::Json;
use kopilka_core::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberBalance {
    pub member: String,
    #[serde(flatten)]
    pub balance: BalanceAnswer,
    pub seq: i64,
    pub now: TimeText,
}

/// A member's balance
///
/// By the clock, whether or not what is due has been booked: burnt points are never shown as there.
#[utoipa::path(get, path = "/v1/members/{id}/balance", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = MemberBalance)))]
pub async fn get_balance(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<MemberBalance>, Problem> {
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    let program = desk.program_id();
    let row = desk.read(move |r| r.member(program, member)).await?;
    let row = row.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let balance = BalanceAnswer::of(&row.member.balance_at(desk.now), &desk.program);
    Ok(Json(MemberBalance { member: member.to_string(), balance, seq: row.seq, now: TimeText(desk.now) }))
}
