//! An order as the engine remembers it.

use super::{BalanceAnswer, StepAnswer};
use crate::wire::TimeText;
use kopilka_core::ShortText;
use kopilka_core::decimal::Decimal;
use kopilka_core::gift::{GiftPayment, ending};
use kopilka_core::ids::MemberId;
use kopilka_core::member::Balance;
use kopilka_core::money::Money;
use kopilka_core::order::{
    Gave, GaveByRule, LineKind, LineState, OrderCoupon, OrderState, OrderStatus, Pricing, ReceiptRow,
    receipt_rows,
};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::words::{self, Language};
use serde::Serialize;
use utoipa::ToSchema;

/// The order with its lines, sums, points and receipt rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderAnswer {
    pub order_id: String,
    pub shop: String,
    /// `reserved`, `placed`, `shipped`, `paid`, `returned` or `cancelled`.
    pub status: &'static str,
    /// Whose prices hold: `engine` or `shop`.
    pub pricing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// The program version that decided it.
    pub version: u32,
    pub placed_at: TimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<TimeText>,
    /// By the shop's word, or because its term for that had passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<TimeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<TimeText>,
    pub lines: Vec<OrderLine>,
    /// Goods before any discount; the delivery is not in it.
    pub goods_total: String,
    /// All that the shop's and the program's discounts took off.
    pub discount_total: String,
    /// What each discount of the program took off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountAnswer>,
    /// What became of each coupon.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<CouponOfOrder>,
    /// Codes of the buyer's own that rules gave for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coupons_given: Vec<CouponGiven>,
    /// Goods given beside what is bought.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gifts: Vec<GiftOfOrder>,
    /// Money that points pay.
    pub paid_by_points: String,
    /// Tax inside what money and gift cards pay.
    pub tax_total: String,
    /// What each gift card pays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gift_cards: Vec<GiftCardOfOrder>,
    /// Money due for the whole order as decided, gift cards aside.
    pub to_pay: String,
    /// Money due for what remains after removals and returns.
    pub to_pay_remaining: String,
    /// Money given back to the buyer so far.
    pub refunded: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_paid: Option<String>,
    /// The member's level that decided the prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    pub points: OrderPoints,
    pub receipt: Vec<ReceiptAnswer>,
}

/// A coupon of an order: what it took off, or why it does nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct CouponOfOrder {
    /// In its one spelling; as it came where it cannot be a code.
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    pub accepted: bool,
    /// Why it does nothing: a word of the program's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What it took off.
    pub amount: String,
    /// The reason as words in the caller's language; in a quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<&'static str>,
}

/// A code that a rule gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct CouponGiven {
    #[schema(value_type = String)]
    pub rule: ShortText,
    #[schema(value_type = String)]
    pub campaign: ShortText,
    /// As it is printed; any spelling will do.
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
}

impl CouponGiven {
    fn of(given: &GaveByRule) -> Option<CouponGiven> {
        let Gave::Coupon(coupon) = &given.gave else { return None };
        Some(CouponGiven {
            rule: given.rule.clone(),
            campaign: coupon.campaign.clone(),
            code: coupon.code.printed(),
            expires_at: coupon.expires_at.map(TimeText),
        })
    }
}

/// Goods that a promotion gives: the shop adds them at no price.
#[derive(Debug, Serialize, ToSchema)]
pub struct GiftOfOrder {
    pub campaign: String,
    pub sku: String,
    pub quantity: String,
    /// Nothing that brought it is left: it is to come back too.
    pub to_return: bool,
}

/// A gift card of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct GiftCardOfOrder {
    /// The end of its code.
    pub card: String,
    pub amount: String,
    /// What returns have put back on it.
    pub came_back: String,
    /// The order was not paid in time: the card has its money again.
    pub lapsed: bool,
}

impl GiftCardOfOrder {
    pub fn of(card: &GiftPayment, program: &Program) -> GiftCardOfOrder {
        GiftCardOfOrder {
            card: ending(&card.code),
            amount: program.currency.format(card.amount),
            came_back: program.currency.format(card.came_back),
            lapsed: !card.taken,
        }
    }
}

/// The points of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderPoints {
    /// `none`, `held`, `lapsed` or `spent`.
    pub stage: &'static str,
    /// Held or spent in all.
    pub used: String,
    pub came_back: String,
    /// What was missing at a late payment: owed by the member, or borne by the shop.
    pub shortfall: String,
    /// Given for what remains of the order.
    pub earned: String,
    pub credits: Vec<CreditAnswer>,
}

/// What one rule gave for the order.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditAnswer {
    pub rule: String,
    pub issued: String,
    pub taken_back: String,
    /// The member's lot that holds them: its dates stand there.
    pub lot: u32,
}

