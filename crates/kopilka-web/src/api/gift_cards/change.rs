//! `POST /v1/gift-cards/change`: an operator puts money on a card, takes it off, blocks it, moves its date.

use super::lookup::{GiftCardAnswer, code_of};
use crate::app::{Desk, Envelope};
use crate::asked::IdempotencyKey;
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{DecimalText, TimeText, Word, figures};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_core::decide::GiftCardChange;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeGiftCardWire {
    /// In any spelling.
    pub code: Word,
    /// Money put on the card; with a minus, taken off it.
    pub by: Option<DecimalText>,
    pub blocked: Option<bool>,
    pub expires_at: Option<TimeText>,
    /// Why: it stands in the journal.
    pub reason: Word,
    /// Who.
    pub operator: Word,
}

/// Change a gift card
#[utoipa::path(post, path = "/v1/gift-cards/change", tag = "gift cards", request_body = ChangeGiftCardWire,
    params(("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = GiftCardAnswer)))]
pub async fn change_gift_card(
    desk: Desk,
    key: IdempotencyKey,
    wire: Body<ChangeGiftCardWire>,
) -> Result<impl IntoResponse, Problem> {
    let asked = &wire.body;
    let by = asked.by.as_ref().map(|by| figures::money(&desk.program, by, "/by")).transpose()?;
    let code = code_of(&desk, &asked.code)?;
    let change = GiftCardChange {
        by: by.unwrap_or_default(),
        blocked: asked.blocked,
        expires_at: asked.expires_at.map(|at| at.0),
    };
    let envelope = Envelope {
        operator: Some(asked.operator.0.clone()),
        reason: Some(asked.reason.0.clone()),
        ..Envelope::keyed("gift_cards.change", key, crate::hash::of(&[&wire.hash]))
    };
    let done = desk.write(envelope, Change::ChangeGiftCard { code, change }).await?;
    let answer = GiftCardAnswer::written(&done, &desk.program);
    let answer = answer.ok_or_else(|| Problem::of("idempotency_conflict"))?;
    Ok((replayed(&done), Json(answer)))
}
