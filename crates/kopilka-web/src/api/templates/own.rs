//! `GET`, `PUT`, `DELETE /v1/templates/{event}/{channel}/{language}`: words of one event.

use super::{NamedWords, failed};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use kopilka_service::messages::templates::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Jinja templates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateWire {
    /// Of a letter.
    #[serde(default)]
    #[schema(example = "You have got {{ points }}")]
    pub subject: String,
    #[schema(example = "{{ points }} are on your account. You can spend now: {{ balance }}.")]
    pub text: String,
    /// Of a letter; values are escaped in it.
    pub html: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateAnswer {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The engine's own words.
    pub builtin: bool,
}

impl TemplateAnswer {
    fn of(template: Template, builtin: bool) -> TemplateAnswer {
        TemplateAnswer { subject: template.subject, text: template.text, html: template.html, builtin }
    }
}

/// The words of an event
#[utoipa::path(get, path = "/v1/templates/{event}/{channel}/{language}", tag = "messages",
    params(("event" = String, Path), ("channel" = String, Path), ("language" = String, Path)),
    responses((status = 200, body = TemplateAnswer)))]
pub async fn get_template(desk: Desk, named: NamedWords) -> Result<Json<TemplateAnswer>, Problem> {
    let words = desk.app.service.template(desk.program_id(), named.0).await;
    let words = words.map_err(|error| failed(&desk, error))?;
    Ok(Json(TemplateAnswer::of(words.template, words.builtin)))
}

/// Put words of one's own
///
/// They are tried with the event's sample, and again with nothing where nothing may be; what does not render
/// is refused with its line.
#[utoipa::path(put, path = "/v1/templates/{event}/{channel}/{language}", tag = "messages",
    request_body = TemplateWire,
    params(("event" = String, Path), ("channel" = String, Path), ("language" = String, Path)),
    responses((status = 200, body = TemplateAnswer)))]
pub async fn put_template(
    desk: Desk,
    named: NamedWords,
    wire: Body<TemplateWire>,
) -> Result<Json<TemplateAnswer>, Problem> {
    let TemplateWire { subject, text, html } = wire.body;
    let template = Template { subject, text, html };
    let put = desk.app.service.put_template(desk.program_id(), named.0, template.clone()).await;
    put.map_err(|error| failed(&desk, error))?;
    Ok(Json(TemplateAnswer::of(template, false)))
}

/// Go back to the engine's own words
#[utoipa::path(delete, path = "/v1/templates/{event}/{channel}/{language}", tag = "messages",
    params(("event" = String, Path), ("channel" = String, Path), ("language" = String, Path)),
    responses((status = 204)))]
pub async fn delete_template(desk: Desk, named: NamedWords) -> Result<StatusCode, Problem> {
    let deleted = desk.app.service.delete_template(desk.program_id(), named.0).await;
    deleted.map_err(|error| failed(&desk, error))?;
    Ok(StatusCode::NO_CONTENT)
}
