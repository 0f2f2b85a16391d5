//! What is said of holders: in a statement, in a trace, and where one is refused.

use super::Speaker;
use crate::holder::{HOLDERS_MAX, Holder, HolderEvent, HolderNo, Rights};
use crate::ledger::Event;
use crate::refusal::Refusal;

/// What an event of a holder did, as a sentence.
pub(super) fn movement(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let Event::Holder(event) = event else { return None };
    Some(match event {
        HolderEvent::Set(Holder { no: HolderNo(no), rights }) => {
            let (en, ru) = may(*rights);
            s.either(format!("Holder no. {no} of the account {en}."), format!("Держатель счёта № {no} {ru}."))
        }
        HolderEvent::Gone { no: HolderNo(no) } => s.either(
            format!("Holder no. {no} uses the account no longer."),
            format!("Держатель № {no} больше не пользуется счётом."),
        ),
    })
}

fn may(rights: Rights) -> (String, String) {
    let each = [
        (rights.earn, "earn", "копить"),
        (rights.spend, "spend", "тратить"),
        (rights.see, "see the balance", "видеть баланс"),
        (rights.statement, "read the statement", "читать выписку"),
    ];
    let may: Vec<_> = each.into_iter().filter(|(may, _, _)| *may).collect();
    if may.is_empty() {
        return ("may do nothing with it".to_owned(), "не может ничего".to_owned());
    }
    let en: Vec<&str> = may.iter().map(|(_, en, _)| *en).collect();
    let ru: Vec<&str> = may.iter().map(|(_, _, ru)| *ru).collect();
    (format!("may {}", en.join(", ")), format!("может {}", ru.join(", ")))
}

/// Why an order gave nothing.
pub(super) fn earns_nothing(s: &Speaker<'_>, HolderNo(no): HolderNo) -> String {
    s.either(
        format!("Holder no. {no} of the account may not earn: the order gives no points."),
        format!("Держателю счёта № {no} копить не разрешено: за заказ ничего не начислено."),
    )
}

pub(super) fn refusal(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::HolderSpendsNothing { holder: HolderNo(no) } => s.either(
            format!("Holder no. {no} of the account may not spend its points. The owner may."),
            format!("Держателю счёта № {no} тратить баллы не разрешено. Это может владелец счёта."),
        ),
        Refusal::HolderUnknown { holder: HolderNo(no) } => {
            s.either(format!("The account has no holder no. {no}."), format!("У счёта нет держателя № {no}."))
        }
        Refusal::TooManyHolders { .. } => s.either(
            format!("An account has at most {HOLDERS_MAX} holders. Take one off first."),
            format!("У счёта не больше {HOLDERS_MAX} держателей. Сначала уберите кого-нибудь."),
        ),
        Refusal::MergeHolders { holders } => s.either(
            format!("The account that would end has holders ({holders}). Take them off first."),
            format!("У счёта, который закроется, есть держатели ({holders}). Сначала уберите их."),
        ),
        _ => return None,
    })
}
