//! `POST /v1/webhook-endpoints/{id}/rotate`: a new secret.

use super::{WebhookAnswer, WebhookWithSecret, named};
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;

/// Rotate the secret
///
/// The new secret is in this answer and in no other. For a day both sign, so a receiver takes it over
/// without losing an event.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/rotate", tag = "webhooks",
    params(("id" = String, Path, description = "`wh_…`")),
    responses((status = 200, body = WebhookWithSecret)))]
pub async fn rotate_secret(desk: Desk, id: Named) -> Result<Json<WebhookWithSecret>, Problem> {
    let rotated = desk.app.service.rotate_webhook_secret(desk.program_id(), named(&id.0)?).await;
    let (row, secret) = rotated.map_err(|error| desk.failed(error))?;
    Ok(Json(WebhookWithSecret { endpoint: WebhookAnswer::of(row), secret }))
}
