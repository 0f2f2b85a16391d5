//! What the engine remembers of an order: the decision as it was taken, and what is gone since.

use super::{Credit, LineBody, LineKind, OrderKey, PointsAsk, Pricing, Quantity, Tax};
use crate::ShortText;
use crate::coupon::{CouponRefusal, OwnCoupon};
use crate::gift::GiftPayment;
use crate::guest::Claimed;
use crate::holder::HolderNo;
use crate::ledger::Piece;
use crate::merge::Route;
use crate::money::{Money, share_gone};
use crate::offer::OrderOffer;
use crate::points::Points;
use crate::product::{LineTraits, OwnPoints, OwnTerms};
use crate::referral::Reward;
use crate::standing::{Figures, OrderProgress};
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
    Completed,
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
    pub category: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<OwnTerms>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    pub quantity: Quantity,
    /// Pieces removed before payment or returned after it.
    pub gone: Quantity,
    pub price: Money,
    /// Before any discount.
    pub list: Money,
    /// The shop's own discount of the line.
    #[serde(default, skip_serializing_if = "Money::is_zero")]
    pub shop_discount: Money,
    /// After discounts, before points; without an `added` tax.
    pub discounted: Money,
    /// What of the program's discounts fell on the line, in the order they were applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<LineDiscount>,
    /// The part of `discounted` that points pay.
    pub by_points: Money,
    /// What money pays for the line, an `added` tax included.
    pub due: Money,
    /// What counts as really paid for earning: `due`, or the lower amount the shop stated at payment.
    pub counted: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
}

/// Money that one discount took off a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDiscount {
    pub discount: ShortText,
    pub amount: Money,
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
            own: line.own.clone(),
            marks: line.marks.clone(),
            quantity: line.quantity,
            gone: Quantity(0),
            price: line.price,
            list,
            shop_discount: line.shop_discount,
            discounted,
            discounts: Vec::new(),
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
            also_in: self.own.as_ref().map_or(&[], |own| &own.also_in),
            brand: self.brand.as_deref(),
            tags: &self.tags,
            price: self.price,
            on_sale: self.shop_discount.0 > 0,
        }
    }
    /// The points of the article itself, instead of the percents of rules.
    pub fn own_points(&self) -> Option<OwnPoints> {
        self.own.as_ref()?.points
    }
    /// What the shop asked for the line, before the program's own discounts.
    pub fn told(&self) -> Money {
        self.list - self.shop_discount
    }
    /// The line as if only what remains had been bought; `None` when nothing does.
    pub fn as_it_remains(&self) -> Option<LineState> {
        (self.remaining().0 > 0).then(|| LineState {
            quantity: self.remaining(),
            gone: Quantity(0),
            list: self.left_of(self.list),
            shop_discount: self.left_of(self.shop_discount),
            discounted: self.left_of(self.discounted),
            by_points: self.left_of(self.by_points),
            due: self.left_of(self.due),
            counted: self.left_of(self.counted),
            ..self.clone()
        })
    }
    pub fn remaining(&self) -> Quantity {
        Quantity(self.quantity.0 - self.gone.0)
    }
    /// What is left of an amount of this line after the pieces gone, cheaper pieces first.
    pub fn left_of(&self, amount: Money) -> Money {
        amount - share_gone(amount, self.gone.0, self.quantity.0)
    }
    /// An amount of this line with the tax that comes on top of it, as the program's amounts are meant.
    pub fn gross(&self, amount: Money) -> Money {
        amount + self.tax.filter(|t| t.added).map_or(Money::ZERO, |t| t.of(amount))
    }
    /// What of an amount with tax is the line's own.
    pub fn net(&self, gross: Money) -> Money {
        match self.tax.filter(|t| t.added) {
            None => gross,
            Some(tax) => gross - Tax { added: false, ..tax }.of(gross),
        }
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

/// Positions in an order's lines: those of a small order lie in place, in the room of an address.
pub type LineNumbers = SmallVec<[u16; 8]>;

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
    pub channel: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cashier: Option<ShortText>,
    pub revision: Option<i64>,
    /// `occurred_at` of the newest body taken.
    pub told_at: Instant,
    /// Hash of the newest body taken: the same body again is no change.
    pub body_hash: u64,
    pub placed_at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Instant>,
    /// By the shop's word, or because its term for that had passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Instant>,
    /// Which paid order of the member it is, where its completion will ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    pub lines: Vec<LineState>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payment_methods: Vec<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<OrderCoupon>,
    /// Personal offers that its discounts and rules asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OrderOffer>,
    /// What its rules gave beside points: gone with the last of what was bought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gave: Vec<GaveByRule>,
    /// What it brings to the member's referrers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewards: Vec<Reward>,
    /// It was bought before the program: neither it nor its returns let rules give anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub earns_nothing: bool,
    /// Which holder of the account told of it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<HolderNo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gift_cards: Vec<GiftPayment>,
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
    /// The level that decided the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<ShortText>,
    /// What it counts for levels and achievements, once paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<OrderProgress>,
    /// Whom its rewards are told to, where accounts were merged since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// It was a guest's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Claimed>,
}

