//! What an order would come to.

use super::order::{
    CouponOfOrder, DiscountAnswer, GiftCardOfOrder, GiftOfOrder, OrderLine, ReceiptAnswer, coupons,
    discounts, gifts, receipt,
};
use super::{BalanceAnswer, StepAnswer, steps};
use crate::wire::TimeText;
use kopilka_core::decide::{NextStep, SpendLimit};
use kopilka_core::decimal::Decimal;
use kopilka_core::money::Money;
use kopilka_core::order::{LineKind, LineState};
use kopilka_core::points::Points;
use kopilka_core::trace::Step;
use kopilka_core::words::{self, Speaker};
use kopilka_service::QuoteAnswer;
use serde::Serialize;
use utoipa::ToSchema;

/// What the order comes to, if it is placed and paid now.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteView {
    pub lines: Vec<OrderLine>,
    /// Goods before any discount; the delivery is not in it.
    #[schema(value_type = String)]
    pub goods_total: Decimal,
    #[schema(value_type = String)]
    pub discount_total: Decimal,
    /// What each discount of the program took off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountAnswer>,
    /// What would become of each coupon.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<CouponOfOrder>,
    /// Goods given beside what is bought.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gifts: Vec<GiftOfOrder>,
    /// The member's level that decides the prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Money that points pay, and the points that do.
    #[schema(value_type = String)]
    pub paid_by_points: Decimal,
    #[schema(value_type = String)]
    pub points_used: Decimal,
    /// The member must agree to these points by a one-time code (`POST /v1/codes`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code_required: bool,
    /// Points pay once the member's phone or e-mail is known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contact_needed: bool,
    #[schema(value_type = String)]
    pub tax_total: Decimal,
    /// What each gift card would pay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gift_cards: Vec<GiftCardOfOrder>,
    /// Money that the buyer pays, gift cards aside.
    #[schema(value_type = String)]
    pub to_pay: Decimal,
    /// The most points that can be spent; absent for a guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spending: Option<LimitAnswer>,
    /// Points the paid order would bring, by rule.
    pub earn: Vec<EarnAnswer>,
    #[schema(value_type = String)]
    pub earn_total: Decimal,
    /// What a little more would bring; the next whole step of rules that count steps of money.
    pub more: Vec<MoreAnswer>,
    pub receipt: Vec<ReceiptAnswer>,
    /// One line for the cashier to read aloud, in the caller's language.
    pub read_aloud: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<BalanceAnswer>,
    /// The program version that decided.
    pub version: u32,
    pub now: TimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// The most points that can be spent: the least of three.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitAnswer {
    pub limit: String,
    /// Which of the three bounds it: `available`, `share` or `lines`.
    pub bound_by: &'static str,
    pub available: String,
    /// What the program's share of the order allows.
    pub by_share: String,
    /// What the lines can take.
    pub by_lines: String,
}

/// What one rule would give, and when it can be spent.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarnAnswer {
    pub rule: String,
    pub points: String,
    pub active_at: TimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
}

/// `missing` more money gives `points` more.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoreAnswer {
    pub rule: String,
    pub missing: String,
    pub points: String,
    pub words: String,
}

impl MoreAnswer {
    fn of(next: &NextStep, speaker: &Speaker<'_>) -> MoreAnswer {
        MoreAnswer {
            rule: next.rule.to_string(),
            missing: speaker.program.currency.format(next.missing),
            points: speaker.program.points.format(next.points),
            words: words::next_step(speaker, next),
        }
    }
}

/// What a line of an answer comes to in bytes, with its row of the receipt and a discount or two.
const BYTES_OF_LINE: usize = 640;
/// What stands in an answer beside its lines.
const BYTES_BESIDE: usize = 1024;

impl QuoteView {
    /// About how long the answer is as text, where it does not explain itself.
    pub fn room(&self) -> usize {
        BYTES_BESIDE + self.lines.len() * BYTES_OF_LINE
    }

    pub fn of(answer: &QuoteAnswer, speaker: &Speaker<'_>, explain: bool) -> QuoteView {
        let (quote, program) = (&answer.quote, speaker.program);
        let money = |amount: Money| program.currency.figure(amount);
        let points = |p: Points| program.points.figure(p);
        let order = &quote.order;
        let sum = |of: fn(&LineState) -> Money| order.lines.iter().map(of).sum::<Money>();
        let goods = order.lines.iter().filter(|l| l.kind != LineKind::Delivery);
        let balance = answer.member.as_ref().map(|(_, balance)| balance);
        let earn = quote.trace.iter().filter_map(|step| EarnAnswer::of(step, speaker));
        QuoteView {
            lines: order.lines.iter().map(|l| OrderLine::of(l, program)).collect(),
            tier: order.tier.as_ref().map(ToString::to_string),
            goods_total: money(goods.map(|l| l.list).sum()),
            discount_total: money(sum(|l| l.list - l.discounted)),
            discounts: discounts(&order.lines, program),
            coupons: coupons(order, program, Some(speaker.language)),
            gifts: gifts(order),
            paid_by_points: money(sum(|l| l.by_points)),
            points_used: points(order.points_spent_net()),
            code_required: answer.code_required,
            contact_needed: answer.contact_needed,
            tax_total: money(sum(LineState::tax_amount)),
            gift_cards: order.gift_cards.iter().map(|c| GiftCardOfOrder::of(c, program)).collect(),
            to_pay: money(order.to_pay_remaining()),
            spending: quote.limit.filter(|_| balance.is_some()).map(|l| LimitAnswer::of(&l, speaker)),
            earn: earn.collect(),
            earn_total: points(quote.earned.iter().map(|e| e.points).sum()),
            more: quote.more.iter().map(|next| MoreAnswer::of(next, speaker)).collect(),
            receipt: receipt(&quote.rows, program),
            read_aloud: words::read_aloud(speaker, quote, balance),
            member: answer.member.as_ref().map(|(id, _)| id.to_string()),
            balance: balance.map(|b| BalanceAnswer::of(b, program)),
            version: quote.version,
            now: TimeText(answer.now),
            trace: explain.then(|| steps::all(&quote.trace, speaker)),
        }
    }
}

impl EarnAnswer {
    /// Of a rule that fired; the trace has its dates.
    fn of(step: &Step, speaker: &Speaker<'_>) -> Option<EarnAnswer> {
        let Step::RuleFired { rule, points, active_at, expires_at, .. } = step else { return None };
        Some(EarnAnswer {
            rule: rule.to_string(),
            points: speaker.program.points.format(*points),
            active_at: TimeText(*active_at),
            expires_at: expires_at.map(TimeText),
        })
    }
}

impl LimitAnswer {
    fn of(limit: &SpendLimit, speaker: &Speaker<'_>) -> LimitAnswer {
        let points = |p: Points| speaker.program.points.format(p);
        let least = limit.available.min(limit.by_share).min(limit.by_lines);
        let bound_by = if least == limit.available {
            "available"
        } else if least == limit.by_share {
            "share"
        } else {
            "lines"
        };
        LimitAnswer {
            limit: points(limit.limit),
            bound_by,
            available: points(limit.available),
            by_share: points(limit.by_share),
            by_lines: points(limit.by_lines),
        }
    }
}