/// One line as decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderLine {
    #[schema(value_type = String)]
    pub id: ShortText,
    #[schema(value_type = String)]
    pub sku: ShortText,
    /// `goods`, `delivery` or `gift_card`.
    pub kind: &'static str,
    #[schema(value_type = String)]
    pub quantity: Decimal,
    /// Removed before payment or returned after it.
    #[schema(value_type = String)]
    pub gone: Decimal,
    #[schema(value_type = String)]
    pub price: Decimal,
    /// Before any discount.
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// What discounts took off, the shop's own included.
    #[schema(value_type = String)]
    pub discount: Decimal,
    /// What each discount of the program took off the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountAnswer>,
    /// Money that points pay.
    #[schema(value_type = String)]
    pub paid_by_points: Decimal,
    /// What money pays for the line, an added tax included.
    #[schema(value_type = String)]
    pub to_pay: Decimal,
    /// Tax inside `to_pay`.
    #[schema(value_type = String)]
    pub tax: Decimal,
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<ShortText>,
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<ShortText>,
}

/// Money that one discount of the program took off.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiscountAnswer {
    #[schema(value_type = String)]
    pub discount: ShortText,
    #[schema(value_type = String)]
    pub amount: Decimal,
}

/// A row for the receipt: price × quantity is the amount, exactly.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptAnswer {
    #[schema(value_type = String)]
    pub line: ShortText,
    #[schema(value_type = String)]
    pub sku: ShortText,
    pub kind: &'static str,
    #[schema(value_type = String)]
    pub quantity: Decimal,
    #[schema(value_type = String)]
    pub price: Decimal,
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// Paid by points as another counter-provision; zero where points are a discount.
    #[schema(value_type = String)]
    pub by_points: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// Answer of reading an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderRead {
    pub order: OrderAnswer,
    /// Absent for a guest's order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<BalanceAnswer>,
    pub seq: i64,
}

/// Answer of putting an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderWritten {
    pub order: OrderAnswer,
    pub member: String,
    pub balance: BalanceAnswer,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Nothing was written: the same body again, or an older one.
    pub unchanged: bool,
    /// Points an order paid late could not find any more.
    pub shortfall: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

pub fn kind_name(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Goods => "goods",
        LineKind::Delivery => "delivery",
        LineKind::GiftCard => "gift_card",
    }
}

fn status_name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Reserved => "reserved",
        OrderStatus::Placed => "placed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Paid => "paid",
        OrderStatus::Completed => "completed",
        OrderStatus::Returned => "returned",
        OrderStatus::Cancelled => "cancelled",
    }
}

impl OrderAnswer {
    pub fn of(order: &OrderState, program: &Program) -> OrderAnswer {
        let money = |amount: Money| program.currency.format(amount);
        let sum = |of: fn(&LineState) -> Money| order.lines.iter().map(of).sum::<Money>();
        let goods = order.lines.iter().filter(|l| l.kind != LineKind::Delivery);
        let of_cards = |of: fn(&GiftPayment) -> Money| order.gift_cards.iter().map(of).sum::<Money>();
        let by_cards = of_cards(|card| if card.taken { card.amount } else { Money::ZERO });
        let back_on_cards = of_cards(|card| card.came_back);
        OrderAnswer {
            order_id: order.key.order.to_string(),
            shop: order.key.shop.to_string(),
            status: status_name(order.status),
            pricing: match order.pricing {
                Pricing::Engine => "engine",
                Pricing::Shop => "shop",
            },
            revision: order.revision,
            version: order.version,
            placed_at: TimeText(order.placed_at),
            paid_at: order.paid_at.map(TimeText),
            completed_at: order.completed_at.map(TimeText),
            ended_at: order.ended_at.map(TimeText),
            lines: order.lines.iter().map(|l| OrderLine::of(l, program)).collect(),
            goods_total: money(goods.map(|l| l.list).sum()),
            discount_total: money(sum(|l| l.list - l.discounted)),
            discounts: discounts(&order.lines, program),
            coupons: coupons(order, program, None),
            coupons_given: order.gave.iter().filter_map(CouponGiven::of).collect(),
            gifts: gifts(order),
            paid_by_points: money(sum(|l| l.by_points)),
            tax_total: money(sum(LineState::tax_amount)),
            gift_cards: order.gift_cards.iter().map(|c| GiftCardOfOrder::of(c, program)).collect(),
            to_pay: money(order.due() - by_cards),
            to_pay_remaining: money(order.to_pay_remaining()),
            refunded: money(order.refunded - back_on_cards),
            stated_paid: order.stated_paid.map(money),
            tier: order.tier.as_ref().map(ToString::to_string),
            points: OrderPoints::of(order, program),
            receipt: receipt(&receipt_rows(&order.lines, program.receipt_points), program),
        }
    }
}

