//! `POST /v1/senders/telegram/webhook`: the bot tells this server who starts it.

use super::failed;
use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectedBotAnswer {
    /// As links name it.
    #[schema(example = "shop_bot")]
    pub name: String,
    /// Where the bot tells what it hears; let the proxy pass it on.
    #[schema(example = "https://loyalty.shop.example/telegram/sports-store")]
    pub url: String,
}

/// Have the bot tell who starts it
///
/// Under `base_url` of `PUT /v1/messaging`. From then on members link their chats themselves. Ask again after
/// the sender or that address was changed.
#[utoipa::path(post, path = "/v1/senders/telegram/webhook", tag = "messages",
    responses((status = 200, body = ConnectedBotAnswer)))]
pub async fn connect_telegram(desk: Desk) -> Result<Json<ConnectedBotAnswer>, Problem> {
    let connected = desk.app.service.connect_telegram(desk.program_id()).await;
    let bot = connected.map_err(|error| failed(&desk, error))?;
    Ok(Json(ConnectedBotAnswer { name: bot.name, url: bot.url }))
}
