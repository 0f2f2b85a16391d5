//! The program's discounts on an order, automatic and by coupon: asked in the one order path, before points.
//!
//! Invariant: prices are decided once, when lines come; what remains of them keeps its decision.

use super::facts::{Facts, Place, holds};
use super::tiers::level_for;
use super::{coupons, earn};
use crate::book::Book;
use crate::coupon::CouponRefusal;
use crate::discounts::{Priced, Questions, Terms, price};
use crate::money::Money;
use crate::order::{LineState, OrderBody, OrderCoupon, OrderState, Pricing};
use crate::program::{Campaign, Discount, GroupMode, Level, Program, Together};
use crate::time::Instant;
use crate::trace::{Silence, Step, Trace};

/// Whose prices hold: the shop says, and a first message that is paid already speaks of facts.
pub(super) fn pricing_of(body: &OrderBody) -> Pricing {
    let facts = body.status.says_paid();
    body.pricing.unwrap_or(if facts { Pricing::Shop } else { Pricing::Engine })
}

/// Prices the lines of a new order: why, where that is to be explained, and what became of its coupons.
pub(super) fn price_body(
    program: &Program,
    book: &Book,
    (body, at): (&OrderBody, Instant),
    lines: &mut [LineState],
    explain: bool,
) -> (Trace, Vec<OrderCoupon>) {
    let mut coupons = coupons::examine(program, book, body, at);
    if program.discounts.is_empty() && coupons.is_empty() {
        return (Trace::new(), coupons);
    }
    let level = level_for(program, &book.member, lines, at);
    let asked = Asked { program, book, body, at, level, explain };
    let mut trace = match pricing_of(body) {
        Pricing::Shop => asked.facts_of_shop(&mut coupons, lines),
        Pricing::Engine => asked.price(&mut coupons, lines),
    };
    trace.extend(coupons::steps(&coupons));
    // What acts by itself and did not is in the trace alone.
    coupons.retain(|c| !c.automatic || c.refused.is_none());
    (trace, coupons)
}

/// A new order that asks for prices.
struct Asked<'a> {
    program: &'a Program,
    book: &'a Book,
    body: &'a OrderBody,
    at: Instant,
    level: Option<&'a Level>,
    /// Why each discount acted or not is kept.
    explain: bool,
}

impl<'a> Asked<'a> {
    fn campaign(&self, coupon: &OrderCoupon) -> Option<&'a Campaign> {
        if coupon.refused.is_some() {
            return None;
        }
        self.program.coupons.campaign(coupon.campaign.as_ref()?)
    }

    fn place<'s>(&'s self, coupons: &'s [OrderCoupon]) -> Place<'s> {
        let body = self.body;
        Place {
            order: Some(&body.key),
            shop: Some(&body.key.shop),
            channel: body.channel.as_deref(),
            cashier: body.cashier.as_deref(),
            coupons,
            offers: &[],
            payment_methods: &body.payment_methods,
            delivery_method: body.delivery_method.as_deref(),
        }
    }

    /// The shop's amounts are facts: a coupon that may be used is used, and lowers nothing here.
    fn facts_of_shop(&self, coupons: &mut [OrderCoupon], lines: &[LineState]) -> Trace {
        for coupon in coupons.iter_mut() {
            let Some(campaign) = self.campaign(coupon) else { continue };
            if self.holds(campaign, &[], lines) {
                coupons::accept(self.book, campaign, coupon, Money::ZERO);
            } else {
                coupon.refused = Some(CouponRefusal::ConditionFalse);
            }
        }
        if self.program.discounts.is_empty() { Trace::new() } else { vec![Step::PricesOfShop] }
    }

    fn holds(&self, campaign: &Campaign, coupons: &[OrderCoupon], lines: &[LineState]) -> bool {
        let book = self.book;
        let mut facts = Facts::of(self.program, book, self.at, self.place(coupons));
        facts.level = self.level;
        holds(&campaign.only_if, &facts, lines)
    }

    fn price(&self, coupons: &mut [OrderCoupon], lines: &mut [LineState]) -> Trace {
        let before = (!coupons.is_empty()).then(|| lines.to_vec());
        self.keep_one(coupons, lines);
        // Each turn refuses one coupon at least, or is the last.
        loop {
            let priced = self.price_once(coupons, lines);
            let fit = coupons.iter().filter(|c| c.refused.is_none()).count();
            self.judge(coupons, priced.by_coupon, lines);
            if coupons.iter().filter(|c| c.refused.is_none()).count() == fit {
                return priced.trace;
            }
            if let Some(before) = &before {
                lines.clone_from_slice(before);
            }
        }
    }

    fn price_once(&self, coupons: &[OrderCoupon], lines: &mut [LineState]) -> Priced {
        let by_coupon: Vec<&Discount> =
            coupons.iter().filter_map(|c| self.campaign(c)?.discount.as_ref()).collect();
        let when = (self.place(coupons), self.at, self.level);
        let terms = terms_of(self.program, &by_coupon, self.explain);
        price_lines((self.program, terms), self.book, when, (lines, 0), &|_| true)
    }

    /// What became of each coupon that was tried.
    fn judge(
        &self,
        coupons: &mut [OrderCoupon],
        by_coupon: Vec<Result<Money, Silence>>,
        lines: &[LineState],
    ) {
        let mut results = by_coupon.into_iter();
        for at in 0..coupons.len() {
            let Some(campaign) = self.campaign(&coupons[at]) else { continue };
            let came = match &campaign.discount {
                Some(_) => results.next().unwrap_or(Err(Silence::NothingLeft)),
                None if self.holds(campaign, coupons, lines) => Ok(Money::ZERO),
                None => Err(Silence::ConditionFalse),
            };
            let gift = campaign.gift.as_ref().map(|gift| (gift, gift.pieces_for(lines)));
            let given = gift.filter(|(_, pieces)| *pieces > 0);
            // That the discount beside it finds nothing to lower takes a gift away from nobody.
            let came = match (came, gift) {
                (Err(_), Some((_, pieces))) if pieces > 0 && self.holds(campaign, coupons, lines) => {
                    Ok(Money::ZERO)
                }
                (Ok(money), Some((_, 0))) if money.is_zero() => Err(Silence::NoMatchingLines),
                (came, _) => came,
            };
            coupons[at].gift = given.map(|(gift, pieces)| (gift.sku.clone(), pieces));
            match came {
                Ok(money) => coupons::accept(self.book, campaign, &mut coupons[at], money),
                Err(why) => coupons[at].refused = Some(coupons::refusal_of(why)),
            }
        }
    }

    /// Where the shop lets one coupon count, the others step back.
    fn keep_one(&self, coupons: &mut [OrderCoupon], lines: &[LineState]) {
        let of_buyer = |i: &usize| coupons[*i].refused.is_none() && !coupons[*i].automatic;
        let fit: Vec<usize> = (0..coupons.len()).filter(of_buyer).collect();
        if fit.len() < 2 {
            return;
        }
        let kept = match self.program.coupons.together {
            Together::All => return,
            Together::Last => fit[fit.len() - 1],
            Together::Best => {
                let due_with = |kept: &usize| {
                    let (mut alone, mut lines) = (coupons.to_vec(), lines.to_vec());
                    step_back(&mut alone, *kept);
                    self.price_once(&alone, &mut lines);
                    lines.iter().map(|l| l.due).sum::<Money>()
                };
                // Of equals the first: `min_by_key` keeps it.
                fit.iter().copied().min_by_key(due_with).unwrap_or(fit[0])
            }
        };
        step_back(coupons, kept);
    }
}

