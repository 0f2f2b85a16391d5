//! `GET /v1/members/{id}/lots`: every credit that still holds points, with its dates.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use crate::wire::answer::{BalanceAnswer, LifetimeAnswer, LotAnswer, LotsAnswer};
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
    let mut lots: Vec<_> = row.member.lots.iter().collect();
    lots.sort_by_key(|lot| lot.spending_rank());
    Ok(Json(LotsAnswer {
        lots: lots.into_iter().map(|lot| LotAnswer::of(lot, &desk.program, desk.now)).collect(),
        lifetime: LifetimeAnswer::of(&row.member.lifetime, &desk.program),
        balance: BalanceAnswer::of(&row.member.balance_at(desk.now), &desk.program),
        seq: row.seq,
        now: TimeText(desk.now),
    }))
}
