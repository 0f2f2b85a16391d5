//! Discounts in words.

use super::silence;
use crate::trace::{OtherSet, Step};
use crate::words::{Language, Speaker};

pub(super) fn step(s: &Speaker<'_>, step: &Step) -> String {
    let ru = s.language == Language::Ru;
    match step {
        Step::DiscountApplied { discount, amount } => {
            let amount = s.money(*amount);
            if ru {
                format!("Скидка «{discount}»: {amount}.")
            } else {
                format!("Discount “{discount}”: {amount} off.")
            }
        }
        Step::DiscountSilent { discount, why } => {
            let why = silence(s.language, *why);
            if ru {
                format!("Скидка «{discount}» не сработала: {why}.")
            } else {
                format!("Discount “{discount}” took nothing off: {why}.")
            }
        }
        Step::SetsCompared { proven, others, .. } => sets(s, *proven, others),
        Step::DiscountWithheld { discounts, amount } => {
            let (amount, names) = (s.money(*amount), discounts.join(", "));
            if ru {
                format!("Оставшегося для скидки не хватает ({names}): из возврата удержано {amount}.")
            } else {
                format!("What remains is too little for the discount ({names}): {amount} withheld.")
            }
        }
        _ => s
            .language
            .pick(
                "The prices are the shop's: the program's discounts were left out.",
                "Цены назвал магазин: скидки программы не применялись.",
            )
            .to_owned(),
    }
}

fn sets(s: &Speaker<'_>, proven: bool, others: &[OtherSet]) -> String {
    let told: Vec<String> =
        others.iter().map(|o| format!("{} ({})", o.discounts.join(" + "), s.money(o.due))).collect();
    let told = told.join("; ");
    match (s.language, proven) {
        (Language::Ru, true) => format!("Выбран лучший набор скидок. Другие обошлись бы так: {told}."),
        (Language::Ru, false) => {
            format!("Выбран лучший из найденных наборов скидок. Другие обошлись бы так: {told}.")
        }
        (Language::En, true) => format!("The best set of discounts was taken. Others would come to: {told}."),
        (Language::En, false) => {
            format!("The best set of discounts that was found was taken. Others would come to: {told}.")
        }
    }
}
