//! What a little more in the cart would bring: the next whole step of each per-amount rule.

use super::Context;
use super::draft::program_of;
use super::earn::{Facts, candidate_credit, holds};
use crate::money::Money;
use crate::order::{Formula, OrderState};
use crate::points::Points;
use crate::program::{Effect, Trigger};
use serde::{Deserialize, Serialize};

/// `missing` more money on the lines a rule counts gives `points` more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    pub rule: crate::ShortText,
    pub missing: Money,
    pub points: Points,
}

/// The next step of every per-amount rule that speaks of this order and is not at its cap.
pub fn next_steps(ctx: Context<'_>, order: &OrderState) -> Vec<NextStep> {
    let at = order.paid_at.unwrap_or(ctx.now);
    let program = program_of(ctx, Some(order), at);
    let facts = Facts {
        at,
        shop: Some(&order.key.shop),
        channel: order.channel.as_deref(),
        cashier: order.cashier.as_deref(),
    };
    let mut out = Vec::new();
    for rule in program.rules_for(Trigger::OrderPaid).filter(|r| holds(&r.only_if, program, facts)) {
        for Effect::Credit(effect) in &rule.then {
            let credit = candidate_credit(program, rule, effect, &order.lines);
            let Formula::PerAmount { points, per, lines } = &credit.formula else { continue };
            if lines.is_empty() || credit.cap.is_some_and(|cap| credit.value(&order.lines) >= cap) {
                continue;
            }
            let base: i64 = lines.iter().map(|&i| credit.base_of(&order.lines[usize::from(i)]).0).sum();
            let missing = Money(per.0 - base.rem_euclid(per.0));
            out.push(NextStep { rule: rule.id.clone(), missing, points: *points });
        }
    }
    out
}
