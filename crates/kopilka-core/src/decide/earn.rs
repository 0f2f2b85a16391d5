//! Earning: which rules speak of an event, on which lines, and what each gives.

mod of_events;

use super::dates::{NewLot, new_lot};
use super::draft::Draft;
use super::facts::{Facts, holds};
use super::limits::{self, GivenNow};
use super::offers;
use super::placed;
use super::together::{Candidate, multiply, multiply_credits, settle_exclusive, settle_group};
use crate::ledger::{Event, Lot};
use crate::member::MemberStatus;
use crate::money::{Money, Rate};
use crate::order::{Credit, Formula, LineKind, LineState, Measure, OrderKey, OrderState, Threshold};
use crate::points::Points;
use crate::product::{LineMatch, OwnPoints};
use crate::program::{
    Base, BaseLines, Condition, CreditAmount, CreditEffect, Effect, Level, Overflow, Program, Rule, Trigger,
};
use crate::range::Range;
use crate::referral::Reward;
use crate::time::Instant;
use crate::trace::{Silence, Step, Trace};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub(super) use of_events::{earn_achievement, earn_event, earn_told};

/// What one rule gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarnedByRule {
    pub rule: crate::ShortText,
    pub points: Points,
    pub lot: crate::ids::LotNo,
}

/// The credits of an order, by rule, less what has been taken back.
pub fn earned_by_rule(order: &OrderState) -> Vec<EarnedByRule> {
    let earned = |c: &Credit| EarnedByRule { rule: c.rule.clone(), points: c.issued - c.taken, lot: c.lot };
    order.credits.iter().map(earned).collect()
}

/// What of an order earns: when that counts as decided, and since when its points wait.
#[derive(Clone, Copy)]
pub(super) struct Earning {
    pub trigger: Trigger,
    pub at: Instant,
    pub from: Instant,
}

/// Decides the credits of the order that the trigger brings and issues each as its lot.
pub(super) fn earn_order(draft: &mut Draft<'_>, key: &OrderKey, earning: Earning) {
    if draft.quiet {
        return;
    }
    let program = draft.program;
    let order = draft.order(key);
    let facts = Facts::of_order(draft, order, earning.at);
    // Of an unpaid order only the worth is kept, not the places of its lines: they still come and go.
    let as_it_remains = || order.lines.iter().filter_map(LineState::as_it_remains).collect();
    let promised: Option<Vec<LineState>> = (!order.is_paid()).then(as_it_remains);
    let lines = promised.as_deref().unwrap_or(&order.lines);
    let mut steps = draft.recorder.keeps_steps().then(Trace::new);
    let candidates = candidates_for(program, earning.trigger, &facts, lines, &mut steps);
    let mut credits = Vec::with_capacity(candidates.len());
    let mut lots: SmallVec<[Lot; 2]> = SmallVec::new();
    let mut given = GivenNow::default();
    for candidate in candidates {
        let no = draft.next_lot() + lots.len() as u32;
        let Issued { rule, credit, lot, refused } =
            issue(draft, candidate, (order, lines), (earning, &given), no);
        if let Some(steps) = &mut steps {
            steps.push(step_of(rule, &credit, lot.as_ref(), refused, lines));
        }
        if let Some(lot) = lot {
            if rule.limits.per_member.is_some() || rule.limits.total.is_some() {
                given.add(&rule.id, credit.issued);
            }
            credits.push(credit);
            lots.push(lot);
        }
    }
    let fired = offers::fired(draft, earning.trigger, &facts, lines, &credits);
    draft.note_all(steps.unwrap_or_default());
    if !credits.is_empty() {
        draft.push(Event::OrderEarned { order: key.clone(), credits });
        for lot in lots {
            draft.push(Event::LotIssued { lot });
        }
    }
    offers::settle(draft, key, fired, &mut given);
    given.count(draft, earning.at);
}

/// What the order brings to the member's referrers, before they have lots.
pub(super) fn rewards(draft: &mut Draft<'_>, key: &OrderKey, at: Instant) -> Vec<Reward> {
    let program = draft.program;
    if draft.quiet || program.rules_for(Trigger::ReferralOrdered).next().is_none() {
        return Vec::new();
    }
    let order = draft.order(key);
    let facts = Facts::of_order(draft, order, at);
    let mut steps = draft.recorder.keeps_steps().then(Trace::new);
    let candidates = candidates_for(program, Trigger::ReferralOrdered, &facts, &order.lines, &mut steps);
    let brings = |candidate: Candidate<'_>| {
        let Candidate { effect, credit, .. } = candidate;
        let worth = !credit.value(&order.lines).is_zero();
        worth.then_some(Reward { level: effect.to_level.unwrap_or(1), credit, told: None })
    };
    let rewards: Vec<Reward> = candidates.into_iter().filter_map(brings).collect();
    for reward in &rewards {
        let (level, rule) = (reward.level, reward.credit.rule.clone());
        let points = reward.credit.value(&order.lines);
        steps.iter_mut().for_each(|s| s.push(Step::ReferrerRewarded { rule: rule.clone(), level, points }));
    }
    draft.note_all(steps.unwrap_or_default());
    rewards
}

