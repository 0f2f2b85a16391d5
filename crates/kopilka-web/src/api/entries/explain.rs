//! `GET /v1/entries/{id}/explain`: one entry of the journal, and why.

use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use crate::wire::answer::ExplainedAnswer;
use axum::Json;
use kopilka_core::ids::EntryId;
use kopilka_core::refusal::Refusal;

/// Explain an entry
#[utoipa::path(get, path = "/v1/entries/{id}/explain", tag = "entries",
    params(("id" = String, Path, description = "`e_…`")),
    responses((status = 200, body = ExplainedAnswer)))]
pub async fn explain_entry(desk: Desk, id: Named) -> Result<Json<ExplainedAnswer>, Problem> {
    let id = EntryId::parse(&id.0).ok_or_else(|| desk.refused(&Refusal::EntryUnknown))?;
    let row = desk.entry(id).await?;
    Ok(Json(ExplainedAnswer::of(&row, &desk.speaker())))
}
