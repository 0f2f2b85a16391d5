//! What is given beside points, in words: as steps of a decision, and as movements of the journal.

use crate::ledger::Event;
use crate::order::Gave;
use crate::referral::How;
use crate::time::Instant;
use crate::trace::Step;
use crate::words::{Language, Speaker};

/// One that the program no longer has is told by its id.
fn campaign<'s>(s: &'s Speaker<'_>, id: &'s str) -> &'s str {
    s.program.coupons.campaign(id).map_or(id, |known| s.language.of(&known.name))
}

fn tier<'s>(s: &'s Speaker<'_>, id: &'s str) -> &'s str {
    let known = s.program.tiers.as_ref().and_then(|tiers| tiers.level(id));
    known.map_or(id, |level| s.language.of(&level.name))
}

fn until(s: &Speaker<'_>, end: Option<Instant>) -> String {
    match (end, s.language) {
        (Some(end), Language::En) => format!(", good {}", s.until(end)),
        (Some(end), Language::Ru) => format!(", действует {}", s.until(end)),
        (None, _) => String::new(),
    }
}

pub(super) fn step(s: &Speaker<'_>, step: &Step) -> String {
    match step {
        Step::CouponGiven { rule, campaign: id, expires_at } => {
            let (name, until) = (campaign(s, id), until(s, *expires_at));
            s.either(
                format!("Rule “{rule}” gave a coupon: {name}{until}."),
                format!("Правило «{rule}» дало купон: {name}{until}."),
            )
        }
        Step::CouponWithdrawn { rule, campaign: id } => {
            let name = campaign(s, id);
            s.either(
                format!("The coupon that rule “{rule}” gave is withdrawn: {name}."),
                format!("Купон, который дало правило «{rule}», отозван: {name}."),
            )
        }
        Step::TierGiven { rule, tier: id, until: end } => {
            let (name, until) = (tier(s, id), until(s, *end));
            match rule {
                Some(rule) => s.either(
                    format!("Rule “{rule}” gave the level “{name}”{until}."),
                    format!("Правило «{rule}» дало уровень «{name}»{until}."),
                ),
                None => s.either(
                    format!("The level “{name}” was given{until}."),
                    format!("Выдан уровень «{name}»{until}."),
                ),
            }
        }
        Step::Tagged { tag, on, .. } => tagged(s, tag, *on),
        Step::MessageAsked { rule, message } => s.either(
            format!("Rule “{rule}” sends the message “{message}”."),
            format!("Правило «{rule}» отправляет сообщение «{message}»."),
        ),
        Step::WebhookAsked { rule, event } => s.either(
            format!("Rule “{rule}” tells the shop's systems “{event}”."),
            format!("Правило «{rule}» сообщает системам магазина «{event}»."),
        ),
        Step::ReferrerBound { how: How::Link } => {
            s.either("The member came by a friend's link.", "Участник пришёл по ссылке друга.")
        }
        Step::ReferrerBound { how: How::Coupon } => {
            s.either("The member came by a friend's coupon.", "Участник пришёл по купону друга.")
        }
        Step::ReferrerBound { how: How::Site } => {
            s.either("The member came from a friend's site.", "Участник пришёл с сайта друга.")
        }
        Step::ReferrerRewarded { rule, level, points } => {
            let points = s.points(*points);
            s.either(
                format!("Rule “{rule}” rewards the friend of level {level}: {points}."),
                format!("По правилу «{rule}» другу уровня {level}: {points}."),
            )
        }
        _ => String::new(),
    }
}

fn tagged(s: &Speaker<'_>, tag: &str, on: bool) -> String {
    match on {
        true => s.either(format!("Marked “{tag}”."), format!("Поставлена метка «{tag}».")),
        false => s.either(format!("The mark “{tag}” was taken away."), format!("Снята метка «{tag}».")),
    }
}

/// What was given, as a member's statement tells it. A mark is the shop's affair.
pub(in crate::words) fn movement(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let Event::Granted { gave: Gave::Coupon(coupon), back, .. } = event else { return None };
    let (name, code) = (campaign(s, &coupon.campaign), coupon.code.printed());
    let until = until(s, coupon.expires_at);
    Some(match back {
        false => s.either(
            format!("The coupon {code} was given: {name}{until}."),
            format!("Выдан купон {code}: {name}{until}."),
        ),
        true => s.either(
            format!("The coupon {code} was withdrawn: {name}."),
            format!("Отозван купон {code}: {name}."),
        ),
    })
}
