//! `GET /v1/reports/expiring`: who loses points within so many days.

use crate::app::Desk;
use crate::asked::{ExpiringAsked, Query, rows_of_page, within};
use crate::cursor;
use crate::problem::Problem;
use crate::wire::answer::{AsOfAnswer, BalanceAnswer};
use crate::wire::{DayText, TimeText};
use axum::Json;
use kopilka_core::program::Program;
use kopilka_service::{Burning, WITHIN_DAYS, WITHIN_DAYS_MAX};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiringAnswer {
    pub as_of: AsOfAnswer,
    /// What burns after now and not after this instant stands here.
    pub until: TimeText,
    /// In order of `expires_at`, then of member: a member with points that end at two moments stands twice.
    pub members: Vec<ExpiringMember>,
    /// The cursor of the next page; absent on the last one. A page that has one may still be shorter than
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What a member loses at one moment unless it is used before.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiringMember {
    pub member: String,
    /// Held points are not counted: they do not burn while an order keeps them.
    pub points: String,
    pub expires_at: TimeText,
    /// The last day on which they are there, by the program's calendar.
    pub last_day: DayText,
    /// As of now.
    pub balance: BalanceAnswer,
}

impl ExpiringMember {
    fn of(burning: &Burning, program: &Program) -> ExpiringMember {
        ExpiringMember {
            member: burning.member.to_string(),
            points: program.points.format(burning.points),
            expires_at: TimeText(burning.ends_at),
            last_day: DayText(burning.last_day(&program.zone)),
            balance: BalanceAnswer::of(&burning.balance, program),
        }
    }
}

/// Who loses points soon
///
/// Members whose points burn within so many days, with what burns and when. It waits for nothing: `as_of`
/// says how far it has seen.
#[utoipa::path(get, path = "/v1/reports/expiring", tag = "reports", params(ExpiringAsked),
    responses((status = 200, body = ExpiringAnswer)))]
pub async fn report_expiring(
    desk: Desk,
    asked: Query<ExpiringAsked>,
) -> Result<Json<ExpiringAnswer>, Problem> {
    let days = within("within_days", asked.0.within_days.unwrap_or(WITHIN_DAYS), (1, WITHIN_DAYS_MAX))?;
    let limit = rows_of_page(asked.0.limit)?;
    let after = asked.0.cursor.as_deref();
    let after = after.map(|c| cursor::burning(c).ok_or_else(|| Problem::of("cursor_invalid"))).transpose()?;
    let report = desk.app.service.expiring_report(desk.program_id(), days, after, limit).await;
    let report = report.map_err(|e| desk.failed(e))?;
    Ok(Json(ExpiringAnswer {
        as_of: AsOfAnswer::of(report.as_of),
        until: TimeText(report.until),
        members: report.rows.iter().map(|row| ExpiringMember::of(row, &desk.program)).collect(),
        next: report.next.map(cursor::of_burning),
    }))
}