/// What lines would earn if they were paid for as they stand.
pub(super) fn would_earn(program: &Program, facts: &Facts<'_>, lines: &[LineState]) -> Points {
    let candidates = candidates_for(program, Trigger::OrderPaid, facts, lines, &mut None);
    candidates.iter().map(|c| c.credit.value(lines)).sum()
}

/// The credits that the rules of a trigger give for what remains of these lines, before they have lots; and
/// why, where somebody keeps it.
fn candidates_for<'p>(
    program: &'p Program,
    trigger: Trigger,
    facts: &Facts<'_>,
    lines: &[LineState],
    steps: &mut Option<Trace>,
) -> Vec<Candidate<'p>> {
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut factors: Vec<(u16, Rate)> = Vec::new();
    // Conditions are asked of what is left; formulas keep the places of all lines and count what is left.
    let some_gone = lines.iter().any(|line| line.gone.0 != 0);
    let left: Option<Vec<LineState>> =
        some_gone.then(|| lines.iter().filter_map(LineState::as_it_remains).collect());
    for rule in program.rules_for(trigger) {
        if let Some(why) = silence(rule, facts, left.as_deref().unwrap_or(lines)) {
            if let Some(steps) = steps {
                steps.push(Step::RuleSilent { rule: rule.id.clone(), why });
            }
            continue;
        }
        for (at, effect) in (0_u16..).zip(&rule.then) {
            match effect {
                Effect::Credit(effect) => {
                    let credit = candidate_credit(program, rule, effect, lines, facts.level);
                    let credit = Credit { effect: at, ..credit };
                    if let Some(steps) = steps {
                        steps.extend(rate_step(rule, effect, facts.level));
                    }
                    candidates.push(Candidate { rule, effect, credit });
                }
                Effect::Multiply(multiplier) => {
                    let lines = multiply(program.multipliers, multiplier, lines, &mut factors);
                    if let Some(steps) = steps {
                        steps.push(Step::Multiplied { rule: rule.id.clone(), by: multiplier.by, lines });
                    }
                }
                // Given once the order has earned, so that it acts from the next one on.
                Effect::Grant(_) => {}
            }
        }
    }
    if trigger == Trigger::OrderPaid {
        own_points(program, facts, lines, &mut candidates);
    }
    multiply_credits(&mut candidates, &factors);
    for at in 0..program.groups.len() {
        settle_group(program, at, &mut candidates, lines);
    }
    settle_exclusive(program, &mut candidates, lines, steps);
    candidates
}

fn own_of_goods(line: &LineState) -> Option<OwnPoints> {
    line.own_points().filter(|_| line.kind == LineKind::Goods)
}

/// What articles with points of their own earn instead of the percents of the rules.
fn own_points<'p>(
    program: &'p Program,
    facts: &Facts<'_>,
    lines: &[LineState],
    candidates: &mut Vec<Candidate<'p>>,
) {
    let earns = matches!(facts.member.status, MemberStatus::Active | MemberStatus::Frozen);
    if !earns || !lines.iter().any(|line| own_of_goods(line).is_some()) {
        return;
    }
    let Rule { then, .. } = &program.own_points;
    let Some(Effect::Credit(effect)) = then.first() else { return };
    let of = |i: usize| u16::try_from(i).unwrap_or(u16::MAX);
    let mut formulas: Vec<Formula> = Vec::new();
    let mut percents = SmallVec::new();
    for (at, line) in lines.iter().enumerate() {
        match own_of_goods(line) {
            Some(OwnPoints::Percent(rate)) if rate.0 > 0 => percents.push((of(at), rate)),
            Some(OwnPoints::PerPiece(points)) => {
                formulas.push(Formula::PerPiece { points, lines: std::iter::once(of(at)).collect() });
            }
            _ => {}
        }
    }
    if !percents.is_empty() {
        formulas.push(Formula::Percent { lines: percents });
    }
    let rule = &program.own_points;
    let plain = candidate_credit(program, rule, effect, &[], None);
    candidates.extend(formulas.into_iter().map(|formula| {
        let credit = Credit { formula, ..plain.clone() };
        Candidate { rule, effect, credit }
    }));
}

