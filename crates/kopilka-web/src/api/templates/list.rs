//! `GET /v1/templates`: what can be told, and what of it the shop says in its own words.

use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;
use kopilka_service::TemplateRow;
use kopilka_service::messages::templates::{EVENTS, event_of, is_of_rule};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplatesAnswer {
    pub events: Vec<MessageEventAnswer>,
}

/// Something that members are told of.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageEventAnswer {
    /// One that a rule sends is `own.` and its name.
    #[schema(example = "points_accrued")]
    pub event: String,
    /// It is told by itself where `PUT /v1/messaging` says so.
    pub automatic: bool,
    /// What its templates may say.
    pub variables: Vec<String>,
    /// Words of the shop's own, where they are not the engine's.
    pub own: Vec<OwnWordsAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OwnWordsAnswer {
    pub channel: &'static str,
    pub language: String,
}

/// All events and their words
#[utoipa::path(get, path = "/v1/templates", tag = "messages",
    responses((status = 200, body = TemplatesAnswer)))]
pub async fn list_templates(desk: Desk) -> Result<Json<TemplatesAnswer>, Problem> {
    let rows = desk.app.service.templates(desk.program_id()).await.map_err(|e| desk.failed(e))?;
    let own = |row: &TemplateRow| OwnWordsAnswer {
        channel: row.key.channel.name(),
        language: row.key.language.clone(),
    };
    let mut names: Vec<&str> = EVENTS.iter().map(|event| event.name).collect();
    let mut of_rules: Vec<&str> =
        rows.iter().map(|row| row.key.event.as_str()).filter(|name| is_of_rule(name)).collect();
    of_rules.sort_unstable();
    of_rules.dedup();
    names.extend(of_rules);
    let events = names.into_iter().filter_map(|name| {
        let event = event_of(name)?;
        Some(MessageEventAnswer {
            event: name.to_owned(),
            automatic: event.automatic,
            variables: event.variables(),
            own: rows.iter().filter(|row| row.key.event == name).map(own).collect(),
        })
    });
    Ok(Json(TemplatesAnswer { events: events.collect() }))
}
