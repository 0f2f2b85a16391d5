//! `GET /v1/coupons/{code}`: what is known of a code, in any spelling.

use crate::app::Desk;
use crate::asked::Named;
use crate::guesses::Guesser;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::coupon::CouponCode;
use kopilka_service::CodeState;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct CouponAnswer {
    /// As it is printed.
    pub code: String,
    pub campaign: String,
    /// Made by the engine; otherwise everybody may know it.
    pub made: bool,
    /// The member it belongs to; whoever has it where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
    /// Withdrawn by the shop.
    pub blocked: bool,
    /// Orders that have it; told where the campaign limits uses of a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<i64>,
}

impl CouponAnswer {
    pub fn of(state: CodeState) -> CouponAnswer {
        let made = state.made;
        CouponAnswer {
            code: state.code.printed(),
            campaign: state.campaign.to_string(),
            made: made.is_some(),
            member: made.as_ref().and_then(|m| m.owner).map(|id| id.to_string()),
            expires_at: made.as_ref().and_then(|m| m.expires_at).map(TimeText),
            blocked: made.is_some_and(|m| m.blocked),
            uses: state.uses,
        }
    }
}

/// The code of an address. What cannot be a code is unknown.
pub fn code(text: &str) -> Result<CouponCode, Problem> {
    CouponCode::read(text).ok_or_else(|| Problem::of("coupon_unknown"))
}

/// A coupon code
#[utoipa::path(get, path = "/v1/coupons/{code}", tag = "coupons",
    params(("code" = String, Path, description = "the code in any spelling")),
    responses((status = 200, body = CouponAnswer)))]
pub async fn get_coupon(desk: Desk, text: Named) -> Result<Json<CouponAnswer>, Problem> {
    let work = async {
        let state = desk.app.service.code(desk.program_id(), code(&text.0)?).await;
        state.map_err(|e| desk.failed(e))
    };
    let found = desk.app.guesses.watch((Guesser::of(&desk, None), 1), work, |_| 0).await?;
    Ok(Json(CouponAnswer::of(found)))
}
