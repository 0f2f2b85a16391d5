//! `GET /v1/members/{id}/segments`: where a member belongs now.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct BelongsAnswer {
    /// In the order of the document.
    pub segments: Vec<String>,
    /// Absent where the program sets no control group aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_group: Option<bool>,
}

/// A member's segments
#[utoipa::path(get, path = "/v1/members/{id}/segments", tag = "segments",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = BelongsAnswer)))]
pub async fn list_segments_of_member(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<BelongsAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    let belongs = desk.app.service.belongs(desk.program_id(), member).await;
    let belongs = belongs.map_err(|e| desk.failed(e))?;
    Ok(Json(BelongsAnswer {
        segments: belongs.segments.iter().map(ToString::to_string).collect(),
        control_group: belongs.in_control_group,
    }))
}