pub fn coupons(order: &OrderState, program: &Program, language: Option<Language>) -> Vec<CouponOfOrder> {
    let answer = |coupon: &OrderCoupon| CouponOfOrder {
        code: coupon.code.to_string(),
        campaign: coupon.campaign.as_ref().map(ToString::to_string),
        accepted: coupon.refused.is_none(),
        why: coupon.refused.map(|why| why.code()),
        amount: program.currency.format(coupon.money),
        words: coupon.refused.zip(language).map(|(why, language)| words::coupon_refusal(language, why)),
    };
    // A campaign without a code is told by its discount and its gift: nobody entered it.
    order.coupons.iter().filter(|c| !c.automatic).map(answer).collect()
}

/// What is given beside the goods.
pub fn gifts(order: &OrderState) -> Vec<GiftOfOrder> {
    let to_return = order.is_closed();
    let answer = |(campaign, sku, pieces): (&ShortText, &ShortText, i64)| GiftOfOrder {
        campaign: campaign.to_string(),
        sku: sku.to_string(),
        quantity: pieces.to_string(),
        to_return,
    };
    order.gifts().map(answer).collect()
}

/// What each discount took off these lines together. The order's own record: today's program may not have it.
pub fn discounts(lines: &[LineState], program: &Program) -> Vec<DiscountAnswer> {
    let answer =
        |id: &ShortText, sum| DiscountAnswer { discount: id.clone(), amount: program.currency.figure(sum) };
    if let [line] = lines {
        // A line has each discount once.
        return line.discounts.iter().map(|given| answer(&given.discount, given.amount)).collect();
    }
    let mut sums: Vec<(&ShortText, Money)> = Vec::with_capacity(lines.len());
    for given in lines.iter().flat_map(|l| &l.discounts) {
        match sums.iter_mut().find(|(id, _)| **id == given.discount) {
            Some((_, sum)) => *sum += given.amount,
            None => sums.push((&given.discount, given.amount)),
        }
    }
    sums.into_iter().map(|(id, sum)| answer(id, sum)).collect()
}

pub fn receipt(rows: &[ReceiptRow], program: &Program) -> Vec<ReceiptAnswer> {
    let money = |amount: Money| program.currency.figure(amount);
    rows.iter()
        .map(|row| ReceiptAnswer {
            line: row.line.clone(),
            sku: row.sku.clone(),
            kind: kind_name(row.kind),
            quantity: row.quantity.figure(),
            price: money(row.price),
            amount: money(row.amount),
            by_points: money(row.by_points),
            mark: row.mark.clone(),
        })
        .collect()
}

impl OrderPoints {
    fn of(order: &OrderState, program: &Program) -> OrderPoints {
        use kopilka_core::order::SpendStage;
        let points = |p: Points| program.points.format(p);
        let spend = order.spend.as_ref();
        let credits = order.credits.iter().map(|credit| CreditAnswer {
            rule: credit.rule.to_string(),
            issued: points(credit.issued),
            taken_back: points(credit.taken),
            lot: credit.lot,
        });
        OrderPoints {
            stage: match spend.map(|s| s.stage) {
                None => "none",
                Some(SpendStage::Held) => "held",
                Some(SpendStage::Lapsed) => "lapsed",
                Some(SpendStage::Spent) => "spent",
            },
            used: points(spend.map_or(Points::ZERO, |s| s.points)),
            came_back: points(spend.map_or(Points::ZERO, |s| s.came_back)),
            shortfall: points(spend.map_or(Points::ZERO, |s| s.short_debt + s.short_loss)),
            earned: points(order.points_earned_net()),
            credits: credits.collect(),
        }
    }
}

impl OrderLine {
    pub fn of(line: &LineState, program: &Program) -> OrderLine {
        let money = |amount: Money| program.currency.figure(amount);
        OrderLine {
            id: line.id.clone(),
            sku: line.sku.clone(),
            kind: kind_name(line.kind),
            quantity: line.quantity.figure(),
            gone: line.gone.figure(),
            price: money(line.price),
            amount: money(line.list),
            discount: money(line.list - line.discounted),
            discounts: discounts(std::slice::from_ref(line), program),
            paid_by_points: money(line.by_points),
            to_pay: money(line.due),
            tax: money(line.tax_amount()),
            category: line.category.clone(),
            brand: line.brand.clone(),
        }
    }
}

impl OrderRead {
    pub fn of(
        order: &OrderState,
        member: Option<(MemberId, Balance)>,
        seq: i64,
        program: &Program,
    ) -> OrderRead {
        OrderRead {
            order: OrderAnswer::of(order, program),
            member: member.map(|(id, _)| id.to_string()),
            balance: member.map(|(_, balance)| BalanceAnswer::of(&balance, program)),
            seq,
        }
    }
}
