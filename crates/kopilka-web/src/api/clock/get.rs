//! `GET /v1/clock`: what time it is for the program.

use crate::app::Desk;
use crate::wire::TimeText;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ClockAnswer {
    pub now: TimeText,
    /// A sandbox program's clock can be set.
    pub movable: bool,
}

/// The program's time
#[utoipa::path(get, path = "/v1/clock", tag = "clock", responses((status = 200, body = ClockAnswer)))]
pub async fn get_clock(desk: Desk) -> Json<ClockAnswer> {
    Json(ClockAnswer { now: TimeText(desk.now), movable: movable(&desk) })
}

pub fn movable(desk: &Desk) -> bool {
    desk.app.service.programs().iter().any(|p| p.id == desk.program_id() && p.sandbox)
}
