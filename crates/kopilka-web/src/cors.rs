//! Pages of a shop that ask from a browser.
//!
//! Invariant: nothing but what a member token opens is answered to a page of another site, and only to sites
//! that a publishable key names; a token is asked for all the same.

use crate::app::App;
use crate::scopes::{OF_TOKENS, origins};
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// Browsers ask again after so many seconds.
const ASKED_AGAIN_AFTER: HeaderValue = HeaderValue::from_static("600");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, accept-language");

/// The site whose page asks, where it may.
pub fn of(app: &App, request: &Request) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    let route = request.extensions().get::<MatchedPath>()?.as_str();
    let method = match *request.method() {
        Method::OPTIONS => request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD)?.to_str().ok()?,
        ref method => method.as_str(),
    };
    let is_open = OF_TOKENS.iter().any(|(known, path)| *path == route && known.as_str() == method);
    (is_open && is_named(app, origin.to_str().ok()?)).then(|| origin.clone())
}

/// Whether a valid publishable key of any program names the site.
fn is_named(app: &App, origin: &str) -> bool {
    let keys = app.service.keys(None);
    let mut valid = keys.iter().filter(|key| key.revoked_at.is_none());
    valid.any(|key| origins(&key.scopes).any(|named| named == origin))
}

/// What a browser that asks before asking is answered.
pub fn may_ask() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, ASKED_AGAIN_AFTER);
    answer
}

/// Lets the page of the site read the answer.
pub fn told(mut answer: Response, site: Option<HeaderValue>) -> Response {
    if let Some(site) = site {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
        answer.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    }
    answer
}
