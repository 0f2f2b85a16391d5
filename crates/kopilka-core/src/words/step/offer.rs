//! Personal offers in words: as steps of a decision, and as movements of the journal.

use super::silence;
use crate::ledger::Event;
use crate::time::Instant;
use crate::trace::{Silence, Step};
use crate::words::{Language, Speaker};

/// One that the program no longer has is told by its id.
fn name_of<'s>(s: &'s Speaker<'_>, offer: &'s str) -> &'s str {
    let known = s.program.offers.iter().find(|known| known.id == offer);
    known.map_or(offer, |known| s.language.of(&known.name))
}

pub(super) fn step(s: &Speaker<'_>, step: &Step) -> String {
    match step {
        Step::OfferGiven { offer, ends_at, to_activate } => given(s, offer, *ends_at, *to_activate),
        Step::OfferNotGiven { rule, offer, why } => {
            let (name, why) = (name_of(s, offer), not_given(s.language, *why));
            match s.language {
                Language::En => format!("Rule “{rule}” did not give the offer “{name}”: {why}."),
                Language::Ru => format!("Правило «{rule}» не дало предложение «{name}»: {why}."),
            }
        }
        Step::OfferActivated { offer, ends_at } => activated(s, offer, *ends_at),
        Step::OfferUsed { offer, left } => {
            let name = name_of(s, offer);
            match (s.language, left) {
                (Language::En, None) => format!("The offer “{name}” acts."),
                (Language::Ru, None) => format!("Действует предложение «{name}»."),
                (Language::En, Some(left)) => format!("The offer “{name}” acts; orders left: {left}."),
                (Language::Ru, Some(left)) => {
                    format!("Действует предложение «{name}»; осталось заказов: {left}.")
                }
            }
        }
        _ => String::new(),
    }
}

fn not_given(language: Language, why: Silence) -> &'static str {
    match why {
        Silence::OverLimit => {
            language.pick("the member holds too many offers", "у участника слишком много предложений")
        }
        Silence::ConditionFalse => language.pick("it is not for this member", "оно не для этого участника"),
        why => silence(language, why),
    }
}

fn given(s: &Speaker<'_>, offer: &str, ends_at: Instant, to_activate: bool) -> String {
    let (name, until) = (name_of(s, offer), s.until(ends_at));
    match (s.language, to_activate) {
        (Language::En, false) => format!("The offer “{name}” was given, good {until}."),
        (Language::Ru, false) => format!("Выдано предложение «{name}», действует {until}."),
        (Language::En, true) => format!("The offer “{name}” was given, to be activated {until}."),
        (Language::Ru, true) => format!("Выдано предложение «{name}», активировать можно {until}."),
    }
}

fn activated(s: &Speaker<'_>, offer: &str, ends_at: Instant) -> String {
    let (name, until) = (name_of(s, offer), s.until(ends_at));
    match s.language {
        Language::En => format!("The offer “{name}” was activated, good {until}."),
        Language::Ru => format!("Активировано предложение «{name}», действует {until}."),
    }
}

/// What an event did to an offer, as a member's statement tells it.
pub(in crate::words) fn movement(s: &Speaker<'_>, event: &Event) -> Option<String> {
    let said = |en: String, ru: String| match s.language {
        Language::En => en,
        Language::Ru => ru,
    };
    Some(match event {
        Event::OfferGiven { held, .. } => given(s, &held.offer, held.ends_at, held.activated_at.is_none()),
        Event::OfferActivated { offer, .. } => {
            let name = name_of(s, offer);
            said(format!("The offer “{name}” was activated."), format!("Активировано предложение «{name}»."))
        }
        Event::OfferWithdrawn { offer } => {
            let name = name_of(s, offer);
            said(format!("The offer “{name}” was withdrawn."), format!("Отозвано предложение «{name}»."))
        }
        Event::OfferTaken { order, offer, .. } => {
            let name = name_of(s, offer);
            said(
                format!("Order {} uses the offer “{name}”.", order.order),
                format!("К заказу {} применено предложение «{name}».", order.order),
            )
        }
        Event::OfferFreed { order, offer, .. } => {
            let name = name_of(s, offer);
            said(
                format!("Order {} no longer uses the offer “{name}”.", order.order),
                format!("Предложение «{name}» больше не занято заказом {}.", order.order),
            )
        }
        _ => return None,
    })
}
