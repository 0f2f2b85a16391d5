//! What is said of coupons, gift cards, rewards, offers, levels and referrals.
//!
//! Invariant: of a gift card its ending alone is said.

use super::told::{Data, Say, Told, at, of_order, put};
use kopilka_core::attribute::AttributeValue;
use kopilka_core::gift::ending;
use kopilka_core::ledger::Event;
use kopilka_core::money::Money;
use kopilka_core::order::{Gave, OrderKey};
use kopilka_core::referral::{News, ReferralEvent};
use serde_json::{Value, json};

pub(super) fn used(event: &Event) -> Told {
    let of = |kind, order: &OrderKey, name, what: &str| {
        let mut data = of_order(Some(order));
        put(&mut data, name, what);
        (kind, data)
    };
    Some(match event {
        Event::CouponTaken { order, code } => of("coupon.used", order, "code", code),
        Event::CouponFreed { order, code } => of("coupon.freed", order, "code", code),
        Event::OfferTaken { order, offer, .. } => of("offer.used", order, "offer", offer),
        Event::OfferFreed { order, offer, .. } => of("offer.freed", order, "offer", offer),
        _ => return None,
    })
}

pub(super) fn gift_cards(event: &Event, say: &Say<'_>) -> Told {
    let card = |(code, amount): (&str, Money)| json!({ "card": ending(code), "amount": say.money(amount) });
    let mut data = Data::new();
    Some(match event {
        Event::GiftCardIssued { code, amount, expires_at } => {
            put(&mut data, "card", ending(code.as_str()));
            put(&mut data, "amount", say.money(*amount));
            at(&mut data, "expires_at", *expires_at);
            ("gift_card.issued", data)
        }
        Event::GiftCardChanged { code, by, blocked, expires_at } => {
            put(&mut data, "card", ending(code.as_str()));
            put(&mut data, "by", say.money(*by));
            put(&mut data, "blocked", *blocked);
            at(&mut data, "expires_at", *expires_at);
            ("gift_card.changed", data)
        }
        Event::GiftCardsSet { order, cards } => {
            data.extend(of_order(Some(order)));
            let cards: Vec<Value> = cards.iter().map(|paid| card((&paid.code, paid.net()))).collect();
            put(&mut data, "cards", cards);
            ("gift_card.used", data)
        }
        Event::GiftCardsBack { order, back } => {
            data.extend(of_order(Some(order)));
            let cards: Vec<Value> = back.iter().map(|(code, amount)| card((code, *amount))).collect();
            put(&mut data, "cards", cards);
            ("gift_card.refunded", data)
        }
        _ => return None,
    })
}

pub(super) fn rewards(event: &Event, say: &Say<'_>) -> Told {
    let mut data = Data::new();
    let kind = match event {
        Event::RewardClaimed { claim, code } => {
            put(&mut data, "claim", claim.no);
            put(&mut data, "reward", claim.reward.as_str());
            put(&mut data, "points", say.sum(&claim.pieces));
            if let Some((code, campaign)) = code {
                put(&mut data, "code", code.as_str());
                put(&mut data, "campaign", campaign.as_str());
            }
            "reward.claimed"
        }
        Event::ClaimSettled { claim, handed_over } => {
            put(&mut data, "claim", *claim);
            put(&mut data, "handed_over", *handed_over);
            "reward.settled"
        }
        _ => return None,
    };
    Some((kind, data))
}

pub(super) fn given(event: &Event) -> Told {
    let mut data = Data::new();
    let kind = match event {
        Event::OfferGiven { held, .. } => {
            put(&mut data, "offer", held.offer.as_str());
            put(&mut data, "ends_at", held.ends_at.to_string());
            at(&mut data, "activated_at", held.activated_at);
            "offer.given"
        }
        Event::OfferActivated { offer, .. } => {
            put(&mut data, "offer", offer.as_str());
            "offer.activated"
        }
        Event::OfferWithdrawn { offer } => {
            put(&mut data, "offer", offer.as_str());
            "offer.withdrawn"
        }
        Event::Granted { gave, rule, order, back } => {
            data.extend(of_order(order.as_ref()));
            if let Some(rule) = rule {
                put(&mut data, "source", rule.as_str());
            }
            match gave {
                Gave::Coupon(coupon) => {
                    put(&mut data, "code", coupon.code.as_str());
                    put(&mut data, "campaign", coupon.campaign.as_str());
                    at(&mut data, "expires_at", coupon.expires_at);
                }
                Gave::Tag { tag, on } => {
                    put(&mut data, "tag", tag.as_str());
                    put(&mut data, "on", *on);
                }
                Gave::Tier(tier) => put(&mut data, "tier", tier.as_str()),
            }
            if *back { "grant.taken_back" } else { "grant.given" }
        }
        _ => return None,
    };
    Some((kind, data))
}

/// What a rule of the document tells, in the document's own words.
pub(super) fn told_by_rule(event: &Event) -> Told {
    let Event::WebhookAsked { what, data: said, rule, order } = event else { return None };
    let mut data = of_order(order.as_ref());
    put(&mut data, "event", what.as_str());
    put(&mut data, "source", rule.as_str());
    let said = said.0.iter().map(|(name, value)| {
        let value: Value = match value {
            AttributeValue::YesNo(truth) => (*truth).into(),
            AttributeValue::Number(number) => (*number).into(),
            AttributeValue::Text(text) => text.as_str().into(),
        };
        (name.to_string(), value)
    });
    put(&mut data, "data", said.collect::<Data>());
    Some(("rule.told", data))
}

pub(super) fn referral(event: &ReferralEvent) -> Told {
    let mut data = Data::new();
    let kind = match event {
        ReferralEvent::Bound { referrer } => {
            put(&mut data, "referrer", referrer.member.to_string());
            put(&mut data, "how", referrer.how.word());
            "referral.bound"
        }
        ReferralEvent::Unbound { order } => {
            data.extend(of_order(Some(order)));
            "referral.unbound"
        }
        ReferralEvent::Heard { told, .. } => {
            put(&mut data, "from", told.from.to_string());
            put(&mut data, "level", told.level);
            let news = match told.news {
                News::Registered => "registered",
                News::Order(_) => "order",
            };
            put(&mut data, "news", news);
            "referral.heard"
        }
        ReferralEvent::Visited { .. } => "referral.visited",
        // What is on its way is told by the one who hears it.
        ReferralEvent::Decided { .. } | ReferralEvent::ToTell { .. } => return None,
        ReferralEvent::Told { .. } | ReferralEvent::PassedOn { .. } => return None,
    };
    Some((kind, data))
}

pub(super) fn standing(event: &Event) -> Told {
    let mut data = Data::new();
    let kind = match event {
        Event::TierChanged { tier, .. } => {
            put(&mut data, "tier", tier.as_ref().map(|tier| tier.to_string()));
            "tier.changed"
        }
        Event::AchievementReached { achievement, times } => {
            put(&mut data, "achievement", achievement.as_str());
            put(&mut data, "times", *times);
            "achievement.reached"
        }
        Event::AchievementLost { achievement, times, .. } => {
            put(&mut data, "achievement", achievement.as_str());
            put(&mut data, "times", *times);
            "achievement.lost"
        }
        _ => return None,
    };
    Some((kind, data))
}
