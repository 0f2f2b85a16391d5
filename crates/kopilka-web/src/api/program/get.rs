//! `GET /v1/program`: what the key belongs to.

use crate::app::Desk;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The version in force now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramAnswer {
    pub id: String,
    #[schema(example = "sports-store")]
    pub slug: String,
    pub version: u32,
    /// In the caller's language.
    pub name: String,
    #[schema(example = "RUB")]
    pub currency: String,
    pub timezone: String,
    pub points: PointsInfo,
    /// The shop of the key; absent where the key is bound to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PointsInfo {
    /// The singular, in the caller's language.
    pub name: String,
    /// Decimals of a point.
    pub precision: u32,
    /// Points are spent in multiples of this.
    pub step: String,
    /// What that many points pay.
    pub step_worth: String,
}

/// The program of the key
#[utoipa::path(get, path = "/v1/program", tag = "program", responses((status = 200, body = ProgramAnswer)))]
pub async fn get_program(desk: Desk) -> Json<ProgramAnswer> {
    let program = &desk.program;
    let step = program.points.step();
    Json(ProgramAnswer {
        id: desk.program_id().to_string(),
        slug: program.slug.clone(),
        version: program.version,
        name: desk.language.of(&program.name).to_owned(),
        currency: program.currency.code().to_owned(),
        timezone: program.zone.name().to_owned(),
        points: PointsInfo {
            name: desk.language.of(&program.points_name).to_owned(),
            precision: program.points.precision,
            step: program.points.format(step),
            step_worth: program.currency.format(program.points.worth(step)),
        },
        shop: Some(desk.caller.shop.clone()).filter(|s| !s.is_empty()),
    })
}
