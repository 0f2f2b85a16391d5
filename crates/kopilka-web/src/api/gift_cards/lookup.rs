//! `POST /v1/gift-cards/lookup`: what is left on a card.

use crate::app::Desk;
use crate::guesses::Guesser;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{TimeText, Word};
use axum::Json;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::Outcome;
use kopilka_core::gift::ending;
use kopilka_core::money::Money;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_service::{Done, GiftCardState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiftCardName {
    /// In any spelling.
    pub code: Word,
}

/// A gift card as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GiftCardAnswer {
    /// As it is printed.
    pub code: String,
    /// Money that is left on it, what placed orders have reserved not counted.
    pub balance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
    pub blocked: bool,
}

impl GiftCardAnswer {
    fn made(
        code: &CouponCode,
        balance: Money,
        (expires_at, blocked): (Option<Instant>, bool),
        program: &Program,
    ) -> GiftCardAnswer {
        GiftCardAnswer {
            code: code.printed(),
            balance: program.currency.format(balance),
            expires_at: expires_at.map(TimeText),
            blocked,
        }
    }
    pub fn of(card: &GiftCardState, program: &Program) -> GiftCardAnswer {
        GiftCardAnswer::made(&card.code, card.balance, (card.expires_at, card.blocked), program)
    }
    /// The card as a command left it; `None` when the outcome is of another command.
    pub fn written(done: &Done, program: &Program) -> Option<GiftCardAnswer> {
        let Outcome::GiftCard { code, balance, expires_at, blocked } = &done.outcome else { return None };
        let code = CouponCode::read(code)?;
        Some(GiftCardAnswer::made(&code, *balance, (*expires_at, *blocked), program))
    }
}

/// The code of a body. What cannot be one is unknown.
pub fn code_of(desk: &Desk, word: &Word) -> Result<CouponCode, Problem> {
    let code = CouponCode::read(&word.0);
    let unknown = || desk.refused(&Refusal::GiftCardUnknown { code: ending(&word.0) }).at("/code");
    code.ok_or_else(unknown)
}

/// Look up a gift card
#[utoipa::path(post, path = "/v1/gift-cards/lookup", tag = "gift cards", request_body = GiftCardName,
    responses((status = 200, body = GiftCardAnswer)))]
pub async fn lookup_gift_card(desk: Desk, wire: Body<GiftCardName>) -> Result<Json<GiftCardAnswer>, Problem> {
    let work = async {
        let code = code_of(&desk, &wire.body.code)?;
        desk.app.service.gift_card(desk.program_id(), code).await.map_err(|e| desk.failed(e))
    };
    let found = desk.app.guesses.watch((Guesser::of(&desk, None), 1), work, |_| 0).await?;
    Ok(Json(GiftCardAnswer::of(&found, &desk.program)))
}
