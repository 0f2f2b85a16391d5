//! `POST /v1/transfers`: points of one member for another.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::TransferWritten;
use crate::wire::member::MemberName;
use crate::wire::{DecimalText, figures};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_core::refusal::Refusal;
use kopilka_service::{Change, MemberRef};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferWire {
    /// Whose points they are.
    pub from: MemberName,
    /// Who shall have them.
    pub to: MemberName,
    pub points: DecimalText,
}

/// Transfer points
///
/// Where the program allows transfers. The answer is the sender's: the points have left; the receiver has
/// them by an entry of their own.
#[utoipa::path(post, path = "/v1/transfers", tag = "members", request_body = TransferWire,
    params(Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = TransferWritten)))]
pub async fn transfer_points(
    desk: Desk,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<TransferWire>,
) -> Result<impl IntoResponse, Problem> {
    let from = wire.body.from.reference(&desk.program, "/from")?;
    let to = wire.body.to.reference(&desk.program, "/to")?;
    let points = figures::points(&desk.program, &wire.body.points, "/points")?;
    // An id is taken as it is by the write, which looks at the sender alone; it never ceases to exist, so
    // looking here denies no repeated request its first answer.
    if let MemberRef::Id(_) = &to {
        desk.find(to.clone()).await.map_err(|p| p.at("/to"))?;
    }
    let envelope = Envelope::keyed("transfers.send", key, crate::hash::of(&[&wire.hash]));
    let change = Change::Transfer { from: from.clone(), to, points };
    let done = match desk.write(envelope, change).await {
        Err(problem) if problem.code == Refusal::MemberUnknown.code() => {
            let sender = desk.find(from).await;
            return Err(problem.at(if sender.is_err() { "/from" } else { "/to" }));
        }
        other => other?,
    };
    let answer = TransferWritten::of(&done, &desk.program);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
