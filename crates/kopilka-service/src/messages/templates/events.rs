//! What messages are about.
//!
//! Invariant: an event's sample has every value that its templates may name, and nothing else has.

use super::super::told::{
    BIRTHDAY_GIFT, COUPON_GIVEN, ORDER_PAID, ORDER_RETURNED, OWN, POINTS_ACCRUED, POINTS_BURNT,
    POINTS_EXPIRING, TIER_CHANGED,
};
use kopilka_core::program::is_id;
use kopilka_core::words::Language;
use serde_json::{Map, Value, json};

/// Something that members are told of.
#[derive(Debug)]
pub struct MessageEvent {
    pub name: &'static str,
    /// It is told by itself where the shop wants it; the others are asked for one by one.
    pub automatic: bool,
    sample: fn(Language) -> Value,
    /// Values that may be without anything.
    optional: &'static [&'static str],
}

const fn automatic(
    name: &'static str,
    sample: fn(Language) -> Value,
    optional: &'static [&'static str],
) -> MessageEvent {
    MessageEvent { name, automatic: true, sample, optional }
}

/// Every event, in the order of the guide.
pub const EVENTS: &[MessageEvent] = &[
    automatic(POINTS_ACCRUED, accrued, &["active_on", "until", "order"]),
    automatic(POINTS_EXPIRING, expiring, &[]),
    automatic(POINTS_BURNT, points, &[]),
    automatic(BIRTHDAY_GIFT, accrued, &["active_on", "until", "order"]),
    automatic(TIER_CHANGED, tier, &["tier"]),
    automatic(COUPON_GIVEN, coupons, &[]),
    automatic(ORDER_PAID, paid, &["points"]),
    automatic(ORDER_RETURNED, returned, &[]),
    MessageEvent { name: "one_time_code", automatic: false, sample: one_time_code, optional: &["domain"] },
    MessageEvent { name: TEST, automatic: false, sample: nothing_more, optional: &[] },
];
/// What an operator sends to see whether a channel works.
pub const TEST: &str = "test";
/// Of what every message knows, what may be unknown.
const OPTIONAL: [&str; 2] = ["name", "unsubscribe"];

/// What every message of a rule may say, whatever its name; the engine has no words for it.
static OF_RULES: MessageEvent = automatic(OWN, of_rule, &["points", "active_on", "until", "order"]);

pub fn event_of(name: &str) -> Option<&'static MessageEvent> {
    match name.strip_prefix(OWN) {
        Some(own) => is_id(own).then_some(&OF_RULES),
        None => EVENTS.iter().find(|event| event.name == name),
    }
}
/// Whether its words are the shop's own alone.
pub fn is_of_rule(name: &str) -> bool {
    name.starts_with(OWN)
}
pub fn is_event(name: &str) -> bool {
    event_of(name).is_some()
}
pub fn is_automatic(name: &str) -> bool {
    event_of(name).is_some_and(|event| event.automatic)
}

impl MessageEvent {
    /// The names of all its values, each without one.
    pub(crate) fn blank(&self) -> Map<String, Value> {
        self.sample(Language::En).into_iter().map(|(name, _)| (name, Value::Null)).collect()
    }
    /// The names that its templates may say.
    pub fn variables(&self) -> Vec<String> {
        self.sample(Language::En).into_iter().map(|(name, _)| name).collect()
    }
    /// Values as a message of this event has them: of any program and person, and its own.
    pub fn sample(&self, language: Language) -> Map<String, Value> {
        let mut values = common(language);
        if let Value::Object(own) = (self.sample)(language) {
            values.extend(own);
        }
        values
    }
    /// The same with nothing where nothing may be.
    pub fn least(&self, language: Language) -> Map<String, Value> {
        let may_lack = |name: &str| self.optional.contains(&name) || OPTIONAL.contains(&name);
        let values = self.sample(language).into_iter();
        values
            .map(|(name, value)| if may_lack(&name) { (name, Value::Null) } else { (name, value) })
            .collect()
    }
}

fn either(language: Language, en: &str, ru: &str) -> String {
    match language {
        Language::En => en.to_owned(),
        Language::Ru => ru.to_owned(),
    }
}

/// What every message knows; `name` is nothing where the member has told none, `unsubscribe` where the
/// message is no marketing.
fn common(language: Language) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("program".to_owned(), either(language, "Sports Store", "Спортмагазин").into());
    values.insert("name".to_owned(), either(language, "Anna", "Анна").into());
    values.insert("balance".to_owned(), either(language, "1,250 bonuses", "1 250 бонусов").into());
    values.insert("unsubscribe".to_owned(), "https://loyalty.example/unsubscribe/AAAA".into());
    values
}

fn bonuses(language: Language) -> String {
    either(language, "25 bonuses", "25 бонусов")
}

/// `active_on` is nothing where the points can be spent at once, `until` where they never end, `order` where
/// they are of none.
fn accrued(language: Language) -> Value {
    json!({
        "points": bonuses(language),
        "active_on": either(language, "15 March 2026", "15 марта 2026"),
        "until": either(language, "through 14 April 2026", "по 14 апреля 2026 включительно"),
        "order": "A-17",
    })
}

fn points(language: Language) -> Value {
    json!({ "points": bonuses(language) })
}

fn expiring(language: Language) -> Value {
    let day = |points: &str, last: String| json!({ "points": points, "last_day": last });
    json!({
        "points": bonuses(language),
        "days": [
            day(&either(language, "10 bonuses", "10 бонусов"), either(language, "8 March 2026", "8 марта 2026")),
            day(&either(language, "15 bonuses", "15 бонусов"), either(language, "31 March 2026", "31 марта 2026")),
        ],
    })
}

/// As points that were accrued, where the rule gave some, and the codes that it gave.
fn of_rule(language: Language) -> Value {
    let mut values = accrued(language);
    values["coupons"] = coupons(language)["coupons"].take();
    values
}

/// Nothing where the level has ended and there is none below it.
fn tier(language: Language) -> Value {
    json!({ "tier": either(language, "Gold", "Золотой") })
}

fn coupons(language: Language) -> Value {
    let until = either(language, "through 14 April 2026", "по 14 апреля 2026 включительно");
    json!({ "coupons": [{ "code": "GIFT-7K2M", "until": until }, { "code": "GIFT-9QX4", "until": null }] })
}

/// `points` are nothing where the order brings none.
fn paid(language: Language) -> Value {
    json!({ "order": "A-17", "points": bonuses(language) })
}

fn returned(language: Language) -> Value {
    json!({ "order": "A-17", "refund": either(language, "1,990.00 RUB", "1 990,00 ₽") })
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
