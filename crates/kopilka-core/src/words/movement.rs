//! Movements of the journal in words, as a member's statement tells them.

use super::step::{dated, dates, grant, offer};
use super::{Speaker, guests, holders, merge};
use crate::gift::{GiftPayment, ending};
use crate::ledger::{Back, DebtCause, Event, Fate, Piece};
use crate::member::MemberStatus;
use crate::order::OrderKey;
use crate::points::Points;
use crate::referral::is_of_others;

/// What an event did, as a sentence; `None` for marks that tell a person nothing.
pub fn movement(s: &Speaker<'_>, event: &Event) -> Option<String> {
    of_member(s, event)
        .or_else(|| of_lots(s, event))
        .or_else(|| of_spending(s, event))
        .or_else(|| of_transfers(s, event))
        .or_else(|| of_orders(s, event))
        .or_else(|| of_cards_and_rewards(s, event))
        .or_else(|| offer::movement(s, event))
        .or_else(|| grant::movement(s, event))
        .or_else(|| merge::movement(s, event))
        .or_else(|| guests::movement(s, event))
        .or_else(|| holders::movement(s, event))
}

fn either(s: &Speaker<'_>, en: String, ru: String) -> Option<String> {
    Some(s.either(en, ru))
}

fn of_member(s: &Speaker<'_>, event: &Event) -> Option<String> {
    match event {
        Event::MemberRegistered { .. } => {
            either(s, "Joined the program.".into(), "Вступление в программу.".into())
        }
        Event::Happened { what } => {
            // One that the program no longer declares is told by its id.
            let declared = s.program.events.iter().find(|event| event.id == *what);
            let name = declared.map_or(what.as_str(), |event| s.language.of(&event.name));
            either(s, format!("The event “{name}”."), format!("Событие «{name}»."))
        }
        Event::ProfileCompleted { .. } => {
            either(s, "The profile is complete.".into(), "Профиль заполнен.".into())
        }
        Event::Subscribed { channel, .. } => {
            let name = channel.name();
            either(s, format!("Subscribed to {name}."), format!("Подписка: {name}."))
        }
        Event::SilencePassed { days, .. } => {
            either(s, format!("No purchase for {days} days."), format!("Без покупок дней: {days}."))
        }
        Event::UnclaimedSince { at } => {
            let (en, ru) = match at {
                Some(_) => ("Nobody is known behind the card yet.", "За картой пока никого нет."),
                None => ("The card waits to be claimed no longer.", "Карта больше не ждёт хозяина."),
            };
            either(s, en.into(), ru.into())
        }
        Event::ScheduleCame { .. } => {
            either(s, "A moment of the program's schedule.".into(), "Срок по расписанию программы.".into())
        }
        Event::PurchasesBrought { orders, paid, .. } => {
            let paid = s.money(*paid);
            either(
                s,
                format!("Bought before joining: {orders} orders, {paid}."),
                format!("Куплено до вступления: заказов {orders}, {paid}."),
            )
        }
        Event::StatusChanged { status } => {
            let (en, ru) = match status {
                MemberStatus::Active => ("active", "действует"),
                MemberStatus::Blocked => ("blocked", "заблокирован"),
                MemberStatus::Frozen => ("frozen", "заморожен"),
                MemberStatus::Guest => ("a guest's", "гостевой"),
                MemberStatus::Anonymized => {
                    ("closed: the person is erased", "закрыт: данные человека стёрты")
                }
                MemberStatus::Merged => ("a part of another", "стал частью другого"),
            };
            either(s, format!("The account is {en}."), format!("Счёт {ru}."))
        }
        Event::TierChanged { tier: Some(tier), .. } => {
            either(s, format!("Level: {tier}."), format!("Уровень: {tier}."))
        }
        Event::TierChanged { tier: None, .. } => {
            either(s, "Back to the first level.".into(), "Снова первый уровень.".into())
        }
        Event::AchievementReached { achievement, .. } => {
            either(s, format!("Achievement: {achievement}."), format!("Достижение: {achievement}."))
        }
        Event::AchievementLost { achievement, .. } => either(
            s,
            format!("Achievement lost: {achievement}."),
            format!("Достижения больше нет: {achievement}."),
        ),
        _ => None,
    }
}

