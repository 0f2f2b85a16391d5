//! `POST /v1/members/{id}/consents`: a member agrees.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::PointsWritten;
use crate::wire::consent::ConsentWire;
use crate::wire::{self};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::{Change, PersonPatch};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveConsentsWire {
    pub consents: Vec<ConsentWire>,
}

/// Record consents
///
/// Each is a record of its own, kept as it was told and never changed. What rules give for
/// agreeing to hear of offers by a channel for the first time comes with the answer.
#[utoipa::path(post, path = "/v1/members/{id}/consents", tag = "members", request_body = GiveConsentsWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = PointsWritten)))]
pub async fn give_consents(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<GiveConsentsWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let consents = wire.body.consents.iter().map(ConsentWire::core).collect();
    let envelope = Envelope::keyed("members.consents", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]));
    let patch = PersonPatch { consents, ..PersonPatch::default() };
    let done = desk.write(envelope, Change::PatchMember { member, patch }).await?;
    let trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(PointsWritten { trace, ..PointsWritten::of(&done, &desk.program) })))
}
