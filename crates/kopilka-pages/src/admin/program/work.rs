//! The document that is being worked on: the draft of this page, or what is in force where there is none.
//!
//! Invariant: a change is kept over the revision its writer has seen, or not at all.

use kopilka_core::program::source::Source;
use kopilka_core::program::{Compiled, document};
use kopilka_core::time::Instant;
use kopilka_service::rows::DraftRow;
use kopilka_web::api::program::versions::numbered;
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;

/// The draft of the pages; those of the API's callers have names of their own.
pub const DRAFT: &str = "admin";

/// A document and where it comes from.
#[derive(Debug, Clone)]
pub struct Work {
    pub text: String,
    /// 0 where nothing has been changed yet.
    pub revision: i64,
    /// Who has written the draft last, and when.
    pub by: Option<(String, Instant)>,
}

impl Work {
    pub fn is_draft(&self) -> bool {
        self.revision > 0
    }
    /// With its parts; an empty document where the text has none.
    pub fn source(&self) -> Option<Source> {
        Source::read(&self.text)
    }
}

pub async fn work(desk: &Desk) -> Result<Work, Problem> {
    let program = desk.program_id();
    let draft = desk.read(move |reader| reader.drafts(program)).await?;
    if let Some(row) = draft.into_iter().find(|row| row.name == DRAFT) {
        return Ok(Work { text: row.text, revision: row.revision, by: Some((row.author, row.updated_at)) });
    }
    let row = numbered(desk, desk.program.version).await?;
    Ok(Work { text: row.text, revision: 0, by: None })
}

/// Keeps the text as the draft over the revision that was seen; a text that says what stands there already
/// changes nothing.
pub async fn keep(desk: &Desk, seen: i64, before: &Work, text: String, author: &str) -> Result<(), Problem> {
    if seen != before.revision {
        return Err(Problem::of("draft_changed").with("revision", before.revision));
    }
    if text == before.text {
        return Ok(());
    }
    let draft = DraftRow {
        name: DRAFT.to_owned(),
        revision: seen,
        author: author.to_owned(),
        note: String::new(),
        updated_at: Instant(0),
        text,
    };
    let kept = desk.app.service.put_draft(desk.program_id(), draft).await;
    match kept.map_err(|error| desk.failed(error))? {
        Some(_) => Ok(()),
        None if seen == 0 => Err(Problem::of("too_many_drafts").with("limit", kopilka_service::DRAFTS_MAX)),
        None => Err(Problem::of("draft_changed").with("revision", seen + 1)),
    }
}

/// What the text comes to, its own tests run.
pub async fn checked(text: &str) -> Compiled {
    let text = text.to_owned();
    // Tests of a document may take a while: they do not keep other visits waiting.
    let checked = tokio::task::spawn_blocking(move || document::check(&text)).await;
    checked.unwrap_or_else(|_| document::compile(""))
}
