//! A sale that is not done yet: what its forms carry from step to step.
//!
//! Invariant: the order's id is made with the first form and stays, so the same sale sent twice is one order;
//! an id that no till has made is not taken.

use crate::frame::once;
use crate::posted::Posted;
use crate::visit::Office;
use kopilka_core::ids::CodeId;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, Expect, LineBody, OrderBody, OrderKey, PointsAsk, Pricing, Quantity};
use kopilka_core::points::Points;
use kopilka_web::problem::Problem;
use kopilka_web::wire::{DecimalText, figures};

/// How ids of a till's orders begin.
const ORDER_PREFIX: &str = "till-";
const ORDER_LETTERS: usize = 32;
/// The one line of a sale that was not scanned, and what it is called in reports.
const LINE: &str = "1";
const SKU: &str = "till";
/// What the order's channel says.
const CHANNEL: &str = "till";

/// How many points are to be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spend {
    #[default]
    Nothing,
    Most,
    Some,
}

impl Spend {
    pub fn name(self) -> &'static str {
        match self {
            Spend::Nothing => "none",
            Spend::Most => "all",
            Spend::Some => "some",
        }
    }
    fn of(text: &str) -> Spend {
        match text {
            "all" => Spend::Most,
            "some" => Spend::Some,
            _ => Spend::Nothing,
        }
    }
}

/// What the forms of one sale carry, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub order: String,
    pub who: String,
    pub amount: String,
    pub spend: Spend,
    pub points: String,
    /// A one-time code that was sent for it, by its id.
    pub code: String,
    /// What the cashier was shown, in the smallest units; empty before that.
    pub to_pay: String,
    pub used: String,
}

impl Draft {
    pub fn new(who: &str) -> Draft {
        let order = format!("{ORDER_PREFIX}{}", once());
        Draft { order, who: who.to_owned(), ..Draft::default() }
    }
    pub fn sample() -> Draft {
        Draft {
            amount: "1000".to_owned(),
            spend: Spend::Some,
            points: "\"><script>alert(1)</script>".to_owned(),
            to_pay: "100000".to_owned(),
            used: "0".to_owned(),
            ..Draft::new("\"><script>alert(1)</script>")
        }
    }
    pub fn of(posted: &Posted) -> Draft {
        let text = |name| posted.text(name).to_owned();
        Draft {
            order: text("order"),
            who: text("who"),
            amount: text("amount"),
            spend: Spend::of(posted.text("spend")),
            points: text("points"),
            code: text("code_id"),
            to_pay: text("to_pay"),
            used: text("used"),
        }
    }

    /// Where the order stands; refused for an id that no till has made.
    pub fn key(&self, office: &Office) -> Result<OrderKey, Problem> {
        key_of(office, &self.order)
    }

    /// The order of the core, paid. What was shown to the cashier is expected of it, where anything was.
    pub fn body(&self, office: &Office) -> Result<OrderBody, Problem> {
        let program = &office.desk.program;
        let amount = figures::money(program, &decimal(&self.amount), "/amount")?;
        if amount.0 <= 0 {
            return Err(Problem::of("out_of_range").at("/amount"));
        }
        let points = match self.spend {
            Spend::Nothing => None,
            Spend::Most => Some(PointsAsk::Max),
            Spend::Some => {
                let points = figures::points(program, &decimal(&self.points), "/points")?;
                if points.0 <= 0 {
                    return Err(Problem::of("points_amount_invalid").at("/points"));
                }
                Some(PointsAsk::Exact(points))
            }
        };
        let lines = vec![LineBody::goods(LINE, SKU, Quantity::ONE, amount)];
        Ok(OrderBody {
            channel: Some(CHANNEL.into()),
            cashier: Some(office.login().into()),
            pricing: Some(Pricing::Engine),
            points,
            expect: self.expect(),
            code: CodeId::parse(&self.code),
            ..OrderBody::plain(self.key(office)?, BodyStatus::Paid, lines)
        })
    }

    fn expect(&self) -> Option<Expect> {
        let (to_pay, points) = (self.to_pay.parse().ok()?, self.used.parse().ok()?);
        Some(Expect { to_pay: Money(to_pay), points: Points(points) })
    }
}

/// The key of a till's order by its id.
pub fn key_of(office: &Office, order: &str) -> Result<OrderKey, Problem> {
    let is_ours = order.strip_prefix(ORDER_PREFIX).is_some_and(|rest| {
        rest.len() == ORDER_LETTERS && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    });
    if !is_ours {
        return Err(Problem::of("form_invalid"));
    }
    office.desk.order_key(order, None)
}

/// A number as people type it: with spaces between thousands, and with a comma.
fn decimal(text: &str) -> DecimalText {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    DecimalText(plain.replace(',', ".").as_str().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for (typed, read) in [("1 234,50", "1234.50"), ("1\u{a0}234", "1234"), ("12.5", "12.5"), ("-1", "-1")]
        {
            assert_eq!(decimal(typed).0.as_str(), read);
        }
    }

    #[test]
    fn each_new_sale_has_an_order_of_its_own() {
        let (first, second) = (Draft::new("1"), Draft::new("1"));
        assert_ne!(first.order, second.order);
        assert_eq!(first.order.len(), ORDER_PREFIX.len() + ORDER_LETTERS);
    }
}
