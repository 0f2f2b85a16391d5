//! `GET /v1/members/{id}/entries`: the member's journal, newest first.

use crate::app::Desk;
use crate::asked::{Named, PageAsked, Query};
use crate::problem::Problem;
use crate::wire::answer::{EntriesAnswer, EntryAnswer};
use axum::Json;
use kopilka_core::ids::EntryId;

/// A member's journal
///
/// Each movement in words and as data. `next` is the cursor of the following page.
#[utoipa::path(get, path = "/v1/members/{id}/entries", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), PageAsked),
    responses((status = 200, body = EntriesAnswer)))]
pub async fn get_entries(
    desk: Desk,
    id: Named,
    asked: Query<PageAsked>,
) -> Result<Json<EntriesAnswer>, Problem> {
    let limit = asked.0.limit()?;
    let cursor = asked.0.cursor.as_deref();
    let before =
        cursor.map(|c| EntryId::parse(c).ok_or_else(|| Problem::of("cursor_invalid"))).transpose()?;
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    let program = desk.program_id();
    // One more than the page tells whether there is a next one.
    let query = move |r: &kopilka_service::Reader| {
        let seq = r.member(program, member)?.map_or(0, |row| row.seq);
        Ok((r.entries_of_all(program, member, before, limit + 1)?, seq))
    };
    let (mut rows, seq) = desk.read(query).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let entries = rows.iter().map(|row| EntryAnswer::of(row, &desk.speaker())).collect();
    Ok(Json(EntriesAnswer { entries, next, seq }))
}
