//! Bounds on an amount, a quantity or a count.
//!
//! Invariant: `above` and `below` of a document are one smallest unit beside `from` and `to`, so a range has
//! two kinds of ends and comparisons have no second form.

use serde::{Deserialize, Serialize};

/// Both bounds included, in the smallest units of what is measured; without a bound there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Range {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<i64>,
}

impl Range {
    pub fn from(least: i64) -> Range {
        Range { least: Some(least), most: None }
    }
    pub fn exactly(value: i64) -> Range {
        Range { least: Some(value), most: Some(value) }
    }
    pub fn holds(&self, value: i64) -> bool {
        self.least.is_none_or(|least| least <= value) && self.most.is_none_or(|most| value <= most)
    }
    pub fn is_empty(&self) -> bool {
        matches!((self.least, self.most), (Some(least), Some(most)) if most < least)
    }
    /// What lies in both.
    pub fn and(self, other: Range) -> Range {
        let tighter = |a: Option<i64>, b: Option<i64>, pick: fn(i64, i64) -> i64| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (one, other) => one.or(other),
        };
        Range {
            least: tighter(self.least, other.least, i64::max),
            most: tighter(self.most, other.most, i64::min),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_a_range() {
        let range = Range { least: Some(10), most: Some(20) };
        assert_eq!([9, 10, 20, 21].map(|v| range.holds(v)), [false, true, true, false]);
        assert!(Range::default().holds(i64::MIN) && Range::from(5).holds(i64::MAX));
        assert!(range.and(Range::from(21)).is_empty());
        assert_eq!(range.and(Range::from(15)), Range { least: Some(15), most: Some(20) });
    }
}
