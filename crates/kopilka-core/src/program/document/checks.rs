//! Warnings over the whole program: money and clarity. They never stop a program.
//!
//! Invariant: nothing is warned of while there are errors, so a default that stands in for a misread value
//! is never criticised.

use super::rules::RulePlaces;
use super::{Fields, offers};
use crate::money::{Rate, Rounding};
use crate::program::diagnostics::{Findings, Place};
use crate::program::explain::period;
use crate::program::{
    AccrualFrom, CreditAmount, CreditEffect, Effect, GroupMode, Program, Rule, Text, Trigger, Validity,
};
use crate::time::Period;

/// Below this share of the price, in millionths, buyers do not notice a reward.
const REWARD_LEAST: i128 = 30_000;
/// More rules than this for one trigger are understood neither by buyers nor by staff.
const RULES_PER_TRIGGER: usize = 20;

/// A credit with its rule and the place of its effect.
pub(super) struct Credit<'a> {
    rule: &'a Rule,
    pub effect: &'a CreditEffect,
    pub place: Place,
}

pub(super) fn judge(document: &Fields<'_>, program: &Program, places: &[RulePlaces]) {
    let findings = document.findings;
    if findings.has_error() {
        return;
    }
    let of_levels = program.tiers.as_ref().is_some_and(|tiers| tiers.levels.len() > 1);
    if program.rules.is_empty() && program.discounts.is_empty() && !of_levels && no_campaigns(program) {
        findings.report("no_rules", document.place_of("rules").unwrap_or(document.place), &[]);
    }
    let credits: Vec<Credit<'_>> = program.rules.iter().zip(places).flat_map(credits_of).collect();
    count_rules(findings, program, places);
    known_birthdays(document, program, places);
    hold(document, program, &credits);
    levels_again(findings, &credits);
    transfers(document, program, &credits);
    rounding(document, program, &credits);
    lives(document, program, &credits);
    reward(findings, program, &credits);
    offers::judge(document, program);
}

pub(super) fn credits_of<'a>((rule, places): (&'a Rule, &RulePlaces)) -> Vec<Credit<'a>> {
    let pairs = rule.then.iter().zip(&places.effects);
    let credit = |(effect, place): (&'a Effect, &Place)| match effect {
        Effect::Credit(effect) => Some(Credit { rule, effect, place: *place }),
        Effect::Multiply(_) | Effect::Grant(_) => None,
    };
    pairs.filter_map(credit).collect()
}

fn no_campaigns(program: &Program) -> bool {
    program.coupons.campaigns.is_empty()
}

fn count_rules(findings: &Findings, program: &Program, places: &[RulePlaces]) {
    type Is = fn(&Trigger) -> bool;
    let triggers: [(&str, Is); 8] = [
        ("member.registered", |t| *t == Trigger::MemberRegistered),
        ("member.birthday", |t| matches!(t, Trigger::MemberBirthday { .. })),
        ("order.placed", |t| *t == Trigger::OrderPlaced),
        ("order.paid", |t| *t == Trigger::OrderPaid),
        ("order.completed", |t| *t == Trigger::OrderCompleted),
        ("tier.changed", |t| matches!(t, Trigger::TierChanged { .. })),
        ("achievement.reached", |t| *t == Trigger::AchievementReached),
        ("event", |t| matches!(t, Trigger::Event(_))),
    ];
    for (trigger, is) in triggers {
        let of_trigger: Vec<&RulePlaces> =
            program.rules.iter().zip(places).filter(|(r, _)| is(&r.when)).map(|(_, p)| p).collect();
        if let Some(first_too_many) = of_trigger.get(RULES_PER_TRIGGER) {
            let arguments = [
                ("count", Text::both(of_trigger.len().to_string())),
                ("trigger", Text::both(trigger)),
                ("most", Text::both(RULES_PER_TRIGGER.to_string())),
            ];
            findings.report("too_many_rules", first_too_many.rule, &arguments);
        }
    }
}

fn known_birthdays(document: &Fields<'_>, program: &Program, places: &[RulePlaces]) {
    if !program.speaks_of_birthdays() || document.peek("birthday", "known_for").is_some() {
        return;
    }
    let of_birthday = |rule: &Rule| matches!(rule.when, Trigger::MemberBirthday { .. });
    let first = program.rules.iter().zip(places).find(|(rule, _)| of_birthday(rule));
    let place = first.map_or(document.place, |(_, place)| place.rule);
    document.findings.report("birthday_known_at_once", place, &[]);
}

pub(super) fn of_orders<'a>(credits: &'a [Credit<'a>]) -> impl Iterator<Item = &'a Credit<'a>> {
    credits.iter().filter(|c| c.rule.when.is_of_order())
}

/// What is given while goods may still come back: after a completion they are thought to stay.
fn before_returns<'a>(program: &Program, credits: &'a [Credit<'a>]) -> impl Iterator<Item = &'a Credit<'a>> {
    let from_payment = program.accrual_from == AccrualFrom::Paid;
    of_orders(credits).filter(move |c| from_payment && c.rule.when != Trigger::OrderCompleted)
}

/// Points of orders that can be spent before the goods can come back: told once for the program's own wait.
fn hold(document: &Fields<'_>, program: &Program, credits: &[Credit<'_>]) {
    let at_once = |c: &&Credit<'_>| c.effect.active_after.is_some_and(Period::is_zero);
    for credit in before_returns(program, credits).filter(at_once) {
        document.findings.report("no_accrual_hold", credit.place, &[]);
    }
    let first = before_returns(program, credits).find(|c| c.effect.active_after.is_none());
    if let Some(first) = first.filter(|_| program.active_after.is_zero()) {
        let place = document.peek("accrual", "active_after").map(|n| n.place);
        let place = place.or(document.place_of("accrual")).unwrap_or(first.place);
        document.findings.report("no_accrual_hold", place, &[]);
    }
}

