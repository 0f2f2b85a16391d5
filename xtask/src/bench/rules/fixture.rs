//! Carts and promotions that every side of G8–G11 is given.
//!
//! A promotion asks for a customer group (half of them for none), a least total before discounts, a window
//! of days and some line of a category; its percent comes off the lines of that category, each on what the
//! earlier left. The channel of an order stands for the group: it is what a document can ask for today.
//! There are five categories for each line of a cart, so that about a tenth of the promotions match however
//! large carts are.

use crate::dice::Dice;
use kopilka_core::time::Day;
use serde_json::{Value, json};

/// Groups that carts belong to.
const GROUPS: u64 = 4;
const CATEGORIES_PER_LINE: u64 = 5;
/// Windows begin and end within so many days of today.
const DAYS: i64 = 300;

/// Percent off the lines of a category, in the order of application.
#[derive(Debug, Clone)]
pub struct Promotion {
    pub id: String,
    pub group: Option<String>,
    /// The least total before discounts, in minor units.
    pub least: i64,
    pub from: Day,
    pub to: Day,
    pub category: String,
    pub percent: i64,
}

/// Promotions, and carts as the API is asked for a quote of them.
#[derive(Debug)]
pub struct Fixture {
    pub today: Day,
    pub promotions: Vec<Promotion>,
    pub carts: Vec<String>,
}

impl Fixture {
    pub fn new(seed: u64, today: Day, promotions: usize, carts: usize, lines: u64) -> Fixture {
        let mut dice = Dice::new(seed);
        let categories = lines * CATEGORIES_PER_LINE;
        let promotion = |number| promotion(&mut dice, number, today, lines, categories);
        let promotions = (0..promotions).map(promotion).collect();
        let carts = (0..carts).map(|_| cart(&mut dice, lines, categories).to_string()).collect();
        Fixture { today, promotions, carts }
    }
}

fn promotion(dice: &mut Dice, number: usize, today: Day, lines: u64, categories: u64) -> Promotion {
    let near = |dice: &mut Dice| dice.between(1, DAYS) as i32;
    // One in ten is over.
    let over = dice.one_in(10);
    let (from, to) = (today.plus_days(-DAYS as i32 - near(dice)), near(dice));
    Promotion {
        id: format!("p{number}"),
        group: dice.one_in(2).then(|| format!("g{}", dice.below(GROUPS))),
        // Carts of ten lines come to about 51,000.00: most promotions ask for less.
        least: dice.between(0, 90) * 50_000 * lines as i64 / 10,
        from,
        to: today.plus_days(if over { -to } else { to }),
        category: format!("c{}", dice.below(categories)),
        percent: dice.between(1, 15),
    }
}

fn cart(dice: &mut Dice, lines: u64, categories: u64) -> Value {
    let line = |number: u64| {
        json!({
            "id": number.to_string(),
            "sku": format!("s{}", dice.below(10_000)),
            "quantity": dice.between(1, 3).to_string(),
            "price": format!("{}.{:02}", dice.between(100, 5_000), dice.below(100)),
            "category": format!("c{}", dice.below(categories)),
        })
    };
    let lines: Vec<Value> = (1..=lines).map(line).collect();
    json!({ "channel": format!("g{}", dice.below(GROUPS)), "lines": lines })
}

/// The promotions as a program document.
pub fn document(promotions: &[Promotion]) -> String {
    let discounts: Vec<Value> = promotions.iter().map(discount).collect();
    json!({
        "program": SLUG, "currency": "RUB", "timezone": "UTC",
        "discounts": discounts,
    })
    .to_string()
}

/// What that program is called.
pub const SLUG: &str = "rules";

fn discount(promotion: &Promotion) -> Value {
    let Promotion { id, group, least, from, to, category, percent } = promotion;
    let mut all = Vec::new();
    if let Some(group) = group {
        all.push(json!({ "channel": group }));
    }
    all.push(json!({ "order_total_list": { "from": format!("{}.{:02}", least / 100, least % 100) } }));
    all.push(json!({ "date": { "from": from.to_string(), "to": to.to_string() } }));
    all.push(json!({ "line": { "category": category } }));
    json!({
        "id": id, "percent": percent.to_string(), "on": "each_line", "of": "matching_lines",
        "if": { "all": all },
    })
}

/// A day as one number, for sides that know no calendar: 20260615.
pub fn number_of(day: Day) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_makes_one_fixture() {
        let today = Day::new(2026, 6, 15).expect("a day");
        let made = |seed| Fixture::new(seed, today, 10, 2, 10);
        assert_eq!(made(1).carts, made(1).carts);
        assert_ne!(made(1).carts, made(2).carts);
        assert_eq!(document(&made(1).promotions), document(&made(1).promotions));
    }
}
