//! Coupons and gift cards in words.

use crate::coupon::CouponRefusal;
use crate::trace::Step;
use crate::words::{Language, Speaker};

pub(super) fn step(s: &Speaker<'_>, step: &Step) -> String {
    match (s.language, step) {
        (Language::Ru, Step::CouponApplied { code, campaign, amount }) if amount.is_zero() => {
            format!("Купон {code} ({campaign}) принят.")
        }
        (Language::En, Step::CouponApplied { code, campaign, amount }) if amount.is_zero() => {
            format!("Coupon {code} ({campaign}) was taken.")
        }
        (Language::Ru, Step::CouponApplied { code, campaign, amount }) => {
            format!("Купон {code} ({campaign}): {}.", s.money(*amount))
        }
        (Language::En, Step::CouponApplied { code, campaign, amount }) => {
            format!("Coupon {code} ({campaign}): {} off.", s.money(*amount))
        }
        (Language::Ru, Step::CouponRefused { code, why }) => {
            format!("Купон {code} не действует: {}.", refusal(s.language, *why))
        }
        (Language::En, Step::CouponRefused { code, why }) => {
            format!("Coupon {code} does nothing: {}.", refusal(s.language, *why))
        }
        (Language::Ru, Step::PromotionApplied { campaign, amount }) if amount.is_zero() => {
            format!("Акция «{campaign}» действует.")
        }
        (Language::En, Step::PromotionApplied { campaign, amount }) if amount.is_zero() => {
            format!("Promotion “{campaign}” acts.")
        }
        (Language::Ru, Step::PromotionApplied { campaign, amount }) => {
            format!("Акция «{campaign}»: {}.", s.money(*amount))
        }
        (Language::En, Step::PromotionApplied { campaign, amount }) => {
            format!("Promotion “{campaign}”: {} off.", s.money(*amount))
        }
        (Language::Ru, Step::PromotionSilent { campaign, why }) => {
            format!("Акция «{campaign}» не действует: {}.", refusal(s.language, *why))
        }
        (Language::En, Step::PromotionSilent { campaign, why }) => {
            format!("Promotion “{campaign}” does nothing: {}.", refusal(s.language, *why))
        }
        (Language::Ru, Step::GiftGiven { campaign, sku, pieces }) => {
            format!("Подарок по акции «{campaign}»: {sku}, {pieces} шт.")
        }
        (Language::En, Step::GiftGiven { campaign, sku, pieces }) => {
            format!("A gift of promotion “{campaign}”: {sku}, pieces: {pieces}.")
        }
        (Language::Ru, _) => {
            "Заказ не оплатили вовремя: его купоны, предложения и подарочные карты снова свободны.".to_owned()
        }
        (Language::En, _) => {
            "The order was not paid in time: its coupons, offers and gift cards are free again.".to_owned()
        }
    }
}

/// What a gift card pays, or gets back.
pub(super) fn gift_card(s: &Speaker<'_>, step: &Step) -> String {
    match (s.language, step) {
        (Language::Ru, Step::GiftCardPays { card, amount }) => {
            format!("Подарочная карта {card} платит {}.", s.money(*amount))
        }
        (Language::En, Step::GiftCardPays { card, amount }) => {
            format!("Gift card {card} pays {}.", s.money(*amount))
        }
        (Language::Ru, Step::GiftCardBack { card, amount }) => {
            format!("На подарочную карту {card} вернулось {}.", s.money(*amount))
        }
        (Language::En, Step::GiftCardBack { card, amount }) => {
            format!("{} came back to gift card {card}.", s.money(*amount))
        }
        _ => String::new(),
    }
}

/// Why a coupon does nothing.
pub fn refusal(language: Language, why: CouponRefusal) -> &'static str {
    let (en, ru) = match why {
        CouponRefusal::Mistyped => ("cannot be a code", "такого кода быть не может"),
        CouponRefusal::Unknown => ("there is no such code", "такого кода нет"),
        CouponRefusal::GiftCard => {
            ("it is a gift card: name it under gift_cards", "это подарочная карта: передайте её в gift_cards")
        }
        CouponRefusal::Repeated => ("the order has this coupon already", "этот купон в заказе уже есть"),
        CouponRefusal::OwnInvitation => {
            ("an invitation is for others than its owner", "приглашение — для других, не для владельца")
        }
        CouponRefusal::Blocked => ("the shop has withdrawn it", "магазин его отозвал"),
        CouponRefusal::NotStarted => ("it is not valid yet", "он ещё не действует"),
        CouponRefusal::Expired => ("it is valid no longer", "срок его действия истёк"),
        CouponRefusal::NotYours => ("it belongs to another member", "он принадлежит другому участнику"),
        CouponRefusal::MemberNeeded => ("it needs a member", "нужен участник программы"),
        CouponRefusal::LimitPerCode => ("it has been used", "он уже использован"),
        CouponRefusal::LimitPerMember => (
            "the member has used it as often as allowed",
            "участник уже использовал его столько раз, сколько можно",
        ),
        CouponRefusal::LimitTotal => {
            ("all uses of the campaign are gone", "все применения этой кампании исчерпаны")
        }
        CouponRefusal::ConditionFalse => ("its condition does not hold", "его условие не выполнено"),
        CouponRefusal::NoMatchingLines => {
            ("no goods in the order match it", "в заказе нет подходящих товаров")
        }
        CouponRefusal::AnotherCoupon => ("another coupon counts", "действует другой купон"),
        CouponRefusal::Beaten => ("another discount gives more", "другая скидка выгоднее"),
        CouponRefusal::NothingLeft => {
            ("other discounts leave nothing to take", "другие скидки ничего не оставили")
        }
        CouponRefusal::OverBudget => ("the campaign's money is gone", "деньги кампании закончились"),
    };
    language.pick(en, ru)
}
