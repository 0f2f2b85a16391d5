//! What messages are about.
//!
//! Invariant: an event's sample has every value that its templates may name, and nothing else has.

use kopilka_core::words::Language;
use serde_json::{Map, Value, json};

/// Something that members are told of.
#[derive(Debug)]
pub struct MessageEvent {
    pub name: &'static str,
    sample: fn(Language) -> Value,
}

/// Every event, in the order of the reference.
pub const EVENTS: &[MessageEvent] = &[
    MessageEvent { name: "one_time_code", sample: one_time_code },
    MessageEvent { name: TEST, sample: nothing_more },
];
/// What an operator sends to see whether a channel works.
pub const TEST: &str = "test";

pub fn event_of(name: &str) -> Option<&'static MessageEvent> {
    EVENTS.iter().find(|event| event.name == name)
}
pub fn is_event(name: &str) -> bool {
    event_of(name).is_some()
}

impl MessageEvent {
    /// The names of all its values, each without one.
    pub(crate) fn blank(&self) -> Map<String, Value> {
        self.sample(Language::En).into_iter().map(|(name, _)| (name, Value::Null)).collect()
    }
    /// Values as a message of this event has them: of any program and person, and its own.
    pub fn sample(&self, language: Language) -> Map<String, Value> {
        let mut values = common(language);
        if let Value::Object(own) = (self.sample)(language) {
            values.extend(own);
        }
        values
    }
}

fn either(language: Language, en: &str, ru: &str) -> String {
    match language {
        Language::En => en.to_owned(),
        Language::Ru => ru.to_owned(),
    }
}

/// What every message knows; `name` is nothing where the member has told none.
fn common(language: Language) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("program".to_owned(), either(language, "Sports Store", "Спортмагазин").into());
    values.insert("name".to_owned(), either(language, "Anna", "Анна").into());
    values
}

fn nothing_more(_: Language) -> Value {
    json!({})
}

/// `points` are those that the member is to agree to, where the code is for that; `domain` is that of the
/// page that may fill the code in by itself, where there is one.
fn one_time_code(language: Language) -> Value {
    let points = either(language, "300 bonuses", "300 бонусов");
    json!({ "code": "123456", "minutes": 5, "points": points, "domain": "shop.example" })
}
