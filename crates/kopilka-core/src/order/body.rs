//! What the shop says: the order as it knows it now.

use crate::ShortText;
use crate::decimal::{Decimal, format_trimmed};
use crate::gift::GiftAsk;
use crate::ids::CodeId;
use crate::money::{Money, Rate, Rounding};
use crate::points::Points;
use crate::product::{LineTraits, OwnTerms, Product};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Carts of peers end at 50 to 1,000 lines; a thousand still decides in well under a millisecond.
pub const LINES_MAX: usize = 1_000;
/// A million pieces of one article, in thousandths: beyond is a slip of the scanner.
pub const QUANTITY_MAX: i64 = 1_000_000_000;

/// A decimal count of pieces, kilograms or metres, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

impl Quantity {
    pub const ONE: Quantity = Quantity(1000);
    pub fn pieces(count: i64) -> Quantity {
        Quantity(count * 1000)
    }
    pub fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }
    pub fn text(self) -> String {
        format_trimmed(self.0, 3)
    }
    /// As [`Quantity::text`], written later.
    pub fn figure(self) -> Decimal {
        Decimal::trimmed(self.0, 3)
    }
}

/// `program‖shop‖order id` is unique for ever; the program is implied by where the key is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    pub shop: ShortText,
    pub order: ShortText,
}

impl std::fmt::Display for OrderKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.shop, self.order)
    }
}

/// How far the shop says the order has come. Returns and cancels are commands of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyStatus {
    Reserved,
    Placed,
    Shipped,
    Paid,
    /// Paid too, whether that was told before or not.
    Completed,
}

impl BodyStatus {
    /// The shop says that it has its money.
    pub fn says_paid(self) -> bool {
        matches!(self, BodyStatus::Paid | BodyStatus::Completed)
    }
}

/// Whose prices hold: the engine's discounts, or the shop's amounts as facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    Engine,
    Shop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    Goods,
    Delivery,
    /// Neither earns nor takes points.
    GiftCard,
}

/// Tax of a line, computed after discounts, once per line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    pub rate: Rate,
    /// `true`: on top of the price; `false`: the price contains it.
    pub added: bool,
}

impl Tax {
    /// The tax of an amount as the line's price states it (net when added, gross when included), half up.
    pub fn of(&self, amount: Money) -> Money {
        if self.added {
            return self.rate.of(amount, Rounding::HalfUp);
        }
        let num = i128::from(amount.0) * i128::from(self.rate.0);
        Money(Rounding::HalfUp.divide(num, i128::from(Rate::ONE + self.rate.0)) as i64)
    }
}

/// A line as the shop tells it. Amounts are gross unless the tax is `added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineBody {
    pub id: ShortText,
    pub sku: ShortText,
    pub kind: LineKind,
    pub quantity: Quantity,
    pub price: Money,
    /// The shop's own total for the line; otherwise half_up(price × quantity).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    #[serde(default)]
    pub shop_discount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What the article has of its own, as far as the line or the product table says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<OwnTerms>>,
    /// Marking codes of the pieces: a receipt row per code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

impl LineBody {
    /// Whole goods with nothing special about them.
    pub fn goods(id: &str, sku: &str, quantity: Quantity, price: Money) -> LineBody {
        LineBody {
            id: id.into(),
            sku: sku.into(),
            kind: LineKind::Goods,
            quantity,
            price,
            amount: None,
            shop_discount: Money::ZERO,
            tax: None,
            category: None,
            brand: None,
            tags: Vec::new(),
            own: None,
            marks: Vec::new(),
        }
    }
    /// The line's amount before any discount.
    pub fn list_amount(&self) -> Money {
        self.amount.unwrap_or_else(|| {
            let exact = i128::from(self.price.0) * i128::from(self.quantity.0);
            Money(Rounding::HalfUp.divide(exact, 1000) as i64)
        })
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
    /// Takes from the product table what the line does not say.
    pub fn fill_from(&mut self, product: &Product) {
        if self.category.is_none() {
            self.category.clone_from(&product.category);
        }
        if self.brand.is_none() {
            self.brand.clone_from(&product.brand);
        }
        if self.tags.is_empty() {
            self.tags.clone_from(&product.tags);
        }
        if !product.terms.is_none() {
            self.own.get_or_insert_default().fill_from(&product.terms);
        }
    }
}

/// How many points the buyer wants to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode", content = "amount")]
pub enum PointsAsk {
    /// Refused with what is missing when it cannot be had whole.
    Exact(Points),
    UpTo(Points),
    Max,
}

/// What the caller believes the order comes to; a different result is `quote_changed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expect {
    pub to_pay: Money,
    pub points: Points,
}

/// The order as the shop knows it now. The same body twice is once; an older revision changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderBody {
    pub key: OrderKey,
    pub status: BodyStatus,
    /// When it happened at the shop; absent means now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cashier: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
    pub lines: Vec<LineBody>,
    /// How it is to be paid, in the shop's own words, as far as they are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payment_methods: Vec<ShortText>,
    /// How the goods are to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<ShortText>,
    /// Coupon codes as typed, in the order entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<ShortText>,
    /// The order is refused where a coupon is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub coupons_required: bool,
    /// Orders of one checkout: a coupon used by several of them counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout: Option<ShortText>,
    /// Gift cards that are to pay, in the order they are to be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gift_cards: Vec<GiftAsk>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<PointsAsk>,
    /// The one-time code by which the member agreed to the points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeId>,
    /// The sum of what was paid in money so far, gift cards aside, where the shop states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Money>,
    /// It was bought before the program: it counts for levels and history, and no rule gives anything for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub earns_nothing: bool,
}

impl OrderBody {
    /// An order of which nothing else is told.
    pub fn plain(key: OrderKey, status: BodyStatus, lines: Vec<LineBody>) -> OrderBody {
        OrderBody {
            key,
            status,
            occurred_at: None,
            revision: None,
            channel: None,
            cashier: None,
            pricing: None,
            expect: None,
            lines,
            payment_methods: Vec::new(),
            delivery_method: None,
            coupons: Vec::new(),
            coupons_required: false,
            checkout: None,
            gift_cards: Vec::new(),
            points: None,
            code: None,
            paid: None,
            earns_nothing: false,
        }
    }
}

/// Which pieces come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnedLines {
    /// Every remaining piece of goods.
    All,
    Lines(Vec<(ShortText, Quantity)>),
}

/// A return of pieces of a paid order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnBody {
    pub key: OrderKey,
    pub lines: ReturnedLines,
    /// The delivery is refunded too.
    pub delivery: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Instant>,
}
