//! `GET /v1/events/stream`: what happened, from a cursor on; the same events that endpoints are told of.

use crate::app::Desk;
use crate::asked::{Query, rows_of_page};
use crate::problem::Problem;
use axum::Json;
use kopilka_core::ids::EntryId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Of the stream of events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StreamAsked {
    /// `next` of the page before; from the beginning when left out.
    pub after: Option<String>,
    /// Entries of the journal, each with all its events: 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}

/// A page of events, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreamAnswer {
    #[schema(value_type = Vec<EventObject>)]
    pub data: Vec<Value>,
    /// Where to go on, now or later.
    #[schema(example = "e_0000000000001")]
    pub next: String,
    /// There is more already.
    pub more: bool,
}

/// What endpoints are sent as a body, and what the stream has.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what the service writes")]
pub struct EventObject {
    /// The same whenever the event is told.
    #[schema(example = "evt_0000000000001_0")]
    id: String,
    #[schema(example = "points.accrued")]
    r#type: String,
    #[schema(format = DateTime)]
    timestamp: String,
    /// `program`, `member`, `entry`, `seq`, `cause`, `recorded_at`, and what the type has of its own: see
    /// docs/reference/events.md.
    data: serde_json::Map<String, Value>,
}

/// Read events
#[utoipa::path(get, path = "/v1/events/stream", tag = "webhooks", params(StreamAsked),
    responses((status = 200, body = StreamAnswer)))]
pub async fn stream_events(desk: Desk, asked: Query<StreamAsked>) -> Result<Json<StreamAnswer>, Problem> {
    let limit = rows_of_page(asked.0.limit)?;
    let after = match asked.0.after {
        Some(text) => EntryId::parse(&text).ok_or_else(|| Problem::of("cursor_invalid"))?,
        None => EntryId(0),
    };
    let page = desk.app.service.events_after(desk.program_id(), after, limit).await;
    let page = page.map_err(|error| desk.failed(error))?;
    let data = page.events.into_iter().map(|event| event.object).collect();
    Ok(Json(StreamAnswer { data, next: page.next.to_string(), more: page.more }))
}