/// Something that was given beside points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gave {
    Coupon(OwnCoupon),
    /// The member was marked, or the mark was taken away.
    Tag {
        tag: ShortText,
        on: bool,
    },
    Tier(ShortText),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GaveByRule {
    pub rule: ShortText,
    pub gave: Gave,
}

/// A coupon of an order: what it did, or why it does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCoupon {
    /// In its one spelling; as typed where it cannot be a code.
    pub code: ShortText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<CouponRefusal>,
    /// Money it took off when the order was placed.
    #[serde(default, skip_serializing_if = "Money::is_zero")]
    pub money: Money,
    /// What its use adds to counters across members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<(ShortText, i64)>,
    /// It acts by itself: nobody entered a code, and `code` is not one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// Goods given, and how many pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift: Option<(ShortText, i64)>,
    /// Its use is counted for the member too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_member: bool,
    /// Its use is counted at present: reserved, or used once the order is paid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken: bool,
}

impl OrderState {
    /// A row that nobody has bought anything of.
    pub fn nothing(key: OrderKey, version: u32, at: Instant) -> OrderState {
        OrderState {
            key,
            status: OrderStatus::Placed,
            version,
            pricing: Pricing::Engine,
            channel: None,
            cashier: None,
            revision: None,
            told_at: at,
            body_hash: 0,
            placed_at: at,
            paid_at: None,
            completed_at: None,
            number: None,
            ended_at: None,
            lines: Vec::new(),
            payment_methods: Vec::new(),
            delivery_method: None,
            coupons: Vec::new(),
            offers: Vec::new(),
            gave: Vec::new(),
            rewards: Vec::new(),
            earns_nothing: false,
            holder: None,
            checkout: None,
            gift_cards: Vec::new(),
            ask: None,
            spend: None,
            credits: Vec::new(),
            stated_paid: None,
            refunded: Money::ZERO,
            tier: None,
            progress: None,
            route: None,
            claimed: None,
        }
    }
    /// Campaigns whose coupons the order has.
    pub fn campaigns(&self) -> impl Iterator<Item = &ShortText> {
        self.coupons.iter().filter(|c| c.refused.is_none()).filter_map(|c| c.campaign.as_ref())
    }
    /// Goods given beside what was bought: by which campaign, what, how many pieces.
    pub fn gifts(&self) -> impl Iterator<Item = (&ShortText, &ShortText, i64)> {
        let accepted = self.coupons.iter().filter(|c| c.refused.is_none());
        accepted.filter_map(|c| {
            let (sku, pieces) = c.gift.as_ref()?;
            Some((c.campaign.as_ref()?, sku, *pieces))
        })
    }
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
    /// What gift cards pay for what remains.
    pub fn paid_by_gift_cards(&self) -> Money {
        self.gift_cards.iter().map(GiftPayment::net).sum()
    }
    /// Money the buyer pays for what remains, gift cards aside.
    pub fn to_pay_remaining(&self) -> Money {
        self.due_remaining() - self.paid_by_gift_cards()
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
            line.shop_discount = line.left_of(line.shop_discount);
            for i in 0..line.discounts.len() {
                line.discounts[i].amount = line.left_of(line.discounts[i].amount);
            }
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
    /// Money paid for what remains, gift cards included.
    pub fn paid_remaining(&self) -> Money {
        self.lines.iter().map(|l| l.counted).sum::<Money>() - self.refunded
    }
    /// When it was bought: an order that is paid and was not cancelled, whatever of it came back since.
    pub fn bought_at(&self) -> Option<Instant> {
        self.paid_at.filter(|_| self.status != OrderStatus::Cancelled)
    }
    /// What remains of the order, in the figures that levels and achievements count.
    pub fn figures(&self) -> Figures {
        if self.is_emptied() {
            return Figures::default();
        }
        let goods = self.lines.iter().filter(|l| l.kind == LineKind::Goods);
        Figures {
            paid: self.paid_remaining(),
            orders: 1,
            points: self.points_earned_net(),
            pieces: goods.map(|l| l.remaining().0).sum(),
        }
    }
    pub fn points_earned_net(&self) -> Points {
        self.credits.iter().map(|c| c.issued - c.taken).sum()
    }
}
