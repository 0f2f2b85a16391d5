//! `POST /v1/members/{id}/claims/settle`: the shop has handed a reward over, or takes the claim back.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::ClaimWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleWire {
    /// Its number within the member.
    pub claim: u32,
    /// `false`: the claim is taken back, and the points go to the lots they came from.
    pub handed_over: bool,
    /// Who settles it.
    pub operator: Word,
    pub reason: Option<Word>,
}

/// Settle a claim
#[utoipa::path(post, path = "/v1/members/{id}/claims/settle", tag = "rewards", request_body = SettleWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = ClaimWritten)))]
pub async fn settle_claim(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<SettleWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let SettleWire { claim, handed_over, operator, reason } = &wire.body;
    let envelope = Envelope {
        operator: Some(operator.0.clone()),
        reason: reason.as_ref().map(|reason| reason.0.clone()),
        ..Envelope::keyed("rewards.settle", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let change = Change::SettleClaim { member, claim: *claim, handed_over: *handed_over };
    let done = desk.write(envelope, change).await?;
    let answer = ClaimWritten::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(answer)))
}
