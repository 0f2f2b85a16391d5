//! `POST /v1/members/{id}/tokens`: a short-lived token with which a page reads what is this member's.

use crate::app::Desk;
use crate::asked::{Named, within};
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::holder::HolderNo;
use kopilka_core::member::MemberStatus;
use kopilka_core::refusal::Refusal;
use kopilka_service::{TOKEN_LIVES_MAX_SECONDS, TOKEN_LIVES_MIN_SECONDS, TOKEN_LIVES_SECONDS};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenWire {
    /// How long it holds: 60 to 3,600; 600 when left out.
    #[schema(minimum = 60, maximum = 3600)]
    pub seconds: Option<i64>,
    /// For a holder of the account, by its number: the token opens what that one may do.
    #[schema(minimum = 1, maximum = 99)]
    pub holder: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// For `Authorization: Bearer`, in place of a key.
    pub token: String,
    /// Whose it is; addresses name the member so.
    pub member: String,
    pub expires_at: TimeText,
}

/// Make a member token
///
/// For a page of the shop: with it one reads this member's balance, lots, entries, network, coupons,
/// offers, claims, consents and export, asks for quotes, and does what members do themselves. It ends soon,
/// and nobody can take it back before. It is stored nowhere: a repeated request only makes another one.
#[utoipa::path(post, path = "/v1/members/{id}/tokens", tag = "members", request_body = TokenWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = TokenAnswer)))]
pub async fn make_token(desk: Desk, id: Named, wire: Body<TokenWire>) -> Result<Json<TokenAnswer>, Problem> {
    let seconds = wire.body.seconds.unwrap_or(TOKEN_LIVES_SECONDS);
    let bounds = (TOKEN_LIVES_MIN_SECONDS, TOKEN_LIVES_MAX_SECONDS);
    within("seconds", seconds, bounds).map_err(|_| Problem::of("out_of_range").at("/seconds"))?;
    let unknown = || desk.refused(&Refusal::HolderUnknown { holder: HolderNo(0) }).at("/holder");
    let holder = wire.body.holder.map(|no| HolderNo::new(no).ok_or_else(unknown)).transpose()?;
    let member = desk.member_id(&id.0).await?;
    let program = desk.program_id();
    let row = desk.read(move |reader| reader.member(program, member)).await?;
    match row.map(|row| row.member.status) {
        None | Some(MemberStatus::Guest) => return Err(desk.refused(&Refusal::MemberUnknown)),
        Some(MemberStatus::Anonymized) => return Err(desk.refused(&Refusal::MemberAnonymized)),
        Some(_) => {}
    }
    let made = desk.app.service.make_token(&desk.caller, (member, holder), seconds).await;
    let (token, expires_at) = made.map_err(|e| desk.failed(e))?;
    Ok(Json(TokenAnswer { token, member: member.to_string(), expires_at: TimeText(expires_at) }))
}
