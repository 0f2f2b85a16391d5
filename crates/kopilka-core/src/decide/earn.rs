//! Earning: which rules speak of an event, on which lines, and what each gives.

use super::draft::Draft;
use crate::ShortText;
use crate::ledger::{Event, Lot};
use crate::member::MemberStatus;
use crate::money::Money;
use crate::order::{Credit, Formula, LineKind, LineState, OrderKey, OrderState};
use crate::points::Points;
use crate::product::LineMatch;
use crate::program::{
    Base, BaseLines, Condition, CreditAmount, CreditEffect, Effect, GroupMode, Program, Rule, Trigger,
    Validity,
};
use crate::time::{Instant, Period};
use crate::trace::{Silence, Step, Trace};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

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

/// What conditions may ask about.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub at: Instant,
    pub shop: Option<&'a str>,
    pub channel: Option<&'a str>,
    pub cashier: Option<&'a str>,
}

pub(super) fn holds(condition: &Condition, program: &Program, facts: Facts<'_>) -> bool {
    let listed = |list: &[String], value: Option<&str>| value.is_some_and(|v| list.iter().any(|i| i == v));
    match condition {
        Condition::Always => true,
        Condition::All(list) => list.iter().all(|c| holds(c, program, facts)),
        Condition::Any(list) => list.iter().any(|c| holds(c, program, facts)),
        Condition::None(list) => !list.iter().any(|c| holds(c, program, facts)),
        Condition::Date { from, to } => {
            let day = program.zone.day_of(facts.at);
            from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
        }
        Condition::Weekdays(days) => days.contains(&program.zone.day_of(facts.at).weekday()),
        Condition::Hours { from, to } => {
            let minute = program.zone.minute_of_day(facts.at);
            if from <= to { (*from..*to).contains(&minute) } else { minute >= *from || minute < *to }
        }
        Condition::Shops(list) => listed(list, facts.shop),
        Condition::Channels(list) => listed(list, facts.channel),
        Condition::Cashiers(list) => listed(list, facts.cashier),
    }
}

/// A credit before it has a lot.
struct Candidate<'a> {
    rule: &'a Rule,
    effect: &'a CreditEffect,
    credit: Credit,
}

/// What a paid order earns: credits, and for each the lot it will be issued as.
pub(super) struct Earned {
    pub credits: Vec<Credit>,
    pub lots: SmallVec<[Lot; 2]>,
}

