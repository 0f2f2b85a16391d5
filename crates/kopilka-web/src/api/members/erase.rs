//! `DELETE /v1/members/{id}`: a person is erased, and the account is closed.

use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::ErasedWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseWire {
    /// Stays in the journal: name nobody in it.
    pub reason: Word,
    pub operator: Word,
}

/// Erase a member
///
/// For ever: the name, the identifiers, the birth date, the attributes and every reason in the journal go;
/// the points end, a debt is written off; the books stay, of nobody. Orders that are paid for with points and
/// not paid yet are paid or cancelled first. For two years keyed hashes of the identifiers remember that what
/// comes once has come.
#[utoipa::path(delete, path = "/v1/members/{id}", tag = "members", request_body = EraseWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = ErasedWritten)))]
pub async fn erase_member(
    desk: Desk,
    id: Named,
    key: IdempotencyKey,
    wire: Body<EraseWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let envelope = Envelope {
        operator: Some(wire.body.operator.0.clone()),
        reason: Some(wire.body.reason.0.clone()),
        ..Envelope::keyed("members.erase", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let done = desk.write(envelope, Change::Erase { member }).await?;
    let answer = ErasedWritten::of(&done, &desk.program);
    let answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    Ok((replayed(&done), Json(answer)))
}
