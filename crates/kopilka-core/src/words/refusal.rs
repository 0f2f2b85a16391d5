//! Refusals in words: the cause, then the remedy.

mod grant;
mod offer;
mod reward;

use super::step::coupon::refusal as coupon;
use super::{LANGUAGES, Language, Speaker, guests, holders, merge};
use crate::coupon::COUPONS_MAX;
use crate::gift::GIFT_CARDS_MAX;
use crate::order::{LINES_MAX, Quantity};
use crate::program::{Program, Text};
use crate::refusal::Refusal;

/// What a refusal says, in both languages.
pub fn refusal(program: &Program, refusal: &Refusal) -> Text {
    let [en, ru] = LANGUAGES.map(|language| {
        let speaker = Speaker::new(program, language);
        of_body(&speaker, refusal)
            .or_else(|| of_member(&speaker, refusal))
            .or_else(|| merge::refusal(&speaker, refusal))
            .or_else(|| guests::refusal(&speaker, refusal))
            .or_else(|| holders::refusal(&speaker, refusal))
            .or_else(|| of_order(&speaker, refusal))
            .or_else(|| of_coupon(&speaker, refusal))
            .or_else(|| reward::of_reward(&speaker, refusal))
            .or_else(|| offer::of_offer(&speaker, refusal))
            .or_else(|| grant::of_grant(&speaker, refusal))
            .or_else(|| of_gift_card(&speaker, refusal))
            .or_else(|| of_transfer(&speaker, refusal))
            .or_else(|| of_points(&speaker, refusal))
            .unwrap_or_else(|| of_journal(&speaker, refusal))
    });
    Text { en, ru }
}

fn either(speaker: &Speaker<'_>, en: impl Into<String>, ru: impl Into<String>) -> Option<String> {
    Some(speaker.either(en, ru))
}

fn of_body(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::TooManyLines { lines } => either(
            s,
            format!("The order has {lines} lines; at most {LINES_MAX} are taken. Split it."),
            format!("В заказе {lines} строк, допускается не больше {LINES_MAX}. Разделите заказ."),
        ),
        Refusal::NoLines => either(
            s,
            "The order has no lines. Send at least one.",
            "В заказе нет строк. Передайте хотя бы одну.",
        ),
        Refusal::DuplicateLine { line } => either(
            s,
            format!("Two lines have the id {line}. Give each line an id of its own."),
            format!("Две строки с одним id {line}. Дайте каждой строке свой id."),
        ),
        Refusal::QuantityOutOfRange { line } => either(
            s,
            format!("The quantity of line {line} must be above zero and at most 1,000,000."),
            format!("Количество в строке {line} должно быть больше нуля и не больше 1 000 000."),
        ),
        Refusal::AmountOutOfRange { line } => either(
            s,
            format!("The amounts of line {line} must not be negative nor too large."),
            format!("Суммы строки {line} не могут быть отрицательными или слишком большими."),
        ),
        Refusal::DiscountAboveAmount { line } => either(
            s,
            format!("The shop's discount on line {line} is above the line's amount."),
            format!("Скидка магазина в строке {line} больше суммы строки."),
        ),
        Refusal::TooManyCoupons { coupons } => either(
            s,
            format!("The order has {coupons} coupons; at most {COUPONS_MAX} are taken."),
            format!("В заказе {coupons} купонов, допускается не больше {COUPONS_MAX}."),
        ),
        Refusal::TooManyGiftCards { cards } => either(
            s,
            format!("The order has {cards} gift cards; at most {GIFT_CARDS_MAX} are taken."),
            format!("В заказе {cards} подарочных карт, допускается не больше {GIFT_CARDS_MAX}."),
        ),
        Refusal::OccurredInFuture => either(
            s,
            "The order happened later than now. Check the clock of the shop.",
            "Заказ произошёл позже, чем сейчас. Проверьте часы магазина.",
        ),
        Refusal::ReasonMissing => either(
            s,
            "An adjustment needs a reason and an operator.",
            "Для ручного изменения нужны причина и сотрудник.",
        ),
        Refusal::PointsOutOfRange => either(
            s,
            "The points must not be zero and not beyond what an account holds.",
            "Количество не может быть нулём или больше, чем вмещает счёт.",
        ),
        Refusal::PointsExpired => either(
            s,
            "The points have ended already. Leave them out, or correct the date.",
            "Срок этих баллов уже прошёл. Уберите их или исправьте дату.",
        ),
        _ => None,
    }
}

