//! Coupons of an order: which may act, what they did, and whose use is counted when.
//!
//! Invariant: a coupon is counted exactly while its order stands: reserved when placed, kept when paid, given
//! back by a cancel or a lapse. One that does nothing is refused with its reason and never counted.

use super::discount::pricing_of;
use super::draft::{Draft, program_of};
use super::order::moment;
use super::{Context, gifts, offers, placed, referral};
use crate::ShortText;
use crate::book::Book;
use crate::counters::{of_campaign, of_campaign_money, of_code};
use crate::coupon::{CouponCode, CouponRefusal};
use crate::gift::GIFT_CARD;
use crate::ledger::{Event, evolve};
use crate::member::{Member, MemberStatus};
use crate::money::Money;
use crate::order::{OrderBody, OrderCoupon, OrderKey, OrderState, Pricing};
use crate::program::{Campaign, Program};
use crate::time::Instant;
use crate::trace::{Silence, Step};

/// Codes of an order that the store must be asked for: made coupons, spelt right, and gift cards.
pub fn codes_to_load(ctx: Context<'_>, body: &OrderBody) -> Vec<CouponCode> {
    let Ok(at) = moment(ctx, body.occurred_at) else { return Vec::new() };
    let cards = gifts::codes_of(body);
    if body.coupons.is_empty() {
        return cards.collect();
    }
    let program = program_of(ctx, None, at);
    let codes = body.coupons.iter().filter_map(|text| CouponCode::read(text));
    let made = |code: &CouponCode| program.coupons.of_shared(code).is_none() && code.has_check();
    codes.filter(made).chain(cards).collect()
}

/// Counters that deciding about the coupons of this body reads; the codes must be in the book.
pub(super) fn counters_of_body(ctx: Context<'_>, book: &Book, body: &OrderBody) -> Vec<ShortText> {
    let order = book.orders.get(&body.key);
    let Ok(at) = moment(ctx, body.occurred_at) else { return Vec::new() };
    let program = program_of(ctx, order, at);
    let none = || body.coupons.is_empty() && program.coupons.automatic().next().is_none();
    if order.map_or_else(none, |o| o.coupons.is_empty()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut ask = |campaign: &Campaign, code: Option<&CouponCode>| {
        let limits = campaign.limits;
        all.extend(limits.total.map(|_| of_campaign(&campaign.id)));
        all.extend(limits.budget.map(|_| of_campaign_money(&campaign.id)));
        all.extend(limits.per_code.and(code).map(of_code));
    };
    match order {
        // Only what a lapse has given back is taken again.
        Some(order) => {
            for coupon in order.coupons.iter().filter(|c| c.refused.is_none() && !c.taken) {
                let campaign = coupon.campaign.as_ref().and_then(|c| program.coupons.campaign(c));
                if let Some(campaign) = campaign {
                    ask(campaign, CouponCode::read(&coupon.code).as_ref());
                }
            }
        }
        None => {
            for code in body.coupons.iter().filter_map(|text| CouponCode::read(text)) {
                if let Some(campaign) = campaign_of(program, book, &code) {
                    ask(campaign, Some(&code));
                }
            }
            program.coupons.automatic().for_each(|campaign| ask(campaign, None));
        }
    }
    all
}

fn campaign_of<'p>(program: &'p Program, book: &Book, code: &CouponCode) -> Option<&'p Campaign> {
    let made = || book.codes.iter().find(|c| c.code == *code);
    program.coupons.of_shared(code).or_else(|| program.coupons.campaign(&made()?.campaign))
}

/// The coupons of a new order, in the order entered: refused, or fit to be tried.
pub(super) fn examine(program: &Program, book: &Book, body: &OrderBody, at: Instant) -> Vec<OrderCoupon> {
    let mut known = automatic(program, book, body, at);
    for text in &body.coupons {
        let code = CouponCode::read(text);
        let campaign = code.as_ref().and_then(|code| campaign_of(program, book, code));
        let refused = match (&code, campaign) {
            (None, _) => Some(CouponRefusal::Mistyped),
            (Some(code), None) => Some(unknown(book, code)),
            (Some(_), Some(campaign)) if known.iter().any(|c| is_of(c, campaign)) => {
                Some(CouponRefusal::Repeated)
            }
            (Some(code), Some(campaign)) => {
                let asker = Asker { program, book, checkout: body.checkout.as_deref(), at };
                asker.refusal(campaign, Some(code))
            }
        };
        known.push(OrderCoupon {
            code: code.map_or_else(|| text.clone(), |c| c.as_str().into()),
            campaign: campaign.map(|c| c.id.clone()),
            refused,
            money: Money::ZERO,
            uses: Vec::new(),
            automatic: false,
            gift: None,
            per_member: campaign.is_some_and(|c| c.limits.per_member.is_some()),
            taken: false,
        });
    }
    known
}

