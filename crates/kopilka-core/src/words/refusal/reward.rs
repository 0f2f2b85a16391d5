//! What is said where a reward is refused.

use super::either;
use crate::refusal::Refusal;
use crate::words::{Language, Speaker};

pub(super) fn of_reward(s: &Speaker<'_>, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::RewardUnknown { reward } => {
            either(s, format!("There is no reward {reward}."), format!("Награды {reward} нет."))
        }
        Refusal::RewardNotOffered { reward } => {
            let name = reward_name(s, reward);
            either(
                s,
                format!("The reward {name} is not offered now."),
                format!("Награда {name} сейчас не выдаётся."),
            )
        }
        Refusal::RewardNotForMember { reward } => {
            let name = reward_name(s, reward);
            either(
                s,
                format!("The condition of the reward {name} does not hold for this member."),
                format!("Условие награды {name} для этого участника не выполнено."),
            )
        }
        Refusal::RewardLimit { reward } => {
            let name = reward_name(s, reward);
            either(
                s,
                format!("The member has had the reward {name} as often as allowed."),
                format!("Участник уже получил награду {name} столько раз, сколько можно."),
            )
        }
        Refusal::RewardGone { reward } => {
            let name = reward_name(s, reward);
            either(
                s,
                format!("None of the reward {name} is left."),
                format!("Награды {name} больше не осталось."),
            )
        }
        Refusal::TooManyClaims { claims } => either(
            s,
            format!("{claims} claimed rewards wait to be handed over: hand some over first."),
            format!("Ждут выдачи {claims} наград: сначала выдайте часть из них."),
        ),
        Refusal::ClaimUnknown => either(
            s,
            "There is no such claim, or it has been settled.",
            "Такой заявки на награду нет, или она уже закрыта.",
        ),
        _ => None,
    }
}

/// As buyers know it; the id where the program has it no more.
fn reward_name(s: &Speaker<'_>, id: &str) -> String {
    let known = s.program.rewards.iter().find(|reward| reward.id == id);
    match (known.map(|reward| s.language.of(&reward.name)), s.language) {
        (None, _) => id.to_owned(),
        (Some(name), Language::En) => format!("“{name}”"),
        (Some(name), Language::Ru) => format!("«{name}»"),
    }
}