fn of_lots(s: &Speaker<'_>, event: &Event) -> Option<String> {
    match event {
        Event::LotIssued { lot } => {
            let points = s.points(lot.free);
            let dates = match lot.awaits_payment {
                true => dated::awaits_payment(s.language).to_owned(),
                false => dates(s, lot.active_at, lot.expires_at),
            };
            let (en, ru) = match &lot.order {
                // Whose it was, and which, is the friend's affair.
                Some(key) if is_of_others(key) => (" for a friend".to_owned(), " за друга".to_owned()),
                Some(key) => (format!(" for order {}", key.order), format!(" за заказ {}", key.order)),
                None => (String::new(), String::new()),
            };
            either(
                s,
                format!("{points} credited{en} by “{}”: {dates}.", lot.source),
                format!("Начислено{ru}: {points}, правило «{}»; {dates}.", lot.source),
            )
        }
        Event::LotActivated { points, .. } => {
            let points = s.points(*points);
            either(s, format!("{points} can be spent now."), format!("Стало доступно: {points}."))
        }
        Event::LotsDated { order, why, lots } => Some(dated::movement(s, order, *why, lots)),
        Event::LotExpired { points, .. } => {
            let points = s.points(*points);
            either(s, format!("{points} expired."), format!("Сгорело: {points}."))
        }
        Event::LotRevived { points, .. } => {
            let points = s.points(*points);
            either(
                s,
                format!("{points} that had expired paid for the order that held them."),
                format!("Сгоревшее всё же оплатило заказ, за которым было закреплено: {points}."),
            )
        }
        Event::LotRevoked { points, order, rule, .. } => taken_back(s, *points, order.as_ref(), rule),
        Event::ClawbackOwed { points, order, cause, .. } => owed(s, *points, order.as_ref(), *cause),
        Event::ClawbackBorne { points, .. } => {
            let points = s.points(*points);
            either(
                s,
                format!("{points} could not be taken back: the shop bears them."),
                format!("Забрать не удалось, берёт на себя магазин: {points}."),
            )
        }
        Event::DebtRepaid { piece } => {
            let points = s.points(piece.points);
            either(s, format!("{points} repaid the debt."), format!("В счёт долга: {points}."))
        }
        Event::DebtWrittenOff { points, .. } => {
            let points = s.points(*points);
            either(s, format!("A debt of {points} was written off."), format!("Списан долг: {points}."))
        }
        _ => None,
    }
}

fn taken_back(s: &Speaker<'_>, points: Points, order: Option<&OrderKey>, rule: &str) -> Option<String> {
    let points = s.points(points);
    match order {
        Some(key) => either(
            s,
            format!("{points} taken back with the return of order {} (“{rule}”).", key.order),
            format!("Забрано при возврате по заказу {}: {points} («{rule}»).", key.order),
        ),
        None => either(s, format!("{points} taken (“{rule}”)."), format!("Списано: {points} («{rule}»).")),
    }
}

fn owed(s: &Speaker<'_>, points: Points, order: Option<&OrderKey>, cause: DebtCause) -> Option<String> {
    let points = s.points(points);
    let order = order.map_or("", |key| key.order.as_str());
    match cause {
        DebtCause::Clawback => either(
            s,
            format!("{points} of order {order} were spent already: they became a debt."),
            format!("Уже потрачено и стало долгом за заказ {order}: {points}."),
        ),
        DebtCause::Shortfall => either(
            s,
            format!("{points} were missing for order {order}: they became a debt."),
            format!("Не хватило на заказ {order} и стало долгом: {points}."),
        ),
        DebtCause::Adjustment => {
            either(s, format!("{points} became a debt."), format!("Стало долгом: {points}."))
        }
    }
}

