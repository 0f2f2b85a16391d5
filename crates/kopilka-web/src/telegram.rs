//! `POST /telegram/{program}`: what the program's bot hears.
//!
//! Invariant: who does not show the bot's own secret is told that there is no such address; whatever a chat
//! says, nothing changes but by a member's own link.

use crate::app::App;
use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::messages::language_of;
use kopilka_service::{HeardFrom, Linked};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// A message of a chat, with all that Telegram says beside, is some kilobytes.
pub const UPDATE_MAX: usize = 64 << 10;
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// What is read of what the bot hears.
#[derive(Deserialize)]
struct Update {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    chat: Chat,
    from: Option<From>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct From {
    language_code: Option<String>,
}

pub async fn hear(
    State(app): State<Arc<App>>,
    Path(program): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let secret = headers.get(SECRET).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bot = match app.service.heard_from(&program, secret).await {
        Ok(Some(bot)) => bot,
        Ok(None) => return Problem::of("route_unknown").into_response(),
        Err(error) => return later(&error),
    };
    // What is no message of one person is none of ours; asked again, it would be the same.
    let heard = serde_json::from_slice::<Update>(&body).ok().and_then(|update| update.message);
    let Some(message) = heard.filter(|message| message.chat.kind == "private") else {
        return StatusCode::OK.into_response();
    };
    let text = message.text.as_deref().unwrap_or_default();
    let Some(token) = started(text) else { return StatusCode::OK.into_response() };
    let told = message.from.and_then(|from| language_of(from.language_code.as_deref()?));
    let language = told.unwrap_or(bot.language);
    let linked = match token {
        "" => None,
        token => match app.service.link_chat(bot.program, token, message.chat.id).await {
            Ok(linked) => Some(linked),
            Err(error) => return later(&error),
        },
    };
    // The answer to the bot is what it says to the chat.
    let said = words(language, &bot, linked);
    Json(json!({ "method": "sendMessage", "chat_id": message.chat.id, "text": said })).into_response()
}

/// Telegram tells it again.
fn later(error: &kopilka_service::ServiceError) -> Response {
    tracing::warn!(%error, "what a bot heard could not be written down");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// What the bot was started with; nothing where it was not.
fn started(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("/start")?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

fn words(language: Language, bot: &HeardFrom, linked: Option<Linked>) -> String {
    let name = language.of(&bot.name);
    match (language, linked) {
        (Language::En, Some(Linked::Done)) => {
            format!("This chat is yours now: messages of {name} come here.")
        }
        (Language::Ru, Some(Linked::Done)) => {
            format!("Чат привязан: сообщения программы «{name}» будут приходить сюда.")
        }
        (Language::En, Some(Linked::Already)) => format!("Messages of {name} come here already."),
        (Language::Ru, Some(Linked::Already)) => {
            format!("Сообщения программы «{name}» уже приходят сюда.")
        }
        (Language::En, Some(Linked::Over)) => {
            "This link is too old. Open a new one in the shop's page.".to_owned()
        }
        (Language::Ru, Some(Linked::Over)) => {
            "Ссылка устарела. Откройте новую на странице магазина.".to_owned()
        }
        (Language::En, Some(Linked::Unknown)) => {
            "This link does not fit, or was used before. Open a new one in the shop's page.".to_owned()
        }
        (Language::Ru, Some(Linked::Unknown)) => {
            "Ссылка не подходит или уже использована. Откройте новую на странице магазина.".to_owned()
        }
        (Language::En, None) => {
            format!("To get messages of {name} here, open the link in the shop's page.")
        }
        (Language::Ru, None) => {
            format!(
                "Чтобы получать здесь сообщения программы «{name}», откройте ссылку на странице магазина."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_started_with_or_without_a_token() {
        for (text, token) in [
            ("/start", Some("")),
            ("/start abc", Some("abc")),
            ("/start   abc ", Some("abc")),
            ("/started abc", None),
            ("hello", None),
            ("", None),
        ] {
            assert_eq!(started(text), token, "{text}");
        }
    }
}
