//! `GET /v1/program/difference`: what one version does differently from another, in words.

use super::versions::numbered;
use crate::app::Desk;
use crate::asked::{Query, TwoVersions};
use crate::problem::Problem;
use axum::Json;
use kopilka_core::program::difference::ProgramDifference;
use kopilka_core::program::{Program, Text, compile};
use kopilka_core::words::Language;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceAnswer {
    pub parts: Vec<PartAnswer>,
    /// Something differs that no sentence tells, such as the rounding of money.
    pub untold: bool,
    /// The whole as text.
    pub words: String,
}

/// Sentences of one part of the program, in the caller's language.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartAnswer {
    pub heading: String,
    pub gone: Vec<String>,
    pub new: Vec<String>,
}

async fn program(desk: &Desk, number: u32) -> Result<Program, Problem> {
    let row = numbered(desk, number).await?;
    // What was published has compiled; a later program may no longer know a word of it.
    compile(&row.text).program.ok_or_else(|| Problem::of("version_unknown").with("version", number))
}

/// Compare two versions
#[utoipa::path(get, path = "/v1/program/difference", tag = "program", params(TwoVersions),
    responses((status = 200, body = DifferenceAnswer)))]
pub async fn get_difference(
    desk: Desk,
    asked: Query<TwoVersions>,
) -> Result<Json<DifferenceAnswer>, Problem> {
    let (before, after) = (program(&desk, asked.0.from).await?, program(&desk, asked.0.to).await?);
    Ok(Json(DifferenceAnswer::between(&before, &after, desk.language)))
}

/// The version that is in force now.
pub async fn in_force(desk: &Desk) -> Result<Program, Problem> {
    program(desk, desk.program.version).await
}

impl DifferenceAnswer {
    pub fn between(before: &Program, after: &Program, language: Language) -> DifferenceAnswer {
        let difference = ProgramDifference::between(before, after);
        let said = |texts: &[Text]| -> Vec<String> {
            texts.iter().map(|text| language.of(text).to_owned()).collect()
        };
        let parts = difference.parts.iter().map(|part| PartAnswer {
            heading: language.of(&part.heading).to_owned(),
            gone: said(&part.gone),
            new: said(&part.new),
        });
        DifferenceAnswer {
            parts: parts.collect(),
            untold: difference.untold,
            words: language.of(&difference.told()).to_owned(),
        }
    }
}
