//! `POST /v1/campaigns/{id}/codes`: makes codes of a campaign whose document says `codes: made`.

use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::member::MemberName;
use crate::wire::{TimeText, Word};
use axum::Json;
use axum::http::StatusCode;
use kopilka_service::NewCodes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Codes of one answer; a million go to a file by `kopilka coupons make`.
pub const CODES_MAX: usize = 10_000;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeCodesWire {
    #[schema(minimum = 1, maximum = 10000)]
    pub count: usize,
    /// Letters and digits that every code begins with.
    pub prefix: Option<Word>,
    /// Whose they are alone; whoever has them when left out.
    pub member: Option<MemberName>,
    pub expires_at: Option<TimeText>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CodesMade {
    pub campaign: String,
    /// As they are printed; any spelling is understood.
    pub codes: Vec<String>,
}

/// Make coupon codes
///
/// A repeated request makes other codes.
#[utoipa::path(post, path = "/v1/campaigns/{id}/codes", tag = "coupons", request_body = MakeCodesWire,
    params(("id" = String, Path, description = "the campaign's id in the document")),
    responses((status = 201, body = CodesMade)))]
pub async fn make_codes(
    desk: Desk,
    id: Named,
    wire: Body<MakeCodesWire>,
) -> Result<(StatusCode, Json<CodesMade>), Problem> {
    let asked = &wire.body;
    if !(1..=CODES_MAX).contains(&asked.count) {
        return Err(Problem::of("too_many_codes").with("limit", CODES_MAX).at("/count"));
    }
    let member = asked.member.as_ref().map(|m| m.reference(&desk.program, "/member")).transpose()?;
    let new = NewCodes {
        campaign: id.0.clone(),
        count: asked.count,
        prefix: asked.prefix.as_ref().map(|p| p.0.clone()).unwrap_or_default(),
        member,
        expires_at: asked.expires_at.map(|at| at.0),
        key: None,
    };
    let mut codes = Vec::with_capacity(asked.count);
    let take = |made: &[kopilka_core::coupon::CouponCode]| {
        codes.extend(made.iter().map(|code| code.printed()));
        true
    };
    desk.app.service.make_codes(desk.program_id(), new, take).await.map_err(|e| desk.failed(e))?;
    Ok((StatusCode::CREATED, Json(CodesMade { campaign: id.0, codes })))
}
