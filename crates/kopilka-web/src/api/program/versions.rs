//! `GET /v1/program/versions`: what was in force when, and each document as it was published.

use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::time::INSTANT_MIN;
use kopilka_service::rows::VersionRow;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionsAnswer {
    /// The newest first.
    pub versions: Vec<VersionAnswer>,
    /// The number of the one in force now.
    pub in_force: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionAnswer {
    pub version: u32,
    /// Since ever where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeText>,
    pub published_at: TimeText,
    pub author: String,
    pub note: String,
    /// The text as it was published; of a single version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

impl VersionAnswer {
    fn of(row: VersionRow, whole: bool) -> VersionAnswer {
        VersionAnswer {
            version: row.version,
            from: (row.effective_from != INSTANT_MIN).then_some(TimeText(row.effective_from)),
            published_at: TimeText(row.published_at),
            author: row.author,
            note: row.note,
            document: whole.then_some(row.text),
        }
    }
}

/// The rows of the key's program, the newest first.
pub async fn rows(desk: &Desk) -> Result<Vec<VersionRow>, Problem> {
    let program = desk.program_id();
    let mut rows = desk.read(move |reader| reader.versions(program)).await?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.version));
    Ok(rows)
}

/// One version by its number.
pub async fn numbered(desk: &Desk, number: u32) -> Result<VersionRow, Problem> {
    let found = rows(desk).await?.into_iter().find(|row| row.version == number);
    found.ok_or_else(|| Problem::of("version_unknown").with("version", number))
}

/// List versions
#[utoipa::path(get, path = "/v1/program/versions", tag = "program",
    responses((status = 200, body = VersionsAnswer)))]
pub async fn list_versions(desk: Desk) -> Result<Json<VersionsAnswer>, Problem> {
    let versions = rows(&desk).await?.into_iter().map(|row| VersionAnswer::of(row, false)).collect();
    Ok(Json(VersionsAnswer { versions, in_force: desk.program.version }))
}

/// A version with its document
#[utoipa::path(get, path = "/v1/program/versions/{number}", tag = "program",
    params(("number" = u32, Path, description = "the version's number")),
    responses((status = 200, body = VersionAnswer)))]
pub async fn get_version(desk: Desk, number: Named) -> Result<Json<VersionAnswer>, Problem> {
    let unknown =
        |_| Problem::of("version_unknown").with("version", number.0.chars().take(20).collect::<String>());
    let number = number.0.parse().map_err(unknown)?;
    Ok(Json(VersionAnswer::of(numbered(&desk, number).await?, true)))
}
