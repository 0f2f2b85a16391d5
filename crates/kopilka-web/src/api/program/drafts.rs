//! `/v1/program/drafts`: documents that are being written. Nothing decides by them.
//!
//! Invariant: what two people write at once is never lost unseen: each change names the revision it was made
//! on.

use super::difference::{DifferenceAnswer, in_force};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{TimeText, Word};
use axum::Json;
use axum::http::StatusCode;
use kopilka_core::program::diagnostics::Severity;
use kopilka_core::program::document;
use kopilka_core::time::Instant;
use kopilka_service::rows::DraftRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftWire {
    /// The document's text, in YAML or JSON; errors in it do not matter yet.
    pub document: String,
    pub author: Word,
    pub note: Option<Word>,
    /// The revision that this one was written on; left out for a new draft.
    #[serde(default)]
    pub revision: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftsAnswer {
    /// In order of name.
    pub drafts: Vec<DraftAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftAnswer {
    pub name: String,
    pub revision: i64,
    pub author: String,
    pub note: String,
    pub updated_at: TimeText,
    /// The text; of a single draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftWritten {
    pub name: String,
    pub revision: i64,
    /// What keeps it from being published, and what is unwise; `POST /v1/program/check` tells them.
    pub errors: usize,
    pub warnings: usize,
}

impl DraftAnswer {
    fn of(row: DraftRow, whole: bool) -> DraftAnswer {
        DraftAnswer {
            name: row.name,
            revision: row.revision,
            author: row.author,
            note: row.note,
            updated_at: TimeText(row.updated_at),
            document: whole.then_some(row.text),
        }
    }
}

async fn rows(desk: &Desk) -> Result<Vec<DraftRow>, Problem> {
    let program = desk.program_id();
    desk.read(move |reader| reader.drafts(program)).await
}

/// One draft by its name.
pub async fn named(desk: &Desk, name: &str) -> Result<DraftRow, Problem> {
    let found = rows(desk).await?.into_iter().find(|row| row.name == name);
    found
        .ok_or_else(|| Problem::of("draft_unknown").with("draft", name.chars().take(100).collect::<String>()))
}

/// List drafts
#[utoipa::path(get, path = "/v1/program/drafts", tag = "program",
    responses((status = 200, body = DraftsAnswer)))]
pub async fn list_drafts(desk: Desk) -> Result<Json<DraftsAnswer>, Problem> {
    let drafts = rows(&desk).await?.into_iter().map(|row| DraftAnswer::of(row, false)).collect();
    Ok(Json(DraftsAnswer { drafts }))
}

/// A draft with its document
#[utoipa::path(get, path = "/v1/program/drafts/{name}", tag = "program",
    params(("name" = String, Path, description = "the draft's name")),
    responses((status = 200, body = DraftAnswer)))]
pub async fn get_draft(desk: Desk, name: Named) -> Result<Json<DraftAnswer>, Problem> {
    Ok(Json(DraftAnswer::of(named(&desk, &name.0).await?, true)))
}

/// Keep a draft
///
/// A document as far as it has come, right or not. Who has seen an older revision is refused: read the draft,
/// put both together, and write again.
#[utoipa::path(put, path = "/v1/program/drafts/{name}", tag = "program", request_body = DraftWire,
    params(("name" = String, Path, description = "the draft's name")),
    responses((status = 200, body = DraftWritten)))]
pub async fn put_draft(
    desk: Desk,
    name: Named,
    wire: Body<DraftWire>,
) -> Result<Json<DraftWritten>, Problem> {
    let name = Word::checked(&name.0).ok_or_else(|| Problem::of("draft_unknown").with("draft", ""))?;
    let DraftWire { document, author, note, revision } = wire.body;
    let draft = DraftRow {
        name: name.0.clone(),
        revision: i64::from(revision),
        author: author.0,
        note: note.map(|note| note.0).unwrap_or_default(),
        updated_at: Instant(0),
        text: document.clone(),
    };
    let kept = desk.app.service.put_draft(desk.program_id(), draft).await;
    let kept = kept.map_err(|error| desk.failed(error))?;
    let Some(kept) = kept else {
        let newest = rows(&desk).await?.into_iter().find(|row| row.name == name.0).map(|row| row.revision);
        return Err(match newest {
            Some(newest) => Problem::of("draft_changed").with("revision", newest).at("/revision"),
            None if revision > 0 => Problem::of("draft_unknown").with("draft", name.0),
            None => Problem::of("too_many_drafts").with("limit", kopilka_service::DRAFTS_MAX),
        });
    };
    let checked = tokio::task::spawn_blocking(move || document::check(&document).diagnostics).await;
    let found = checked.unwrap_or_default();
    let of = |severity| found.iter().filter(|d| d.severity == severity).count();
    Ok(Json(DraftWritten {
        name: name.0,
        revision: kept,
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
    }))
}

/// Throw a draft away
#[utoipa::path(delete, path = "/v1/program/drafts/{name}", tag = "program",
    params(("name" = String, Path, description = "the draft's name")),
    responses((status = 204)))]
pub async fn delete_draft(desk: Desk, name: Named) -> Result<StatusCode, Problem> {
    let deleted = desk.app.service.delete_draft(desk.program_id(), name.0.clone()).await;
    match deleted.map_err(|error| desk.failed(error))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(named(&desk, &name.0).await.err().unwrap_or_else(|| Problem::of("draft_unknown"))),
    }
}

/// Compare a draft with what is in force
#[utoipa::path(get, path = "/v1/program/drafts/{name}/difference", tag = "program",
    params(("name" = String, Path, description = "the draft's name")),
    responses((status = 200, body = DifferenceAnswer)))]
pub async fn get_draft_difference(desk: Desk, name: Named) -> Result<Json<DifferenceAnswer>, Problem> {
    let draft = named(&desk, &name.0).await?;
    let compiled = document::compile(&draft.text);
    let Some(after) = compiled.program else {
        return Err(super::publish::invalid(&compiled.diagnostics, &desk));
    };
    Ok(Json(DifferenceAnswer::between(&in_force(&desk).await?, &after, desk.language)))
}
