//! `POST /v1/members/{id}/cards`: a card is blocked, replaced or freed.

use super::get::answer;
use crate::app::{Desk, Envelope};
use crate::asked::{IdempotencyKey, Named};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::MemberAnswer;
use crate::wire::{self, Word};
use axum::Json;
use axum::response::IntoResponse;
use kopilka_service::{CardChange, Change};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardWire {
    /// One of the member's cards, blocked or not.
    #[schema(value_type = String, example = "2000000000008")]
    pub card: Word,
    /// `false` frees it again.
    pub blocked: bool,
    /// The member's new card.
    #[schema(value_type = Option<String>)]
    pub replacement: Option<Word>,
    pub reason: Word,
    pub operator: Word,
}

/// Block or replace a card
///
/// The number of a blocked card finds nobody (`card_blocked`) and is given to nobody; the points are the
/// member's and stay. The same again changes nothing.
#[utoipa::path(post, path = "/v1/members/{id}/cards", tag = "members", request_body = CardWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 200, body = MemberAnswer)))]
pub async fn set_card(
    desk: Desk,
    id: Named,
    key: IdempotencyKey,
    wire: Body<CardWire>,
) -> Result<impl IntoResponse, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let CardWire { card, blocked, replacement, reason, operator } = wire.body;
    let envelope = Envelope {
        operator: Some(operator.0),
        reason: Some(reason.0),
        ..Envelope::keyed("members.cards", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let change = CardChange { card: card.0, blocked, replacement: replacement.map(|card| card.0) };
    let done = desk.write(envelope, Change::SetCard { member, change }).await?;
    Ok((replayed(&done), Json(answer(&desk, done.member).await?)))
}
