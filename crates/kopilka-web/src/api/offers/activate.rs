//! `POST /v1/members/{id}/offers/{offer}/activate`: the member takes up an offer.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, NamedOffer, Query};
use crate::headers::replayed;
use crate::problem::Problem;
use crate::wire;
use crate::wire::answer::OfferWritten;
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::Change;

/// Activate an offer
///
/// From now on it acts, to the end of its term. One that acts already is answered as it stands.
#[utoipa::path(post, path = "/v1/members/{id}/offers/{offer}/activate", tag = "offers",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("offer" = String, Path, description = "the offer's id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = OfferWritten)))]
pub async fn activate_offer(
    desk: Desk,
    named: NamedOffer,
    asked: Query<Explain>,
    key: IdempotencyKey,
) -> Result<impl IntoResponse, Problem> {
    let NamedOffer { member: id, offer } = named;
    let member = desk.acting(wire::member::by_text(&id, &desk.program)?);
    let envelope =
        Envelope::keyed("offers.activate", key, crate::hash::of(&[id.as_bytes(), offer.as_bytes()]));
    let done = desk.write(envelope, Change::ActivateOffer { member, offer }).await?;
    let answer = OfferWritten::of(&done);
    let mut answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    answer.trace = desk.trace(&done, asked.0.explain).await?;
    Ok((replayed(&done), Json(answer)))
}
