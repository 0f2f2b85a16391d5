//! `GET /v1/segments`: whom the program in force tells apart.

use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;
use kopilka_core::program::explain::told_condition;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentsAnswer {
    /// In the order of the document.
    pub segments: Vec<SegmentAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_group: Option<ControlGroupAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentAnswer {
    #[schema(example = "big-spenders")]
    pub segment: String,
    pub name: String,
    /// Who is in it.
    pub words: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ControlGroupAnswer {
    /// Of all members, in percent.
    pub share: String,
    pub salt: String,
}

/// List segments
#[utoipa::path(get, path = "/v1/segments", tag = "segments",
    responses((status = 200, body = SegmentsAnswer)))]
pub async fn list_segments(desk: Desk) -> Result<Json<SegmentsAnswer>, Problem> {
    let program = &desk.program;
    let segments = program.segments.iter().map(|segment| SegmentAnswer {
        segment: segment.id.to_string(),
        name: desk.language.of(&segment.name).to_owned(),
        words: desk.language.of(&told_condition(program, &segment.only_if)).to_owned(),
    });
    let control_group = program
        .control_group
        .as_ref()
        .map(|group| ControlGroupAnswer { share: group.share.percent_text(), salt: group.salt.to_string() });
    Ok(Json(SegmentsAnswer { segments: segments.collect(), control_group }))
}
