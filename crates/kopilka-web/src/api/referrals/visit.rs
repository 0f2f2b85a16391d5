//! `POST /v1/referrals/visits`: somebody came by a member's link.

use crate::app::{Desk, Envelope};
use crate::asked::IdempotencyKey;
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use crate::wire::member::{referral_code, referrer};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_core::decide::Outcome;
use kopilka_service::{Change, VisitBy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitWire {
    /// What the link ends with, the `referral_code` of a member; or
    #[schema(value_type = Option<String>, example = "0000000000001")]
    pub referral: Option<Word>,
    /// the site that the visitor came from, or the address of its page (`Referer`).
    #[schema(value_type = Option<String>, example = "https://blog.example/review")]
    pub site: Option<Word>,
    /// What the shop calls the visitor, such as the value of its cookie. Only a keyed hash of it is kept.
    #[schema(value_type = String)]
    pub visitor: Word,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VisitAnswer {
    pub referral: String,
    /// A new visitor: who came before by the same link, or by another's that counts still, is none.
    pub counted: bool,
    pub seq: i64,
}

/// Count a visit
///
/// A registration that names the visitor is brought by the member whose link or confirmed site it was, for
/// as long as the program says. From a site that nobody has confirmed nobody is brought (`site_unknown`).
#[utoipa::path(post, path = "/v1/referrals/visits", tag = "referrals", request_body = VisitWire,
    params(("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = VisitAnswer)))]
pub async fn count_visit(
    desk: Desk,
    key: IdempotencyKey,
    wire: Body<VisitWire>,
) -> Result<impl IntoResponse, Problem> {
    if wire.body.visitor.0.trim().is_empty() {
        return Err(Problem::of("invalid_text").at("/visitor"));
    }
    let by = match (&wire.body.referral, &wire.body.site) {
        (Some(code), None) => VisitBy::Link(referrer(&code.0, &desk.program)?),
        (None, Some(site)) => VisitBy::Site(site.0.clone()),
        _ => return Err(Problem::of("visit_form_invalid")),
    };
    let envelope = Envelope::keyed("referrals.visit", key, crate::hash::of(&[&wire.hash]));
    let change = Change::Visit { by, visitor: wire.body.visitor.0.clone() };
    let done = desk.write(envelope, change).await?;
    let Outcome::Visited { counted } = done.outcome else { return Err(Problem::of("idempotency_conflict")) };
    let answer = VisitAnswer { referral: referral_code(done.member), counted, seq: done.seq };
    Ok((replayed(&done), Json(answer)))
}
