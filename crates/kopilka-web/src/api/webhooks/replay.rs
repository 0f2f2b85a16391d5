//! `POST /v1/webhook-endpoints/{id}/replay`: again from somewhere, or on without what waits.

use super::{WebhookAnswer, named};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{TimeText, Word};
use axum::Json;
use kopilka_core::ids::EntryId;
use kopilka_service::ReplayFrom;
use serde::Deserialize;
use utoipa::ToSchema;

/// One of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayWire {
    /// Tell again what comes after this entry of the journal.
    #[schema(value_type = Option<String>, example = "e_0000000000001")]
    pub after: Option<Word>,
    /// Tell again what was written since, by the server's own clock.
    pub since: Option<TimeText>,
    /// Give up what waits and go on with what comes.
    #[serde(default)]
    pub skip: bool,
}

impl ReplayWire {
    fn from(&self) -> Result<ReplayFrom, Problem> {
        match (&self.after, self.since, self.skip) {
            (Some(entry), None, false) => {
                let entry = EntryId::parse(&entry.0);
                entry.map(ReplayFrom::After).ok_or_else(|| Problem::of("cursor_invalid").at("/after"))
            }
            (None, Some(at), false) => Ok(ReplayFrom::Since(at.0)),
            (None, None, true) => Ok(ReplayFrom::Now),
            _ => Err(Problem::of("replay_form_invalid")),
        }
    }
}

/// Tell events again
///
/// Each comes under the id it had, so a receiver that knows ids takes none twice.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/replay", tag = "webhooks", request_body = ReplayWire,
    params(("id" = String, Path, description = "`wh_…`")),
    responses((status = 200, body = WebhookAnswer)))]
pub async fn replay_events(
    desk: Desk,
    id: Named,
    wire: Body<ReplayWire>,
) -> Result<Json<WebhookAnswer>, Problem> {
    let from = wire.body.from()?;
    let replayed = desk.app.service.replay_webhook(desk.program_id(), named(&id.0)?, from).await;
    Ok(Json(WebhookAnswer::of(replayed.map_err(|error| desk.failed(error))?)))
}
