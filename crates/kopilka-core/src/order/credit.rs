//! Credits of an order: the stored decision that its returns are computed by.
//!
//! Invariant: [`Credit::value`] is the only place where a formula becomes points.

use super::{LineKind, LineState, Tax};
use crate::ShortText;
use crate::money::{Money, Rate, Rounding};
use crate::points::Points;
use serde::{Deserialize, Serialize};

/// Which amount of a line a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseAmount {
    /// Really paid in money.
    #[default]
    Paid,
    BeforePoints,
    List,
}

/// How a credit depends on what remains of its order. `lines` are positions in the order's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Formula {
    /// Each line with its rate; the sum of the exact products is rounded once.
    Percent {
        lines: Vec<(u16, Rate)>,
    },
    PerAmount {
        points: Points,
        per: Money,
        lines: Vec<u16>,
    },
    PerPiece {
        points: Points,
        lines: Vec<u16>,
    },
    Fixed {
        points: Points,
    },
}

/// A credit of this order: the stored decision its returns are computed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub rule: ShortText,
    pub formula: Formula,
    pub base: BaseAmount,
    /// Tax is taken out of the base.
    #[serde(default)]
    pub net_of_tax: bool,
    pub rounding: Rounding,
    /// Smallest point units in a point: a percent of money is counted in points of the program.
    pub scale: PointScale,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Points>,
    /// What must remain of the order, or the credit falls whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Threshold>,
    pub lot: crate::ids::LotNo,
    pub issued: Points,
    /// Taken back so far, from whatever lot or as debt or loss.
    pub taken: Points,
}

/// Which figure of an order's goods a threshold measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    List,
    Discounted,
    /// In thousandths of a piece.
    Quantity,
}

/// The least of goods that a rule's conditions asked for, so that returns can tell when it is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    pub measure: Measure,
    pub least: i64,
    /// Positions of the lines it speaks of; all goods when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<u16>>,
}

impl Threshold {
    pub fn holds(&self, lines: &[LineState]) -> bool {
        let left = |line: &LineState| match self.measure {
            Measure::List => line.left_of(line.list).0,
            Measure::Discounted => line.left_of(line.discounted).0,
            Measure::Quantity => line.remaining().0,
        };
        let sum: i64 = match &self.lines {
            Some(at) => at.iter().map(|&i| left(&lines[usize::from(i)])).sum(),
            None => lines.iter().filter(|l| l.kind == LineKind::Goods).map(left).sum(),
        };
        sum >= self.least
    }
}

/// Converts money of a percent into points: `points = money × num / den` smallest units per minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointScale {
    pub num: i64,
    pub den: i64,
}

impl Credit {
    /// What the credit is worth on what remains of the order: the one place where a formula becomes points,
    /// for the first issue and for every return.
    pub fn value(&self, lines: &[LineState]) -> Points {
        if !self.needs.iter().all(|threshold| threshold.holds(lines)) {
            return Points::ZERO;
        }
        let raw = match &self.formula {
            Formula::Percent { lines: at } => {
                let exact: i128 = at
                    .iter()
                    .map(|(i, rate)| i128::from(self.base_of(&lines[usize::from(*i)]).0) * i128::from(rate.0))
                    .sum();
                let num = exact * i128::from(self.scale.num);
                self.rounding.divide(num, i128::from(Rate::ONE) * i128::from(self.scale.den))
            }
            Formula::PerAmount { points, per, lines: at } => {
                self.base_total(lines, at).max(0) / i128::from(per.0) * i128::from(points.0)
            }
            Formula::PerPiece { points, lines: at } => {
                let pieces: i128 = at.iter().map(|&i| i128::from(lines[usize::from(i)].remaining().0)).sum();
                self.rounding.divide(pieces * i128::from(points.0), 1000)
            }
            Formula::Fixed { points } => i128::from(fixed_share(*points, lines).0),
        };
        let value = Points(raw.clamp(0, i128::from(crate::points::POINTS_MAX)) as i64);
        self.cap.map_or(value, |cap| value.min(cap))
    }

    fn base_total(&self, lines: &[LineState], at: &[u16]) -> i128 {
        at.iter().map(|&i| i128::from(self.base_of(&lines[usize::from(i)]).0)).sum()
    }
    /// What is left of the line's amount that this credit counts.
    pub fn base_of(&self, line: &LineState) -> Money {
        let amount = match self.base {
            BaseAmount::Paid => line.counted,
            BaseAmount::BeforePoints => line.discounted,
            BaseAmount::List => line.list,
        };
        let left = line.left_of(amount);
        match line.tax {
            Some(tax) if self.net_of_tax && !tax.added => left - tax.of(left),
            // An added tax is inside `counted` only; taking it out mirrors how it was put on.
            Some(tax) if self.net_of_tax && self.base == BaseAmount::Paid => {
                left - Tax { added: false, ..tax }.of(left)
            }
            _ => left,
        }
    }
}

/// ⌊amount × remaining share of goods⌋, the share measured in money before points; goods that cost nothing
/// keep the whole until the last piece is gone.
fn fixed_share(points: Points, lines: &[LineState]) -> Points {
    let goods = || lines.iter().filter(|l| l.kind == LineKind::Goods);
    let whole: i128 = goods().map(|l| i128::from(l.discounted.0)).sum();
    let left: i128 = goods().map(|l| i128::from(l.left_of(l.discounted).0)).sum();
    if goods().all(|l| l.remaining().0 == 0) {
        return Points::ZERO;
    }
    if whole <= 0 {
        return points;
    }
    Points((i128::from(points.0) * left / whole) as i64)
}
