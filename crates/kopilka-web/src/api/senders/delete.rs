//! `DELETE /v1/senders/{channel}`: nobody is written to by a channel any more.

use super::channel;
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Delete a sender
///
/// What waits for it is dropped.
#[utoipa::path(delete, path = "/v1/senders/{channel}", tag = "messages",
    params(("channel" = String, Path, description = "`email`, `sms` or `telegram`")),
    responses((status = 204)))]
pub async fn delete_sender(desk: Desk, named: Named) -> Result<StatusCode, Problem> {
    let deleted = desk.app.service.delete_sender(desk.program_id(), channel(&named.0)?).await;
    deleted.map_err(|error| desk.failed(error))?;
    Ok(StatusCode::NO_CONTENT)
}
