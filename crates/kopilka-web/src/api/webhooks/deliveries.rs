//! `GET /v1/webhook-endpoints/{id}/deliveries`: what an endpoint was told, and what it is still to be told.

use super::named;
use crate::app::Desk;
use crate::asked::{Named, Query, rows_of_page};
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_service::outgoing::{event_id, event_of};
use kopilka_service::{BEHIND, DeliveryRow, DeliveryState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Of the log of an endpoint.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveriesAsked {
    /// `waiting`, `delivered` or `given_up`; all of them when left out.
    pub state: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveriesAnswer {
    /// The newest event first.
    pub deliveries: Vec<DeliveryAnswer>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One event and what has become of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryAnswer {
    #[schema(example = "evt_0000000000001_0")]
    pub event: String,
    pub r#type: String,
    pub member: String,
    pub entry: String,
    /// `waiting`, `delivered` or `given_up`.
    pub state: &'static str,
    pub tries: u32,
    /// When it is tried next; absent while it waits behind an earlier event of the same member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<TimeText>,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<TimeText>,
    /// The status of the last answer, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the last try did not do: `status`, `name_unknown`, `address_refused`, `connection_failed`,
    /// `tls_failed`, `timed_out`, `broken_answer`, `url_refused`; `skipped` by an operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl DeliveryAnswer {
    pub fn of(row: DeliveryRow) -> DeliveryAnswer {
        let waits = row.state == DeliveryState::Waiting;
        DeliveryAnswer {
            event: event_id(row.key.entry, row.key.position),
            r#type: row.event,
            member: row.key.member.to_string(),
            entry: row.key.entry.to_string(),
            state: row.state.name(),
            tries: row.tries,
            next_at: (waits && row.at != BEHIND).then_some(TimeText(row.at)),
            ended_at: (!waits).then_some(TimeText(row.at)),
            status: row.status,
            failure: row.failure,
        }
    }
}

/// The log of an endpoint
///
/// What was delivered or given up is kept for thirty days.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, description = "`wh_…`"), DeliveriesAsked),
    responses((status = 200, body = DeliveriesAnswer)))]
pub async fn list_deliveries(
    desk: Desk,
    id: Named,
    asked: Query<DeliveriesAsked>,
) -> Result<Json<DeliveriesAnswer>, Problem> {
    let DeliveriesAsked { state, cursor, limit } = asked.0;
    let limit = rows_of_page(limit)?;
    let unknown_state =
        || Problem::of("query_invalid").with("why", "state is waiting, delivered or given_up");
    let state = state.map(|s| DeliveryState::by_name(&s).ok_or_else(unknown_state)).transpose()?;
    let before = cursor.map(|text| event_of(&text).ok_or_else(|| Problem::of("cursor_invalid")));
    let (service, id) = (&desk.app.service, named(&id.0)?);
    let rows = service.deliveries(desk.program_id(), id, state, before.transpose()?, limit + 1).await;
    let mut rows = rows.map_err(|error| desk.failed(error))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| event_id(row.key.entry, row.key.position));
    Ok(Json(DeliveriesAnswer { deliveries: rows.into_iter().map(DeliveryAnswer::of).collect(), next }))
}
