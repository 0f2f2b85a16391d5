//! `POST /v1/members/{id}/claims`: points buy a reward.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::ClaimWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimWire {
    /// A reward of the catalogue, by its id.
    #[schema(value_type = String, example = "mug")]
    pub reward: Word,
}

/// Claim a reward
///
/// Its points are spent at once. A reward that is a coupon answers with the member's own code; any other one
/// waits until the shop has handed it over.
#[utoipa::path(post, path = "/v1/members/{id}/claims", tag = "rewards", request_body = ClaimWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = ClaimWritten)))]
pub async fn claim_reward(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<ClaimWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = desk.acting(wire::member::by_text(&id.0, &desk.program)?);
    let code = desk.app.service.draw_code("").map_err(|e| desk.failed(e))?;
    let envelope = Envelope::keyed("rewards.claim", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]));
    let done = desk.write(envelope, Change::ClaimReward { member, reward: wire.body.reward.0.clone(), code });
    let done = done.await?;
    let answer = ClaimWritten::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
