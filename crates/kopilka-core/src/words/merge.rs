//! What a merge of two accounts is called: in a statement, and where it is refused.

use super::Speaker;
use crate::ledger::Event;
use crate::member::Member;
use crate::merge::{MERGE_ORDERS_MAX, MergeEvent};
use crate::refusal::Refusal;

/// What an event of a merge did, as a sentence.
pub(super) fn movement(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let Event::Merge(event) = event else { return None };
    Some(match event {
        MergeEvent::Proposed { proposed } => {
            let into = proposed.into;
            s.either(
                format!("A merge into account {into} waits for a second person."),
                format!("Слияние со счётом {into} ждёт второго человека."),
            )
        }
        MergeEvent::Left { into, belongings } => {
            let (en, ru) = had(s, &belongings.member);
            s.either(
                format!("Became a part of account {into}, with {en}."),
                format!("Стал частью счёта {into}; с ним: {ru}."),
            )
        }
        MergeEvent::Joined { from, belongings, .. } => {
            let (en, ru) = had(s, &belongings.member);
            s.either(
                format!("Took in account {from}, with {en}."),
                format!("Принят счёт {from}; с ним: {ru}."),
            )
        }
        MergeEvent::RewardVoid { .. } => s.either(
            "A reward for the same person is void.",
            "Награда за того же человека больше не действует.",
        ),
        MergeEvent::Settled { .. } => s.either("The merge is complete.", "Слияние завершено."),
        MergeEvent::ForgottenToo { .. } | MergeEvent::Forgotten { .. } => s.either(
            "The person is erased in the accounts that were merged, too.",
            "Данные человека стёрты и в объединённых счетах.",
        ),
    })
}

/// Points of every kind, and a debt where there is one.
fn had(s: &Speaker<'_>, member: &Member) -> (String, String) {
    let balance = member.balance_booked();
    let points = s.points(balance.pending + balance.available + balance.held);
    if balance.debt.is_zero() {
        return (points.clone(), points);
    }
    let debt = s.points(balance.debt);
    (format!("{points} and a debt of {debt}"), format!("{points}, долг {debt}"))
}

pub(super) fn refusal(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::MergeWithSelf => s.either(
            "Both names lead to one account: there is nothing to merge.",
            "Оба обозначения ведут к одному счёту: объединять нечего.",
        ),
        Refusal::MergeUnderWay => s.either(
            "The account is just being merged with another. Try again in a moment.",
            "Счёт как раз объединяют с другим. Повторите через мгновение.",
        ),
        Refusal::MergeOpenClaims { claims } => s.either(
            format!("The account that ends has {claims} rewards to be handed over or taken back first."),
            format!("На счёте, который закрывают, ждут выдачи награды ({claims}): сначала выдайте или отмените их."),
        ),
        Refusal::MergeTooLarge { orders } => s.either(
            format!(
                "The account that ends has {orders} orders; at most {MERGE_ORDERS_MAX} are carried over. \
                 Merge the other one into it."
            ),
            format!(
                "У счёта, который закрывают, заказов {orders}, переносится не больше {MERGE_ORDERS_MAX}. \
                 Объедините в обратную сторону."
            ),
        ),
        Refusal::MergeTooMany { accounts } => s.either(
            format!("The account that stays stands for {accounts} others already; it takes in no more."),
            format!("Счёт, который остаётся, уже принял других счетов: {accounts}; больше он не примет."),
        ),
        Refusal::SecondPersonNeeded => s.either(
            "So many points need another operator with another key than asked for them.",
            "Столько баллов должен запустить другой сотрудник с другим ключом.",
        ),
        _ => return None,
    })
}
