//! Returns, cancels and exchanges as a shop tells them.

use super::order::OrderWire;
use super::{DecimalText, TimeText, Word, figures};
use crate::problem::Problem;
use kopilka_core::ShortText;
use kopilka_core::order::{LINES_MAX, OrderKey, Quantity, ReturnBody, ReturnedLines};
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which pieces come back: `lines`, or `all` that remain.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnWire {
    #[schema(max_items = 1000)]
    pub lines: Option<Vec<ReturnedLineWire>>,
    #[serde(default)]
    pub all: bool,
    /// The delivery is refunded too.
    #[serde(default)]
    pub delivery: bool,
    pub occurred_at: Option<TimeText>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnedLineWire {
    pub id: Word,
    pub quantity: DecimalText,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelWire {
    pub occurred_at: Option<TimeText>,
}

/// A return and a new order in one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeWire {
    #[serde(rename = "return")]
    pub back: ReturnWire,
    /// `order_id` is needed here.
    pub order: OrderWire,
}

impl ReturnWire {
    pub fn body(&self, program: &Program, key: OrderKey) -> Result<ReturnBody, Problem> {
        let lines = match (&self.lines, self.all) {
            (None, true) => ReturnedLines::All,
            (Some(lines), false) if lines.len() > LINES_MAX => {
                return Err(Problem::refused(&Refusal::TooManyLines { lines: lines.len() }, program));
            }
            (Some(lines), false) => ReturnedLines::Lines(named(lines)?),
            // A return of the delivery alone names no line.
            (None, false) if self.delivery => ReturnedLines::Lines(Vec::new()),
            _ => return Err(Problem::of("return_form_invalid").at("/lines")),
        };
        let occurred_at = self.occurred_at.map(|t| t.0);
        Ok(ReturnBody { key, lines, delivery: self.delivery, occurred_at })
    }
}

fn named(lines: &[ReturnedLineWire]) -> Result<Vec<(ShortText, Quantity)>, Problem> {
    lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            let quantity = figures::quantity(&line.quantity, &format!("/lines/{i}/quantity"))?;
            Ok((line.id.0.as_str().into(), quantity))
        })
        .collect()
}