fn of_member(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::MemberUnknown => either(
            s,
            "There is no such member. Register the member first.",
            "Такого участника нет. Сначала зарегистрируйте его.",
        ),
        Refusal::MemberAnonymized => either(
            s,
            "The person was erased: the account is closed for ever.",
            "Данные человека стёрты: счёт закрыт навсегда.",
        ),
        Refusal::MemberBlocked => either(
            s,
            "The member is blocked and neither earns nor spends.",
            "Участник заблокирован: не копит и не тратит.",
        ),
        Refusal::MemberFrozen => either(
            s,
            "The member has frozen the account: nothing can be spent.",
            "Участник заморозил счёт: тратить нельзя.",
        ),
        Refusal::PointsHeld { points } => {
            let points = s.points(*points);
            either(
                s,
                format!("An unpaid order holds {points}: it is paid or cancelled first."),
                format!("Неоплаченный заказ удерживает {points}: сначала его оплачивают или отменяют."),
            )
        }
        Refusal::IdentifierTaken { kind } => either(
            s,
            format!("This {kind} belongs to another member."),
            format!("{} уже у другого участника.", kind_ru(kind)),
        ),
        Refusal::InvalidIdentifier { kind } => {
            either(s, format!("This is not a valid {kind}."), format!("{} указан неверно.", kind_ru(kind)))
        }
        Refusal::CardBlocked => either(
            s,
            "This card is blocked: take the new one, or give the phone.",
            "Эта карта заблокирована: нужна новая карта или телефон.",
        ),
        Refusal::CardUnknown => either(s, "The member has no such card.", "Такой карты у участника нет."),
        Refusal::BirthDateImpossible => {
            either(s, "Nobody alive was born on this date.", "С такой датой рождения никто не живёт.")
        }
        _ => of_what_is_told(s, refusal),
    }
}

/// What was told of the member, and of what happened.
fn of_what_is_told(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::EventUnknown { event } => either(
            s,
            format!("The program declares no event {event}."),
            format!("В программе не объявлено событие {event}."),
        ),
        Refusal::EventDataInvalid { event, data } => either(
            s,
            format!("The event {event} has no such data, or not this value: {data}."),
            format!("У события {event} нет таких данных или такого значения: {data}."),
        ),
        Refusal::AttributeUnknown { attribute } => either(
            s,
            format!("The program declares no attribute {attribute}."),
            format!("В программе не объявлен признак {attribute}."),
        ),
        Refusal::ConsentChannel => either(
            s,
            "A consent to offers names its channel, and no other does.",
            "Согласие на рассылки называет способ, прочие — нет.",
        ),
        Refusal::ConsentTime => either(
            s,
            "A consent cannot be given later than now.",
            "Согласие не может быть дано позже, чем сейчас.",
        ),
        Refusal::SiteUnknown => either(
            s,
            "No member has this site, or nobody has shown it yet.",
            "Такого сайта ни у кого нет, или его ещё не подтвердили.",
        ),
        Refusal::TooManySites { sites } => either(
            s,
            format!("The member has {sites} sites already. Remove one."),
            format!("У участника уже {sites} сайтов. Уберите какой-нибудь."),
        ),
        Refusal::TooManyConsents { consents } => either(
            s,
            format!("The member has {consents} records of consents; no more are kept."),
            format!("Записей о согласиях у участника уже {consents}; больше не хранится."),
        ),
        Refusal::AttributeValueInvalid { attribute } => either(
            s,
            format!("This is no value of the attribute {attribute}."),
            format!("Такого значения у признака {attribute} не бывает."),
        ),
        _ => None,
    }
}

// Masculine nouns all, so that one ending serves.
fn kind_ru(kind: &str) -> &'static str {
    match kind {
        "phone" => "Телефон",
        "email" | "e-mail" => "Адрес почты",
        "card" => "Номер карты",
        "site" => "Сайт",
        _ => "Идентификатор",
    }
}

