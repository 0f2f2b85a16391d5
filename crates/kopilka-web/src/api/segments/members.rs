//! `GET /v1/segments/{segment}/members`: who is in a segment now.

use crate::app::Desk;
use crate::asked::{Named, Query, SegmentAsked, rows_of_page};
use crate::problem::Problem;
use axum::Json;
use kopilka_core::ids::MemberId;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentMembersAnswer {
    /// In order of id.
    pub members: Vec<String>,
    /// How many members were looked at for this page.
    pub looked_at: usize,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Members of a segment
///
/// A page looks at `limit` members and tells those who are in the segment at this moment: it may be short,
/// even empty, and have a next one.
#[utoipa::path(get, path = "/v1/segments/{segment}/members", tag = "segments",
    params(("segment" = String, Path, description = "its id in the program"), SegmentAsked),
    responses((status = 200, body = SegmentMembersAnswer)))]
pub async fn list_segment_members(
    desk: Desk,
    segment: Named,
    asked: Query<SegmentAsked>,
) -> Result<Json<SegmentMembersAnswer>, Problem> {
    let limit = rows_of_page(asked.0.limit)?;
    let after = asked.0.cursor.as_deref();
    let after = after.map(|c| MemberId::parse(c).ok_or_else(|| Problem::of("cursor_invalid"))).transpose()?;
    let page = desk.app.service.segment_page(desk.program_id(), segment.0, after, limit).await;
    let page = page.map_err(|e| desk.failed(e))?.ok_or_else(|| Problem::of("segment_unknown"))?;
    Ok(Json(SegmentMembersAnswer {
        members: page.members.iter().map(ToString::to_string).collect(),
        looked_at: page.looked_at,
        next: page.next.map(|member| member.to_string()),
    }))
}
