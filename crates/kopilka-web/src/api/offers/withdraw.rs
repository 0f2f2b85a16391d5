//! `POST /v1/members/{id}/offers/{offer}/withdraw`: an operator takes an offer away.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, NamedOffer, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::OfferWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawOfferWire {
    /// Who withdraws it.
    pub operator: Word,
    pub reason: Word,
}

/// Withdraw an offer
///
/// Orders that used it keep their prices and what they earned.
#[utoipa::path(post, path = "/v1/members/{id}/offers/{offer}/withdraw", tag = "offers",
    request_body = WithdrawOfferWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("offer" = String, Path, description = "the offer's id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = OfferWritten)))]
pub async fn withdraw_offer(
    desk: Desk,
    named: NamedOffer,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<WithdrawOfferWire>,
) -> Result<impl IntoResponse, Problem> {
    let NamedOffer { member: id, offer } = named;
    let member = wire::member::by_text(&id, &desk.program)?;
    let input = crate::hash::of(&[id.as_bytes(), offer.as_bytes(), &wire.hash]);
    let envelope = Envelope {
        operator: Some(wire.body.operator.0.clone()),
        reason: Some(wire.body.reason.0.clone()),
        ..Envelope::keyed("offers.withdraw", key, input)
    };
    let done = desk.write(envelope, Change::WithdrawOffer { member, offer }).await?;
    let answer = OfferWritten::of(&done);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(answer)))
}
