//! `GET /v1/reports/fraud`: one card at one till all day.

use crate::app::Desk;
use crate::asked::{FraudAsked, Query, rows_of_page};
use crate::cursor;
use crate::problem::Problem;
use crate::wire::answer::AsOfAnswer;
use crate::wire::{DayText, TimeText};
use axum::Json;
use kopilka_core::program::Program;
use kopilka_core::time::Day;
use kopilka_service::{Bound, Flagged, is_day_of_reports};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct FraudAnswer {
    pub as_of: AsOfAnswer,
    pub day: DayText,
    /// More purchases than these are shown: `fraud` of the program in force.
    #[schema(example = 5)]
    pub max_purchases_per_day: i64,
    /// The most purchases first.
    pub flagged: Vec<FlaggedAnswer>,
    /// Guests' orders that support bound to members in the month of that day; on the first page alone.
    pub bound: Vec<BoundAnswer>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Orders of one till's cashier that one operator bound to members.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoundAnswer {
    pub shop: String,
    /// Who made the orders; absent where the shop named nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cashier: Option<String>,
    /// Who bound them.
    pub operator: String,
    #[schema(example = 3)]
    pub orders: i64,
}

impl BoundAnswer {
    fn of(bound: Bound) -> BoundAnswer {
        let Bound { shop, cashier, operator, orders } = bound;
        BoundAnswer { shop, cashier: Some(cashier).filter(|cashier| !cashier.is_empty()), operator, orders }
    }
}

/// Purchases of one member with one cashier of one shop on that day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlaggedAnswer {
    pub member: String,
    #[schema(example = 8)]
    pub purchases: i64,
    pub shop: String,
    /// Absent where the shop named none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cashier: Option<String>,
    /// Money paid for what was not returned.
    #[schema(example = "8000.00")]
    pub money: String,
    /// Points earned by what was not returned, also those that cannot be spent yet.
    #[schema(example = "400")]
    pub points: String,
    pub first_at: TimeText,
    pub last_at: TimeText,
}

impl FlaggedAnswer {
    fn of(flagged: Flagged, program: &Program) -> FlaggedAnswer {
        let place = flagged.place;
        FlaggedAnswer {
            member: place.member.to_string(),
            purchases: place.purchases,
            shop: place.shop,
            cashier: Some(place.cashier).filter(|cashier| !cashier.is_empty()),
            money: program.currency.format(flagged.money),
            points: program.points.format(flagged.points),
            first_at: TimeText(flagged.first_at),
            last_at: TimeText(flagged.last_at),
        }
    }
}

/// Members with unusually many purchases
///
/// Paid orders of one member with one cashier of one shop on a day, where they are more than the program
/// finds usual; guests and cancelled orders do not count. A key of one shop sees the orders of that shop. It
/// waits for nothing: `as_of` says how far it has seen.
#[utoipa::path(get, path = "/v1/reports/fraud", tag = "reports", params(FraudAsked),
    responses((status = 200, body = FraudAnswer)))]
pub async fn report_fraud(desk: Desk, asked: Query<FraudAsked>) -> Result<Json<FraudAnswer>, Problem> {
    let day = Day::parse(&asked.0.day).filter(|day| is_day_of_reports(*day));
    let why = "day is a day such as 2026-03-01";
    let day = day.ok_or_else(|| Problem::of("query_invalid").with("why", why))?;
    let limit = rows_of_page(asked.0.limit)?;
    let after = asked.0.cursor.as_deref();
    let after = after.map(|c| cursor::flagged(c).ok_or_else(|| Problem::of("cursor_invalid"))).transpose()?;
    let shop = Some(desk.caller.shop.clone()).filter(|shop| !shop.is_empty());
    let asked = kopilka_service::FraudAsked { day, shop, after, limit };
    let report = desk.app.service.fraud_report(desk.program_id(), asked).await;
    let report = report.map_err(|e| desk.failed(e))?;
    let next = report.next.as_ref().map(cursor::of_flagged);
    Ok(Json(FraudAnswer {
        as_of: AsOfAnswer::of(report.as_of),
        day: DayText(day),
        max_purchases_per_day: report.max_purchases_per_day,
        flagged: report.rows.into_iter().map(|row| FlaggedAnswer::of(row, &desk.program)).collect(),
        bound: report.bound.into_iter().map(BoundAnswer::of).collect(),
        next,
    }))
}