fn of_order(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::OrderUnknown => either(
            s,
            "There is no such order. If it is on its way, try again.",
            "Такого заказа нет. Если он ещё в пути, повторите позже.",
        ),
        Refusal::OrderOfAnotherMember => {
            either(s, "The order belongs to another member.", "Заказ принадлежит другому участнику.")
        }
        Refusal::OrderCancelled => either(
            s,
            "The order is cancelled. Place a new one under another id.",
            "Заказ отменён. Оформите новый под другим номером.",
        ),
        Refusal::OrderNotPaid => either(
            s,
            "The order is not paid: change or cancel it instead.",
            "Заказ не оплачен: измените его или отмените.",
        ),
        Refusal::UseReturns => either(
            s,
            "A paid order cannot lose lines. Send a return.",
            "Из оплаченного заказа нельзя убрать строки. Оформите возврат.",
        ),
        Refusal::LineUnknown { line } => {
            either(s, format!("The order has no line {line}."), format!("В заказе нет строки {line}."))
        }
        Refusal::ReturnExceeds { line, remaining } => either(
            s,
            format!("Of line {line} only {} can be returned.", remaining.text()),
            format!("По строке {line} можно вернуть только {}.", quantity_ru(*remaining)),
        ),
        Refusal::NothingToReturn => either(
            s,
            "Nothing of the order is left to return.",
            "В заказе не осталось ничего, что можно вернуть.",
        ),
        _ => None,
    }
}

fn quantity_ru(quantity: Quantity) -> String {
    quantity.text().replace('.', ",")
}

fn of_coupon(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::CouponRefused { code, why } => {
            let (en, ru) = (coupon(Language::En, *why), coupon(Language::Ru, *why));
            either(
                s,
                format!(
                    "The coupon {code} does nothing: {en}. Send the order without it, or without coupons_required."
                ),
                format!(
                    "Купон {code} не действует: {ru}. Передайте заказ без него или без coupons_required."
                ),
            )
        }
        _ => None,
    }
}

fn of_gift_card(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::GiftCardsOff => {
            either(s, "This program has no gift cards.", "В этой программе нет подарочных карт.")
        }
        Refusal::GiftCardUnknown { code } => either(
            s,
            format!("There is no gift card {code}. Check its number."),
            format!("Подарочной карты {code} нет. Проверьте номер."),
        ),
        Refusal::GiftCardTaken { code } => either(
            s,
            format!("The code {code} is in use already. Take another one."),
            format!("Код {code} уже занят. Возьмите другой."),
        ),
        Refusal::GiftCardRepeated { code } => either(
            s,
            format!("The gift card {code} is named twice. Name it once."),
            format!("Подарочная карта {code} названа дважды. Назовите её один раз."),
        ),
        Refusal::GiftCardBlocked { code } => either(
            s,
            format!("The gift card {code} is blocked by the shop."),
            format!("Подарочная карта {code} заблокирована магазином."),
        ),
        Refusal::GiftCardExpired { code } => either(
            s,
            format!("The gift card {code} is valid no longer."),
            format!("Срок подарочной карты {code} истёк."),
        ),
        Refusal::GiftCardAmount { minimum, maximum } => either(
            s,
            format!("A gift card holds from {} to {}.", s.money(*minimum), s.money(*maximum)),
            format!("На подарочной карте может быть от {} до {}.", s.money(*minimum), s.money(*maximum)),
        ),
        Refusal::GiftCardInsufficient { code, available, wanted } => either(
            s,
            format!("The gift card {code} has {}; {} asked for.", s.money(*available), s.money(*wanted)),
            format!("На подарочной карте {code} {}, а нужно {}.", s.money(*available), s.money(*wanted)),
        ),
        _ => None,
    }
}

fn of_transfer(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::TransfersOff => either(
            s,
            "Points cannot be transferred in this program.",
            "В этой программе баллы передавать нельзя.",
        ),
        Refusal::TransferToSelf => either(
            s,
            "The sender and the receiver are one member. Name another receiver.",
            "Отправитель и получатель — один участник. Назовите другого получателя.",
        ),
        Refusal::TransferBelowMinimum { minimum } => either(
            s,
            format!("At least {} can be transferred at once.", s.points(*minimum)),
            format!("За раз можно передать не меньше, чем {}.", s.points(*minimum)),
        ),
        Refusal::TransferAboveMaximum { maximum } => either(
            s,
            format!("At most {} can be transferred at once.", s.points(*maximum)),
            format!("За раз можно передать не больше, чем {}.", s.points(*maximum)),
        ),
        _ => None,
    }
}

