//! Credits of an order: the stored decision that its returns are computed by.
//!
//! Invariant: [`Credit::value`] is the only place where a formula becomes points.

use super::{LineKind, LineNumbers, LineState, Tax};
use crate::ShortText;
use crate::money::{Money, Rate, Rounding};
use crate::points::Points;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

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
        lines: SmallVec<[(u16, Rate); 1]>,
    },
    PerAmount {
        points: Points,
        per: Money,
        lines: LineNumbers,
    },
    PerPiece {
        points: Points,
        lines: LineNumbers,
    },
    Fixed {
        points: Points,
    },
    /// What somebody else's order is worth to the referrer, as told last.
    Told {
        points: Points,
    },
    Table {
        rows: Vec<TableRow>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        marginal: bool,
        lines: LineNumbers,
    },
}

/// A row of a table by amount: what holds from this amount of the base on, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    pub from: Money,
    pub gives: RowGives,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowGives {
    Percent(Rate),
    Points(Points),
    PerAmount { points: Points, per: Money },
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
    /// Lines whose part is multiplied; a line that is not named counts once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<(u16, Rate)>,
    /// What must remain of the order, or the credit falls whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Threshold>,
    /// Which effect of its rule it is: its delay and validity are needed again when its lot is dated anew.
    #[serde(default, skip_serializing_if = "is_first")]
    pub effect: u16,
    /// Goods when it was promised, before the payment: what a fixed number of points is a share of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_goods: Option<Money>,
    pub lot: crate::ids::LotNo,
    pub issued: Points,
    /// Taken back so far, from whatever lot or as debt or loss.
    pub taken: Points,
}

fn is_first(effect: &u16) -> bool {
    *effect == 0
}

/// Which figure of an order's goods a threshold measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    List,
    /// List prices without any tax.
    Net,
    Discounted,
    /// In thousandths of a piece.
    Quantity,
}

/// The least of goods that a rule's conditions asked for, so that returns can tell when it is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    pub measure: Measure,
    pub least: i64,
    /// Amounts count with the tax that lines add on top.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gross: bool,
    /// Positions of the lines it speaks of; all goods when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<u16>>,
}

impl Threshold {
    fn money(&self, line: &LineState, amount: Money) -> i64 {
        line.left_of(if self.gross { line.gross(amount) } else { amount }).0
    }
    pub fn holds(&self, lines: &[LineState]) -> bool {
        let left = |line: &LineState| match self.measure {
            Measure::Net => {
                let tax = line.tax.filter(|t| !t.added).map_or(Money::ZERO, |t| t.of(line.list));
                line.left_of(line.list - tax).0
            }
            Measure::List => self.money(line, line.list),
            Measure::Discounted => self.money(line, line.discounted),
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
                let part =
                    |(i, rate): &(u16, Rate)| self.times(*i, i128::from(rate.0) * self.base_at(lines, *i));
                self.of_rate(at.iter().map(part).sum())
            }
            Formula::PerAmount { points, per, lines: at } => self.per_amount(lines, at, *points, *per),
            Formula::PerPiece { points, lines: at } => {
                let left = |i: u16| i128::from(lines[usize::from(i)].remaining().0);
                let pieces: i128 = at.iter().map(|&i| self.times(i, left(i))).sum();
                self.rounding.divide(pieces * i128::from(points.0), 1000 * self.unit())
            }
            Formula::Fixed { points } => i128::from(fixed_share(*points, lines).0),
            Formula::Told { points } => i128::from(points.0),
            Formula::Table { rows, marginal, lines: at } => self.by_table(lines, at, rows, *marginal),
        };
        let value = Points(raw.clamp(0, i128::from(crate::points::POINTS_MAX)) as i64);
        self.cap.map_or(value, |cap| value.min(cap))
    }

    /// A line's part times its factor: in millionths where some line is multiplied, plain where none is.
    pub(crate) fn times(&self, line: u16, part: i128) -> i128 {
        if self.factors.is_empty() {
            return part;
        }
        part * i128::from(self.factor(line))
    }
    fn factor(&self, line: u16) -> i64 {
        self.factors.iter().find(|(i, _)| *i == line).map_or(Rate::ONE, |(_, factor)| factor.0)
    }
    /// What [`Credit::times`] has made of one.
    pub(crate) fn unit(&self) -> i128 {
        if self.factors.is_empty() { 1 } else { i128::from(Rate::ONE) }
    }
    fn base_at(&self, lines: &[LineState], line: u16) -> i128 {
        i128::from(self.base_of(&lines[usize::from(line)]).0)
    }
    fn base_total(&self, lines: &[LineState], at: &[u16]) -> i128 {
        at.iter().map(|&i| self.base_at(lines, i)).sum()
    }
    /// Points of a sum of money × rate × factor.
    fn of_rate(&self, exact: i128) -> i128 {
        let den = i128::from(Rate::ONE) * i128::from(self.scale.den) * self.unit();
        self.rounding.divide(exact * i128::from(self.scale.num), den)
    }

    /// Whole steps of the base. What a factor adds counts the whole steps of the lines that have at least
    /// it, so a step is multiplied only as far as multiplied lines fill it, and returns can only lower it.
    fn per_amount(&self, lines: &[LineState], at: &[u16], points: Points, per: Money) -> i128 {
        let steps = |base: i128| base.max(0) / i128::from(per.0) * i128::from(points.0);
        let plain = steps(self.base_total(lines, at));
        if self.factors.is_empty() {
            return plain;
        }
        let mut factors: Vec<i64> = self.factors.iter().map(|(_, factor)| factor.0).collect();
        factors.sort_unstable();
        factors.dedup();
        let (mut exact, mut before) = (plain * i128::from(Rate::ONE), Rate::ONE);
        for factor in factors {
            let of: Vec<u16> = at.iter().copied().filter(|&i| self.factor(i) >= factor).collect();
            exact += steps(self.base_total(lines, &of)) * i128::from(factor - before);
            before = factor;
        }
        self.rounding.divide(exact, i128::from(Rate::ONE))
    }

    /// Multipliers act on percents of a table, not on its points.
    fn by_table(&self, lines: &[LineState], at: &[u16], rows: &[TableRow], marginal: bool) -> i128 {
        let total = self.base_total(lines, at).max(0);
        let reached = rows.partition_point(|row| i128::from(row.from.0) <= total);
        let Some(row) = rows[..reached].last() else { return 0 };
        match row.gives {
            RowGives::Points(points) => i128::from(points.0),
            RowGives::PerAmount { points, per } => total / i128::from(per.0) * i128::from(points.0),
            RowGives::Percent(_) if marginal => {
                let end = |i: usize| rows[..reached].get(i + 1).map_or(total, |next| i128::from(next.from.0));
                let slice = |(i, row): (usize, &TableRow)| match row.gives {
                    RowGives::Percent(rate) => (end(i) - i128::from(row.from.0)) * i128::from(rate.0),
                    _ => 0,
                };
                // Slices of the whole base cannot be told apart by line: a multiplier leaves them alone.
                let exact: i128 = rows[..reached].iter().enumerate().map(slice).sum();
                self.of_rate(exact * self.unit())
            }
            RowGives::Percent(rate) => {
                let part = |i: &u16| self.times(*i, self.base_at(lines, *i) * i128::from(rate.0));
                self.of_rate(at.iter().map(part).sum())
            }
        }
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
