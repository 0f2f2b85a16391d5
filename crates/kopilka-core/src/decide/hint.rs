//! What a little more in the cart would bring: the next whole step of each per-amount rule.

use super::Context;
use super::draft::program_of;
use super::earn::candidate_credit;
use super::facts::{Facts, holds};
use crate::book::Book;
use crate::money::Money;
use crate::order::{Formula, OrderState};
use crate::points::Points;
use crate::program::{CreditAmount, CreditEffect, Effect, Trigger};
use serde::{Deserialize, Serialize};

/// `missing` more money on the lines a rule counts gives `points` more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    pub rule: crate::ShortText,
    pub missing: Money,
    pub points: Points,
}

/// The next step of every per-amount rule that speaks of this order and is not at its cap.
pub fn next_steps(ctx: Context<'_>, book: &Book, order: &OrderState) -> Vec<NextStep> {
    let at = order.paid_at.unwrap_or(ctx.now);
    let program = program_of(ctx, Some(order), at);
    let facts = Facts::of_quoted(program, book, order, at);
    let mut out = Vec::new();
    let counts_steps = |effect: &&CreditEffect| matches!(effect.amount, CreditAmount::PerAmount { .. });
    for rule in program.rules_for(Trigger::OrderPaid) {
        let credits = rule.then.iter().filter_map(|effect| match effect {
            Effect::Credit(effect) => Some(effect),
            Effect::Multiply(_) | Effect::Grant(_) => None,
        });
        let mut counted = credits.filter(counts_steps).peekable();
        if counted.peek().is_none() || !holds(&rule.only_if, &facts, &order.lines) {
            continue;
        }
        for effect in counted {
            let credit = candidate_credit(program, rule, effect, &order.lines, facts.level);
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
