//! A Telegram bot: what it says, and whom it tells what it hears.
//!
//! Invariant: a chat that the person has closed is told apart from one that cannot be reached just now.

use super::senders::{Bot, SenderSecrets, TOKEN};
use super::{Said, Sent};
use crate::outside::{Answered, Ask, Failure, Outside};
use crate::service::AGENT;
use serde_json::{Value, json};

/// What the bot's server answers is small.
const ANSWER_MAX: usize = 16 << 10;

pub(crate) async fn send_chat(
    outside: &Outside,
    bot: &Bot,
    secrets: &SenderSecrets,
    (chat, said): (&str, &Said),
) -> Sent {
    let Some(token) = secrets.0.get(TOKEN) else { return Sent::Refused("secret_missing".to_owned()) };
    // Chats are numbers; they are told as texts, for some have more than 53 bits.
    let body = json!({ "chat_id": chat, "text": said.text, "link_preview_options": { "is_disabled": true } });
    match ask(outside, (bot, token), "sendMessage", &body).await {
        Ok(answered) => meaning(answered.status, &answered.body),
        Err(failure) => Sent::Later(failure.code().to_owned(), None),
    }
}

async fn ask(
    outside: &Outside,
    (bot, token): (&Bot, &str),
    what: &str,
    body: &Value,
) -> Result<Answered, Failure> {
    let url = outside.url(&format!("{}/bot{token}/{what}", bot.api.trim_end_matches('/')))?;
    let headers =
        vec![("content-type".into(), "application/json".to_owned()), ("user-agent".into(), AGENT.to_owned())];
    let body = body.to_string().into_bytes();
    outside.ask(Ask { method: "POST", url, headers, body, body_max: ANSWER_MAX }).await
}

/// Has the bot tell what it hears under this address, with this secret; answers with the bot's name, or with
/// why not.
pub(crate) async fn connect(
    outside: &Outside,
    bot: &Bot,
    secrets: &SenderSecrets,
    (url, secret): (&str, &str),
) -> Result<String, String> {
    let token = secrets.0.get(TOKEN).ok_or("secret_missing")?;
    let me = result(ask(outside, (bot, token), "getMe", &json!({})).await)?;
    let name = me["username"].as_str().filter(|name| is_name(name)).ok_or("broken_answer")?;
    let hook = json!({ "url": url, "secret_token": secret, "allowed_updates": ["message"] });
    result(ask(outside, (bot, token), "setWebhook", &hook).await)?;
    Ok(name.to_owned())
}

/// What names of bots are made of: it becomes part of an address.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn result(answered: Result<Answered, Failure>) -> Result<Value, String> {
    let answered = answered.map_err(|failure| failure.code().to_owned())?;
    let mut body: Value = serde_json::from_slice(&answered.body).unwrap_or_default();
    match (answered.status, body["ok"] == true) {
        (200..=299, true) => Ok(body["result"].take()),
        (status, _) => Err(format!("status_{status}")),
    }
}

fn meaning(status: u16, body: &[u8]) -> Sent {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = format!("status_{status}");
    match status {
        200..=299 if answer["ok"] == true => {
            Sent::Taken(answer["result"]["message_id"].as_i64().map(|id| id.to_string()))
        }
        // Blocked by the person, or the account is gone.
        403 => Sent::Unreachable(code),
        // Whoever upgrades a group or types a wrong chat hears this for ever.
        400 => Sent::Refused(code),
        429 => Sent::Later(code, answer["parameters"]["retry_after"].as_i64()),
        _ => Sent::Later(code, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_it_is_worth_trying_again() {
        let code = |status: u16| format!("status_{status}");
        for (status, body, sent) in [
            (200, r#"{"ok":true,"result":{"message_id":7}}"#, Sent::Taken(Some("7".to_owned()))),
            (200, r#"{"ok":false}"#, Sent::Later(code(200), None)),
            (
                403,
                r#"{"ok":false,"description":"bot was blocked by the user"}"#,
                Sent::Unreachable(code(403)),
            ),
            (400, r#"{"ok":false,"description":"chat not found"}"#, Sent::Refused(code(400))),
            (429, r#"{"ok":false,"parameters":{"retry_after":31}}"#, Sent::Later(code(429), Some(31))),
            (401, "", Sent::Later(code(401), None)),
            (502, "<html>", Sent::Later(code(502), None)),
        ] {
            assert_eq!(meaning(status, body.as_bytes()), sent, "{status} {body}");
        }
    }
}
