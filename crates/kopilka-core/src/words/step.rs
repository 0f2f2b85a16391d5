//! Steps of a decision in words.

pub(super) mod coupon;
pub(super) mod dated;
mod discount;
pub(super) mod grant;
pub(super) mod offer;
mod standing;

use super::{Language, Speaker, holders};
use crate::decimal;
use crate::member::MemberStatus;
use crate::money::Rate;
use crate::points::Points;
use crate::trace::{Silence, Step};

/// One step of a trace as a sentence.
pub fn step(s: &Speaker<'_>, step: &Step) -> String {
    let ru = s.language == Language::Ru;
    match step {
        Step::RuleFired { .. } => fired(s, step),
        Step::RuleSilent { rule, why } => rule_silent(s.language, rule, *why),
        Step::Multiplied { rule, by, lines } => multiplied(s.language, rule, *by, *lines),
        Step::DiscountApplied { .. }
        | Step::DiscountSilent { .. }
        | Step::SetsCompared { .. }
        | Step::DiscountWithheld { .. }
        | Step::PricesOfShop => discount::step(s, step),
        Step::CouponApplied { .. }
        | Step::CouponRefused { .. }
        | Step::PromotionApplied { .. }
        | Step::PromotionSilent { .. }
        | Step::GiftGiven { .. }
        | Step::CouponsLapsed => coupon::step(s, step),
        Step::OfferGiven { .. }
        | Step::OfferNotGiven { .. }
        | Step::OfferActivated { .. }
        | Step::OfferUsed { .. } => offer::step(s, step),
        Step::CouponGiven { .. }
        | Step::CouponWithdrawn { .. }
        | Step::TierGiven { .. }
        | Step::MessageAsked { .. }
        | Step::WebhookAsked { .. }
        | Step::ReferrerBound { .. }
        | Step::ReferrerRewarded { .. }
        | Step::Tagged { .. } => grant::step(s, step),
        Step::GiftCardPays { .. } | Step::GiftCardBack { .. } => coupon::gift_card(s, step),
        Step::TierRate { .. }
        | Step::TierChanged { .. }
        | Step::AchievementReached { .. }
        | Step::AchievementLost { .. } => standing::step(s, step),
        Step::SpendLimit { .. } => spend_limit(s, step),
        Step::PointsTaken { lot, source, points } => taken(s, *lot, source, *points),
        Step::PointsBack { lot, points, gone } => back(s, *lot, *points, *gone),
        Step::CreditTakenBack { rule, points } => {
            let points = s.points(*points);
            if ru {
                format!("Забрано обратно по правилу «{rule}»: {points}.")
            } else {
                format!("{points} that rule “{rule}” gave were taken back.")
            }
        }
        Step::LotDated { .. } => dated::step(s, step),
        Step::Shortfall { points } => shortfall(s, *points),
        Step::TransferLimit { available, limit } => transfer_limit(s, *available, *limit),
        Step::TransferDeclined { status } => declined(s.language, *status).to_owned(),
        Step::HolderEarnsNothing { holder } => holders::earns_nothing(s, *holder),
        Step::OlderBodyIgnored | Step::NothingChanged | Step::CancelRemembered => {
            nothing_done(s.language, step).to_owned()
        }
        Step::Mismatch { due, stated } => {
            let (due, stated) = (s.money(*due), s.money(*stated));
            if ru {
                format!("Магазин сообщил об оплате {stated}, а к оплате было {due}: начислено с меньшего.")
            } else {
                format!("The shop states {stated} as paid, {due} was due: earning counts the lower.")
            }
        }
    }
}

fn rule_silent(language: Language, rule: &str, why: Silence) -> String {
    let why = silence(language, why);
    match language {
        Language::Ru => format!("Правило «{rule}» ничего не дало: {why}."),
        Language::En => format!("Rule “{rule}” gave nothing: {why}."),
    }
}

