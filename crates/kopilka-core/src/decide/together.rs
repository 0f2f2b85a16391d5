//! How the credits of one order come together: multipliers, groups, and rules that count alone.
//!
//! Invariant: everything happens on formulas, before a credit has a value: what remains of the order is
//! always counted by one formula, at the first issue and at every return.

use crate::money::Rate;
use crate::order::{Credit, Formula, LineState};
use crate::points::Points;
use crate::program::{Combine, CreditEffect, GroupMode, Multiplier, Program, Rule};
use crate::trace::{Silence, Step, Trace};

/// A multiplier of a multiplier ends here: a thousand times anything is a slip of the pen.
const FACTOR_MAX: i64 = 1_000 * Rate::ONE;

/// A credit before it has a lot.
pub(super) struct Candidate<'a> {
    pub rule: &'a Rule,
    pub effect: &'a CreditEffect,
    pub credit: Credit,
}

/// Adds a multiplier to the factors of the lines it matches; answers how many these are.
pub(super) fn multiply(
    combine: Combine,
    multiplier: &Multiplier,
    lines: &[LineState],
    factors: &mut Vec<(u16, Rate)>,
) -> u16 {
    let mut matched = 0;
    for (i, _) in (0_u16..).zip(lines).filter(|(_, l)| multiplier.of.matches(l.traits())) {
        matched += 1;
        match factors.iter_mut().find(|(at, _)| *at == i) {
            None => factors.push((i, multiplier.by)),
            Some((_, known)) => *known = combined(combine, *known, multiplier.by),
        }
    }
    matched
}

fn combined(combine: Combine, a: Rate, b: Rate) -> Rate {
    Rate(match combine {
        Combine::Largest => a.0.max(b.0),
        Combine::Product => {
            let exact = i128::from(a.0) * i128::from(b.0) / i128::from(Rate::ONE);
            exact.min(i128::from(FACTOR_MAX)) as i64
        }
        Combine::Sum => (a.0 + b.0 - Rate::ONE).min(FACTOR_MAX),
    })
}

/// Each credit keeps the factors of its own lines.
pub(super) fn multiply_credits(candidates: &mut [Candidate<'_>], factors: &[(u16, Rate)]) {
    if factors.is_empty() {
        return;
    }
    for Candidate { credit, .. } in candidates {
        let of = |lines: &dyn Fn(u16) -> bool| factors.iter().copied().filter(|(i, _)| lines(*i)).collect();
        credit.factors = match &credit.formula {
            Formula::Percent { lines } => of(&|i| lines.iter().any(|(at, _)| *at == i)),
            Formula::PerAmount { lines, .. }
            | Formula::PerPiece { lines, .. }
            | Formula::Table { lines, .. } => of(&|i| lines.contains(&i)),
            Formula::Fixed { .. } | Formula::Told { .. } => Vec::new(),
        };
    }
}

/// Rules of an exclusive group count alone: the one of them that gives more than all others together takes
/// everything else out; if none does, they give nothing. Ties go to the others, then to the earlier rule.
pub(super) fn settle_exclusive(
    program: &Program,
    candidates: &mut Vec<Candidate<'_>>,
    lines: &[LineState],
    steps: &mut Option<Trace>,
) {
    let is_alone =
        |c: &Candidate<'_>| c.rule.group.is_some_and(|g| program.groups[g].mode == GroupMode::Exclusive);
    if !candidates.iter().any(is_alone) {
        return;
    }
    let value = |c: &Candidate<'_>| c.credit.value(lines);
    let rule_value =
        |rule: &str| -> Points { candidates.iter().filter(|c| c.rule.id == rule).map(value).sum() };
    let others: Points = candidates.iter().filter(|c| !is_alone(c)).map(value).sum();
    let mut winner: Option<(&str, Points)> = None;
    for candidate in candidates.iter().filter(|c| is_alone(c)) {
        let points = rule_value(&candidate.rule.id);
        if points > winner.map_or(others, |(_, most)| most) {
            winner = Some((candidate.rule.id.as_str(), points));
        }
    }
    let winner = winner.map(|(id, _)| crate::ShortText::from(id));
    candidates.retain(|candidate| {
        let stays = match &winner {
            Some(id) => candidate.rule.id == *id,
            None => !is_alone(candidate),
        };
        if let (false, Some(steps)) = (stays, &mut *steps) {
            steps.push(Step::RuleSilent { rule: candidate.rule.id.clone(), why: Silence::Excluded });
        }
        stays
    });
}

/// In a group the best (or first) rule wins: per line where all its rules speak of lines, else per order.
pub(super) fn settle_group(
    program: &Program,
    group: usize,
    candidates: &mut [Candidate<'_>],
    lines: &[LineState],
) {
    let mode = program.groups[group].mode;
    match mode {
        GroupMode::Best | GroupMode::First => {}
        GroupMode::Sum | GroupMode::Exclusive => return,
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
            let exact = i128::from(credit.base_of(state).0) * i128::from(rate.0);
            let den = i128::from(Rate::ONE) * i128::from(credit.scale.den) * credit.unit();
            Some((credit.times(line, exact) * i128::from(credit.scale.num), den))
        }
        Formula::PerPiece { points, lines: at } => at.contains(&line).then(|| {
            let exact = i128::from(state.remaining().0) * i128::from(points.0);
            (credit.times(line, exact), 1000 * credit.unit())
        }),
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
