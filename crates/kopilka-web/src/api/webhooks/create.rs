//! `POST /v1/webhook-endpoints`: somebody is to be told what happens.

use super::{WebhookAnswer, WebhookWithSecret, failed, types};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use axum::http::StatusCode;
use kopilka_service::NewWebhook;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookWire {
    /// `https`; plain `http` only to networks that the operator allows.
    #[schema(example = "https://shop.example/hooks/loyalty")]
    pub url: String,
    /// The types of events it is told of; all of them when left out or empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["points.accrued", "tier.changed"]))]
    pub events: Vec<Word>,
    pub description: Option<Word>,
}

/// Add an endpoint
///
/// It is told of what happens from now on. The secret is in this answer and in no other. A repeated request
/// adds another endpoint.
#[utoipa::path(post, path = "/v1/webhook-endpoints", tag = "webhooks", request_body = WebhookWire,
    responses((status = 201, body = WebhookWithSecret)))]
pub async fn create_webhook(
    desk: Desk,
    wire: Body<WebhookWire>,
) -> Result<(StatusCode, Json<WebhookWithSecret>), Problem> {
    let WebhookWire { url, events, description } = wire.body;
    let description = description.map(|word| word.0).unwrap_or_default();
    let new = NewWebhook { url, events: types(events)?, description };
    let made = desk.app.service.create_webhook(desk.program_id(), new).await;
    let (row, secret) = made.map_err(|error| failed(&desk, error))?;
    Ok((StatusCode::CREATED, Json(WebhookWithSecret { endpoint: WebhookAnswer::of(row), secret })))
}
