//! Discounts one after another, and the search among those that exclude each other.
//!
//! Invariant: every set is tried on the lines as they were; the best is the one with the least to pay, then
//! more points, then the higher priority, then the earlier id.

use super::off::off;
use super::seats::Seats;
use super::{Applied, ByLine, EFFORT_MAX, Priced, Questions, Terms, floor_of, names};
use crate::ShortText;
use crate::money::{Amounts, Money};
use crate::order::{LineDiscount, LineState};
use crate::points::Points;
use crate::program::GroupMode;
use crate::trace::{OtherSet, Silence, Step};
use std::cmp::Reverse;

/// Sets that were not taken, as many as somebody reads.
const OTHERS_MAX: usize = 3;

/// Which discounts act where not all may.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    /// For each group that picks one: that one.
    picks: Vec<Option<usize>>,
    /// The one that counts alone.
    alone: Option<usize>,
}

/// A set that was tried.
struct Tried {
    choice: Choice,
    applied: Vec<Applied>,
    due: Money,
    /// Asked only where the money is the same.
    points: Option<Points>,
}

pub(super) struct Stack<'a> {
    terms: Terms<'a>,
    questions: &'a Questions<'a>,
    lines: &'a mut [LineState],
    before: Amounts,
    floors: Amounts,
    seats: Seats<'a>,
    /// Those of each group that might act.
    members: Vec<Vec<usize>>,
    /// Groups that pick one discount for the order.
    pickers: Vec<usize>,
    effort: usize,
    others: Vec<OtherSet>,
}

