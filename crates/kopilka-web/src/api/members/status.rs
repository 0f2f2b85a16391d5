//! `POST /v1/members/{id}/status`: an operator blocks, freezes or frees an account.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::StatusWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_core::member::MemberStatus;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStatusWire {
    pub status: MemberStatusWire,
    pub reason: Word,
    pub operator: Word,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatusWire {
    Active,
    /// Earns and spends nothing; returns still run.
    Blocked,
    /// By the member's own wish: earns, spends nothing.
    Frozen,
}

/// Set a member's status
#[utoipa::path(post, path = "/v1/members/{id}/status", tag = "members", request_body = SetStatusWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = StatusWritten)))]
pub async fn set_status(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<SetStatusWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let status = match wire.body.status {
        MemberStatusWire::Active => MemberStatus::Active,
        MemberStatusWire::Blocked => MemberStatus::Blocked,
        MemberStatusWire::Frozen => MemberStatus::Frozen,
    };
    let envelope = Envelope {
        operator: Some(wire.body.operator.0.clone()),
        reason: Some(wire.body.reason.0.clone()),
        ..Envelope::keyed("members.status", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let done = desk.write(envelope, Change::SetStatus { member, status }).await?;
    let answer = StatusWritten::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(answer)))
}
