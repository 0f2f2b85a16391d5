//! Who calls: a secret key in `Authorization: Bearer`, and whether its scopes reach the endpoint.
//!
//! Invariant: no handler under `/v1` runs before the key and the scope of its route have been checked.

use crate::app::App;
use crate::problem::Problem;
use crate::scopes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The layer around every route under `/v1`.
pub async fn check(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(secret) = bearer(request.headers()) else {
        return Problem::of("key_missing").into_response();
    };
    let Some(caller) = app.service.authenticate(secret) else {
        return Problem::of("key_unknown").into_response();
    };
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let allowed = match scopes::needed(request.method(), route) {
        Some(scope) if scopes::granted(&caller.scopes, scope) => Ok(()),
        Some(scope) => Err(Problem::of("scope_missing").with("scope", scope.name())),
        None => Err(Problem::of("method_not_allowed")),
    };
    if let Err(problem) = allowed {
        return problem.into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim()).filter(|s| !s.is_empty())
}
