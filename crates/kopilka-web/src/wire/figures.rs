//! Texts of a body to the program's figures and back.

use super::DecimalText;
use crate::problem::Problem;
use kopilka_core::decimal::{self, DecimalError};
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::Quantity;
use kopilka_core::points::Points;
use kopilka_core::program::Program;

/// Quantities have at most three decimals: grams of a kilogram.
const QUANTITY_DECIMALS: u32 = 3;

fn told(error: DecimalError, text: &DecimalText, pointer: &str) -> Problem {
    match error {
        DecimalError::Malformed => {
            // The value is repeated to the caller, so only as much of it as a person reads.
            let shown: String = text.0.chars().take(40).collect();
            Problem::of("not_a_decimal").with("value", shown)
        }
        DecimalError::TooManyDecimals { allowed } => {
            Problem::of("too_many_decimals").with("allowed", allowed)
        }
        DecimalError::OutOfRange => Problem::of("out_of_range"),
    }
    .at(pointer)
}

/// An amount in the program's currency; `pointer` is where it stands in the body.
pub fn money(program: &Program, text: &DecimalText, pointer: &str) -> Result<Money, Problem> {
    program.currency.parse(&text.0).map_err(|e| told(e, text, pointer))
}

/// Points with the program's precision.
pub fn points(program: &Program, text: &DecimalText, pointer: &str) -> Result<Points, Problem> {
    program.points.parse(&text.0).map_err(|e| told(e, text, pointer))
}

pub fn quantity(text: &DecimalText, pointer: &str) -> Result<Quantity, Problem> {
    decimal::parse_scaled(&text.0, QUANTITY_DECIMALS).map(Quantity).map_err(|e| told(e, text, pointer))
}

/// A percentage between 0 and 100 with at most four decimals.
pub fn percent(text: &DecimalText, pointer: &str) -> Result<Rate, Problem> {
    let rate = Rate::parse_percent(&text.0).map_err(|e| told(e, text, pointer))?;
    if !(0..=Rate::ONE).contains(&rate.0) {
        return Err(Problem::of("out_of_range").at(pointer));
    }
    Ok(rate)
}

pub fn money_text(program: &Program, amount: Money) -> String {
    program.currency.format(amount)
}

pub fn points_text(program: &Program, points: Points) -> String {
    program.points.format(points)
}
