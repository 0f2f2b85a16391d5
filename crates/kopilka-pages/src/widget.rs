//! What pages of a shop load: the widget, and what it may know without a member.
//!
//! Invariant: by a publishable key alone nobody learns more than the program's own terms say, and nothing is
//! told of any member; only the key's own sites read even that from a browser.

use crate::look::Look;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kopilka_core::ids::ProgramId;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::words::Speaker;
use kopilka_service::KeyInfo;
use kopilka_web::App;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::{WIDGET, origins};
use serde_json::json;
use std::sync::Arc;

const SCRIPT: &str = include_str!("../assets/widget.js");
/// The script stands at one address for ever, so a browser looks for a newer one after an hour.
const SCRIPT_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const WORDS_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// How a key's id begins where everybody may read it, and in the list of keys.
const PUBLIC: &str = "pk_";
const LISTED: &str = "k_";

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/widget.js", get(script)).route("/widget/{key}", get(words))
}

/// What a publishable key is called on pages.
pub fn public_name(key: &KeyInfo) -> Option<String> {
    let is_public = key.scopes.iter().any(|word| word == WIDGET);
    key.id.strip_prefix(LISTED).filter(|_| is_public).map(|rest| format!("{PUBLIC}{rest}"))
}

/// The sites whose pages may show what belongs to the program.
pub fn sites(app: &App, program: ProgramId) -> Vec<String> {
    let keys = app.service.keys(Some(program));
    let valid = keys.iter().filter(|key| key.revoked_at.is_none());
    let mut sites: Vec<String> = valid.flat_map(|key| origins(&key.scopes)).map(str::to_owned).collect();
    sites.sort();
    sites.dedup();
    sites
}

async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, SCRIPT_KEPT),
    ];
    (headers, SCRIPT).into_response()
}

/// `GET /widget/pk_…`.
async fn words(State(app): State<Arc<App>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let found = app
        .service
        .keys(None)
        .into_iter()
        .find(|key| key.revoked_at.is_none() && public_name(key).is_some_and(|known| known == name));
    let Some(key) = found else { return Problem::of("key_unknown").into_response() };
    let now = app.service.now(key.program);
    let program = app.service.versions(key.program).and_then(|versions| versions.at(now).cloned());
    let Some(program) = program else { return Problem::of("program_unknown").into_response() };
    let look = Look::of(&headers, None);
    let speaker = Speaker::new(&program, look.language);
    let points = [1, 2, 5].map(|count| form(&speaker, &program, count));
    let told = json!({
        "program": look.language.of(&program.name),
        "points": points,
        "currency": program.currency.code(),
        "cabinet": format!("/cabinet/{}", program.slug),
        "language": look.language.tag(),
    });
    let kind = HeaderValue::from_static("application/json");
    let mut answer = ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, WORDS_KEPT)], told.to_string())
        .into_response();
    let vary = HeaderValue::from_static("origin, accept-language, cookie");
    answer.headers_mut().insert(header::VARY, vary);
    let site = headers.get(header::ORIGIN);
    let is_own = |site: &&HeaderValue| origins(&key.scopes).any(|own| site.as_bytes() == own.as_bytes());
    if let Some(site) = site.filter(is_own) {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site.clone());
    }
    answer
}

/// What so many points are called, without their number.
fn form(speaker: &Speaker<'_>, program: &Program, count: i64) -> String {
    let points = Points(count * 10_i64.pow(program.points.precision));
    let said = speaker.points(points);
    said.split_once('\u{a0}').map_or(said.clone(), |(_, name)| name.to_owned())
}
