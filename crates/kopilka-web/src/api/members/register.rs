//! `POST /v1/members`: a member joins, or is found by a known identifier.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::scopes::Scope;
use crate::wire::answer::PointsWritten;
use crate::wire::member::RegistrationWire;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;

/// Register a member
///
/// 201 with the welcome points; 200 with the existing member and nothing given when an identifier is known.
#[utoipa::path(post, path = "/v1/members", tag = "members", request_body = RegistrationWire,
    params(Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = PointsWritten), (status = 200, body = PointsWritten)))]
pub async fn register_member(
    desk: Desk,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<RegistrationWire>,
) -> Result<impl IntoResponse, Problem> {
    if !wire.body.attributes.is_empty() || wire.body.region.is_some() {
        desk.allow(Scope::AttributesWrite)?;
    }
    if !wire.body.consents.is_empty() {
        desk.allow(Scope::ConsentsWrite)?;
    }
    let envelope = Envelope::keyed("members.register", key, wire.hash);
    let done = desk.write(envelope, Change::Register(wire.body.core(&desk.program)?)).await?;
    let status = if done.existed { StatusCode::OK } else { StatusCode::CREATED };
    let trace = desk.trace(&done, asked.0.explain).await?;
    let answer = PointsWritten { trace, ..PointsWritten::of(&done, &desk.program) };
    Ok((status, replayed(&done), Json(answer)))
}
