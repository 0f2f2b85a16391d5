//! `GET /v1/messages`, `GET /v1/messages/{id}`: what was written to members, and what is still to be.

use super::super::senders::channel;
use crate::app::Desk;
use crate::asked::{Named, Query, rows_of_page};
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::ids::MessageId;
use kopilka_service::{MessageRow, MessageState, MessagesAsked};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Of the log of messages.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MessagesQuery {
    /// `waiting`, `sent`, `failed` or `dropped`; all of them when left out.
    pub state: Option<String>,
    /// `email`, `sms` or `telegram`; all of them when left out.
    pub channel: Option<String>,
    /// `m_…`, or `ext:` and the shop's own id; everybody when left out.
    pub member: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MessagesAnswer {
    /// The newest first.
    pub messages: Vec<MessageAnswer>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A message and what has become of it; neither its words nor its address.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageAnswer {
    #[schema(example = "msg_0000000000001")]
    pub id: String,
    /// Absent for one to an address that is no member's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    pub channel: &'static str,
    /// What it is about.
    #[schema(example = "one_time_code")]
    pub event: String,
    /// `service` or `marketing`.
    pub class: &'static str,
    /// `waiting`, `sent`, `failed` or `dropped`.
    pub state: &'static str,
    pub tries: u32,
    pub created_at: TimeText,
    /// From then on nobody wants it any more.
    pub expires_at: TimeText,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<TimeText>,
    /// When it was sent, given up or dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<TimeText>,
    /// Why the last try did not do, or why it was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The gateway's own id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

impl MessageAnswer {
    fn of(row: MessageRow) -> MessageAnswer {
        let waits = row.state == MessageState::Waiting;
        MessageAnswer {
            id: row.id.to_string(),
            member: row.member.map(|member| member.to_string()),
            channel: row.channel.name(),
            event: row.event,
            class: row.class.name(),
            state: row.state.name(),
            tries: row.tries,
            created_at: TimeText(row.created_at),
            expires_at: TimeText(row.expires_at),
            next_at: waits.then_some(TimeText(row.at)),
            ended_at: (!waits).then_some(TimeText(row.at)),
            reason: row.reason,
            receipt: row.receipt,
        }
    }
}

/// The log of messages
///
/// What has ended is kept for thirty days.
#[utoipa::path(get, path = "/v1/messages", tag = "messages", params(MessagesQuery),
    responses((status = 200, body = MessagesAnswer)))]
pub async fn list_messages(desk: Desk, asked: Query<MessagesQuery>) -> Result<Json<MessagesAnswer>, Problem> {
    let MessagesQuery { state, channel: by, member, cursor, limit } = asked.0;
    let limit = rows_of_page(limit)?;
    let unknown_state =
        || Problem::of("query_invalid").with("why", "state is waiting, sent, failed or dropped");
    let before = cursor.map(|text| MessageId::parse(&text).ok_or_else(|| Problem::of("cursor_invalid")));
    let member = match member {
        Some(text) => Some(desk.member_id(&text).await?),
        None => None,
    };
    let asked = MessagesAsked {
        state: state.map(|s| MessageState::by_name(&s).ok_or_else(unknown_state)).transpose()?,
        channel: by.map(|text| channel(&text)).transpose()?,
        member,
        before: before.transpose()?,
    };
    let rows = desk.app.service.messages(desk.program_id(), asked, limit + 1).await;
    let mut rows = rows.map_err(|error| desk.failed(error))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(Json(MessagesAnswer { messages: rows.into_iter().map(MessageAnswer::of).collect(), next }))
}

/// A message
#[utoipa::path(get, path = "/v1/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "`msg_…`")),
    responses((status = 200, body = MessageAnswer)))]
pub async fn get_message(desk: Desk, id: Named) -> Result<Json<MessageAnswer>, Problem> {
    let id = MessageId::parse(&id.0).ok_or_else(|| Problem::of("message_unknown"))?;
    let row = desk.app.service.message(desk.program_id(), id).await;
    Ok(Json(MessageAnswer::of(row.map_err(|error| desk.failed(error))?)))
}
