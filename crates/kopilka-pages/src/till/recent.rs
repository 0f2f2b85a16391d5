//! The last sales of whoever stands at the till.
//!
//! Invariant: the list is what the audit has of this one operator; no cashier sees another's.

use super::draft::key_of;
use crate::shown::Shown;
use crate::visit::Office;
use axum::response::{IntoResponse, Response};
use kopilka_core::order::OrderState;
use kopilka_service::AuditAsked;

/// What a door of a sale is called in the audit, and how its addresses begin.
const SALE: &str = "POST /till/sales/{order}";
const SALES: &str = "/till/sales/";
/// A cashier does other things between two sales: codes, new members.
const LOOKED_AT: usize = 60;
/// Whoever comes back with a mistake comes within a few sales.
const SHOWN: usize = 8;

/// One sale.
#[derive(Debug, Clone)]
pub struct SoldLine {
    pub order: String,
    pub at: String,
    pub amount: String,
    pub points: String,
    /// It has come back already.
    pub is_back: bool,
}

impl SoldLine {
    pub fn sample() -> SoldLine {
        SoldLine {
            order: "till-0".to_owned(),
            at: "12:30".to_owned(),
            amount: "1 000".to_owned(),
            points: "+45".to_owned(),
            is_back: false,
        }
    }
    fn of(order: &OrderState, shown: &Shown) -> SoldLine {
        SoldLine {
            order: order.key.order.to_string(),
            at: shown.moment(order.placed_at),
            amount: shown.money(order.to_pay_remaining()),
            points: shown.signed(order.points_earned_net()),
            is_back: order.is_closed(),
        }
    }
}

/// The newest first.
pub async fn of(office: &Office) -> Result<Vec<SoldLine>, Response> {
    let desk = &office.desk;
    let asked =
        AuditAsked { operator: Some(office.session.info.operator.id), before: None, limit: LOOKED_AT };
    let rows = desk.app.service.audit(Some(desk.program_id()), asked).await;
    let rows = rows.map_err(|e| desk.failed(e).into_response())?;
    let mut orders: Vec<String> = Vec::new();
    for row in rows {
        let sold = row.action == SALE && row.outcome.as_deref() == Some("done");
        // What the form asked stands behind the address.
        let address = row.subject.split(' ').next().unwrap_or_default();
        let order = address.strip_prefix(SALES).filter(|order| sold && !orders.iter().any(|o| o == order));
        orders.extend(order.map(str::to_owned));
    }
    let keys: Vec<_> = orders.iter().filter_map(|order| key_of(office, order).ok()).take(SHOWN).collect();
    let program = desk.program_id();
    let found = desk.read(move |r| {
        let mut found = Vec::new();
        for key in keys {
            found.extend(r.order(program, &key)?.map(|(_, order)| order));
        }
        Ok(found)
    });
    let found = found.await.map_err(IntoResponse::into_response)?;
    let shown = Shown::of(desk);
    Ok(found.iter().map(|order| SoldLine::of(order, &shown)).collect())
}
