//! Who calls: a secret key in `Authorization: Bearer`, and whether its scopes reach the endpoint.
//!
//! Invariant: an endpoint under `/v1` that is not in the table of scopes lets nobody in.

use crate::app::App;
use crate::problem::Problem;
use crate::scopes;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, header};

/// What stands here is for callers with a key; the rest answers anybody.
const GUARDED: &str = "/v1/";
/// Addresses of one member, who stands in the third part.
const OF_ONE_MEMBER: &str = "/v1/members/{id}";

/// Lets a request of a known caller pass and notes on it who that is.
pub fn check(app: &App, request: &mut Request) -> Result<(), Problem> {
    // An address that is no endpoint has no route.
    let Some(route) = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) else {
        return Ok(());
    };
    if !route.starts_with(GUARDED) {
        return Ok(());
    }
    let scope = scopes::needed(request.method(), route).ok_or_else(|| Problem::of("method_not_allowed"))?;
    let secret = bearer(request.headers()).ok_or_else(|| Problem::of("key_missing"))?;
    let caller = app.service.authenticate(secret).ok_or_else(|| Problem::of("key_unknown"))?;
    match caller.member {
        None if scopes::granted(&caller.scopes, scope) => {}
        Some(member) if scopes::open_to_members(request.method(), route) => {
            if route.starts_with(OF_ONE_MEMBER) && named(request.uri().path()) != member.to_string() {
                return Err(Problem::of("member_of_another_token"));
            }
            let rights = caller.holder.map(|holder| holder.rights);
            if rights.is_some_and(|rights| !scopes::open_to_holders(request.method(), route, rights)) {
                return Err(Problem::of("holder_right_missing"));
            }
        }
        _ => return Err(Problem::of("scope_missing").with("scope", scope.name())),
    }
    request.extensions_mut().insert(caller);
    Ok(())
}

/// The member that an address names, as it stands there.
fn named(path: &str) -> &str {
    path.split('/').nth(3).unwrap_or_default()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim()).filter(|s| !s.is_empty())
}
