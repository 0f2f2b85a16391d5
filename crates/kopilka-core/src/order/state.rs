//! What the engine remembers of an order: the decision as it was taken, and what is gone since.

use super::{LineBody, LineKind, OrderKey, PointsAsk, Pricing, Quantity, Tax};
use crate::ShortText;
use crate::ledger::Piece;
use crate::money::{Money, Rate, Rounding, share_gone};
use crate::points::Points;
use crate::product::LineTraits;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Where the order stands. `Returned` and `Cancelled` take no further body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Reserved,
    Placed,
    Shipped,
    Paid,
    Returned,
    Cancelled,
}

/// One line of the decision. A line that grew before payment has a second entry with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    pub id: ShortText,
    pub sku: ShortText,
    pub kind: LineKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    pub quantity: Quantity,
    /// Pieces removed before payment or returned after it.
    pub gone: Quantity,
    pub price: Money,
    /// Before any discount.
    pub list: Money,
    /// After discounts, before points; without an `added` tax.
    pub discounted: Money,
    /// The part of `discounted` that points pay.
    pub by_points: Money,
    /// What money pays for the line, an `added` tax included.
    pub due: Money,
    /// What counts as really paid for earning: `due`, or the lower amount the shop stated at payment.
    pub counted: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
}

impl LineState {
    pub fn from_body(line: &LineBody) -> LineState {
        let list = line.list_amount();
        let discounted = list - line.shop_discount;
        let mut state = LineState {
            id: line.id.clone(),
            sku: line.sku.clone(),
            kind: line.kind,
            category: line.category.clone(),
            brand: line.brand.clone(),
            tags: line.tags.clone(),
            marks: line.marks.clone(),
            quantity: line.quantity,
            gone: Quantity(0),
            price: line.price,
            list,
            discounted,
            by_points: Money::ZERO,
            due: Money::ZERO,
            counted: Money::ZERO,
            tax: line.tax,
        };
        state.settle();
        state
    }
    /// Recomputes what follows from `discounted` and `by_points`.
    pub fn settle(&mut self) {
        let net = self.discounted - self.by_points;
        self.due = net + self.tax.filter(|t| t.added).map_or(Money::ZERO, |t| t.of(net));
        self.counted = self.due;
    }
    pub fn traits(&self) -> LineTraits<'_> {
        LineTraits {
            sku: &self.sku,
            category: self.category.as_deref(),
            brand: self.brand.as_deref(),
            tags: &self.tags,
        }
    }
    pub fn remaining(&self) -> Quantity {
        Quantity(self.quantity.0 - self.gone.0)
    }
    /// What is left of an amount of this line after the pieces gone, cheaper pieces first.
    pub fn left_of(&self, amount: Money) -> Money {
        amount - share_gone(amount, self.gone.0, self.quantity.0)
    }
    /// The tax inside what money paid for the line.
    pub fn tax_amount(&self) -> Money {
        match self.tax {
            None => Money::ZERO,
            Some(tax) if tax.added => self.due - (self.discounted - self.by_points),
            Some(tax) => tax.of(self.due),
        }
    }
}

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

/// Positions in an order's lines: those of a small order lie in place, in the room of an address.
pub type LineNumbers = SmallVec<[u16; 8]>;

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
    pub lot: crate::ids::LotNo,
    pub issued: Points,
    /// Taken back so far, from whatever lot or as debt or loss.
    pub taken: Points,
}

/// Converts money of a percent into points: `points = money × num / den` smallest units per minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointScale {
    pub num: i64,
    pub den: i64,
}

/// How far the points of the order have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendStage {
    Held,
    /// The hold ran out; the pieces remember what it held, for a late payment.
    Lapsed,
    Spent,
}

/// The points that pay for the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    pub stage: SpendStage,
    /// Reserved or spent in all, before anything came back.
    pub points: Points,
    pub came_back: Points,
    /// What is still out, in spending order: lots as they were when taken.
    pub pieces: Vec<Piece>,
    /// The part of `points` no lot could bear: owed by the member, or borne by the shop.
    #[serde(default)]
    pub short_debt: Points,
    #[serde(default)]
    pub short_loss: Points,
}

/// An order as the engine remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    pub key: OrderKey,
    pub status: OrderStatus,
    /// The program version that decided it; its returns use this stored decision.
    pub version: u32,
    pub pricing: Pricing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cashier: Option<String>,
    pub revision: Option<i64>,
    /// `occurred_at` of the newest body taken.
    pub told_at: Instant,
    /// Hash of the newest body taken: the same body again is no change.
    pub body_hash: u64,
    pub placed_at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    pub lines: Vec<LineState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<PointsAsk>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend: Option<Spend>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credit>,
    /// Money stated as paid by the shop, when it differed from what was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_paid: Option<Money>,
    /// Money given back so far.
    pub refunded: Money,
}

impl OrderState {
    pub fn is_paid(&self) -> bool {
        self.paid_at.is_some()
    }
    /// Nothing but returns may come after.
    pub fn is_closed(&self) -> bool {
        matches!(self.status, OrderStatus::Returned | OrderStatus::Cancelled)
    }
    /// Money due for the whole order as decided, before returns.
    pub fn due(&self) -> Money {
        self.lines.iter().map(|l| l.due).sum()
    }
    /// Money due for what remains.
    pub fn due_remaining(&self) -> Money {
        self.lines.iter().map(|l| l.left_of(l.due)).sum()
    }
    /// No piece of goods (or gift card) remains.
    pub fn is_emptied(&self) -> bool {
        self.lines.iter().filter(|l| l.kind != LineKind::Delivery).all(|l| l.remaining().0 == 0)
    }
    pub fn points_spent_net(&self) -> Points {
        match &self.spend {
            Some(spend) if spend.stage != SpendStage::Lapsed => spend.points - spend.came_back,
            _ => Points::ZERO,
        }
    }
    /// Lines become what was bought: pieces removed before payment leave them, and the points that came
    /// back with them leave the spend. Called once, when the order is paid.
    pub fn trim_to_bought(&mut self) {
        for line in self.lines.iter_mut().filter(|line| line.gone.0 != 0 || line.counted != line.due) {
            line.list = line.left_of(line.list);
            line.discounted = line.left_of(line.discounted);
            line.by_points = line.left_of(line.by_points);
            line.due = line.left_of(line.due);
            line.counted = line.due;
            line.quantity = line.remaining();
            line.gone = Quantity(0);
        }
        self.lines.retain(|l| l.quantity.0 > 0);
        if let Some(spend) = &mut self.spend {
            spend.points -= spend.came_back;
            spend.came_back = Points::ZERO;
        }
    }
    pub fn points_earned_net(&self) -> Points {
        self.credits.iter().map(|c| c.issued - c.taken).sum()
    }
}

impl Credit {
    /// What the credit is worth on what remains of the order: the one place where a formula becomes points,
    /// for the first issue and for every return.
    pub fn value(&self, lines: &[LineState]) -> Points {
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