/// Points of orders that can go to another member before the goods can come back: a return then finds them
/// gone.
fn transfers(document: &Fields<'_>, program: &Program, credits: &[Credit<'_>]) {
    let rules = program.transfers;
    if !rules.allowed || !rules.order_points_after.is_zero() {
        return;
    }
    let at_once = |c: &Credit<'_>| c.effect.active_after.unwrap_or(program.active_after).is_zero();
    if before_returns(program, credits).any(at_once) {
        let place = document.place_of("transfers").unwrap_or(document.place);
        document.findings.report("transfers_before_returns", place, &[]);
    }
}

/// What a level gave stays when a return takes the level away: buying and returning again and again would
/// earn it again each time.
fn levels_again(findings: &Findings, credits: &[Credit<'_>]) {
    let of_levels = credits.iter().filter(|c| matches!(c.rule.when, Trigger::TierChanged { .. }));
    for credit in of_levels.filter(|c| c.rule.limits.per_member.is_none()) {
        findings.report("points_for_a_level_again", credit.place, &[]);
    }
}

fn rounding(document: &Fields<'_>, program: &Program, credits: &[Credit<'_>]) {
    let percents = || of_orders(credits).filter(|c| matches!(c.effect.amount, CreditAmount::Percent { .. }));
    let told = |place, rounding| {
        let argument = [("rounding", Text::both(rounding_word(rounding)))];
        document.findings.report("rounding_gains_by_splitting", place, &argument);
    };
    for credit in percents() {
        if let Some(own) = credit.effect.rounding.filter(|r| *r != Rounding::Floor) {
            told(credit.place, own);
        }
    }
    if program.rounding != Rounding::Floor && percents().any(|c| c.effect.rounding.is_none()) {
        let place = document.peek("points", "rounding").map_or(document.place, |n| n.place);
        told(place, program.rounding);
    }
}

pub(in crate::program) fn rounding_word(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::Floor => "floor",
        Rounding::HalfUp => "half_up",
        Rounding::HalfEven => "half_even",
        Rounding::Ceil => "ceil",
    }
}

/// Points that live shorter than they wait.
fn lives(document: &Fields<'_>, program: &Program, credits: &[Credit<'_>]) {
    let mut told_of_program = false;
    for credit in credits {
        let of_order = credit.rule.when.is_of_order();
        let own_wait = credit.effect.active_after;
        let wait = own_wait.or(of_order.then_some(program.active_after));
        let life = match credit.effect.expires {
            Some(Validity::For(life) | Validity::AfterLastOrder(life)) => Some(life),
            Some(_) => None,
            None => program.expires,
        };
        let (Some(wait), Some(life)) = (wait, life) else { continue };
        if life.hours_about() >= wait.hours_about() {
            continue;
        }
        let arguments = [("wait", period(wait)), ("life", period(life))];
        if own_wait.is_some() || credit.effect.expires.is_some() {
            document.findings.report("expires_before_useful", credit.place, &arguments);
        } else if !std::mem::replace(&mut told_of_program, true) {
            let place = document.peek("points", "expires").map_or(credit.place, |n| n.place);
            document.findings.report("expires_before_useful", place, &arguments);
        }
    }
}

/// What all rules of orders together bring back of the price, at their best.
fn reward(findings: &Findings, program: &Program, credits: &[Credit<'_>]) {
    let mut alone: i128 = 0;
    let mut by_group = vec![0_i128; program.groups.len()];
    let mut first: Option<Place> = None;
    for credit in of_orders(credits) {
        // What a fixed number of points is worth depends on the order: nothing can be said.
        let Some(share) = share_of(program, &credit.effect.amount) else { return };
        first = first.or(Some(credit.place));
        match credit.rule.group {
            None => alone += share,
            Some(group) if program.groups[group].mode == GroupMode::Sum => by_group[group] += share,
            Some(group) => by_group[group] = by_group[group].max(share),
        }
    }
    let share = alone + by_group.iter().sum::<i128>();
    if let Some(place) = first.filter(|_| share < REWARD_LEAST) {
        let percent =
            |millionths: i128| Text::both(Rate(i64::try_from(millionths).unwrap_or(i64::MAX)).percent_text());
        let arguments = [("share", percent(share)), ("least", percent(REWARD_LEAST))];
        findings.report("reward_too_small", place, &arguments);
    }
}

/// Millionths of the price that come back in points, valued at what a point pays.
fn share_of(program: &Program, amount: &CreditAmount) -> Option<i128> {
    let step = program.points.step();
    let (worth, step) = (i128::from(program.points.worth(step).0), i128::from(step.0));
    match amount {
        CreditAmount::Percent { rates, rate, .. } => {
            let best = rates.iter().map(|(_, r)| r.0).max().unwrap_or(0).max(rate.0);
            let scale = program.point_scale();
            Some(i128::from(best) * i128::from(scale.num) * worth / (i128::from(scale.den) * step))
        }
        CreditAmount::PerAmount { points, per, .. } => {
            Some(i128::from(points.0) * worth * i128::from(Rate::ONE) / (i128::from(per.0) * step))
        }
        CreditAmount::Fixed(_) | CreditAmount::PerPiece { .. } | CreditAmount::Table { .. } => None,
    }
}
