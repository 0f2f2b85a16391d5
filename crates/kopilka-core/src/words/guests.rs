//! What the claim of a guest's order is called: in a statement, and where it is refused.

use super::Speaker;
use crate::guest::GuestEvent;
use crate::ledger::Event;
use crate::refusal::Refusal;

/// What an event of a claim did, as a sentence.
pub(super) fn movement(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let Event::Guest(event) = event else { return None };
    let order = event.key();
    Some(match event {
        GuestEvent::Left { to, .. } => s.either(
            format!("Order {order} becomes one of member {to}."),
            format!("Заказ {order} переходит участнику {to}."),
        ),
        GuestEvent::Claimed { .. } => s.either(
            format!("Order {order}, made without a member, is this member's now."),
            format!("Заказ {order}, сделанный без участника, теперь записан на него."),
        ),
    })
}

pub(super) fn refusal(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::GuestOrdersOff => s.either(
            "An order made without a member stays a guest's in this program.",
            "В этой программе заказ, сделанный без участника, остаётся гостевым.",
        ),
        Refusal::ContactUnconfirmed => s.either(
            "No phone or e-mail is confirmed by this code: send one to the address of the order, and tell it \
             within five minutes; it holds for half an hour.",
            "Этот код не подтверждает ни телефона, ни почты: отправьте код на адрес заказа и введите его за \
             пять минут; он действует полчаса.",
        ),
        Refusal::NothingToClaim => s.either(
            "There is no guest's order of this id with this address, or nothing of it is left.",
            "Гостевого заказа с таким номером и этим адресом нет, или от него ничего не осталось.",
        ),
        Refusal::AlreadyClaimed => {
            s.either("The order is a member's already.", "Заказ уже записан на участника.")
        }
        Refusal::ClaimTooLate => s.either(
            "The time in which the order could be claimed has passed.",
            "Срок, в который заказ можно было записать на себя, прошёл.",
        ),
        Refusal::ClaimUnderWay => s.either(
            "The order is just becoming a member's. Try again in a moment.",
            "Заказ как раз переходит участнику. Повторите через мгновение.",
        ),
        _ => return None,
    })
}
