//! Why it came out so: each step in words and as data.

use super::member::status_name;
use crate::wire::TimeText;
use kopilka_core::program::Program;
use kopilka_core::trace::{Silence, Step};
use kopilka_core::words::{self, Speaker};
use serde::Serialize;
use utoipa::ToSchema;

/// One step of a decision. Fields that a step does not have are left out.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct StepAnswer {
    /// `rule_fired`, `rule_silent`, `spend_limit`, `points_taken` …
    pub step: &'static str,
    /// The step as a sentence in the caller's language.
    pub words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// A message of a rule, in the shop's own words of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What a rule told the shop's systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// How a referrer came to the member, and of which level one is rewarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub achievement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// Orders that may still use the offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Goods that are given, and how many pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// The end of a gift card's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// Money a discount or coupon took off, or a gift card pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Whether all sets of discounts that exclude each other were tried; the words name the nearest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proven: Option<bool>,
    /// Why a rule or a discount was silent or a coupon refused, or the status that took no transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Money the rule counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// What points are multiplied by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_at: Option<TimeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_share: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_lines: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Points that came back to a lot whose date had passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<String>,
}

pub fn all(trace: &[Step], speaker: &Speaker<'_>) -> Vec<StepAnswer> {
    trace.iter().map(|step| StepAnswer::of(step, speaker)).collect()
}

impl StepAnswer {
    pub fn of(step: &Step, speaker: &Speaker<'_>) -> StepAnswer {
        StepAnswer { words: words::step(speaker, step), ..data(step, speaker.program) }
    }
}

fn word_of(why: &Silence) -> Option<String> {
    serde_json::to_value(why).ok().and_then(|v| v.as_str().map(str::to_owned))
}

fn data(step: &Step, program: &Program) -> StepAnswer {
    let points = |p: &kopilka_core::points::Points| Some(program.points.format(*p));
    let money = |m: &kopilka_core::money::Money| Some(program.currency.format(*m));
    let named = |step| StepAnswer { step, ..StepAnswer::default() };
    match step {
        Step::RuleFired { .. } => rule_fired(step, program),
        Step::RuleSilent { .. } | Step::Multiplied { .. } => rule_data(step),
        Step::TierRate { .. }
        | Step::TierChanged { .. }
        | Step::AchievementReached { .. }
        | Step::AchievementLost { .. } => standing_data(step),
        Step::OfferGiven { .. }
        | Step::OfferNotGiven { .. }
        | Step::OfferActivated { .. }
        | Step::OfferUsed { .. } => offer_data(step),
        Step::CouponGiven { .. }
        | Step::CouponWithdrawn { .. }
        | Step::TierGiven { .. }
        | Step::MessageAsked { .. }
        | Step::WebhookAsked { .. }
        | Step::ReferrerBound { .. }
        | Step::ReferrerRewarded { .. }
        | Step::Tagged { .. } => grant_data(step, program),
        Step::DiscountApplied { .. }
        | Step::DiscountSilent { .. }
        | Step::SetsCompared { .. }
        | Step::DiscountWithheld { .. }
        | Step::CouponApplied { .. }
        | Step::CouponRefused { .. }
        | Step::CouponsLapsed
        | Step::PromotionApplied { .. }
        | Step::PromotionSilent { .. }
        | Step::GiftGiven { .. }
        | Step::GiftCardPays { .. }
        | Step::GiftCardBack { .. }
        | Step::PricesOfShop => price_data(step, program),
        Step::SpendLimit { .. } => spend_limit(step, program),
        Step::PointsTaken { lot, source, points: taken } => StepAnswer {
            lot: Some(*lot),
            source: Some(source.to_string()),
            points: points(taken),
            ..named("points_taken")
        },
        Step::PointsBack { lot, points: back, gone } => {
            StepAnswer { lot: Some(*lot), points: points(back), gone: Some(*gone), ..named("points_back") }
        }
        Step::CreditTakenBack { rule, points: taken } => {
            StepAnswer { rule: Some(rule.to_string()), points: points(taken), ..named("credit_taken_back") }
        }
        Step::LotDated { lot, active_at, expires_at, .. } => StepAnswer {
            lot: Some(*lot),
            active_at: Some(TimeText(*active_at)),
            expires_at: expires_at.map(TimeText),
            ..named("lot_dated")
        },
        Step::Shortfall { points: short } => StepAnswer { points: points(short), ..named("shortfall") },
        Step::TransferLimit { available, limit } => {
            StepAnswer { available: points(available), limit: points(limit), ..named("transfer_limit") }
        }
        Step::TransferDeclined { status } => why("transfer_declined", status_name(*status)),
        Step::HolderEarnsNothing { holder } => why("holder_earns_nothing", &holder.0.to_string()),
        Step::OlderBodyIgnored => named("older_body_ignored"),
        Step::NothingChanged => named("nothing_changed"),
        Step::CancelRemembered => named("cancel_remembered"),
        Step::Mismatch { due, stated } => {
            StepAnswer { due: money(due), stated: money(stated), ..named("mismatch") }
        }
    }
}