pub(super) fn earn_order(draft: &mut Draft<'_>, key: &OrderKey, paid_at: Instant) -> Earned {
    let program = draft.program;
    let order = draft.order(key);
    let facts = Facts {
        at: paid_at,
        shop: Some(&order.key.shop),
        channel: order.channel.as_deref(),
        cashier: order.cashier.as_deref(),
    };
    let keeps_steps = draft.recorder.keeps_steps();
    let mut steps: Trace = Vec::new();
    let mut candidates: SmallVec<[Candidate<'_>; 2]> = SmallVec::new();
    for rule in program.rules_for(Trigger::OrderPaid) {
        if let Some(why) = silence(draft, rule, facts) {
            if keeps_steps {
                steps.push(Step::RuleSilent { rule: rule.id.clone(), why });
            }
            continue;
        }
        for Effect::Credit(effect) in &rule.then {
            let credit = candidate_credit(program, rule, effect, &order.lines);
            candidates.push(Candidate { rule, effect, credit });
        }
    }
    for at in 0..program.groups.len() {
        settle_group(program, at, &mut candidates, &order.lines);
    }
    let mut earned = Earned { credits: Vec::with_capacity(candidates.len()), lots: SmallVec::new() };
    for candidate in candidates.drain(..) {
        let no = draft.next_lot() + earned.lots.len() as u32;
        let (rule, credit, lot) = issue(draft, candidate, order, paid_at, no);
        if keeps_steps {
            steps.push(step_of(rule, &credit, lot.as_ref(), &order.lines));
        }
        if let Some(lot) = lot {
            earned.credits.push(credit);
            earned.lots.push(lot);
        }
    }
    steps.into_iter().for_each(|step| draft.note(step));
    earned
}

fn silence(draft: &Draft<'_>, rule: &Rule, facts: Facts<'_>) -> Option<Silence> {
    match draft.member().status {
        MemberStatus::Blocked | MemberStatus::Guest => return Some(Silence::MemberEarnsNothing),
        MemberStatus::Active | MemberStatus::Frozen => {}
    }
    (!holds(&rule.only_if, draft.program, facts)).then_some(Silence::ConditionFalse)
}

pub(super) fn candidate_credit(
    program: &Program,
    rule: &Rule,
    effect: &CreditEffect,
    lines: &[LineState],
) -> Credit {
    let base = rule.base.unwrap_or(program.base);
    let matching = |of| matching(base, of, lines);
    let formula = match &effect.amount {
        CreditAmount::Fixed(points) => Formula::Fixed { points: *points },
        CreditAmount::Percent { of, rates, rate } => {
            let rate_of = |i: u16| {
                let traits = lines[usize::from(i)].traits();
                rates.iter().find(|(of, _)| of.matches(traits)).map_or(*rate, |(_, r)| *r)
            };
            Formula::Percent { lines: matching(of).map(|i| (i, rate_of(i))).collect() }
        }
        CreditAmount::PerAmount { of, points, per } => {
            Formula::PerAmount { points: *points, per: *per, lines: matching(of).collect() }
        }
        CreditAmount::PerPiece { of, points } => {
            Formula::PerPiece { points: *points, lines: matching(of).collect() }
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
        lot: 0,
        issued: Points::ZERO,
        taken: Points::ZERO,
    }
}

/// Positions of the lines that the base counts and the match speaks of.
fn matching<'a>(base: Base, of: &'a LineMatch, lines: &'a [LineState]) -> impl Iterator<Item = u16> + 'a {
    let of_rule = move |line: &LineState| counts(base, line) && of.matches(line.traits());
    (0_u16..).zip(lines).filter(move |(_, line)| of_rule(line)).map(|(at, _)| at)
}

fn counts(base: Base, line: &LineState) -> bool {
    match line.kind {
        LineKind::Goods => true,
        LineKind::Delivery => base.lines == BaseLines::All,
        LineKind::GiftCard => false,
    }
}

/// In a group the best (or first) rule wins: per line where all its rules speak of lines, else per order.
fn settle_group(program: &Program, group: usize, candidates: &mut [Candidate<'_>], lines: &[LineState]) {
    let mode = program.groups[group].mode;
    if mode == GroupMode::Sum {
        return;
    }
    let members: Vec<usize> =
        (0..candidates.len()).filter(|&i| candidates[i].rule.group == Some(group)).collect();
    let by_line = members
        .iter()
        .all(|&i| matches!(candidates[i].credit.formula, Formula::Percent { .. } | Formula::PerPiece { .. }));
    if by_line {
        for line in 0..lines.len() as u16 {
            let worth = |i: usize| line_worth(&candidates[i].credit, lines, line);
            let winner = pick(mode, &members, worth);
            for &i in members.iter().filter(|&&i| Some(i) != winner) {
                drop_line(&mut candidates[i].credit.formula, line);
            }
        }
        return;
    }
    let winner = pick(mode, &members, |i| {
        let value = candidates[i].credit.value(lines);
        (!value.is_zero()).then_some((i128::from(value.0), 1))
    });
    for &i in members.iter().filter(|&&i| Some(i) != winner) {
        candidates[i].credit.formula = Formula::Fixed { points: Points::ZERO };
    }
}

/// The winner among members by an exact fraction; ties go to the earlier rule.
fn pick(mode: GroupMode, members: &[usize], worth: impl Fn(usize) -> Option<(i128, i128)>) -> Option<usize> {
    let mut best: Option<(usize, (i128, i128))> = None;
    for &i in members {
        let Some(value) = worth(i) else { continue };
        match best {
            None => best = Some((i, value)),
            Some((_, (num, den))) if mode == GroupMode::Best && value.0 * den > num * value.1 => {
                best = Some((i, value));
            }
            Some(_) => {}
        }
    }
    best.map(|(i, _)| i)
}

/// The exact points a credit would give for one line, as a fraction; `None` when it does not speak of it.
fn line_worth(credit: &Credit, lines: &[LineState], line: u16) -> Option<(i128, i128)> {
    let state = &lines[usize::from(line)];
    match &credit.formula {
        Formula::Percent { lines: at } => {
            let (_, rate) = at.iter().find(|(i, _)| *i == line)?;
            let exact =
                i128::from(credit.base_of(state).0) * i128::from(rate.0) * i128::from(credit.scale.num);
            Some((exact, 1_000_000 * i128::from(credit.scale.den)))
        }
        Formula::PerPiece { points, lines: at } => {
            at.contains(&line).then(|| (i128::from(state.remaining().0) * i128::from(points.0), 1000))
        }
        _ => None,
    }
}

fn drop_line(formula: &mut Formula, line: u16) {
    match formula {
        Formula::Percent { lines } => lines.retain(|(i, _)| *i != line),
        Formula::PerPiece { lines, .. } => lines.retain(|i| *i != line),
        _ => {}
    }
}

/// The credit with its points, and its lot unless it gives none.
fn issue<'a>(
    draft: &Draft<'_>,
    candidate: Candidate<'a>,
    order: &OrderState,
    paid_at: Instant,
    no: crate::ids::LotNo,
) -> (&'a Rule, Credit, Option<Lot>) {
    let Candidate { rule, effect, mut credit } = candidate;
    let points = credit.value(&order.lines);
    if points.is_zero() {
        return (rule, credit, None);
    }
    let delay = effect.active_after.unwrap_or(draft.program.active_after);
    let lot = new_lot(draft, effect, no, points, &rule.id, Some(&order.key), paid_at, delay);
    credit.lot = no;
    credit.issued = points;
    (rule, credit, Some(lot))
}

fn step_of(rule: &Rule, credit: &Credit, lot: Option<&Lot>, lines: &[LineState]) -> Step {
    let Some(lot) = lot else {
        return Step::RuleSilent { rule: rule.id.clone(), why: silent_formula(&credit.formula) };
    };
    let (base, rate) = explain_base(credit, lines);
    Step::RuleFired {
        rule: rule.id.clone(),
        base,
        rate,
        points: credit.issued,
        active_at: lot.active_at,
        expires_at: lot.expires_at,
    }
}

fn silent_formula(formula: &Formula) -> Silence {
    match formula {
        Formula::Percent { lines } if lines.is_empty() => Silence::NoMatchingLines,
        Formula::PerAmount { lines, .. } | Formula::PerPiece { lines, .. } if lines.is_empty() => {
            Silence::NoMatchingLines
        }
        Formula::Fixed { .. } => Silence::AnotherInGroup,
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
        Formula::PerAmount { lines: at, .. } => (Some(sum(&mut at.iter().copied())), None),
        _ => (None, None),
    }
}

#[allow(clippy::too_many_arguments)] // A lot has that many facts, and no two call sites share a bundle of them.
fn new_lot(
    draft: &Draft<'_>,
    effect: &CreditEffect,
    no: crate::ids::LotNo,
    points: Points,
    source: &ShortText,
    order: Option<&OrderKey>,
    from: Instant,
    delay: Period,
) -> Lot {
    let zone = &draft.program.zone;
    let active_at = zone.plus(from, delay);
    let period = match effect.expires {
        Some(Validity::For(period)) => Some(period),
        Some(Validity::Never) => None,
        None => draft.program.expires,
    };
    Lot {
        no,
        free: points,
        held: Points::ZERO,
        source: source.clone(),
        order: order.cloned(),
        active_at,
        expires_at: period.map(|p| zone.end_of(active_at, p, draft.program.ends)),
        booked_active: active_at <= draft.now,
        gift: effect.gift,
        regranted: false,
    }
}

/// Credits of a trigger without an order (registration, birthday). `from` is when the validity starts.
pub(super) fn earn_event(draft: &mut Draft<'_>, trigger: Trigger, from: Instant, at: Instant) -> Points {
    let program = draft.program;
    let facts = Facts { at, shop: None, channel: None, cashier: None };
    let mut given = Points::ZERO;
    for rule in program.rules_for(trigger) {
        if let Some(why) = silence(draft, rule, facts) {
            draft.note(Step::RuleSilent { rule: rule.id.clone(), why });
            continue;
        }
        for Effect::Credit(effect) in &rule.then {
            let CreditAmount::Fixed(points) = effect.amount else { continue };
            let delay = effect.active_after.unwrap_or(Period::Days(0));
            let lot = new_lot(draft, effect, draft.next_lot(), points, &rule.id, None, from, delay);
            draft.note(Step::RuleFired {
                rule: rule.id.clone(),
                base: None,
                rate: None,
                points,
                active_at: lot.active_at,
                expires_at: lot.expires_at,
            });
            draft.push(Event::LotIssued { lot });
            given += points;
        }
    }
    draft.settle_debt();
    given
}
