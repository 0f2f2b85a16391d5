//! `POST /v1/templates/{event}/{channel}/{language}/preview`: what a message would say.

use super::{NamedWords, failed};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewWire {
    /// `m_…`, or `ext:` and the shop's own id: with this member's name and balance. The rest is the event's
    /// sample.
    #[schema(value_type = Option<String>)]
    pub member: Option<Word>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// Preview a message
#[utoipa::path(post, path = "/v1/templates/{event}/{channel}/{language}/preview", tag = "messages",
    request_body = PreviewWire,
    params(("event" = String, Path), ("channel" = String, Path), ("language" = String, Path)),
    responses((status = 200, body = PreviewAnswer)))]
pub async fn preview_template(
    desk: Desk,
    named: NamedWords,
    wire: Body<PreviewWire>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let member = match &wire.body.member {
        Some(word) => Some(desk.member_id(&word.0).await?),
        None => None,
    };
    let said = desk.app.service.preview(desk.program_id(), named.0, member).await;
    let said = said.map_err(|error| failed(&desk, error))?;
    Ok(Json(PreviewAnswer { subject: said.subject, text: said.text, html: said.html }))
}
