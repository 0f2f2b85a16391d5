//! `GET /v1/gift-cards/left`: what the shop owes on all cards.

use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct GiftCardsLeftAnswer {
    /// Cards with money on them, those included whose date has passed.
    pub cards: i64,
    /// Money that is left on them.
    pub balance: String,
}

/// What is left on all gift cards
#[utoipa::path(get, path = "/v1/gift-cards/left", tag = "gift cards",
    responses((status = 200, body = GiftCardsLeftAnswer)))]
pub async fn get_gift_cards_left(desk: Desk) -> Result<Json<GiftCardsLeftAnswer>, Problem> {
    let left = desk.app.service.gift_cards_left(desk.program_id()).await.map_err(|e| desk.failed(e))?;
    let balance = desk.program.currency.format(left.money);
    Ok(Json(GiftCardsLeftAnswer { cards: left.cards, balance }))
}
