//! `GET /v1/members/{id}/coupons`: the codes that are a member's own.

use super::get::CouponAnswer;
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;
use kopilka_core::counters::of_code;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::program::Program;
use kopilka_service::{CodeState, Reader, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// Nobody has more codes of his own that are worth showing.
const COUPONS_SHOWN: usize = 100;

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberCoupons {
    /// The newest first, a hundred at most.
    pub coupons: Vec<CouponAnswer>,
}

/// A member's coupons
#[utoipa::path(get, path = "/v1/members/{id}/coupons", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = MemberCoupons)))]
pub async fn get_member_coupons(desk: Desk, id: Named) -> Result<Json<MemberCoupons>, Problem> {
    let member = desk.member_id(&id.0).await?;
    let (program, version) = (desk.program_id(), desk.program.clone());
    let coupons = desk.read(move |r| coupons_of(r, program, member, &version)).await?;
    Ok(Json(MemberCoupons { coupons }))
}

/// The newest codes of the member's own.
pub fn coupons_of(
    reader: &Reader,
    id: ProgramId,
    member: MemberId,
    program: &Program,
) -> Result<Vec<CouponAnswer>, StoreError> {
    let state = reader.coupons_of(id, member, COUPONS_SHOWN)?.into_iter().map(|made| {
        let campaign = program.coupons.campaign(&made.campaign);
        let counted = campaign.is_some_and(|c| c.limits.per_code.is_some());
        let uses = if counted { Some(reader.counter(id, &of_code(&made.code))?) } else { None };
        let (code, campaign) = (made.code.clone(), made.campaign.clone());
        Ok(CouponAnswer::of(CodeState { code, campaign, made: Some(made), uses }))
    });
    state.collect()
}