fn step_back(coupons: &mut [OrderCoupon], kept: usize) {
    for (i, coupon) in coupons.iter_mut().enumerate() {
        if i != kept && coupon.refused.is_none() && !coupon.automatic {
            coupon.refused = Some(CouponRefusal::AnotherCoupon);
        }
    }
}

/// Prices lines that come to an order before payment, as of its placing. Conditions look at the whole order;
/// what it was given once is not given again.
pub(super) fn price_added(
    program: &Program,
    book: &Book,
    order: &OrderState,
    added: &mut [LineState],
) -> Trace {
    let by_coupon: Vec<&Discount> =
        order.campaigns().filter_map(|id| program.coupons.campaign(id)?.discount.as_ref()).collect();
    let none = program.discounts.is_empty() && by_coupon.is_empty();
    if none || order.pricing == Pricing::Shop {
        return Trace::new();
    }
    let mut known = order.clone();
    known.trim_to_bought();
    let first = known.lines.len();
    let mut lines = known.lines;
    let all = program.discounts.iter().chain(by_coupon.iter().copied());
    let given: Vec<&Discount> = all.filter(|d| lines.iter().any(|l| has(l, d))).collect();
    let allowed = |discount: &Discount| may_come(program, &given, discount);
    lines.extend(added.iter().cloned());
    let level = order.tier.as_ref().and_then(|id| program.tiers.as_ref()?.level(id));
    let when = (Place::of(order), order.placed_at, level);
    let terms = terms_of(program, &by_coupon, true);
    let priced = price_lines((program, terms), book, when, (&mut lines, first), &allowed);
    added.clone_from_slice(&lines[first..]);
    priced.trace
}

fn has(line: &LineState, discount: &Discount) -> bool {
    line.discounts.iter().any(|d| d.discount == discount.id)
}

/// Whether a discount may act on what is added to an order that has `given` ones.
fn may_come(program: &Program, given: &[&Discount], discount: &Discount) -> bool {
    let mode = |d: &Discount| d.group.map(|group| program.groups[group].mode);
    let known = given.iter().any(|g| g.id == discount.id);
    if known {
        return !discount.is_once();
    }
    let alone = |d: &Discount| mode(d) == Some(GroupMode::Exclusive);
    if given.iter().any(|g| alone(g)) || alone(discount) && !given.is_empty() {
        return false;
    }
    let picks_one = matches!(mode(discount), Some(GroupMode::Best | GroupMode::First));
    !picks_one || !given.iter().any(|g| g.group == discount.group)
}

fn terms_of<'a>(program: &'a Program, by_coupon: &'a [&'a Discount], explain: bool) -> Terms<'a> {
    Terms {
        discounts: &program.discounts,
        by_coupon,
        index: &program.discount_index,
        groups: &program.groups,
        limits: program.discount_limits,
        rounding: program.money_rounding,
        amounts_net: program.amounts_net,
        explain,
    }
}

fn price_lines(
    (program, terms): (&Program, Terms<'_>),
    book: &Book,
    (place, at, level): (Place<'_>, Instant, Option<&Level>),
    (lines, first): (&mut [LineState], usize),
    allowed: &dyn Fn(&Discount) -> bool,
) -> Priced {
    let mut facts = Facts::of(program, book, at, place);
    facts.level = level;
    let questions = Questions {
        holds: &|condition, lines| holds(condition, &facts, lines),
        points: &|lines| {
            let mut lines = lines.to_vec();
            lines.iter_mut().for_each(LineState::settle);
            earn::would_earn(program, &facts, &lines)
        },
        allowed,
    };
    price(terms, &questions, lines, first)
}
