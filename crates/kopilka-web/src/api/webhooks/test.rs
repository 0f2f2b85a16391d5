//! `POST /v1/webhook-endpoints/{id}/test`: is anybody there?

use super::named;
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What the test event has come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestAnswer {
    /// The event's id, as the receiver was told.
    pub event: String,
    /// It answered with a status from 200 to 299.
    pub delivered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer: `name_unknown`, `address_refused`, `connection_failed`, `tls_failed`,
    /// `timed_out`, `broken_answer` or `url_refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<&'static str>,
}

/// Send a test event
///
/// An event of the type `webhook.test`, signed like any other, sent now and once.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/test", tag = "webhooks",
    params(("id" = String, Path, description = "`wh_…`")),
    responses((status = 200, body = TestAnswer)))]
pub async fn test_webhook(desk: Desk, id: Named) -> Result<Json<TestAnswer>, Problem> {
    let sent = desk.app.service.test_webhook(desk.program_id(), named(&id.0)?).await;
    let sent = sent.map_err(|error| desk.failed(error))?;
    let status = sent.answer.ok();
    Ok(Json(TestAnswer {
        event: sent.id,
        delivered: status.is_some_and(|status| (200..300).contains(&status)),
        status,
        failure: sent.answer.err().map(|failure| failure.code()),
    }))
}