impl<'a> Stack<'a> {
    pub fn new(
        terms: Terms<'a>,
        questions: &'a Questions<'a>,
        lines: &'a mut [LineState],
        first: usize,
    ) -> Stack<'a> {
        let before = lines.iter().map(|l| l.discounted).collect();
        let floors = lines.iter().map(|l| floor_of(terms.limits, l)).collect();
        let seats = Seats::of(terms, questions, lines, first);
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); terms.groups.len()];
        for i in seats.acting() {
            if let Some(group) = terms.discount(i).group {
                members[group].push(i);
            }
        }
        let mut stack = Stack {
            terms,
            questions,
            lines,
            before,
            floors,
            seats,
            members,
            pickers: Vec::new(),
            effort: 0,
            others: Vec::new(),
        };
        stack.find_pickers();
        stack
    }

    fn active(&self) -> impl Iterator<Item = usize> + '_ {
        self.seats.acting()
    }
    fn mode_of(&self, discount: usize) -> Option<(usize, GroupMode)> {
        self.terms.discount(discount).group.map(|group| (group, self.terms.groups[group].mode))
    }
    fn is_by_line(&self, members: &[usize]) -> bool {
        members.iter().all(|i| self.terms.discount(*i).on.is_by_line())
    }

    fn find_pickers(&mut self) {
        for group in 0..self.terms.groups.len() {
            if self.terms.groups[group].mode != GroupMode::Best {
                continue;
            }
            let members = &self.members[group];
            if !members.is_empty() && !self.is_by_line(members) {
                self.pickers.push(group);
            }
        }
    }

    fn may_act(&self, discount: usize, choice: &Choice) -> bool {
        match (choice.alone, self.mode_of(discount)) {
            (Some(alone), _) => alone == discount,
            (None, Some((_, GroupMode::Exclusive))) => false,
            (None, Some((group, GroupMode::Best))) => {
                let picker = self.pickers.iter().position(|g| *g == group);
                picker.is_none_or(|at| choice.picks[at] == Some(discount))
            }
            _ => true,
        }
    }

    /// Applies one after another what the choice lets act; the lines are as they were before.
    fn run(&mut self, choice: &Choice) -> Vec<Applied> {
        for (line, before) in self.lines.iter_mut().zip(&self.before) {
            line.discounted = *before;
        }
        let mut applied: Vec<Applied> = Vec::with_capacity(self.seats.acting_count());
        let mut done_groups: Vec<usize> = Vec::new();
        for at in 0..self.seats.acting_count() {
            let discount = self.seats.acting_at(at);
            if !self.may_act(discount, choice) {
                continue;
            }
            let group = self.mode_of(discount).filter(|_| choice.alone.is_none());
            if let Some((group, mode @ (GroupMode::Best | GroupMode::First))) = group {
                if done_groups.contains(&group) {
                    continue;
                }
                if self.is_by_line(&self.members[group]) {
                    done_groups.push(group);
                    self.apply_by_line(group, mode, &mut applied);
                    continue;
                }
                if mode == GroupMode::First && self.apply(discount, &mut applied) {
                    done_groups.push(group);
                }
                if mode == GroupMode::First {
                    continue;
                }
            }
            self.apply(discount, &mut applied);
        }
        applied
    }

    fn off_of(&mut self, discount: usize) -> ByLine {
        self.effort += 1;
        if !self.fluid_holds(discount) {
            return ByLine::new();
        }
        let (terms, concerned) = (&self.terms, self.seats.lines_of(discount));
        let meant = (terms.rounding, terms.amounts_net);
        off(terms.discount(discount), self.lines, concerned, &self.floors, meant)
    }
    /// What earlier discounts can change of its conditions holds, as the lines stand.
    fn fluid_holds(&self, discount: usize) -> bool {
        let only_if = &self.terms.discount(discount).only_if;
        self.seats
            .hint(discount)
            .fluid_hold(only_if, |condition| (self.questions.holds)(condition, self.lines))
    }
    fn apply(&mut self, discount: usize, applied: &mut Vec<Applied>) -> bool {
        let by_line = self.off_of(discount);
        self.take(Applied { discount, by_line }, applied)
    }
    fn take(&mut self, one: Applied, applied: &mut Vec<Applied>) -> bool {
        if one.by_line.is_empty() {
            return false;
        }
        for (line, money) in &one.by_line {
            self.lines[usize::from(*line)].discounted -= *money;
        }
        applied.push(one);
        true
    }

    /// A group whose discounts are all decided by line: each line takes the best, or the first, of them, all
    /// counted on what was left when the group's turn came.
    fn apply_by_line(&mut self, group: usize, mode: GroupMode, applied: &mut Vec<Applied>) {
        let mut offers: Vec<Applied> = Vec::with_capacity(self.members[group].len());
        for at in 0..self.members[group].len() {
            let discount = self.members[group][at];
            let by_line = self.off_of(discount);
            offers.push(Applied { discount, by_line });
        }
        let mut winner: Vec<Option<(usize, Money)>> = vec![None; self.lines.len()];
        for offer in &offers {
            for (line, money) in &offer.by_line {
                let best = &mut winner[usize::from(*line)];
                let better = match best {
                    None => true,
                    Some((_, most)) => mode == GroupMode::Best && *money > *most,
                };
                if better {
                    *best = Some((offer.discount, *money));
                }
            }
        }
        for mut offer in offers {
            offer.by_line.retain(|(line, _)| {
                winner[usize::from(*line)].is_some_and(|(discount, _)| discount == offer.discount)
            });
            self.take(offer, applied);
        }
    }

    /// What money pays for all lines, taxes added on top included.
    fn due(&self) -> Money {
        let due = |line: &LineState| {
            let tax = line.tax.filter(|t| t.added).map_or(Money::ZERO, |t| t.of(line.discounted));
            line.discounted + tax
        };
        self.lines.iter().map(due).sum()
    }

    /// Leaves the lines priced by the best set.
    pub fn best(mut self) -> Priced {
        let alone: Vec<usize> = self
            .active()
            .filter(|i| self.mode_of(*i).is_some_and(|(_, mode)| mode == GroupMode::Exclusive))
            .collect();
        let nobody = Choice { picks: vec![None; self.pickers.len()], alone: None };
        if self.pickers.is_empty() && alone.is_empty() {
            let applied = self.run(&nobody);
            return self.finish(&nobody, applied, None);
        }
        let mut best: Option<Tried> = None;
        let runs = alone.len() + 1;
        for discount in alone {
            self.attempt(Choice { alone: Some(discount), ..nobody.clone() }, &mut best);
        }
        let proven = self.search(&nobody, runs, &mut best);
        let Some(best) = best else { return Priced::default() };
        let tried = self.effort;
        let applied = self.run(&best.choice);
        self.finish(&best.choice, applied, Some((tried, proven)))
    }

    /// Tries every combination where the effort allows, else climbs from the best single pick; answers
    /// whether all was tried.
    fn search(&mut self, nobody: &Choice, runs: usize, best: &mut Option<Tried>) -> bool {
        // To leave a group out can be best: another discount may need the total it would lower.
        let options: Vec<Vec<Option<usize>>> = self
            .pickers
            .iter()
            .map(|group| self.members[*group].iter().copied().map(Some).chain([None]).collect())
            .collect();
        let combinations = options.iter().try_fold(1_usize, |all, list| all.checked_mul(list.len()));
        let each = self.active().count().max(1);
        let whole = combinations.and_then(|c| c.checked_add(runs)).and_then(|c| c.checked_mul(each));
        if whole.is_some_and(|effort| effort <= EFFORT_MAX) {
            let mut at = vec![0; options.len()];
            loop {
                let picks = at.iter().zip(&options).map(|(i, list)| list[*i]).collect();
                self.attempt(Choice { picks, alone: None }, best);
                if !advance(&mut at, &options) {
                    return true;
                }
            }
        }
        self.climb(nobody, &options, best);
        false
    }

    /// Every single pick first, then from the best of them one change after another while it helps: a pick
    /// taken only because it came first could bar a better one.
    fn climb(&mut self, nobody: &Choice, options: &[Vec<Option<usize>>], best: &mut Option<Tried>) {
        let mut found = None;
        self.attempt(nobody.clone(), &mut found);
        self.change_each(nobody, options, &mut found);
        let mut from = nobody.clone();
        while let Some(Tried { choice, .. }) = &found
            && *choice != from
        {
            from = choice.clone();
            self.change_each(&from, options, &mut found);
        }
        if let Some(found) = found {
            self.attempt(found.choice, best);
        }
    }

    /// Tries every choice that differs from this one in one pick.
    fn change_each(&mut self, from: &Choice, options: &[Vec<Option<usize>>], found: &mut Option<Tried>) {
        for (at, list) in options.iter().enumerate() {
            for option in list {
                if self.effort >= EFFORT_MAX {
                    return;
                }
                let mut choice = from.clone();
                choice.picks[at] = *option;
                if choice != *from {
                    self.attempt(choice, found);
                }
            }
        }
    }

    /// Tries a set; it takes the place of the best so far when it is better.
    fn attempt(&mut self, choice: Choice, best: &mut Option<Tried>) {
        let applied = self.run(&choice);
        let due = self.due();
        let mut tried = Tried { choice, applied, due, points: None };
        let takes = match best {
            None => true,
            Some(known) if due != known.due => due < known.due,
            Some(known) => self.wins_tie(&mut tried, known),
        };
        if takes {
            let beaten = best.replace(tried);
            if let Some(beaten) = beaten {
                self.remember(&beaten.applied, beaten.due);
            }
        } else {
            self.remember(&tried.applied, tried.due);
        }
    }

    /// The lines stand as the new set has left them.
    fn wins_tie(&mut self, new: &mut Tried, known: &mut Tried) -> bool {
        if new.applied == known.applied {
            return false;
        }
        let new_points = (self.questions.points)(self.lines);
        new.points = Some(new_points);
        let known_points = match known.points {
            Some(points) => points,
            None => {
                self.run(&known.choice.clone());
                *known.points.insert((self.questions.points)(self.lines))
            }
        };
        if new_points != known_points {
            return new_points > known_points;
        }
        self.rank(&new.applied) < self.rank(&known.applied)
    }

    fn rank(&self, applied: &[Applied]) -> Vec<(Reverse<i32>, ShortText)> {
        let of = |a: &Applied| {
            let discount = self.terms.discount(a.discount);
            (Reverse(discount.priority), discount.id.clone())
        };
        let mut rank: Vec<_> = applied.iter().map(of).collect();
        rank.sort();
        rank
    }

    /// Keeps the nearest sets that were not taken.
    fn remember(&mut self, applied: &[Applied], due: Money) {
        let full = self.others.len() >= OTHERS_MAX;
        if applied.is_empty() || full && self.others.last().is_some_and(|worst| worst.due <= due) {
            return;
        }
        let discounts = names(&self.terms, applied);
        if self.others.iter().any(|o| o.discounts == discounts) {
            return;
        }
        let place = self.others.partition_point(|o| o.due <= due);
        self.others.insert(place, OtherSet { discounts, due });
        self.others.truncate(OTHERS_MAX);
    }

    /// Writes the discounts on the lines, and why.
    fn finish(self, choice: &Choice, applied: Vec<Applied>, searched: Option<(usize, bool)>) -> Priced {
        let terms = self.terms;
        // What coupons came to is asked of every order, what other discounts did only where it is explained.
        let from = if terms.explain { 0 } else { terms.discounts.len() };
        let told = terms.len() - from;
        let mut priced = Priced::default();
        let mut sums: Vec<Option<Money>> = vec![None; told];
        for one in applied.iter().filter(|one| one.discount >= from) {
            sums[one.discount - from] = Some(one.sum());
        }
        if terms.explain {
            priced.trace.reserve_exact(told + 1);
        }
        for (i, sum) in (from..).zip(sums) {
            let came = sum.ok_or_else(|| self.why_silent(i, choice, &applied));
            if terms.explain {
                let discount = terms.discount(i).id.clone();
                priced.trace.push(match came {
                    Ok(amount) => Step::DiscountApplied { discount, amount },
                    Err(why) => Step::DiscountSilent { discount, why },
                });
            }
            if i >= terms.discounts.len() {
                priced.by_coupon.push(came);
            }
        }
        if let Some((tried, proven)) = searched.filter(|_| terms.explain) {
            let taken = names(&terms, &applied);
            let others: Vec<OtherSet> = self.others.into_iter().filter(|o| o.discounts != taken).collect();
            if !others.is_empty() {
                priced.trace.push(Step::SetsCompared { steps: tried as u32, proven, others });
            }
        }
        for Applied { discount, by_line } in applied {
            for (line, amount) in by_line {
                let discount = terms.discount(discount).id.clone();
                self.lines[usize::from(line)].discounts.push(LineDiscount { discount, amount });
            }
        }
        priced
    }

    fn why_silent(&self, i: usize, choice: &Choice, applied: &[Applied]) -> Silence {
        let discount = self.terms.discount(i);
        match self.seats.why_silent(i) {
            Some(why) => why,
            None if !self.may_act(i, choice) => Silence::Excluded,
            None if discount.group.is_some_and(|g| applied.iter().any(|a| self.is_of(a, g))) => {
                Silence::AnotherInGroup
            }
            None if !self.fluid_holds(i) => Silence::ConditionFalse,
            None => Silence::NothingLeft,
        }
    }

    fn is_of(&self, applied: &Applied, group: usize) -> bool {
        self.terms.discount(applied.discount).group == Some(group)
            && !matches!(self.terms.groups[group].mode, GroupMode::Sum)
    }
}

/// The next combination, the last position fastest; `false` after the last.
fn advance(at: &mut [usize], options: &[Vec<Option<usize>>]) -> bool {
    for (i, list) in at.iter_mut().zip(options).rev() {
        *i += 1;
        if *i < list.len() {
            return true;
        }
        *i = 0;
    }
    false
}
