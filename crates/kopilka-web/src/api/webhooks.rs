//! Endpoints that are told what happens.

pub mod change;
pub mod create;
pub mod delete;
pub mod deliveries;
pub mod get;
pub mod list;
pub mod replay;
pub mod retry;
pub mod rotate;
pub mod test;

use crate::app::Desk;
use crate::problem::Problem;
use crate::wire::{TimeText, Word};
use kopilka_core::ids::WebhookId;
use kopilka_service::{WebhookRow, outgoing};
use serde::Serialize;
use utoipa::ToSchema;

/// An endpoint, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookAnswer {
    #[schema(example = "wh_0000000000001")]
    pub id: String,
    pub url: String,
    /// The types of events it is told of; all of them when empty.
    pub events: Vec<String>,
    pub description: String,
    /// `enabled`; `disabled` by an operator; `failing`: nothing got through for three days; `gone`: it
    /// answered 410. Only an enabled one is told anything.
    #[schema(example = "enabled")]
    pub state: &'static str,
    /// Since when nothing gets through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<TimeText>,
    /// The entry of the journal up to which its events are on their way or told.
    #[schema(example = "e_0000000000001")]
    pub reached: String,
    /// Until when the secret before this one signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<TimeText>,
    pub created_at: TimeText,
}

/// An endpoint whose secret is told: once.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    pub endpoint: WebhookAnswer,
    /// What signatures are checked with. It is not told again.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
}

impl WebhookAnswer {
    pub fn of(row: WebhookRow) -> WebhookAnswer {
        WebhookAnswer {
            id: row.id.to_string(),
            url: row.url,
            events: row.events,
            description: row.description,
            state: row.state.name(),
            failing_since: row.failing_since.map(TimeText),
            reached: row.reached.to_string(),
            old_secret_until: row.old_secret.map(|(_, until)| TimeText(until)),
            created_at: TimeText(row.created_at),
        }
    }
}

/// The endpoint of the address; unknown for those of other programs too.
fn named(text: &str) -> Result<WebhookId, Problem> {
    WebhookId::parse(text).ok_or_else(|| Problem::of("webhook_unknown"))
}

/// Types of events as a body names them: each once.
fn types(words: Vec<Word>) -> Result<Vec<String>, Problem> {
    if words.len() > outgoing::TYPES.len() {
        return Err(Problem::of("too_many_items").with("limit", outgoing::TYPES.len()).at("/events"));
    }
    let mut types: Vec<String> = words.into_iter().map(|word| word.0).collect();
    types.sort();
    types.dedup();
    Ok(types)
}

/// A failure of the service, put to the field that it is about.
fn failed(desk: &Desk, error: kopilka_service::ServiceError) -> Problem {
    let problem = desk.failed(error);
    match problem.code {
        "webhook_url_refused" => problem.at("/url"),
        "event_type_unknown" => problem.at("/events"),
        _ => problem,
    }
}
