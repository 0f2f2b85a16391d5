//! `GET /v1/accruals`: what was given to many, and how far it has come.

use super::answer::{AccrualAnswer, problem};
use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use axum::Json;
use kopilka_service::AccrualProblem;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct AccrualsAnswer {
    /// In order of name.
    pub accruals: Vec<AccrualAnswer>,
}

/// List mass accruals
#[utoipa::path(get, path = "/v1/accruals", tag = "accruals",
    responses((status = 200, body = AccrualsAnswer)))]
pub async fn list_accruals(desk: Desk) -> Result<Json<AccrualsAnswer>, Problem> {
    let program = desk.program_id();
    let rows = desk.read(move |reader| reader.accruals(program)).await?;
    let accruals = rows.iter().map(|row| AccrualAnswer::of(row, &desk.program)).collect();
    Ok(Json(AccrualsAnswer { accruals }))
}

/// A mass accrual with its progress
#[utoipa::path(get, path = "/v1/accruals/{name}", tag = "accruals",
    params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = AccrualAnswer)))]
pub async fn get_accrual(desk: Desk, name: Named) -> Result<Json<AccrualAnswer>, Problem> {
    let program = desk.program_id();
    let row = desk.read(move |reader| reader.accrual(program, &name.0)).await?;
    let row = row.ok_or_else(|| problem(&desk, AccrualProblem::Unknown))?;
    Ok(Json(AccrualAnswer::of(&row, &desk.program)))
}