fn of_spending(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let sum = |pieces: &[Piece]| s.points(pieces.iter().map(|p| p.points).sum());
    match event {
        Event::PointsHeld { order, pieces, lapses_at } => {
            let (points, until) = (sum(pieces), s.until(*lapses_at));
            either(
                s,
                format!("{points} held for order {} {until}.", order.order),
                format!("Закреплено за заказом {} {until}: {points}.", order.order),
            )
        }
        Event::HoldCaptured { order, points, .. } => spent(s, s.points(*points), Some(order)),
        Event::PointsSpent { order, pieces } => spent(s, sum(pieces), order.as_ref()),
        Event::HoldReleased { order, back } => came_back(s, back, Some(order), false),
        Event::PointsCameBack { order, back } => came_back(s, back, order.as_ref(), true),
        Event::ShortfallRepaidBack { order, back } => came_back(s, back, Some(order), true),
        Event::ShortfallOwed { order, points, .. } => owed(s, *points, Some(order), DebtCause::Shortfall),
        Event::ShortfallBorne { order, points } => {
            let points = s.points(*points);
            either(
                s,
                format!("{points} were missing for order {}: the shop bears them.", order.order),
                format!("Не хватило на заказ {}, берёт на себя магазин: {points}.", order.order),
            )
        }
        Event::ShortfallOwedBack { order, points } | Event::ShortfallBorneBack { order, points } => {
            let points = s.points(*points);
            either(
                s,
                format!("{points} that were missing for order {} are settled.", order.order),
                format!("Закрыта недостача по заказу {}: {points}.", order.order),
            )
        }
        _ => None,
    }
}

fn spent(s: &Speaker<'_>, points: String, order: Option<&OrderKey>) -> Option<String> {
    match order {
        Some(key) => either(
            s,
            format!("{points} paid for order {}.", key.order),
            format!("Оплата заказа {}: {points}.", key.order),
        ),
        None => either(s, format!("{points} taken."), format!("Списано: {points}.")),
    }
}

fn came_back(s: &Speaker<'_>, back: &[Back], order: Option<&OrderKey>, was_spent: bool) -> Option<String> {
    let all: Points = back.iter().map(|b| b.piece.points).sum();
    let order = order.map_or("", |key| key.order.as_str());
    let points = s.points(all);
    let (en, ru) = if was_spent {
        (format!("{points} came back from order {order}"), format!("Вернулось по заказу {order}: {points}"))
    } else {
        (
            format!("{points} no longer held for order {order}"),
            format!("С заказа {order} снята бронь: {points}"),
        )
    };
    less_gone(s, en, ru, gone_of(back))
}

fn of_transfers(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let sum = |pieces: &[Piece]| s.points(pieces.iter().map(|p| p.points).sum());
    match event {
        Event::TransferSent { to, pieces } => {
            let points = sum(pieces);
            either(
                s,
                format!("{points} sent to member {to}."),
                format!("Отправлено участнику {to}: {points}."),
            )
        }
        Event::TransferReceived { from, lots, gone, .. } => {
            let points = s.points(lots.iter().map(|l| l.free).sum::<Points>() + *gone);
            let en = format!("{points} received from member {from}");
            let ru = format!("Получено от участника {from}: {points}");
            less_gone(s, en, ru, *gone)
        }
        Event::TransferDeclined { from, pieces, .. } => {
            let points = sum(pieces);
            either(
                s,
                format!("{points} of member {from} were not taken."),
                format!("Не принято от участника {from}: {points}."),
            )
        }
        Event::TransferCameBack { to, back, .. } => {
            let points = s.points(back.iter().map(|b| b.piece.points).sum());
            let en = format!("{points} sent to member {to} came back");
            let ru = format!("Вернулось отправленное участнику {to}: {points}");
            less_gone(s, en, ru, gone_of(back))
        }
        _ => None,
    }
}

fn gone_of(back: &[Back]) -> Points {
    back.iter().filter(|b| b.fate == Fate::Gone).map(|b| b.piece.points).sum()
}

/// The sentence, with what burnt meanwhile where anything did.
fn less_gone(s: &Speaker<'_>, en: String, ru: String, gone: Points) -> Option<String> {
    if gone.is_zero() {
        return either(s, format!("{en}."), format!("{ru}."));
    }
    let gone = s.points(gone);
    either(
        s,
        format!("{en}; {gone} of them had expired meanwhile."),
        format!("{ru}; за это время сгорело: {gone}."),
    )
}

