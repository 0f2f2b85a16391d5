//! What is said where a personal offer is refused.

use super::either;
use crate::refusal::Refusal;
use crate::words::Speaker;

pub(super) fn of_offer(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::OfferUnknown { offer } => {
            either(s, format!("There is no offer {offer}."), format!("Предложения {offer} нет."))
        }
        Refusal::OfferNotHeld { offer } => either(
            s,
            format!("The member does not hold the offer {offer}."),
            format!("Предложения {offer} у участника нет."),
        ),
        Refusal::OfferEnded { offer } => either(
            s,
            format!("The offer {offer} is over or used up. Give it again, if it shall act."),
            format!("Предложение {offer} закончилось или использовано. Выдайте его снова, если оно нужно."),
        ),
        Refusal::OfferNotForMember { offer } => either(
            s,
            format!("The condition of the offer {offer} does not hold for this member."),
            format!("Условие предложения {offer} для этого участника не выполнено."),
        ),
        Refusal::TooManyOffers { offers } => either(
            s,
            format!("The member holds {offers} offers: withdraw one first, or wait until one is over."),
            format!("Предложений у участника уже {offers}: сначала отзовите одно или дождитесь его конца."),
        ),
        _ => None,
    }
}
