//! `POST /v1/gift-cards`: a new card with money on it.

use super::lookup::{GiftCardAnswer, code_of};
use crate::app::{Desk, Envelope};
use crate::asked::IdempotencyKey;
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{DecimalText, TimeText, Word, figures};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueGiftCardWire {
    pub amount: DecimalText,
    /// The number of a printed card; drawn at random when left out.
    pub code: Option<Word>,
    /// Letters and digits that a drawn code begins with.
    pub prefix: Option<Word>,
    /// As the program says when left out.
    pub expires_at: Option<TimeText>,
}

/// Issue a gift card
///
/// Call it when the card has been paid for: from then on it pays for orders. The answer tells the code once
/// more to whoever sends the same key.
#[utoipa::path(post, path = "/v1/gift-cards", tag = "gift cards", request_body = IssueGiftCardWire,
    params(("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = GiftCardAnswer)))]
pub async fn issue_gift_card(
    desk: Desk,
    key: IdempotencyKey,
    wire: Body<IssueGiftCardWire>,
) -> Result<impl IntoResponse, Problem> {
    let asked = &wire.body;
    let amount = figures::money(&desk.program, &asked.amount, "/amount")?;
    let code = match (&asked.code, &asked.prefix) {
        (Some(_), Some(_)) => return Err(Problem::of("code_prefix").at("/prefix")),
        (Some(code), None) => code_of(&desk, code)?,
        (None, prefix) => {
            let prefix = prefix.as_ref().map_or("", |word| word.0.as_str());
            desk.app.service.draw_code(prefix).map_err(|e| desk.failed(e))?
        }
    };
    let envelope = Envelope::keyed("gift_cards.issue", key, crate::hash::of(&[&wire.hash]));
    let expires_at = asked.expires_at.map(|at| at.0);
    let done = desk.write(envelope, Change::IssueGiftCard { code, amount, expires_at }).await?;
    let answer = GiftCardAnswer::written(&done, &desk.program);
    let answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}