fn of_orders(s: &Speaker<'_>, event: &Event) -> Option<String> {
    match event {
        Event::OrderPlaced { order } => {
            let due = s.money(order.due());
            either(
                s,
                format!("Order {} placed: {due} to pay.", order.key.order),
                format!("Оформлен заказ {}: к оплате {due}.", order.key.order),
            )
        }
        Event::OrderMarkedCancelled { order } => cancelled(s, &order.key),
        Event::OrderChanged { order, .. } => {
            either(s, format!("Order {} changed.", order.order), format!("Изменён заказ {}.", order.order))
        }
        Event::OrderPaid { order, .. } => {
            either(s, format!("Order {} paid.", order.order), format!("Оплачен заказ {}.", order.order))
        }
        Event::OrderCompleted { order, .. } => {
            either(s, format!("Order {} completed.", order.order), format!("Завершён заказ {}.", order.order))
        }
        Event::HoldLapsed { order } => either(
            s,
            format!("The hold for order {} lapsed.", order.order),
            format!("Истекла бронь за заказом {}.", order.order),
        ),
        Event::PiecesReturned { order, refund, .. } => {
            let refund = s.money(*refund);
            either(
                s,
                format!("Return from order {}: {refund} refunded.", order.order),
                format!("Возврат по заказу {}: возвращено {refund}.", order.order),
            )
        }
        Event::OrderCancelled { order, .. } => cancelled(s, order),
        _ => None,
    }
}

fn of_cards_and_rewards(s: &Speaker<'_>, event: &Event) -> Option<String> {
    match event {
        Event::RewardClaimed { claim, .. } => {
            let reward = name_of_reward(s, &claim.reward);
            either(s, format!("The reward “{reward}” was claimed."), format!("Взята награда «{reward}»."))
        }
        Event::ClaimSettled { handed_over: true, .. } => {
            either(s, "A reward was handed over.".into(), "Награда выдана.".into())
        }
        Event::ClaimSettled { handed_over: false, .. } => {
            either(s, "A claim was taken back.".into(), "Заявка на награду отменена.".into())
        }
        Event::GiftCardIssued { code, amount, .. } => {
            let (card, amount) = (ending(code.as_str()), s.money(*amount));
            either(
                s,
                format!("Gift card {card} issued: {amount}."),
                format!("Выпущена подарочная карта {card}: {amount}."),
            )
        }
        Event::GiftCardChanged { code, by, blocked, .. } => {
            let (card, by) = (ending(code.as_str()), s.money(*by));
            let (en, ru) = if *blocked { (", blocked", ", заблокирована") } else { ("", "") };
            either(
                s,
                format!("Gift card {card} changed by {by}{en}."),
                format!("Подарочная карта {card} изменена на {by}{ru}."),
            )
        }
        Event::GiftCardsSet { order, cards } => {
            let all = s.money(cards.iter().map(GiftPayment::net).sum());
            either(
                s,
                format!("Gift cards pay {all} of order {}.", order.order),
                format!("Подарочные карты платят за заказ {}: {all}.", order.order),
            )
        }
        Event::GiftCardsBack { order, back } => {
            let all = s.money(back.iter().map(|(_, amount)| *amount).sum());
            either(
                s,
                format!("{all} of order {} came back to gift cards.", order.order),
                format!("На подарочные карты вернулось за заказ {}: {all}.", order.order),
            )
        }
        _ => None,
    }
}

/// One that the program no longer has is told by its id.
fn name_of_reward<'s>(s: &'s Speaker<'_>, reward: &'s str) -> &'s str {
    let known = s.program.rewards.iter().find(|r| r.id == reward);
    known.map_or(reward, |known| s.language.of(&known.name))
}

fn cancelled(s: &Speaker<'_>, key: &OrderKey) -> Option<String> {
    either(s, format!("Order {} cancelled.", key.order), format!("Отменён заказ {}.", key.order))
}
