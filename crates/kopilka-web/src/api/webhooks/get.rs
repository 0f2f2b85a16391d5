//! `GET /v1/webhook-endpoints/{id}`: one endpoint and how it does.

use super::{WebhookAnswer, named};
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;

/// An endpoint
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "`wh_…`")),
    responses((status = 200, body = WebhookAnswer)))]
pub async fn get_webhook(desk: Desk, id: Named) -> Result<Json<WebhookAnswer>, Problem> {
    let row = desk.app.service.webhook(desk.program_id(), named(&id.0)?).await;
    Ok(Json(WebhookAnswer::of(row.map_err(|error| desk.failed(error))?)))
}
