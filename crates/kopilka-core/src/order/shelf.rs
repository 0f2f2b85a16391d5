//! The orders of a book: a few as a rule, found by comparing rather than by a tree.
//!
//! Invariant: no two orders have the same key, and they stand in the order of their keys.

use super::{OrderKey, OrderState};

/// Orders by key. Each lies in a box of its own, so placing one moves nothing but its address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(clippy::vec_box)] // An event brings the box; taking the order out of it would copy half a kilobyte.
pub struct Orders(Vec<Box<OrderState>>);

/// Up to here comparing them all for equality is faster than halving by order.
const FEW: usize = 8;

/// Whether two short texts are equal, by words that may overlap: a decision asks for its order many times,
/// and calling the general comparison costs more than comparing.
#[inline]
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let length = one.len();
    if length != other.len() {
        return false;
    }
    match length {
        8..=16 => ends_match::<8>(one, other),
        4..=7 => ends_match::<4>(one, other),
        0..=3 => one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0,
        _ => one == other,
    }
}

#[inline]
fn ends_match<const WORD: usize>(one: &[u8], other: &[u8]) -> bool {
    one.first_chunk::<WORD>() == other.first_chunk::<WORD>()
        && one.last_chunk::<WORD>() == other.last_chunk::<WORD>()
}

impl Orders {
    fn find(&self, key: &OrderKey) -> Option<usize> {
        if self.0.len() <= FEW {
            let is_key = |known: &OrderKey| same(&known.order, &key.order) && same(&known.shop, &key.shop);
            return self.0.iter().position(|order| is_key(&order.key));
        }
        self.0.binary_search_by(|order| order.key.cmp(key)).ok()
    }
    pub fn get(&self, key: &OrderKey) -> Option<&OrderState> {
        self.find(key).map(|at| &*self.0[at])
    }
    pub fn get_mut(&mut self, key: &OrderKey) -> Option<&mut OrderState> {
        self.find(key).map(|at| &mut *self.0[at])
    }
    pub fn contains_key(&self, key: &OrderKey) -> bool {
        self.find(key).is_some()
    }
    /// Adds an order, or replaces the one of the same key.
    pub fn put(&mut self, order: Box<OrderState>) {
        match self.0.binary_search_by(|known| known.key.cmp(&order.key)) {
            Ok(at) => self.0[at] = order,
            Err(at) => self.0.insert(at, order),
        }
    }
    pub fn remove(&mut self, key: &OrderKey) -> Option<Box<OrderState>> {
        self.find(key).map(|at| self.0.remove(at))
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// In the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &OrderState> {
        self.0.iter().map(|order| &**order)
    }
}

impl std::ops::Index<&OrderKey> for Orders {
    type Output = OrderState;
    fn index(&self, key: &OrderKey) -> &OrderState {
        match self.get(key) {
            Some(order) => order,
            None => panic!("order {key} is not in the book"),
        }
    }
}
