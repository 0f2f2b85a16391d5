//! What is said where a level or a mark is refused.

use super::either;
use crate::refusal::Refusal;
use crate::words::Speaker;

pub(super) fn of_grant(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::TierUnknown { tier } => either(
            s,
            format!("There is no level {tier} that can be given."),
            format!("Уровня {tier}, который можно выдать, нет."),
        ),
        Refusal::UntilPassed => either(
            s,
            "The moment until which it is given has passed.",
            "Срок, до которого это выдаётся, уже прошёл.",
        ),
        Refusal::TagUnknown { tag } => either(
            s,
            format!("The program declares no mark {tag}."),
            format!("В программе не объявлена метка {tag}."),
        ),
        Refusal::ReferrerUnknown => either(
            s,
            "The referral code is of no member.",
            "Такого кода приглашения нет ни у кого из участников.",
        ),
        _ => None,
    }
}
