//! `POST /v1/program/versions`: a document becomes the next version.

use super::check::DiagnosticAnswer;
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{TimeText, Word};
use axum::Json;
use axum::http::StatusCode;
use kopilka_core::program::diagnostics::Diagnostic;
use kopilka_service::{Publish, PublishError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishWire {
    /// The document's text, in YAML or JSON. Its `program` is that of the key.
    pub document: Option<String>,
    /// The name of a draft instead: its text is published, and the draft is no more.
    pub draft: Option<Word>,
    /// Who publishes it.
    pub author: Word,
    pub note: Option<Word>,
    /// When it comes into force; at once when left out.
    pub from: Option<TimeText>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedAnswer {
    pub version: u32,
    /// Messages that its rules send and members would not get: no words of yours stand under `own.…`, or no
    /// channel is named for them in `PUT /v1/messaging`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages_unheard: Vec<String>,
}

/// Publish a version
///
/// A document with errors, or with a test that fails, is refused with its diagnostics. The text of the newest
/// version again is that version.
#[utoipa::path(post, path = "/v1/program/versions", tag = "program", request_body = PublishWire,
    responses((status = 201, body = PublishedAnswer)))]
pub async fn publish_program(
    desk: Desk,
    wire: Body<PublishWire>,
) -> Result<(StatusCode, Json<PublishedAnswer>), Problem> {
    let PublishWire { document, draft, author, note, from } = wire.body;
    let document = match (document, &draft) {
        (Some(document), None) => document,
        (None, Some(draft)) => super::drafts::named(&desk, &draft.0).await?.text,
        (None, None) => return Err(Problem::of("missing_field").with("field", "document").at("/document")),
        (Some(_), Some(_)) => return Err(Problem::of("unknown_field").with("field", "draft").at("/draft")),
    };
    let own = desk.app.service.programs().into_iter().find(|p| p.id == desk.program_id());
    let own = own.ok_or_else(|| Problem::of("program_unknown"))?;
    // A document of another program would become that program's version, which is none of this key's affairs.
    if let Some(program) = kopilka_core::program::compile(&document).program
        && program.slug != own.slug
    {
        return Err(Problem::of("program_mismatch").with("program", own.slug).at("/document"));
    }
    let publish = Publish {
        text: document,
        author: author.0,
        note: note.map(|note| note.0).unwrap_or_default(),
        sandbox: own.sandbox,
        effective_from: from.map(|at| at.0),
    };
    let published = desk.app.service.publish(publish).await.map_err(|error| refused(error, &desk))?;
    if let Some(draft) = draft {
        // What is published stands in its version; that the draft stays for a while harms nobody.
        let _ = desk.app.service.delete_draft(desk.program_id(), draft.0).await;
    }
    let unheard = desk.app.service.messages_unheard(desk.program_id()).await;
    let messages_unheard = unheard.map_err(|error| desk.failed(error))?;
    Ok((StatusCode::CREATED, Json(PublishedAnswer { version: published.version, messages_unheard })))
}

fn refused(error: PublishError, desk: &Desk) -> Problem {
    match error {
        PublishError::Diagnostics(found) => invalid(&found, desk),
        PublishError::UnitsChanged { what } => {
            Problem::of("units_changed").with("what", what).at("/document")
        }
        PublishError::BeforeNewest { newest } => {
            Problem::of("version_before_newest").with("newest", newest).at("/from")
        }
        PublishError::Service(error) => desk.failed(error),
    }
}

/// What is wrong with a document, each thing at its place.
pub fn invalid(found: &[Diagnostic], desk: &Desk) -> Problem {
    let answers: Vec<DiagnosticAnswer> =
        found.iter().map(|d| DiagnosticAnswer::of(d, desk.language)).collect();
    let mut problem = Problem::of("document_invalid").with("problems", found.len()).at("/document");
    problem.params.push(("diagnostics", serde_json::to_value(answers).unwrap_or_default()));
    problem
}