fn shortfall(s: &Speaker<'_>, points: Points) -> String {
    let points = s.points(points);
    match s.language {
        Language::Ru => format!("Бронь истекла, при оплате не хватило: {points}."),
        Language::En => format!("{points} were missing at payment: their hold had lapsed."),
    }
}

/// Steps after which everything stands as it stood.
fn nothing_done(language: Language, step: &Step) -> &'static str {
    match step {
        Step::OlderBodyIgnored => language.pick(
            "This message is older than what is known: it changed nothing.",
            "Сообщение старше известного: оно ничего не изменило.",
        ),
        Step::CancelRemembered => language.pick(
            "The order is not known yet; the cancel is remembered.",
            "Заказ ещё неизвестен; отмена запомнена.",
        ),
        _ => language.pick("Nothing changed.", "Ничего не изменилось."),
    }
}

fn multiplied(language: Language, rule: &str, by: Rate, lines: u16) -> String {
    let by = decimal::format_trimmed(by.0, 6);
    match language {
        Language::Ru => format!("Правило «{rule}» умножает баллы на {by}, строк: {lines}."),
        Language::En => format!("Rule “{rule}” multiplies points by {by}, lines: {lines}."),
    }
}

fn transfer_limit(s: &Speaker<'_>, available: Points, limit: Points) -> String {
    let (available, limit) = (s.points(available), s.points(limit));
    match s.language {
        Language::Ru => format!("Передать можно {limit}; доступно {available}."),
        Language::En => format!("{limit} may be transferred, {available} available."),
    }
}

fn declined(language: Language, status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Guest => language.pick(
            "The receiver is a guest's order, not a member: the points were not taken.",
            "Получатель — гостевой заказ, а не участник: баллы не приняты.",
        ),
        MemberStatus::Anonymized => language.pick(
            "The receiver's account is closed: the points were not taken.",
            "Счёт получателя закрыт: баллы не приняты.",
        ),
        _ => language.pick(
            "The receiver is blocked: the points were not taken.",
            "Получатель заблокирован: баллы не приняты.",
        ),
    }
}

fn spend_limit(s: &Speaker<'_>, step: &Step) -> String {
    let Step::SpendLimit { available, by_share, by_lines, limit } = step else { return String::new() };
    let [available, by_share, by_lines, limit] = [available, by_share, by_lines, limit].map(|p| s.points(*p));
    match s.language {
        Language::Ru => format!(
            "Можно потратить {limit}: доступно {available}, доля заказа позволяет {by_share}, товары — {by_lines}."
        ),
        Language::En => format!(
            "At most {limit} can be spent: {available} available, {by_share} by the share of the order, \
             {by_lines} by its lines."
        ),
    }
}

fn fired(s: &Speaker<'_>, step: &Step) -> String {
    let Step::RuleFired { rule, base, rate, points, active_at, expires_at, awaits_payment } = step else {
        return String::new();
    };
    let points = s.points(*points);
    let on = match (base, rate, s.language) {
        (Some(base), Some(rate), Language::Ru) => {
            format!(" ({} % от {})", rate.percent_text().replace('.', ","), s.money(*base))
        }
        (Some(base), Some(rate), Language::En) => {
            format!(" ({} % of {})", rate.percent_text(), s.money(*base))
        }
        (Some(base), None, Language::Ru) => format!(" (с {})", s.money(*base)),
        (Some(base), None, Language::En) => format!(" (on {})", s.money(*base)),
        (None, _, _) => String::new(),
    };
    let dates = match awaits_payment {
        true => dated::awaits_payment(s.language).to_owned(),
        false => dates(s, *active_at, *expires_at),
    };
    match s.language {
        Language::Ru => format!("Правило «{rule}» даёт {points}{on}: {dates}."),
        Language::En => format!("Rule “{rule}” gives {points}{on}: {dates}."),
    }
}

