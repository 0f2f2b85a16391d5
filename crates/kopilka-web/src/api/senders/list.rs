//! `GET /v1/senders`, `GET /v1/senders/{channel}`: how members are written to.

use super::{SenderAnswer, channel};
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct SendersAnswer {
    /// One a channel at most.
    pub senders: Vec<SenderAnswer>,
}

/// All senders
#[utoipa::path(get, path = "/v1/senders", tag = "messages",
    responses((status = 200, body = SendersAnswer)))]
pub async fn list_senders(desk: Desk) -> Result<Json<SendersAnswer>, Problem> {
    let senders = desk.app.service.senders(desk.program_id()).await.map_err(|e| desk.failed(e))?;
    Ok(Json(SendersAnswer { senders: senders.into_iter().map(SenderAnswer::of).collect() }))
}

/// A sender
///
/// Its secrets are not told.
#[utoipa::path(get, path = "/v1/senders/{channel}", tag = "messages",
    params(("channel" = String, Path, description = "`email`, `sms` or `telegram`")),
    responses((status = 200, body = SenderAnswer)))]
pub async fn get_sender(desk: Desk, named: Named) -> Result<Json<SenderAnswer>, Problem> {
    let sender = desk.app.service.sender(desk.program_id(), channel(&named.0)?).await;
    Ok(Json(SenderAnswer::of(sender.map_err(|error| desk.failed(error))?)))
}