/// Campaigns without a code, as far as they are in force; the shop's own prices are lowered by none.
fn automatic(program: &Program, book: &Book, body: &OrderBody, at: Instant) -> Vec<OrderCoupon> {
    if pricing_of(body) == Pricing::Shop {
        return Vec::with_capacity(body.coupons.len());
    }
    let asker = Asker { program, book, checkout: None, at };
    let campaigns = program.coupons.automatic();
    let asked = campaigns.map(|campaign| OrderCoupon {
        // No code can have a colon, so none is taken for another.
        code: format!("auto:{}", campaign.id).into(),
        campaign: Some(campaign.id.clone()),
        refused: asker.refusal(campaign, None),
        money: Money::ZERO,
        uses: Vec::new(),
        automatic: true,
        gift: None,
        per_member: campaign.limits.per_member.is_some(),
        taken: false,
    });
    asked.collect()
}

fn is_of(coupon: &OrderCoupon, campaign: &Campaign) -> bool {
    coupon.refused.is_none() && coupon.campaign.as_ref() == Some(&campaign.id)
}

/// A code the store has belongs to a campaign that is no more; one with a wrong check was never made.
fn unknown(book: &Book, code: &CouponCode) -> CouponRefusal {
    match book.codes.iter().find(|c| c.code == *code) {
        Some(card) if card.campaign == GIFT_CARD => CouponRefusal::GiftCard,
        Some(_) => CouponRefusal::Expired,
        None => CouponRefusal::Unknown,
    }
}

struct Asker<'a> {
    program: &'a Program,
    book: &'a Book,
    checkout: Option<&'a str>,
    at: Instant,
}

impl Asker<'_> {
    /// The ladder of what can be said before prices.
    fn refusal(&self, campaign: &Campaign, code: Option<&CouponCode>) -> Option<CouponRefusal> {
        let made = code.and_then(|code| self.book.codes.iter().find(|c| c.code == *code));
        let day = self.program.zone.day_of(self.at);
        let member = &self.book.member;
        let guest = member.status == MemberStatus::Guest;
        let owner = made.and_then(|c| c.owner);
        if made.is_some_and(|c| c.blocked) {
            return Some(CouponRefusal::Blocked);
        }
        if campaign.from.is_some_and(|from| day < from) {
            return Some(CouponRefusal::NotStarted);
        }
        let over = made.and_then(|c| c.expires_at).is_some_and(|end| end <= self.at);
        if over || campaign.to.is_some_and(|to| day > to) {
            return Some(CouponRefusal::Expired);
        }
        if !guest && owner.is_some_and(|owner| member.is(owner) == campaign.refers) {
            return Some(if campaign.refers {
                CouponRefusal::OwnInvitation
            } else {
                CouponRefusal::NotYours
            });
        }
        if guest && (owner.is_some() && !campaign.refers || campaign.limits.per_member.is_some()) {
            return Some(CouponRefusal::MemberNeeded);
        }
        if let (Some(checkout), Some(code)) = (self.checkout, code)
            && member.in_checkout(checkout, code.as_str()) > 0
        {
            return None;
        }
        limits_reached(self.book, campaign, code)
    }
}

fn limits_reached(book: &Book, campaign: &Campaign, code: Option<&CouponCode>) -> Option<CouponRefusal> {
    let limits = campaign.limits;
    let uses = of_campaign(&campaign.id);
    if let (Some(most), Some(code)) = (limits.per_code, code)
        && book.counters.value(&of_code(code)) >= most
    {
        return Some(CouponRefusal::LimitPerCode);
    }
    if limits.per_member.is_some_and(|most| book.member.used(&uses, None) >= most) {
        return Some(CouponRefusal::LimitPerMember);
    }
    let reached = limits.total.is_some_and(|most| book.counters.value(&uses) >= most);
    reached.then_some(CouponRefusal::LimitTotal)
}

fn over_budget(book: &Book, campaign: &Campaign, money: Money) -> bool {
    let spent = || book.counters.value(&of_campaign_money(&campaign.id));
    campaign.limits.budget.is_some_and(|budget| spent() + money.0 > budget.0)
}