pub(super) fn silence(rule: &Rule, facts: &Facts<'_>, lines: &[LineState]) -> Option<Silence> {
    match facts.member.status {
        MemberStatus::Blocked | MemberStatus::Guest | MemberStatus::Anonymized | MemberStatus::Merged => {
            return Some(Silence::MemberEarnsNothing);
        }
        MemberStatus::Active | MemberStatus::Frozen => {}
    }
    (!holds(&rule.only_if, facts, lines)).then_some(Silence::ConditionFalse)
}

pub(super) fn candidate_credit(
    program: &Program,
    rule: &Rule,
    effect: &CreditEffect,
    lines: &[LineState],
    level: Option<&Level>,
) -> Credit {
    let base = rule.base.unwrap_or(program.base);
    let matching = |of| matching(base, of, lines);
    let formula = match &effect.amount {
        CreditAmount::Fixed(points) => Formula::Fixed { points: *points },
        CreditAmount::Percent { of, rates, rate } => {
            // A level's percent stands for the rule's own; percents of single lines are the rule's still.
            let rate = level.and_then(|l| l.rate_of(&rule.id)).unwrap_or(*rate);
            let rate_of = |i: u16| {
                let traits = lines[usize::from(i)].traits();
                rates.iter().find(|(of, _)| of.matches(traits)).map_or(rate, |(_, r)| *r)
            };
            // Articles with points of their own bring those instead, whatever fires the rule.
            let plain = |i: &u16| own_of_goods(&lines[usize::from(*i)]).is_none();
            Formula::Percent { lines: matching(of).filter(plain).map(|i| (i, rate_of(i))).collect() }
        }
        CreditAmount::PerAmount { of, points, per } => {
            Formula::PerAmount { points: *points, per: *per, lines: matching(of).collect() }
        }
        CreditAmount::PerPiece { of, points } => {
            Formula::PerPiece { points: *points, lines: matching(of).collect() }
        }
        CreditAmount::Table { of, rows, marginal } => {
            Formula::Table { rows: rows.clone(), marginal: *marginal, lines: matching(of).collect() }
        }
    };
    Credit {
        rule: rule.id.clone(),
        formula,
        base: base.amount,
        net_of_tax: base.net_of_tax,
        rounding: effect.rounding.unwrap_or(program.rounding),
        scale: program.point_scale(),
        cap: rule.limits.per_order,
        factors: Vec::new(),
        needs: if program.returns.keep_broken {
            Vec::new()
        } else {
            thresholds(&rule.only_if, lines, program)
        },
        effect: 0,
        of_goods: None,
        lot: 0,
        issued: Points::ZERO,
        taken: Points::ZERO,
    }
}

/// That the member's level says the percent.
fn rate_step(rule: &Rule, effect: &CreditEffect, level: Option<&Level>) -> Option<Step> {
    let (level, CreditAmount::Percent { .. }) = (level?, &effect.amount) else { return None };
    let rate = level.rate_of(&rule.id)?;
    Some(Step::TierRate { rule: rule.id.clone(), tier: level.id.clone(), rate })
}

/// Positions of the lines that the base counts and the match speaks of.
fn matching<'a>(base: Base, of: &'a LineMatch, lines: &'a [LineState]) -> impl Iterator<Item = u16> + 'a {
    let of_rule = move |line: &LineState| counts(base, line) && of.matches(line.traits());
    (0_u16..).zip(lines).filter(move |(_, line)| of_rule(line)).map(|(at, _)| at)
}

/// The least of goods that a condition asks for, where it must hold whatever else does.
pub(super) fn thresholds(only_if: &Condition, lines: &[LineState], program: &Program) -> Vec<Threshold> {
    // Told only where it makes a difference: stored decisions stay short.
    let gross = !program.amounts_net && lines.iter().any(|l| l.tax.is_some_and(|tax| tax.added));
    let mut needs = Vec::new();
    let mut need = |measure, range: &Range, lines: Option<Vec<u16>>| {
        if let Some(least) = range.least.filter(|least| *least > 0) {
            needs.push(Threshold { measure, least, gross, lines });
        }
    };
    for condition in only_if.together() {
        match condition {
            Condition::OrderTotal(range) => need(Measure::Discounted, range, None),
            Condition::OrderTotalList(range) => need(Measure::List, range, None),
            Condition::OrderTotalNet(range) => need(Measure::Net, range, None),
            Condition::Quantity(range) => need(Measure::Quantity, range, None),
            Condition::Lines { of, total, quantity } => {
                let is = |l: &LineState| l.kind == LineKind::Goods && of.matches(l.traits());
                let at: Vec<u16> = (0_u16..).zip(lines).filter(|(_, l)| is(l)).map(|(i, _)| i).collect();
                if let Some(total) = total {
                    need(Measure::Discounted, total, Some(at.clone()));
                }
                // That there is such a line at all is a threshold too: a thousandth of a piece.
                need(Measure::Quantity, &quantity.unwrap_or(Range::from(1)).and(Range::from(1)), Some(at));
            }
            _ => {}
        }
    }
    needs
}