fn why(step: &'static str, why: &str) -> StepAnswer {
    StepAnswer { step, why: Some(why.to_owned()), ..StepAnswer::default() }
}

fn rule_fired(step: &Step, program: &Program) -> StepAnswer {
    let Step::RuleFired { rule, base, rate, points, active_at, expires_at, awaits_payment } = step else {
        return StepAnswer::default();
    };
    StepAnswer {
        step: "rule_fired",
        rule: Some(rule.to_string()),
        base: base.map(|base| program.currency.format(base)),
        percent: rate.map(|r| r.percent_text()),
        points: Some(program.points.format(*points)),
        active_at: (!awaits_payment).then_some(TimeText(*active_at)),
        expires_at: expires_at.map(TimeText),
        ..StepAnswer::default()
    }
}

/// What lowered the prices, and what did not.
fn price_data(step: &Step, program: &Program) -> StepAnswer {
    let money = |m: &kopilka_core::money::Money| Some(program.currency.format(*m));
    let named = |step| StepAnswer { step, ..StepAnswer::default() };
    match step {
        Step::DiscountApplied { discount, amount } => StepAnswer {
            discount: Some(discount.to_string()),
            amount: money(amount),
            ..named("discount_applied")
        },
        Step::DiscountSilent { discount, why } => {
            StepAnswer { discount: Some(discount.to_string()), why: word_of(why), ..named("discount_silent") }
        }
        Step::SetsCompared { proven, .. } => StepAnswer { proven: Some(*proven), ..named("sets_compared") },
        Step::DiscountWithheld { amount, .. } => {
            StepAnswer { amount: money(amount), ..named("discount_withheld") }
        }
        Step::CouponApplied { code, campaign, amount } => StepAnswer {
            coupon: Some(code.to_string()),
            campaign: Some(campaign.to_string()),
            amount: money(amount),
            ..named("coupon_applied")
        },
        Step::CouponRefused { code, why } => StepAnswer {
            coupon: Some(code.to_string()),
            why: Some(why.code().to_owned()),
            ..named("coupon_refused")
        },
        Step::CouponsLapsed => named("coupons_lapsed"),
        Step::PromotionApplied { campaign, amount } => StepAnswer {
            campaign: Some(campaign.to_string()),
            amount: money(amount),
            ..named("promotion_applied")
        },
        Step::PromotionSilent { campaign, why } => StepAnswer {
            campaign: Some(campaign.to_string()),
            why: Some(why.code().to_owned()),
            ..named("promotion_silent")
        },
        Step::GiftGiven { campaign, sku, pieces } => StepAnswer {
            campaign: Some(campaign.to_string()),
            sku: Some(sku.to_string()),
            quantity: Some(pieces.to_string()),
            ..named("gift_given")
        },
        Step::GiftCardPays { card, amount } => {
            StepAnswer { card: Some(card.to_string()), amount: money(amount), ..named("gift_card_pays") }
        }
        Step::GiftCardBack { card, amount } => {
            StepAnswer { card: Some(card.to_string()), amount: money(amount), ..named("gift_card_back") }
        }
        _ => named("prices_of_shop"),
    }
}

fn spend_limit(step: &Step, program: &Program) -> StepAnswer {
    let Step::SpendLimit { available, by_share, by_lines, limit } = step else {
        return StepAnswer::default();
    };
    let points = |p: &kopilka_core::points::Points| Some(program.points.format(*p));
    StepAnswer {
        step: "spend_limit",
        available: points(available),
        by_share: points(by_share),
        by_lines: points(by_lines),
        limit: points(limit),
        ..StepAnswer::default()
    }
}

