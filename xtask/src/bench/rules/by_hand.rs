//! The same rules written by hand: what somebody would write who needs these promotions and nothing else.
//!
//! Amounts are integers, categories numbers, the body is read where it lies and the answer written into one
//! text. There is no member, no points, no tax, no delivery, no trace, no refusal in it.

use super::fixture::Promotion;
use kopilka_core::time::Day;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt::Write;

/// What the rules look at.
#[derive(Debug, Deserialize)]
pub struct Cart<'a> {
    pub channel: &'a str,
    #[serde(borrow)]
    pub lines: Vec<Line<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct Line<'a> {
    pub id: &'a str,
    pub quantity: &'a str,
    pub price: &'a str,
    pub category: &'a str,
}

impl Cart<'_> {
    /// Price × quantity of each line, in minor units.
    pub fn amounts(&self) -> Option<Vec<i64>> {
        self.lines.iter().map(Line::amount).collect()
    }
}

impl Line<'_> {
    /// Price × quantity in minor units.
    pub fn amount(&self) -> Option<i64> {
        let (whole, cents) = self.price.split_once('.')?;
        let price = whole.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?;
        Some(price * self.quantity.parse::<i64>().ok()?)
    }
}

#[derive(Debug)]
struct Rule {
    group: Option<String>,
    least: i64,
    from: Day,
    to: Day,
    category: u32,
    percent: i64,
    id: String,
}

#[derive(Debug)]
pub struct ByHand {
    rules: Vec<Rule>,
    categories: HashMap<String, u32>,
    today: Day,
}

impl ByHand {
    pub fn new(promotions: &[Promotion], today: Day) -> ByHand {
        let mut categories = HashMap::new();
        let rule = |promotion: &Promotion| {
            let next = categories.len() as u32;
            let category = *categories.entry(promotion.category.clone()).or_insert(next);
            let Promotion { id, group, least, from, to, percent, .. } = promotion.clone();
            Rule { group, least, from, to, category, percent, id }
        };
        let rules = promotions.iter().map(rule).collect();
        ByHand { rules, categories, today }
    }

    /// The promotions whose conditions hold, by number.
    pub fn holding(&self, text: &str) -> Option<Vec<usize>> {
        let cart: Cart<'_> = serde_json::from_str(text).ok()?;
        let total = cart.lines.iter().map(Line::amount).sum::<Option<i64>>()?;
        let categories: Vec<Option<u32>> = cart.lines.iter().map(|l| self.category(l)).collect();
        let holds = |rule: &Rule| self.holds(rule, &cart, total) && categories.contains(&Some(rule.category));
        Some((0..self.rules.len()).filter(|i| holds(&self.rules[*i])).collect())
    }

    fn category(&self, line: &Line<'_>) -> Option<u32> {
        self.categories.get(line.category).copied()
    }

    fn holds(&self, rule: &Rule, cart: &Cart<'_>, total: i64) -> bool {
        rule.group.as_ref().is_none_or(|group| group == cart.channel)
            && total >= rule.least
            && rule.from <= self.today
            && self.today <= rule.to
    }

    /// The answer to a cart; `None` when it cannot be read.
    pub fn answer(&self, text: &str) -> Option<String> {
        let cart: Cart<'_> = serde_json::from_str(text).ok()?;
        let amounts = cart.amounts()?;
        let total = amounts.iter().sum();
        Some(self.priced(&cart, &amounts, |number| self.holds(&self.rules[number], &cart, total)))
    }

    /// The answer where something else says which promotions hold.
    pub fn priced(&self, cart: &Cart<'_>, amounts: &[i64], holds: impl Fn(usize) -> bool) -> String {
        let categories: Vec<Option<u32>> = cart.lines.iter().map(|l| self.category(l)).collect();
        let mut left = amounts.to_vec();
        let mut given: Vec<(usize, usize, i64)> = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            if !holds(number) {
                continue;
            }
            for (line, category) in categories.iter().enumerate() {
                if *category == Some(rule.category) {
                    let off = (left[line] * rule.percent + 50) / 100;
                    left[line] -= off;
                    if off > 0 {
                        given.push((line, number, off));
                    }
                }
            }
        }
        self.written(cart, amounts, &left, &given)
    }

    fn written(
        &self,
        cart: &Cart<'_>,
        amounts: &[i64],
        left: &[i64],
        given: &[(usize, usize, i64)],
    ) -> String {
        let mut out = String::with_capacity(64 + cart.lines.len() * 128);
        let money = |out: &mut String, name: &str, cents: i64| {
            let _ = write!(out, "\"{name}\":\"{}.{:02}\"", cents / 100, cents % 100);
        };
        out.push_str("{\"lines\":[");
        for (i, line) in cart.lines.iter().enumerate() {
            let _ = write!(out, "{}{{\"id\":\"{}\",", if i > 0 { "," } else { "" }, line.id);
            money(&mut out, "amount", amounts[i]);
            out.push(',');
            money(&mut out, "discount", amounts[i] - left[i]);
            out.push(',');
            money(&mut out, "to_pay", left[i]);
            out.push_str(",\"discounts\":[");
            for (at, (_, rule, off)) in given.iter().filter(|(of, ..)| *of == i).enumerate() {
                let comma = if at > 0 { "," } else { "" };
                let _ = write!(out, "{comma}{{\"discount\":\"{}\",", self.rules[*rule].id);
                money(&mut out, "amount", *off);
                out.push('}');
            }
            out.push_str("]}");
        }
        let (goods, due): (i64, i64) = (amounts.iter().sum(), left.iter().sum());
        out.push_str("],");
        for (name, cents) in [("goods_total", goods), ("discount_total", goods - due), ("to_pay", due)] {
            money(&mut out, name, cents);
            out.push(if name == "to_pay" { '}' } else { ',' });
        }
        out
    }
}
