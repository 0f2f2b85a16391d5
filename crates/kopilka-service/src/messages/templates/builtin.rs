//! The engine's own words, in files of one event and language each.
//!
//! Invariant: every event has a file in every language; a test renders them all.

use super::Template;
use kopilka_core::consent::Channel;
use kopilka_core::words::Language;

macro_rules! words {
    ($($event:literal),* $(,)?) => {
        &[$((
            $event,
            include_str!(concat!("../builtin/", $event, ".en.txt")),
            include_str!(concat!("../builtin/", $event, ".ru.txt")),
        )),*]
    };
}

const WORDS: &[(&str, &str, &str)] = words![
    "points_accrued",
    "points_expiring",
    "points_burnt",
    "birthday_gift",
    "tier_changed",
    "coupon_given",
    "order_paid",
    "order_returned",
    "one_time_code",
    "test",
];

/// Around the paragraphs of a letter.
const FRAME: &str = include_str!("../builtin/frame.html");

/// Nothing for an event that is none.
pub(super) fn template(event: &str, channel: Channel, language: Language) -> Template {
    let Some((_, en, ru)) = WORDS.iter().find(|(name, ..)| *name == event) else {
        return Template::default();
    };
    let file = match language {
        Language::En => en,
        Language::Ru => ru,
    };
    let part = |name: &str| {
        let (_, rest) = file.split_once(&format!("--- {name}\n")).unwrap_or_default();
        rest.split("--- ").next().unwrap_or_default().trim().to_owned()
    };
    let unsubscribe = match language {
        Language::En => "Unsubscribe",
        Language::Ru => "Отписаться",
    };
    match channel {
        Channel::Email => Template {
            subject: part("subject"),
            text: format!(
                "{}{{% if unsubscribe %}}\n\n{unsubscribe}: {{{{ unsubscribe }}}}{{% endif %}}",
                part("text")
            ),
            html: Some(FRAME.replace("PARAGRAPHS", &part("html")).replace("UNSUBSCRIBE", unsubscribe)),
        },
        _ => Template { text: part("short"), ..Template::default() },
    }
}
