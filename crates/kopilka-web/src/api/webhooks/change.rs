//! `PATCH /v1/webhook-endpoints/{id}`: another address, other events, off and on again.

use super::{WebhookAnswer, failed, named, types};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use kopilka_service::WebhookChange;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChangeWire {
    pub url: Option<String>,
    /// All types when empty. What is on its way already is told all the same.
    #[schema(value_type = Option<Vec<String>>)]
    pub events: Option<Vec<Word>>,
    pub description: Option<Word>,
    /// Switched on, it goes on where it stopped, and what waits is sent at once.
    pub enabled: Option<bool>,
}

/// Change an endpoint
#[utoipa::path(patch, path = "/v1/webhook-endpoints/{id}", tag = "webhooks", request_body = WebhookChangeWire,
    params(("id" = String, Path, description = "`wh_…`")),
    responses((status = 200, body = WebhookAnswer)))]
pub async fn change_webhook(
    desk: Desk,
    id: Named,
    wire: Body<WebhookChangeWire>,
) -> Result<Json<WebhookAnswer>, Problem> {
    let WebhookChangeWire { url, events, description, enabled } = wire.body;
    let events = events.map(types).transpose()?;
    let change = WebhookChange { url, events, description: description.map(|word| word.0), enabled };
    let changed = desk.app.service.change_webhook(desk.program_id(), named(&id.0)?, change).await;
    Ok(Json(WebhookAnswer::of(changed.map_err(|error| failed(&desk, error))?)))
}