/// Why a coupon's discount took nothing off.
pub(super) fn refusal_of(why: Silence) -> CouponRefusal {
    match why {
        Silence::NoMatchingLines => CouponRefusal::NoMatchingLines,
        Silence::AnotherInGroup | Silence::Excluded => CouponRefusal::Beaten,
        Silence::NothingLeft
        | Silence::RoundedToZero
        | Silence::GivenBefore
        | Silence::HeldAlready
        | Silence::OverLimit => CouponRefusal::NothingLeft,
        Silence::ConditionFalse | Silence::MemberEarnsNothing | Silence::NotPaidYet => {
            CouponRefusal::ConditionFalse
        }
    }
}

/// Writes down what the coupon took off and what its use counts; refuses it where the money is gone.
pub(super) fn accept(book: &Book, campaign: &Campaign, coupon: &mut OrderCoupon, money: Money) {
    if over_budget(book, campaign, money) {
        coupon.refused = Some(CouponRefusal::OverBudget);
        return;
    }
    coupon.money = money;
    coupon.uses = vec![(of_campaign(&campaign.id), 1)];
    if campaign.limits.per_code.is_some()
        && let Some(code) = CouponCode::read(&coupon.code)
    {
        coupon.uses.push((of_code(&code), 1));
    }
    if campaign.limits.budget.is_some() {
        coupon.uses.push((of_campaign_money(&campaign.id), money.0));
    }
}

/// Tells of each coupon what became of it.
pub(super) fn steps(coupons: &[OrderCoupon]) -> impl Iterator<Item = Step> + '_ {
    let gifts = coupons.iter().filter(|c| c.refused.is_none()).filter_map(|coupon| {
        let (sku, pieces) = coupon.gift.as_ref()?;
        let campaign = coupon.campaign.clone().unwrap_or_default();
        Some(Step::GiftGiven { campaign, sku: sku.clone(), pieces: *pieces })
    });
    let of_each = coupons.iter().map(|coupon| match (coupon.refused, &coupon.campaign) {
        (why, Some(campaign)) if coupon.automatic => match why {
            Some(why) => Step::PromotionSilent { campaign: campaign.clone(), why },
            None => Step::PromotionApplied { campaign: campaign.clone(), amount: coupon.money },
        },
        (Some(why), _) => Step::CouponRefused { code: coupon.code.clone(), why },
        (None, campaign) => Step::CouponApplied {
            code: coupon.code.clone(),
            campaign: campaign.clone().unwrap_or_default(),
            amount: coupon.money,
        },
    });
    of_each.chain(gifts)
}

/// Counts the uses of the order's coupons. After the ladder of its caller it succeeds.
pub(super) fn take(draft: &mut Draft<'_>, key: &OrderKey) {
    let fit = |c: &&OrderCoupon| c.refused.is_none() && !c.taken;
    let coupons: Vec<OrderCoupon> = draft.order(key).coupons.iter().filter(fit).cloned().collect();
    coupons.into_iter().for_each(|coupon| take_one(draft, key, coupon));
}

fn take_one(draft: &mut Draft<'_>, key: &OrderKey, coupon: OrderCoupon) {
    for event in counting(draft.member(), draft.order(key), &coupon, 1) {
        draft.push(event);
    }
    draft.push(Event::CouponTaken { order: key.clone(), code: coupon.code });
}

/// Gives the uses back.
pub(super) fn free(draft: &mut Draft<'_>, key: &OrderKey) {
    let taken: Vec<OrderCoupon> = draft.order(key).coupons.iter().filter(|c| c.taken).cloned().collect();
    for coupon in taken {
        free_one(draft, key, &coupon);
    }
}

fn free_one(draft: &mut Draft<'_>, key: &OrderKey, coupon: &OrderCoupon) {
    for event in counting(draft.member(), draft.order(key), coupon, -1) {
        draft.push(event);
    }
    draft.push(Event::CouponFreed { order: key.clone(), code: coupon.code.clone() });
}

/// Gives back what a return of everything gives back.
pub(super) fn free_returned(draft: &mut Draft<'_>, key: &OrderKey) {
    if !draft.order(key).is_emptied() {
        return;
    }
    let program = draft.program;
    let back = |c: &&OrderCoupon| {
        let campaign = c.campaign.as_ref().and_then(|id| program.coupons.campaign(id));
        c.taken && campaign.is_some_and(|campaign| campaign.back_on_return)
    };
    let coupons: Vec<OrderCoupon> = draft.order(key).coupons.iter().filter(back).cloned().collect();
    for coupon in coupons {
        free_one(draft, key, &coupon);
    }
}

