//! `PATCH /v1/coupons/{code}`: withdraws a made code, or gives it back.

use super::get::{CouponAnswer, code};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use axum::Json;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockCouponWire {
    pub blocked: bool,
}

/// Withdraw a coupon code
///
/// Of made codes alone: what everybody may know ends with its campaign. Orders that have it keep it.
#[utoipa::path(patch, path = "/v1/coupons/{code}", tag = "coupons", request_body = BlockCouponWire,
    params(("code" = String, Path, description = "the code in any spelling")),
    responses((status = 200, body = CouponAnswer)))]
pub async fn block_coupon(
    desk: Desk,
    text: Named,
    wire: Body<BlockCouponWire>,
) -> Result<Json<CouponAnswer>, Problem> {
    let (program, code) = (desk.program_id(), code(&text.0)?);
    let service = &desk.app.service;
    service.block_code(program, code.clone(), wire.body.blocked).await.map_err(|e| desk.failed(e))?;
    let state = service.code(program, code).await.map_err(|e| desk.failed(e))?;
    Ok(Json(CouponAnswer::of(state)))
}
