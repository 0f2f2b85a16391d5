//! `POST /v1/codes/verify`: a code is told.
//!
//! Invariant: it takes no idempotency key: the right code told again confirms again, and nothing more.

use super::{code_id, problem};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{TimeText, Word};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeToldWire {
    pub id: Word,
    #[schema(value_type = String, example = "042917")]
    pub code: Word,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CodeConfirmedAnswer {
    pub id: String,
    /// Whose address it was when the code was sent; none where nobody had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The order that may take points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// So many at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    /// Until then it can be used.
    pub until: TimeText,
}

/// Tell a one-time code
///
/// The right one confirms its order's points, named by `points.code` of the order, or its address, for half
/// an hour. Only the key that asked for a code can tell it.
#[utoipa::path(post, path = "/v1/codes/verify", tag = "codes", request_body = CodeToldWire,
    responses((status = 200, body = CodeConfirmedAnswer)))]
pub async fn verify_code(desk: Desk, wire: Body<CodeToldWire>) -> Result<Json<CodeConfirmedAnswer>, Problem> {
    let id = code_id(&wire.body.id.0, "/id")?;
    let caller = desk.caller.key_id.clone();
    let done = desk.app.service.verify_code(desk.program_id(), caller, id, wire.body.code.0).await;
    let done = done.map_err(|e| desk.failed(e))?.map_err(problem)?;
    let (order, points) = done.order.unzip();
    Ok(Json(CodeConfirmedAnswer {
        id: done.id.to_string(),
        member: done.member.map(|member| member.to_string()),
        order_id: order.as_ref().map(|key| key.order.to_string()),
        shop: order.as_ref().map(|key| key.shop.to_string()),
        points: points.map(|points| desk.program.points.format(points)),
        until: TimeText(done.until),
    }))
}
