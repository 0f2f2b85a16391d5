//! `DELETE /v1/webhook-endpoints/{id}`: nobody is told any more.

use super::named;
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::http::StatusCode;

/// Delete an endpoint
///
/// Its log goes with it.
#[utoipa::path(delete, path = "/v1/webhook-endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "`wh_…`")),
    responses((status = 204)))]
pub async fn delete_webhook(desk: Desk, id: Named) -> Result<StatusCode, Problem> {
    let deleted = desk.app.service.delete_webhook(desk.program_id(), named(&id.0)?).await;
    deleted.map_err(|error| desk.failed(error))?;
    Ok(StatusCode::NO_CONTENT)
}
