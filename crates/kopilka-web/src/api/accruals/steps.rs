//! `POST /v1/accruals/{name}/start`, `…/stop`, `…/undo`: an operator lets it run, stops it, takes it back.
//!
//! Invariant: each says what shall be, so sent twice it is once and needs no key.

use super::answer::{AccrualAnswer, problem};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use kopilka_service::{AccrualStep, Acting};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccrualStepWire {
    pub operator: Word,
}

async fn step(
    desk: Desk,
    name: Named,
    wire: Body<AccrualStepWire>,
    step: AccrualStep,
) -> Result<Json<AccrualAnswer>, Problem> {
    let acting = Acting { operator: wire.body.operator.0, key: desk.caller.key_id.clone() };
    let row = desk.app.service.step_accrual(desk.program_id(), name.0, step, acting).await;
    let row = row.map_err(|e| desk.failed(e))?.map_err(|why| problem(&desk, why))?;
    Ok(Json(AccrualAnswer::of(&row, &desk.program)))
}

/// Start a mass accrual
///
/// Or go on with one that was stopped. Above the program's `approval` by another operator with another key
/// than asked for it.
#[utoipa::path(post, path = "/v1/accruals/{name}/start", tag = "accruals", request_body = AccrualStepWire,
    params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = AccrualAnswer)))]
pub async fn start_accrual(
    desk: Desk,
    name: Named,
    wire: Body<AccrualStepWire>,
) -> Result<Json<AccrualAnswer>, Problem> {
    step(desk, name, wire, AccrualStep::Start).await
}

/// Stop a mass accrual
///
/// What is given stays given. It can go on, or be taken back.
#[utoipa::path(post, path = "/v1/accruals/{name}/stop", tag = "accruals", request_body = AccrualStepWire,
    params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = AccrualAnswer)))]
pub async fn stop_accrual(
    desk: Desk,
    name: Named,
    wire: Body<AccrualStepWire>,
) -> Result<Json<AccrualAnswer>, Problem> {
    step(desk, name, wire, AccrualStep::Stop).await
}

/// Undo a mass accrual
///
/// Each part that was given is taken back, from its own lot first, as an adjustment is; what is spent already
/// becomes what the program's `clawback` says.
#[utoipa::path(post, path = "/v1/accruals/{name}/undo", tag = "accruals", request_body = AccrualStepWire,
    params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = AccrualAnswer)))]
pub async fn undo_accrual(
    desk: Desk,
    name: Named,
    wire: Body<AccrualStepWire>,
) -> Result<Json<AccrualAnswer>, Problem> {
    step(desk, name, wire, AccrualStep::Undo).await
}
