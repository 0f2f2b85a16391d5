//! `POST /v1/members/{id}/offers`: the shop gives a member an offer.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::OfferWritten;
use crate::wire::{self, Word};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveOfferWire {
    /// An offer that the program declares in `offers`.
    #[schema(value_type = String, example = "come-back")]
    pub offer: Word,
}

/// Give an offer
///
/// Given again, its term and its uses begin anew; a member never holds it twice.
#[utoipa::path(post, path = "/v1/members/{id}/offers", tag = "offers", request_body = GiveOfferWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = OfferWritten)))]
pub async fn give_offer(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<GiveOfferWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let envelope = Envelope::keyed("offers.give", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]));
    let done = desk.write(envelope, Change::GiveOffer { member, offer: wire.body.offer.0.clone() }).await?;
    let answer = OfferWritten::of(&done);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
