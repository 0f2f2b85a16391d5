//! Which discounts an order can concern at all, by the names its lines have.
//!
//! Invariant: an index only ever leaves out what could not have acted; a discount without names in it is
//! always looked at. It is made once, when a version of the program is taken up.

use crate::order::LineState;
use crate::product::LineMatch;
use crate::program::{Condition, Discount, On};
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

/// Names that discounts speak of, numbered, and for each discount those of which one must be there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    skus: Names,
    categories: Names,
    brands: Names,
    tags: Names,
    count: u32,
    wants: Vec<Wants>,
}

/// One of these names must stand on some line; empty: any order will do.
#[derive(Debug, Clone, Default, PartialEq)]
struct Wants {
    names: Box<[u32]>,
    /// The names are those of a condition, not of the lines that are lowered.
    of_condition: bool,
}

/// The numbered names that the lines of one order have, as a set of bits.
pub(super) struct Present(Vec<u64>);

impl Present {
    fn has(&self, name: u32) -> bool {
        self.0[name as usize / 64] & (1 << (name % 64)) != 0
    }
    fn add(&mut self, name: Option<&u32>) {
        if let Some(name) = name {
            self.0[*name as usize / 64] |= 1 << (name % 64);
        }
    }
}

impl Index {
    pub fn of(discounts: &[Discount]) -> Index {
        let mut index = Index::default();
        for discount in discounts {
            let wants = index.wants_of(discount);
            index.wants.push(wants);
        }
        index
    }

    /// The shortest list of names that must hold, of the lines or of a condition on lines.
    fn wants_of(&mut self, discount: &Discount) -> Wants {
        let lines = (discount.on != On::Delivery).then_some((&discount.of, false));
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
        let Some((of, which, of_condition)) = named.min_by_key(length) else { return Wants::default() };
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
        Wants { names: numbered.into(), of_condition }
    }

    /// A line counts by its names, whatever its kind: the index only leaves out, it does not decide.
    pub(super) fn present(&self, lines: &[LineState]) -> Present {
        let mut present = Present(vec![0; self.count as usize / 64 + 1]);
        for line in lines {
            if !self.skus.is_empty() {
                present.add(self.skus.get(line.sku.as_str()));
            }
            if !self.brands.is_empty() {
                present.add(line.brand.as_deref().and_then(|brand| self.brands.get(brand)));
            }
            if let (Some(path), false) = (&line.category, self.categories.is_empty()) {
                let above = path.match_indices('/').map(|(end, _)| &path[..end]);
                above.chain([path.as_str()]).for_each(|c| present.add(self.categories.get(c)));
            }
            if !self.tags.is_empty() {
                line.tags.iter().for_each(|tag| present.add(self.tags.get(tag.as_str())));
            }
        }
        present
    }

    /// `Some` when the discount cannot act on such lines: `true` when it is a condition that fails.
    pub(super) fn rules_out(&self, discount: usize, present: &Present) -> Option<bool> {
        let wants = self.wants.get(discount)?;
        let none = !wants.names.is_empty() && !wants.names.iter().any(|name| present.has(*name));
        none.then_some(wants.of_condition)
    }
}
