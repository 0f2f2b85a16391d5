//! `POST /v1/events`: something of the shop's own happened to a member.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use crate::wire::answer::EventWritten;
use crate::wire::member::{AttributeWire, MemberName, attributes};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventWire {
    /// To whom it happened.
    pub member: MemberName,
    /// The id of an event that the program declares in `events`.
    #[schema(value_type = String, example = "review")]
    pub event: Word,
    /// What the event's `data` declares. It decides and is not kept, so nothing of a person belongs here.
    #[serde(default)]
    #[schema(example = json!({"stars": 5}))]
    pub data: BTreeMap<String, AttributeWire>,
}

/// Tell of an event
///
/// A review, a visit, a survey: whatever the program declares. Its rules give at once what they give. The
/// idempotency key is the event's own id: told again, it counts once.
#[utoipa::path(post, path = "/v1/events", tag = "members", request_body = EventWire,
    params(Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = EventWritten)))]
pub async fn tell_event(
    desk: Desk,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<EventWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire.body.member.reference(&desk.program, "/member")?;
    let envelope = Envelope::keyed("events.tell", key, crate::hash::of(&[&wire.hash]));
    let (event, data) = (wire.body.event.0.clone(), attributes(&wire.body.data));
    let done = desk.write(envelope, Change::Happen { member, event, data }).await?;
    let answer = EventWritten::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
