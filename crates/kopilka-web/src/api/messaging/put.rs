//! `PUT /v1/messaging`: what members are told from now on.

use super::{MessagingWire, invalid};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use axum::Json;
use kopilka_service::ServiceError;

/// Say what members are told
///
/// It replaces what was said before. Members are told of what happens from now on; without `events` of
/// nothing.
#[utoipa::path(put, path = "/v1/messaging", tag = "messages", request_body = MessagingWire,
    responses((status = 200, body = MessagingWire)))]
pub async fn put_messaging(desk: Desk, wire: Body<MessagingWire>) -> Result<Json<MessagingWire>, Problem> {
    put(&desk, wire.body).await.map(Json)
}

/// Checks what is wanted and keeps it; answers with what holds from now on.
pub async fn put(desk: &Desk, wire: MessagingWire) -> Result<MessagingWire, Problem> {
    let settings = wire.core()?;
    match desk.app.service.put_messaging(desk.program_id(), settings.clone()).await {
        Ok(()) => Ok(MessagingWire::of(settings)),
        Err(ServiceError::MessagingInvalid(part)) => Err(invalid(part)),
        Err(error) => Err(desk.failed(error)),
    }
}