/// Steps about levels and achievements.
fn standing_data(step: &Step) -> StepAnswer {
    let named = |step| StepAnswer { step, ..StepAnswer::default() };
    match step {
        Step::TierRate { rule, tier, rate } => StepAnswer {
            rule: Some(rule.to_string()),
            tier: Some(tier.to_string()),
            percent: Some(rate.percent_text()),
            ..named("tier_rate")
        },
        Step::TierChanged { tier, .. } => {
            StepAnswer { tier: Some(tier.to_string()), ..named("tier_changed") }
        }
        Step::AchievementReached { achievement, .. } => {
            StepAnswer { achievement: Some(achievement.to_string()), ..named("achievement_reached") }
        }
        Step::AchievementLost { achievement, .. } => {
            StepAnswer { achievement: Some(achievement.to_string()), ..named("achievement_lost") }
        }
        _ => StepAnswer::default(),
    }
}

/// Steps of rules that gave no points themselves.
fn rule_data(step: &Step) -> StepAnswer {
    let named = |step| StepAnswer { step, ..StepAnswer::default() };
    match step {
        Step::RuleSilent { rule, why } => {
            StepAnswer { rule: Some(rule.to_string()), why: word_of(why), ..named("rule_silent") }
        }
        Step::Multiplied { rule, by, .. } => StepAnswer {
            rule: Some(rule.to_string()),
            by: Some(kopilka_core::decimal::format_trimmed(by.0, 6)),
            ..named("multiplied")
        },
        _ => StepAnswer::default(),
    }
}

/// Steps about what is given beside points.
fn grant_data(step: &Step, program: &Program) -> StepAnswer {
    let named = |step, rule: Option<&kopilka_core::ShortText>| StepAnswer {
        step,
        rule: rule.map(ToString::to_string),
        ..StepAnswer::default()
    };
    match step {
        Step::CouponGiven { rule, campaign, expires_at } => StepAnswer {
            campaign: Some(campaign.to_string()),
            expires_at: expires_at.map(TimeText),
            ..named("coupon_given", Some(rule))
        },
        Step::CouponWithdrawn { rule, campaign } => {
            StepAnswer { campaign: Some(campaign.to_string()), ..named("coupon_withdrawn", Some(rule)) }
        }
        Step::TierGiven { rule, tier, until } => StepAnswer {
            tier: Some(tier.to_string()),
            expires_at: until.map(TimeText),
            ..named("tier_given", rule.as_ref())
        },
        Step::MessageAsked { rule, message } => {
            StepAnswer { message: Some(message.to_string()), ..named("message_asked", Some(rule)) }
        }
        Step::WebhookAsked { rule, event } => {
            StepAnswer { event: Some(event.to_string()), ..named("webhook_asked", Some(rule)) }
        }
        Step::ReferrerBound { how } => StepAnswer { how: Some(how.word()), ..named("referrer_bound", None) },
        Step::ReferrerRewarded { rule, level, points } => StepAnswer {
            level: Some(*level),
            points: Some(program.points.format(*points)),
            ..named("referrer_rewarded", Some(rule))
        },
        Step::Tagged { rule, tag, on } => {
            let step = if *on { "tagged" } else { "untagged" };
            StepAnswer { tag: Some(tag.to_string()), ..named(step, rule.as_ref()) }
        }
        _ => StepAnswer::default(),
    }
}

/// Steps about personal offers.
fn offer_data(step: &Step) -> StepAnswer {
    let named = |step, offer: &kopilka_core::ShortText| StepAnswer {
        step,
        offer: Some(offer.to_string()),
        ..StepAnswer::default()
    };
    match step {
        Step::OfferGiven { offer, ends_at, .. } => {
            StepAnswer { expires_at: Some(TimeText(*ends_at)), ..named("offer_given", offer) }
        }
        Step::OfferNotGiven { rule, offer, why } => {
            StepAnswer { rule: Some(rule.to_string()), why: word_of(why), ..named("offer_not_given", offer) }
        }
        Step::OfferActivated { offer, ends_at } => {
            StepAnswer { expires_at: Some(TimeText(*ends_at)), ..named("offer_activated", offer) }
        }
        Step::OfferUsed { offer, left } => StepAnswer { left: *left, ..named("offer_used", offer) },
        _ => StepAnswer::default(),
    }
}