/// What a use adds to counters, or takes from them. Orders of one checkout count one use together; money
/// counts for each.
fn counting(member: &Member, order: &OrderState, coupon: &OrderCoupon, by: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut alone = true;
    if let Some(checkout) = order.checkout.as_ref().filter(|_| !coupon.automatic) {
        let orders = member.in_checkout(checkout, &coupon.code);
        alone = orders == if by > 0 { 0 } else { 1 };
        let (checkout, code) = (checkout.clone(), coupon.code.clone());
        events.push(Event::CheckoutCounted { checkout, code, by });
    }
    let money = coupon.campaign.as_ref().map(|id| of_campaign_money(id));
    for (what, amount) in &coupon.uses {
        if alone || money.as_ref() == Some(what) {
            events.push(Event::UseCounted { what: what.clone(), by: amount * by });
        }
    }
    if let (true, true, Some(campaign)) = (alone, coupon.per_member, &coupon.campaign) {
        events.push(Event::MemberUseCounted { what: of_campaign(campaign), since: None, by });
    }
    events
}

/// For a quote of an order that stands: its own uses do not count.
pub(super) fn uncount(book: &mut Book, order: &OrderState) {
    for coupon in order.coupons.iter().filter(|c| c.taken) {
        for event in counting(&book.member, order, coupon, -1) {
            evolve(book, event);
        }
    }
}

/// Reserves until then, or no longer.
pub(super) fn reserve(draft: &mut Draft<'_>, key: &OrderKey, lapses_at: Instant) {
    let known = draft.member().reserved.iter().find(|(order, _)| order == key).map(|(_, at)| *at);
    let order = draft.order(key);
    let limited = order.coupons.iter().any(|c| c.taken)
        || order.gift_cards.iter().any(|c| c.taken)
        || order.offers.iter().any(|o| o.taken);
    // Points that the placing promises fall with the order's time as well.
    let promised = order.credits.iter().any(|c| c.taken < c.issued);
    if (limited || promised) && known != Some(lapses_at) {
        draft.push(Event::UsesReserved { order: key.clone(), lapses_at });
    }
}

/// Paid or cancelled: what was reserved is used, or free.
pub(super) fn settle(draft: &mut Draft<'_>, key: &OrderKey) {
    if draft.member().reserved.iter().any(|(order, _)| order == key) {
        draft.push(Event::UsesSettled { order: key.clone() });
    }
}

/// A reservation that ran out. The order's prices stand; a late payment counts the use again if it may.
pub(super) fn lapse(draft: &mut Draft<'_>, key: &OrderKey) {
    let order = draft.order(key);
    if order.coupons.iter().any(|c| c.taken) || order.gift_cards.iter().any(|c| c.taken) {
        draft.note(Step::CouponsLapsed);
    }
    free(draft, key);
    offers::free(draft, key);
    gifts::free(draft, key);
    placed::fall(draft, key);
    referral::unbind(draft, key);
    settle(draft, key);
}

/// At payment: what a lapse has given back is taken again where its limits still let it. Where they do not
/// the order keeps its prices, and the limit stands.
pub(super) fn pay(draft: &mut Draft<'_>, key: &OrderKey) {
    settle(draft, key);
    let program = draft.program;
    let lapsed = |c: &&OrderCoupon| c.refused.is_none() && !c.taken;
    let coupons: Vec<OrderCoupon> = draft.order(key).coupons.iter().filter(lapsed).cloned().collect();
    for coupon in coupons {
        let campaign = coupon.campaign.as_ref().and_then(|id| program.coupons.campaign(id));
        let code = CouponCode::read(&coupon.code);
        let why = match campaign {
            Some(campaign) => limits_reached(draft.book, campaign, code.as_ref()).or_else(|| {
                over_budget(draft.book, campaign, coupon.money).then_some(CouponRefusal::OverBudget)
            }),
            None => Some(CouponRefusal::Expired),
        };
        match why {
            Some(why) if coupon.automatic => {
                let campaign = coupon.campaign.unwrap_or_default();
                draft.note(Step::PromotionSilent { campaign, why });
            }
            Some(why) => draft.note(Step::CouponRefused { code: coupon.code, why }),
            None => take_one(draft, key, coupon),
        }
    }
}
