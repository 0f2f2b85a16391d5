//! `GET /v1/members/{id}/coupons`: the codes that are a member's own.

use super::get::CouponAnswer;
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;
use kopilka_core::counters::of_code;
use kopilka_service::CodeState;
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
    let coupons = desk
        .read(move |r| {
            let made = r.coupons_of(program, member, COUPONS_SHOWN)?;
            let state = made.into_iter().map(|made| {
                let campaign = version.coupons.campaign(&made.campaign);
                let counted = campaign.is_some_and(|c| c.limits.per_code.is_some());
                let uses = if counted { Some(r.counter(program, &of_code(&made.code))?) } else { None };
                let (code, campaign) = (made.code.clone(), made.campaign.clone());
                Ok(CodeState { code, campaign, made: Some(made), uses })
            });
            state.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    Ok(Json(MemberCoupons { coupons: coupons.into_iter().map(CouponAnswer::of).collect() }))
}