/// When points can be spent: from when, and through which day.
pub(super) fn dates(
    s: &Speaker<'_>,
    from: crate::time::Instant,
    end: Option<crate::time::Instant>,
) -> String {
    let from = s.moment(from);
    match (end, s.language) {
        (Some(end), Language::Ru) => format!("действуют с {from} {}", s.until(end)),
        (Some(end), Language::En) => format!("good from {from} {}", s.until(end)),
        (None, Language::Ru) => format!("действуют с {from}, не сгорают"),
        (None, Language::En) => format!("good from {from}, never expire"),
    }
}

fn taken(s: &Speaker<'_>, lot: u32, source: &str, points: Points) -> String {
    let points = s.points(points);
    let source = match source {
        "adjustment" => s.language.pick("by hand", "вручную"),
        "import" => s.language.pick("brought along", "перенесено"),
        "transfer" => s.language.pick("from another member", "от другого участника"),
        rule => rule,
    };
    match s.language {
        Language::Ru => format!("Из начисления № {lot} ({source}) взято: {points}."),
        Language::En => format!("{points} taken from credit no. {lot} ({source})."),
    }
}

fn back(s: &Speaker<'_>, lot: u32, points: Points, gone: bool) -> String {
    let points = s.points(points);
    match (s.language, gone) {
        (Language::Ru, false) => format!("В начисление № {lot} вернулось: {points}."),
        (Language::En, false) => format!("{points} came back to credit no. {lot}."),
        (Language::Ru, true) => {
            format!("Срок начисления № {lot} истёк, сгорело: {points}.")
        }
        (Language::En, true) => {
            format!("{points} came back to credit no. {lot}, whose date has passed: they are gone.")
        }
    }
}

pub(super) fn silence(language: Language, why: Silence) -> &'static str {
    let (en, ru) = match why {
        Silence::ConditionFalse => ("its condition does not hold", "условие не выполнено"),
        Silence::NoMatchingLines => ("no line of the order matches", "подходящих товаров в заказе нет"),
        Silence::RoundedToZero => ("the amount is too small", "сумма слишком мала"),
        Silence::Excluded => (
            "rules that do not go together gave more without it",
            "правила, которые не сочетаются, без него дают больше",
        ),
        Silence::OverLimit => ("it would give more than its limit", "вышло бы больше лимита"),
        Silence::GivenBefore => ("the order has had it already", "заказ её уже получил"),
        Silence::HeldAlready => ("the member has it already", "у участника это уже есть"),
        Silence::NothingLeft => ("nothing is left to take off", "снижать больше нечего"),
        Silence::AnotherInGroup => {
            ("another rule of its group is taken", "взято другое правило той же группы")
        }
        Silence::MemberEarnsNothing => ("the member earns nothing now", "участник сейчас не копит"),
        Silence::NotPaidYet => ("the order is not paid yet", "заказ ещё не оплачен"),
    };
    language.pick(en, ru)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Money, Rate};
    use crate::time::Instant;

    #[test]
    fn a_rule_says_what_it_gave_and_until_when() {
        let program = crate::words::testing::program();
        let at = |text| Instant::parse(text).unwrap();
        let fired = Step::RuleFired {
            rule: "cashback".into(),
            base: Some(Money(1_000_000)),
            rate: Some(Rate(50_000)),
            points: Points(500),
            active_at: at("2026-03-15T00:00:00+03:00"),
            expires_at: Some(at("2026-04-15T00:00:00+03:00")),
            awaits_payment: false,
        };
        assert_eq!(
            step(&Speaker::new(&program, Language::Ru), &fired).replace('\u{a0}', " "),
            "Правило «cashback» даёт 500 бонусов (5 % от 10 000 ₽): \
             действуют с 15 марта 2026 по 14 апреля 2026 включительно."
        );
        assert_eq!(
            step(&Speaker::new(&program, Language::En), &fired).replace('\u{a0}', " "),
            "Rule “cashback” gives 500 bonuses (5 % of 10,000 RUB): \
             good from 15 March 2026 through 14 April 2026."
        );
    }
}
