//! `POST /v1/clock`: moves the clock of a sandbox program.

use super::get::{ClockAnswer, movable};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockWire {
    pub now: TimeText,
}

/// Move the clock
///
/// To any instant before the first command, then only forward. All that is due by then has run when this
/// answers. Setting it twice to the same instant is once, so no `Idempotency-Key` is needed.
#[utoipa::path(post, path = "/v1/clock", tag = "clock", request_body = ClockWire,
    responses((status = 200, body = ClockAnswer)))]
pub async fn set_clock(desk: Desk, wire: Body<ClockWire>) -> Result<Json<ClockAnswer>, Problem> {
    let to = wire.body.now.0;
    let now = desk.app.service.set_clock(desk.program_id(), to).await.map_err(|e| desk.failed(e))?;
    Ok(Json(ClockAnswer { now: TimeText(now), movable: movable(&desk) }))
}