fn counts(base: Base, line: &LineState) -> bool {
    match line.kind {
        LineKind::Goods => true,
        LineKind::Delivery => base.lines == BaseLines::All,
        LineKind::GiftCard => false,
    }
}

/// A candidate that became a credit, with its lot unless it gives none.
struct Issued<'a> {
    rule: &'a Rule,
    credit: Credit,
    lot: Option<Lot>,
    /// It would have given more than its limit, and the limit refuses.
    refused: bool,
}

fn issue<'a>(
    draft: &Draft<'_>,
    candidate: Candidate<'a>,
    (of, lines): (&OrderState, &[LineState]),
    (earning, given): (Earning, &GivenNow),
    no: crate::ids::LotNo,
) -> Issued<'a> {
    let Candidate { rule, effect, mut credit } = candidate;
    let room = limits::room(draft.program, draft.book, rule, earning.at, given);
    credit.cap = credit.cap.into_iter().chain(room).min();
    let points = credit.value(lines);
    let refused = exceeds_limit(rule, &credit, lines);
    if points.is_zero() || refused {
        return Issued { rule, credit, lot: None, refused };
    }
    let delay = effect.active_after.unwrap_or(draft.program.active_after);
    let (source, order) = (&rule.id, Some(&of.key));
    // Whose order is not paid yet: only the placing of one gives then.
    let awaits_payment = earning.trigger == Trigger::OrderPlaced && !of.is_paid();
    let new = NewLot { no, points, source, order, from: earning.from, delay, awaits_payment };
    let lot = new_lot(draft, effect, new);
    credit.of_goods = awaits_payment.then(|| placed::goods(lines));
    credit.lot = no;
    credit.issued = points;
    Issued { rule, credit, lot: Some(lot), refused: false }
}

fn step_of(rule: &Rule, credit: &Credit, lot: Option<&Lot>, refused: bool, lines: &[LineState]) -> Step {
    let Some(lot) = lot else {
        let why = if refused { Silence::OverLimit } else { silent_formula(&credit.formula) };
        return Step::RuleSilent { rule: rule.id.clone(), why };
    };
    fired(rule, credit.issued, lot, explain_base(credit, lines))
}

/// A rule gave points; what they were counted on, where they were counted.
pub(super) fn fired(
    rule: &Rule,
    points: Points,
    lot: &Lot,
    (base, rate): (Option<Money>, Option<Rate>),
) -> Step {
    Step::RuleFired {
        rule: rule.id.clone(),
        base,
        rate,
        points,
        active_at: lot.active_at,
        expires_at: lot.expires_at,
        awaits_payment: lot.awaits_payment,
    }
}

/// More than the rule's limit, where what exceeds it is not cut; or nothing of it is left at all.
fn exceeds_limit(rule: &Rule, credit: &Credit, lines: &[LineState]) -> bool {
    let Some(most) = credit.cap.filter(|most| most.is_zero() || rule.limits.overflow == Overflow::Refuse)
    else {
        return false;
    };
    Credit { cap: None, ..credit.clone() }.value(lines) > most
}

fn silent_formula(formula: &Formula) -> Silence {
    match formula {
        Formula::Percent { lines } if lines.is_empty() => Silence::NoMatchingLines,
        Formula::PerAmount { lines, .. } | Formula::PerPiece { lines, .. } | Formula::Table { lines, .. }
            if lines.is_empty() =>
        {
            Silence::NoMatchingLines
        }
        Formula::Fixed { .. } | Formula::Told { .. } => Silence::AnotherInGroup,
        _ => Silence::RoundedToZero,
    }
}

fn explain_base(credit: &Credit, lines: &[LineState]) -> (Option<Money>, Option<crate::money::Rate>) {
    let sum = |at: &mut dyn Iterator<Item = u16>| -> Money {
        at.map(|i| credit.base_of(&lines[usize::from(i)])).sum()
    };
    match &credit.formula {
        Formula::Percent { lines: at } => {
            let rate = at.first().map(|(_, r)| *r).filter(|r| at.iter().all(|(_, other)| other == r));
            (Some(sum(&mut at.iter().map(|(i, _)| *i))), rate)
        }
        Formula::PerAmount { lines: at, .. } | Formula::Table { lines: at, .. } => {
            (Some(sum(&mut at.iter().copied())), None)
        }
        _ => (None, None),
    }
}
