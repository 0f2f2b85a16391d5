//! Lots whose dates an order moves, in words: as a step of the decision and as a movement of the journal.

use super::dates;
use crate::ledger::{Dated, LotDates};
use crate::order::OrderKey;
use crate::trace::Step;
use crate::words::{Language, Speaker};

pub(super) fn step(s: &Speaker<'_>, step: &Step) -> String {
    let Step::LotDated { why, lot, active_at, expires_at } = step else { return String::new() };
    let dates = dates(s, *active_at, *expires_at);
    match (why, s.language) {
        (Dated::Renewed, Language::En) => {
            format!("The order renews the points of credit no. {lot}: {dates}.")
        }
        (Dated::Renewed, Language::Ru) => format!("Заказ продлевает баллы начисления № {lot}: {dates}."),
        (Dated::RenewalLost, Language::En) => {
            format!("The renewal by this order is taken away from credit no. {lot}: {dates}.")
        }
        (Dated::RenewalLost, Language::Ru) => {
            format!("Продление этим заказом у начисления № {lot} снято: {dates}.")
        }
        (Dated::Paid, Language::En) => format!("The order is paid, credit no. {lot} is settled: {dates}."),
        (Dated::Paid, Language::Ru) => format!("Заказ оплачен, начисление № {lot} закреплено: {dates}."),
        (Dated::Completed, Language::En) => {
            format!("The order is completed, credit no. {lot} waits no longer for that: {dates}.")
        }
        (Dated::Completed, Language::Ru) => {
            format!("Заказ завершён, начисление № {lot} его больше не ждёт: {dates}.")
        }
    }
}

/// Instead of dates, of what an unpaid order promises.
pub(in crate::words) fn awaits_payment(language: Language) -> &'static str {
    language.pick("waiting for the payment of the order", "ждут оплаты заказа")
}

/// One sentence for all lots of an event.
pub(in crate::words) fn movement(s: &Speaker<'_>, order: &OrderKey, why: Dated, lots: &[LotDates]) -> String {
    let one = |l: &LotDates| {
        let dates = dates(s, l.active_at, l.expires_at);
        match s.language {
            Language::En => format!("credit no. {} {dates}", l.lot),
            Language::Ru => format!("начисление № {}: {dates}", l.lot),
        }
    };
    let all = lots.iter().map(one).collect::<Vec<_>>().join("; ");
    let order = &order.order;
    match (why, s.language) {
        (Dated::Renewed, Language::En) => format!("Order {order} renewed points: {all}."),
        (Dated::Renewed, Language::Ru) => format!("Заказ {order} продлил баллы: {all}."),
        (Dated::RenewalLost, Language::En) => {
            format!("Order {order} came back, and the renewal with it: {all}.")
        }
        (Dated::RenewalLost, Language::Ru) => format!("Заказ {order} вернули, продление снято: {all}."),
        (Dated::Paid, Language::En) => format!("Order {order} is paid, what it promised is settled: {all}."),
        (Dated::Paid, Language::Ru) => format!("Заказ {order} оплачен, обещанное закреплено: {all}."),
        (Dated::Completed, Language::En) => format!("The points of order {order} have nearer dates: {all}."),
        (Dated::Completed, Language::Ru) => format!("У баллов за заказ {order} сроки ближе: {all}."),
    }
}
