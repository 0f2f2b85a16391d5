//! `GET /v1/webhook-endpoints`: who is told what happens.

use super::WebhookAnswer;
use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct WebhooksAnswer {
    /// The oldest first.
    pub endpoints: Vec<WebhookAnswer>,
}

/// List endpoints
#[utoipa::path(get, path = "/v1/webhook-endpoints", tag = "webhooks",
    responses((status = 200, body = WebhooksAnswer)))]
pub async fn list_webhooks(desk: Desk) -> Result<Json<WebhooksAnswer>, Problem> {
    let rows = desk.app.service.webhooks(desk.program_id()).await.map_err(|error| desk.failed(error))?;
    Ok(Json(WebhooksAnswer { endpoints: rows.into_iter().map(WebhookAnswer::of).collect() }))
}
