//! `POST /v1/members/{id}/tier`: an operator gives a level, or takes back what was given.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::TierWritten;
use crate::wire::{self, TimeText, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTierWire {
    /// A level above the lowest; `null` takes back what operators and rules without an order gave.
    #[schema(value_type = Option<String>, example = "gold")]
    pub tier: Option<Word>,
    /// Held to this moment; as long as one that was reached when left out. Without a level it says nothing.
    pub until: Option<TimeText>,
    pub reason: Word,
    pub operator: Word,
}

/// Give a level
///
/// It stands beside what the member's orders reach: the higher of both counts, and no return takes it.
#[utoipa::path(post, path = "/v1/members/{id}/tier", tag = "members", request_body = SetTierWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = TierWritten)))]
pub async fn set_tier(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<SetTierWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let SetTierWire { tier, until, reason, operator } = wire.body;
    let envelope = Envelope {
        operator: Some(operator.0),
        reason: Some(reason.0),
        ..Envelope::keyed("members.tier", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let (tier, until) = (tier.map(|tier| tier.0), until.map(|until| until.0));
    let done = desk.write(envelope, Change::SetTier { member, tier, until }).await?;
    let mut answer = TierWritten::of(&done).ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(answer)))
}
