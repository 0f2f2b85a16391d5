//! What operators and their tools ask: is it alive, can it serve, how is it doing.

use crate::app::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use std::sync::Arc;

/// `GET /healthz`: the process answers.
pub async fn health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database can be read, and the other servers have not taken this one for dead.
pub async fn ready(State(app): State<Arc<App>>) -> impl IntoResponse {
    match app.service.read(|_| Ok(())).await {
        Ok(()) if !app.service.is_fenced() => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}

/// `GET /metrics`: for Prometheus. Labels are routes and codes, never people.
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render())
}
