//! Messages of a Telegram bot.
//!
//! Invariant: a chat that the person has closed is told apart from one that cannot be reached just now.

use super::senders::{Bot, SenderSecrets, TOKEN};
use super::{Said, Sent};
use crate::outside::{Ask, Outside};
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
    let url = format!("{}/bot{token}/sendMessage", bot.api.trim_end_matches('/'));
    let url = match outside.url(&url) {
        Ok(url) => url,
        Err(failure) => return Sent::Later(failure.code().to_owned(), None),
    };
    // Chats are numbers; they are told as texts, for some have more than 53 bits.
    let body = json!({ "chat_id": chat, "text": said.text, "link_preview_options": { "is_disabled": true } });
    let headers =
        vec![("content-type".into(), "application/json".to_owned()), ("user-agent".into(), AGENT.to_owned())];
    let body = body.to_string().into_bytes();
    match outside.ask(Ask { method: "POST", url, headers, body, body_max: ANSWER_MAX }).await {
        Ok(answered) => meaning(answered.status, &answered.body),
        Err(failure) => Sent::Later(failure.code().to_owned(), None),
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
