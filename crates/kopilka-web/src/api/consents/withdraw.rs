//! `POST /v1/members/{id}/consents/withdraw`: a member takes consents back.

use super::list::{ConsentsAnswer, answer};
use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire;
use crate::wire::consent::WithdrawalWire;
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::{Change, PersonPatch};

/// Withdraw consents
///
/// Of each that holds and is meant a record that it does no longer; always taken, and nothing where none
/// holds. Answers with what stands then.
#[utoipa::path(post, path = "/v1/members/{id}/consents/withdraw", tag = "members",
    request_body = WithdrawalWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = ConsentsAnswer)))]
pub async fn withdraw_consents(
    desk: Desk,
    id: Named,
    key: IdempotencyKey,
    wire: Body<WithdrawalWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let envelope =
        Envelope::keyed("members.consents.withdraw", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]));
    let patch = PersonPatch { withdrawn: Some(wire.body.core()), ..PersonPatch::default() };
    let done = desk.write(envelope, Change::PatchMember { member, patch }).await?;
    Ok((replayed(&done), Json(answer(&desk, done.member).await?)))
}
