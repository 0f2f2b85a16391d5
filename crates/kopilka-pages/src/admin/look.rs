//! `POST /look`: language and theme of this browser.

use crate::look::{LANGUAGE_COOKIE, THEME_COOKIE, Theme, kept, language_of};
use crate::posted::Posted;
use crate::visit::{Visit, back_to};
use axum::http::header;
use axum::response::Response;

pub async fn choose(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let mut answer = back_to(posted.text("back"));
    let headers = answer.headers_mut();
    if let Some(language) = language_of(posted.text("language")) {
        headers.extend(kept(LANGUAGE_COOKIE, language.tag()).map(|value| (header::SET_COOKIE, value)));
        if let Some(session) = &visit.session {
            // The cookie is enough here; what the server writes to them follows on a best effort.
            let _ = visit.app.service.set_operator_language(session.info.operator.id, language).await;
        }
    }
    if let Some(theme) = Theme::parse(posted.text("theme")) {
        headers.extend(kept(THEME_COOKIE, theme.name()).map(|value| (header::SET_COOKIE, value)));
    }
    Ok(answer)
}
