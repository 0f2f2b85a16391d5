//! `GET` and `POST /unsubscribe/{token}`: a member takes a consent back, without a key and without a login.
//!
//! Invariant: looking changes nothing, for scanners look at every link; a post acts at once, as RFC 8058
//! wants it of mail programs.

use crate::app::App;
use crate::language;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kopilka_core::program::Text;
use kopilka_core::words::Language;
use kopilka_service::rows::Proof;
use std::sync::Arc;

/// What is noted of a browser; more of it proves nothing more.
const USER_AGENT_MAX: usize = 200;
/// Light and dark as the browser is, the button large enough for a thumb.
const STYLE: &str = ":root{color-scheme:light dark}\
    main{max-width:32em;margin:4em auto;padding:0 1em;font:18px/1.5 sans-serif}\
    button{font:inherit;padding:.6em 1.4em;cursor:pointer}";

pub async fn ask(State(app): State<Arc<App>>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let language = language::of(&headers);
    match app.service.unsubscribing(&token) {
        Some((_, name)) => page(StatusCode::OK, language, &question(language, &name)),
        None => unknown(language),
    }
}

pub async fn act(State(app): State<Arc<App>>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let language = language::of(&headers);
    let Some((of, name)) = app.service.unsubscribing(&token) else { return unknown(language) };
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let proof = Proof {
        source: Some("unsubscribe link".to_owned()),
        user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
        ..Proof::default()
    };
    match app.service.unsubscribe(of, proof).await {
        Ok(()) => page(StatusCode::OK, language, &done(language, &name)),
        Err(error) => {
            tracing::warn!(%error, "a consent could not be taken back");
            let text = match language {
                Language::En => "It did not work just now. Try again in a minute.",
                Language::Ru => "Сейчас не получилось. Попробуйте ещё раз через минуту.",
            };
            page(StatusCode::SERVICE_UNAVAILABLE, language, &format!("<p>{text}</p>"))
        }
    }
}

fn question(language: Language, name: &Text) -> String {
    let name = escaped(language.of(name));
    let (text, button) = match language {
        Language::En => (format!("Stop the mailings of {name}?"), "Unsubscribe"),
        Language::Ru => (format!("Больше не получать рассылку программы «{name}»?"), "Отписаться"),
    };
    format!("<p>{text}</p><form method=\"post\"><button>{button}</button></form>")
}

fn done(language: Language, name: &Text) -> String {
    let name = escaped(language.of(name));
    let text = match language {
        Language::En => format!(
            "You are unsubscribed from the mailings of {name}. What concerns your own points may still come."
        ),
        Language::Ru => format!(
            "Вы отписаны от рассылки программы «{name}». О ваших собственных баллах сообщения могут приходить."
        ),
    };
    format!("<p>{text}</p>")
}

fn unknown(language: Language) -> Response {
    let text = match language {
        Language::En => "This link is not whole. Open it from the letter once more.",
        Language::Ru => "Ссылка неполная. Откройте её из письма ещё раз.",
    };
    page(StatusCode::NOT_FOUND, language, &format!("<p>{text}</p>"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn page(status: StatusCode, language: Language, inside: &str) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{}</title>\n\
         <style>{STYLE}</style></head>\n<body><main>{inside}</main></body>\n</html>\n",
        language.tag(),
        match language {
            Language::En => "Mailings",
            Language::Ru => "Рассылка",
        }
    );
    let mut response = (status, text).into_response();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}
