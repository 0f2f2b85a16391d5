//! `POST /v1/members/{id}/tags`: a member is marked, and marks are taken away.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::TagsWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTagsWire {
    /// Marks that the program declares in `tags`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub add: Vec<Word>,
    /// Also some that it declares no longer.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub remove: Vec<Word>,
    pub reason: Option<Word>,
    pub operator: Option<Word>,
}

/// Mark a member
///
/// What the member has already, or has not, stays so. One that is in both lists is added.
#[utoipa::path(post, path = "/v1/members/{id}/tags", tag = "members", request_body = SetTagsWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = TagsWritten)))]
pub async fn set_tags(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<SetTagsWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let SetTagsWire { add, remove, reason, operator } = wire.body;
    let envelope = Envelope {
        operator: operator.map(|word| word.0),
        reason: reason.map(|word| word.0),
        ..Envelope::keyed("members.tags", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let words = |list: Vec<Word>| list.into_iter().map(|word| word.0).collect();
    let change = Change::SetTags { member, add: words(add), remove: words(remove) };
    let done = desk.write(envelope, change).await?;
    let mut answer = TagsWritten::of(&done).ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(answer)))
}
