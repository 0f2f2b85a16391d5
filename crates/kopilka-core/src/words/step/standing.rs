//! Levels and achievements in words.

use crate::trace::Step;
use crate::words::{Language, Speaker};

pub(super) fn step(s: &Speaker<'_>, step: &Step) -> String {
    match (s.language, step) {
        (Language::Ru, Step::TierRate { rule, tier, rate }) => {
            format!("Уровень «{tier}»: правило «{rule}» даёт {} %.", rate.percent_text())
        }
        (Language::En, Step::TierRate { rule, tier, rate }) => {
            format!("Level “{tier}”: rule “{rule}” gives {} %.", rate.percent_text())
        }
        (Language::Ru, Step::TierChanged { tier, up: true }) => format!("Уровень повышен: «{tier}»."),
        (Language::En, Step::TierChanged { tier, up: true }) => format!("The level rises to “{tier}”."),
        (Language::Ru, Step::TierChanged { tier, .. }) => format!("Уровень понижен: «{tier}»."),
        (Language::En, Step::TierChanged { tier, .. }) => format!("The level falls to “{tier}”."),
        (Language::Ru, Step::AchievementReached { achievement, times: 1 }) => {
            format!("Достижение «{achievement}» получено.")
        }
        (Language::En, Step::AchievementReached { achievement, times: 1 }) => {
            format!("Achievement “{achievement}” is reached.")
        }
        (Language::Ru, Step::AchievementReached { achievement, times }) => {
            format!("Достижение «{achievement}» получено, всего раз: {times}.")
        }
        (Language::En, Step::AchievementReached { achievement, times }) => {
            format!("Achievement “{achievement}” is reached, {times} times in all.")
        }
        (Language::Ru, Step::AchievementLost { achievement, .. }) => {
            format!("Достижения «{achievement}» больше нет: товар вернули.")
        }
        (Language::En, Step::AchievementLost { achievement, .. }) => {
            format!("Achievement “{achievement}” is lost: goods came back.")
        }
        _ => String::new(),
    }
}
