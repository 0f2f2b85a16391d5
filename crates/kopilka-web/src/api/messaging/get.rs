//! `GET /v1/messaging`: what members are told by themselves.

use super::MessagingWire;
use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;

/// What members are told
#[utoipa::path(get, path = "/v1/messaging", tag = "messages",
    responses((status = 200, body = MessagingWire)))]
pub async fn get_messaging(desk: Desk) -> Result<Json<MessagingWire>, Problem> {
    let settings = desk.app.service.messaging(desk.program_id()).await;
    Ok(Json(MessagingWire::of(settings.map_err(|error| desk.failed(error))?)))
}