fn of_points(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::SpendingNotAllowed => {
            either(s, "Points cannot pay for this order.", "Этот заказ нельзя оплатить баллами.")
        }
        Refusal::ContactNeeded => either(
            s,
            "Points can be spent once the member's phone or e-mail is known. Add one.",
            "Баллы можно тратить, когда известны телефон или почта участника. Добавьте.",
        ),
        Refusal::BelowMinimumOrder { minimum } => either(
            s,
            format!("Points pay for orders from {}.", s.money(*minimum)),
            format!("Баллами можно платить за заказы от {}.", s.money(*minimum)),
        ),
        Refusal::BelowMinimumPoints { minimum } => either(
            s,
            format!("At least {} can be spent at once.", s.points(*minimum)),
            format!("За раз можно потратить не меньше, чем {}.", s.points(*minimum)),
        ),
        Refusal::SpendingStep { step, wanted } => either(
            s,
            format!("Points are spent in multiples of {}; {} asked for.", s.amount(*step), s.amount(*wanted)),
            format!("Списать можно число, кратное {}; запрошено {}.", s.amount(*step), s.amount(*wanted)),
        ),
        Refusal::InsufficientPoints { available, wanted } => either(
            s,
            format!("Wanted: {}; available: {}.", s.points(*wanted), s.points(*available)),
            format!("Нужно: {}; доступно: {}.", s.points(*wanted), s.points(*available)),
        ),
        Refusal::SpendingLimit { limit, wanted } => either(
            s,
            format!("Wanted: {}; at most for this order: {}.", s.points(*wanted), s.points(*limit)),
            format!("Нужно: {}; самое большее для этого заказа: {}.", s.points(*wanted), s.points(*limit)),
        ),
        Refusal::CodeRequired { points } => either(
            s,
            format!(
                "The member must agree to {} by a one-time code. Send one and have it told.",
                s.points(*points)
            ),
            format!(
                "Участник должен подтвердить списание кодом: {}. Отправьте код и спросите его.",
                s.points(*points)
            ),
        ),
        Refusal::QuoteChanged { to_pay, points } => either(
            s,
            format!(
                "The order now comes to {} and {}. Show it to the buyer and place it again.",
                s.money(*to_pay),
                s.points(*points)
            ),
            format!(
                "Теперь заказ стоит {} и {}. Покажите это покупателю и оформите снова.",
                s.money(*to_pay),
                s.points(*points)
            ),
        ),
        _ => None,
    }
}

/// The last rung: whatever the others left.
fn of_journal(s: &Speaker<'_>, refusal: &Refusal) -> String {
    let language = s.language;
    match refusal {
        Refusal::EntryUnknown => language.pick("There is no such entry.", "Такой записи нет."),
        Refusal::NotReversible => language.pick(
            "This entry cannot be reversed: it is not an adjustment, or it has been reversed already.",
            "Эту запись нельзя отменить: это не ручное изменение, или оно уже отменено.",
        ),
        other => other.code(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::points::Points;
    use strum::IntoEnumIterator;

    #[test]
    fn every_refusal_has_words_in_both_languages() {
        let program = crate::words::testing::program();
        for refused in Refusal::iter() {
            let text = refusal(&program, &refused);
            assert_ne!(text.en, refused.code());
            assert!(text.ru.chars().any(|c| ('а'..='я').contains(&c)), "{}: {}", refused.code(), text.ru);
        }
    }

    #[test]
    fn what_is_missing_is_said_in_the_points_of_the_program() {
        let program = crate::words::testing::program();
        let text =
            refusal(&program, &Refusal::InsufficientPoints { available: Points(1), wanted: Points(300) });
        assert_eq!(text.ru, "Нужно: 300\u{a0}бонусов; доступно: 1\u{a0}бонус.");
        assert_eq!(text.en, "Wanted: 300\u{a0}bonuses; available: 1\u{a0}bonus.");
    }
}
