//! What can be said of discounts before any order comes: by which names they are found, and which of their
//! conditions another discount can change.
//!
//! Invariant: an index only ever leaves out what could not have acted; a discount without names in it is
//! always looked at. It is made once, when a version of the program is taken up.

use crate::order::LineState;
use crate::product::LineMatch;
use crate::program::{Condition, Discount};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Fowler–Noll–Vo: names are short and come from the shop itself, so nobody gains by making them collide.
#[derive(Debug, Clone, Default)]
pub struct NameHasher(u64);

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

type Names = HashMap<Box<str>, u32, BuildHasherDefault<NameHasher>>;

/// Names that discounts speak of, numbered, and what is known of each discount.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    skus: Names,
    categories: Names,
    brands: Names,
    tags: Names,
    count: u32,
    hints: Vec<Hint>,
}

/// What is known of one discount.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hint {
    /// One of these names must stand on some line; empty: any order will do.
    names: Box<[u32]>,
    /// The names are those of a condition, not of the lines that are lowered.
    of_condition: bool,
    /// Of the conditions that must all hold, by position: those that no discount changes, cheap ones first.
    firm: Box<[u16]>,
    /// Those that the discounts before this one can change.
    fluid: Box<[u16]>,
    /// The condition that asks for the very lines that are lowered: it holds where there are such lines.
    own_lines: Option<u16>,
}

impl Hint {
    /// What can be said without numbered names.
    pub fn of(discount: &Discount) -> Hint {
        let mut hint = Hint::default();
        let (mut firm, mut fluid) = (Vec::new(), Vec::new());
        for (at, condition) in (0_u16..).zip(conjuncts(&discount.only_if)) {
            if hint.own_lines.is_none() && asks_for_own_lines(discount, condition) {
                hint.own_lines = Some(at);
            } else if is_fluid(condition) {
                fluid.push(at);
            } else {
                firm.push(at);
            }
        }
        firm.sort_by_key(|at| cost(&conjuncts(&discount.only_if)[usize::from(*at)]));
        (hint.firm, hint.fluid) = (firm.into(), fluid.into());
        hint
    }

    /// The conditions that no discount changes all hold, but for the one that lines answer by being there.
    pub fn firm_hold(&self, only_if: &Condition, holds: impl Fn(&Condition) -> bool) -> bool {
        all_hold(&self.firm, only_if, holds)
    }
    /// The others all hold, as the lines stand.
    pub fn fluid_hold(&self, only_if: &Condition, holds: impl Fn(&Condition) -> bool) -> bool {
        all_hold(&self.fluid, only_if, holds)
    }
    /// The condition that lines answer by being there.
    pub fn own_lines<'a>(&self, only_if: &'a Condition) -> Option<&'a Condition> {
        self.own_lines.map(|at| &conjuncts(only_if)[usize::from(at)])
    }
}

fn all_hold(which: &[u16], only_if: &Condition, holds: impl Fn(&Condition) -> bool) -> bool {
    let conjuncts = conjuncts(only_if);
    which.iter().all(|at| holds(&conjuncts[usize::from(*at)]))
}

/// Conditions that must all hold.
fn conjuncts(only_if: &Condition) -> &[Condition] {
    match only_if {
        Condition::Always => &[],
        Condition::All(list) => list,
        one => std::slice::from_ref(one),
    }
}

fn asks_for_own_lines(discount: &Discount, condition: &Condition) -> bool {
    let Condition::Lines { of, total: None, quantity: None } = condition else { return false };
    !discount.on.takes_delivery() && *of == discount.of
}

/// Another discount can change whether it holds.
fn is_fluid(condition: &Condition) -> bool {
    condition.contains(&|c| matches!(c, Condition::OrderTotal(_) | Condition::Lines { total: Some(_), .. }))
}

/// What walks over lines or calendars is asked after what compares two values.
fn cost(condition: &Condition) -> u8 {
    match condition {
        Condition::Shops(_) | Condition::Channels(_) | Condition::Cashiers(_) => 0,
        Condition::Date { .. } | Condition::Weekdays(_) | Condition::Hours { .. } => 1,
        Condition::OrderTotalList(_) | Condition::Quantity(_) => 2,
        Condition::Lines { .. } => 4,
        _ => 3,
    }
}

/// The category of a line and the further ones it stands in.
fn categories_of(line: &LineState) -> impl Iterator<Item = &str> {
    let also = line.own.iter().flat_map(|own| &own.also_in);
    line.category.as_deref().into_iter().chain(also.map(String::as_str))
}

/// The numbered names that the lines of one order have, and on which lines they stand, in this order.
pub(super) struct Present {
    bits: Vec<u64>,
    at: Vec<(u32, u16)>,
}

