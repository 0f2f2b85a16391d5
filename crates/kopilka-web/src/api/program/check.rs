//! `POST /v1/program/check`: what is wrong or unwise in a document.

use crate::app::Desk;
use crate::json::Json as Body;
use axum::Json;
use kopilka_core::program::diagnostics::{Diagnostic, Severity};
use kopilka_core::program::document;
use kopilka_core::words::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentWire {
    /// The document's text, in YAML or JSON.
    pub document: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedAnswer {
    /// In the order of the text.
    pub diagnostics: Vec<DiagnosticAnswer>,
    pub errors: usize,
    pub warnings: usize,
}

/// A problem of a document, in the caller's language.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiagnosticAnswer {
    /// Stable; listed in the reference of the document.
    pub code: &'static str,
    /// `error` keeps the document from being published, `warning` does not.
    pub severity: &'static str,
    /// From 1; 0 where the document as a whole is meant.
    pub line: u32,
    pub column: u32,
    /// JSON pointer into the document.
    pub path: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl DiagnosticAnswer {
    pub fn of(problem: &Diagnostic, language: Language) -> DiagnosticAnswer {
        DiagnosticAnswer {
            code: problem.code,
            severity: problem.severity.word(),
            line: problem.line,
            column: problem.column,
            path: problem.path.clone(),
            text: language.of(&problem.text).to_owned(),
            fix: problem.fix.as_ref().map(|fix| language.of(fix).to_owned()),
        }
    }
}

/// Check a program document
///
/// Its own tests run too; one that fails is an error at its place. Nothing is stored.
#[utoipa::path(post, path = "/v1/program/check", tag = "program", request_body = DocumentWire,
    responses((status = 200, body = CheckedAnswer)))]
pub async fn check_program(desk: Desk, wire: Body<DocumentWire>) -> Json<CheckedAnswer> {
    let text = wire.body.document;
    // Tests of a document may take a while: they do not keep other requests waiting.
    let checked = tokio::task::spawn_blocking(move || document::check(&text).diagnostics).await;
    let found = checked.unwrap_or_default();
    let errors = found.iter().filter(|d| d.severity == Severity::Error).count();
    Json(CheckedAnswer {
        errors,
        warnings: found.len() - errors,
        diagnostics: found.iter().map(|d| DiagnosticAnswer::of(d, desk.language)).collect(),
    })
}