impl Present {
    fn has(&self, name: u32) -> bool {
        self.bits[name as usize / 64] & (1 << (name % 64)) != 0
    }
    fn add(&mut self, name: Option<&u32>, line: u16) {
        if let Some(name) = name {
            self.bits[*name as usize / 64] |= 1 << (name % 64);
            self.at.push((*name, line));
        }
    }
    fn lines_of(&self, name: u32) -> impl Iterator<Item = u16> + '_ {
        let from = match self.has(name) {
            true => self.at.partition_point(|(known, _)| *known < name),
            false => self.at.len(),
        };
        self.at[from..].iter().take_while(move |(known, _)| *known == name).map(|(_, line)| *line)
    }
}

impl Index {
    pub fn of(discounts: &[Discount]) -> Index {
        let mut index = Index::default();
        for discount in discounts {
            let (names, of_condition) = index.names_of(discount);
            index.hints.push(Hint { names, of_condition, ..Hint::of(discount) });
        }
        index
    }

    pub(super) fn hint(&self, discount: usize) -> Option<&Hint> {
        self.hints.get(discount)
    }
    pub(super) fn len(&self) -> usize {
        self.hints.len()
    }

    /// The shortest list of names that must hold, of the lines or of a condition on lines.
    fn names_of(&mut self, discount: &Discount) -> (Box<[u32]>, bool) {
        let lines = (!discount.on.takes_delivery()).then_some((&discount.of, false));
        let conditions = discount.only_if.together();
        let conditions = conditions.iter().filter_map(|c| match c {
            Condition::Lines { of, .. } => Some((of, true)),
            _ => None,
        });
        let listed = |of: &LineMatch| {
            let lists = [&of.skus, &of.categories, &of.brands, &of.tags];
            (0..4).filter(|i| !lists[*i].is_empty()).min_by_key(|i| lists[*i].len())
        };
        let all = lines.into_iter().chain(conditions);
        let named = all.filter_map(|(of, of_condition)| Some((of, listed(of)?, of_condition)));
        let length = |(of, which, _): &(&LineMatch, usize, bool)| {
            [&of.skus, &of.categories, &of.brands, &of.tags][*which].len()
        };
        let Some((of, which, of_condition)) = named.min_by_key(length) else {
            return Default::default();
        };
        let (names, list) = match which {
            0 => (&mut self.skus, &of.skus),
            1 => (&mut self.categories, &of.categories),
            2 => (&mut self.brands, &of.brands),
            _ => (&mut self.tags, &of.tags),
        };
        let mut numbered = Vec::with_capacity(list.len());
        for name in list {
            let next = self.count;
            let number = *names.entry(name.as_str().into()).or_insert(next);
            self.count = self.count.max(number + 1);
            numbered.push(number);
        }
        (numbered.into(), of_condition)
    }

    /// A line counts by its names, whatever its kind: the index only leaves out, it does not decide.
    pub(super) fn present(&self, lines: &[LineState]) -> Present {
        let mut present =
            Present { bits: vec![0; self.count as usize / 64 + 1], at: Vec::with_capacity(lines.len()) };
        for (i, line) in (0_u16..).zip(lines) {
            if !self.skus.is_empty() {
                present.add(self.skus.get(line.sku.as_str()), i);
            }
            if !self.brands.is_empty() {
                present.add(line.brand.as_deref().and_then(|brand| self.brands.get(brand)), i);
            }
            for path in categories_of(line).filter(|_| !self.categories.is_empty()) {
                let above = path.match_indices('/').map(|(end, _)| &path[..end]);
                above.chain([path]).for_each(|c| present.add(self.categories.get(c), i));
            }
            if !self.tags.is_empty() {
                line.tags.iter().for_each(|tag| present.add(self.tags.get(tag.as_str()), i));
            }
        }
        present.at.sort_unstable();
        present.at.dedup();
        present
    }
}

impl Hint {
    /// `Some` when the discount cannot act on such lines: `true` when it is a condition that fails.
    pub(super) fn rules_out(&self, present: &Present) -> Option<bool> {
        let none = !self.names.is_empty() && !self.names.iter().any(|name| present.has(*name));
        none.then_some(self.of_condition)
    }

    /// Adds the lines from `first` on that can be concerned: those with the names, or all, each once and in
    /// order.
    pub(super) fn may_concern(&self, present: &Present, first: u16, end: u16, add: impl FnMut(u16)) {
        match &*self.names {
            [name] if !self.of_condition => {
                present.lines_of(*name).filter(|line| *line >= first).for_each(add);
            }
            names if !names.is_empty() && !self.of_condition => {
                let mut lines: Vec<u16> = names.iter().flat_map(|name| present.lines_of(*name)).collect();
                lines.sort_unstable();
                lines.dedup();
                lines.into_iter().filter(|line| *line >= first).for_each(add);
            }
            _ => (first..end).for_each(add),
        }
    }
}
