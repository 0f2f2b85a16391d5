//! Conditions: all / any / none, nested, over leaves that the rule's trigger has data for.

use super::node::{Data, Field};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{
    Fields, NAMES_MAX, Node, Units, attributes, effects, grants, offers, ranges, segments, settings, tiers,
};
use crate::ShortText;
use crate::attribute::Attribute;
use crate::program::diagnostics::Findings;
use crate::program::{
    Achievement, BoughtBefore, Campaign, Condition, CustomEvent, Level, Segment, Text, Trigger,
};
use crate::range::Range;
use std::sync::Arc;

/// Beyond half a year the other birthday is nearer; and two birthdays are at least 300 days apart.
pub(super) const BIRTHDAY_DAYS_MAX: i64 = 180;

/// Monday is 1.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A million of anything counted (orders, days, years) is a slip of the pen.
pub(super) const COUNT_MAX: i64 = 1_000_000;

/// What conditions are read for: the trigger decides which data there is.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub units: &'a Units,
    /// `None` where the trigger itself could not be read.
    pub when: Option<Trigger>,
    /// Campaigns that a condition may name.
    pub campaigns: &'a [Campaign],
    /// Levels and achievements that one may name.
    pub levels: &'a [Level],
    pub achievements: &'a [Achievement],
    pub attributes: &'a [Attribute],
    /// Events that a trigger may name.
    pub events: &'a [CustomEvent],
    /// The document says what completes a profile.
    pub has_profile: bool,
    /// Offers that a condition or an effect may name.
    pub offers: &'a [ShortText],
    pub tags: &'a [ShortText],
    /// Segments that a condition may name: a segment, those above it.
    pub segments: &'a [Arc<Segment>],
    pub has_control_group: bool,
}

/// Words that ask of an order.
const OF_ORDER: [&str; 13] = [
    "order_total_net",
    "payment_method",
    "delivery_method",
    "shop",
    "channel",
    "cashier",
    "order_total",
    "order_total_list",
    "quantity",
    "line",
    "order_number",
    "first_order",
    "coupon",
];

/// One condition: exactly one word.
pub(super) fn condition(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Condition> {
    let fields = findings.fields(node, Block::Condition)?;
    let field = fields.only_word()?;
    let (word, value) = (field.word.as_str(), &field.value);
    if let Some(when) = asked.when.filter(|w| !w.is_of_order())
        && OF_ORDER.contains(&word)
    {
        let arguments = [("word", Text::both(word)), ("trigger", trigger_name(when))];
        findings.report("condition_without_data", field.place, &arguments);
    }
    if word == "offer" && asked.when == Some(Trigger::OrderPlaced) {
        effects::not_when_placed(findings, field.place, word);
    }
    let money = |word| ranges::money_range(&fields.map(word, Block::MoneyRange)?, asked.units);
    let count = |word| ranges::count_range(&fields.map(word, Block::CountRange)?);
    match word {
        "all" => several(findings, field, asked).map(Condition::All),
        "any" => several(findings, field, asked).map(Condition::Any),
        "none" => several(findings, field, asked).map(Condition::None),
        "date" => dates(&fields.map("date", Block::Dates)?),
        "weekday" => weekdays(findings, value),
        "hours" => hours(&fields.map("hours", Block::Hours)?),
        "shop" => names(findings, value).map(Condition::Shops),
        "channel" => names(findings, value).map(Condition::Channels),
        "cashier" => names(findings, value).map(Condition::Cashiers),
        "order_total" => money("order_total").map(Condition::OrderTotal),
        "order_total_list" => money("order_total_list").map(Condition::OrderTotalList),
        "order_total_net" => money("order_total_net").map(Condition::OrderTotalNet),
        "payment_method" => names(findings, value).map(Condition::PaymentMethods),
        "delivery_method" => names(findings, value).map(Condition::DeliveryMethods),
        "quantity" => {
            let range = ranges::quantity_range(&fields.map("quantity", Block::QuantityRange)?)?;
            Some(Condition::Quantity(range))
        }
        "line" => line(&fields.map("line", Block::LineCondition)?, asked.units),
        "bought_before" => bought(&fields.map("bought_before", Block::Earlier)?, asked.units),
        "order_number" => order_number(findings, value),
        "first_order" => {
            let first = Condition::OrderNumber(Range::exactly(1));
            Some(if truth(findings, value)? { first } else { Condition::None(vec![first]) })
        }
        "attribute" => attributes::condition(findings, value, asked.attributes),
        "event" => event(findings, field, asked),
        "tier" => levels(findings, value, asked),
        "achievement" => {
            let known: Vec<&str> = asked.achievements.iter().map(|a| a.id.as_str()).collect();
            let code = ("unknown_achievement", "achievement");
            tiers::known_ids(findings, value, &known, code).map(Condition::Achievements)
        }
        "coupon" => coupon_used(findings, value, asked),
        "offer" => offers::asked_of(findings, value, asked),
        "tag" => grants::tagged(findings, value, asked),
        "segment" => segments::asked_of(findings, value, asked),
        "control_group" => segments::in_control_group(findings, field, asked),
        "language" => segments::languages(findings, value),
        "region" => names(findings, value).map(Condition::Regions),
        "subscribed" => segments::channels(findings, value).map(Condition::Subscribed),
        "referred" => truth(findings, value).map(Condition::Referred),
        "money_paid" => money("money_paid").map(Condition::MoneyPaid),
        "birthday" => birthday(&fields.map("birthday", Block::AroundBirthday)?),
        "age" => count("age").map(Condition::Age),
        "days_since_registration" => count("days_since_registration").map(Condition::DaysSinceRegistration),
        _ => count("days_since_last_order").map(Condition::DaysSinceLastOrder),
    }
}

/// Levels by their ids.
pub(super) fn levels(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Condition> {
    let known: Vec<&str> = asked.levels.iter().map(|l| l.id.as_str()).collect();
    tiers::known_ids(findings, node, &known, ("unknown_tier", "tier")).map(Condition::Tiers)
}

/// A paid order that has a coupon of one of these campaigns.
pub(super) fn coupon_used(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Condition> {
    coupons(findings, node, asked).map(Condition::Coupons)
}

/// Campaigns by their ids.
fn coupons(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<Vec<String>> {
    one_or_many(findings, node, Text::of("campaigns", "кампании"), |findings, node| {
        let name = id(findings, node)?;
        let known = asked.campaigns.iter().map(|c| c.id.as_str());
        findings.knows(&name, node.place, known, ("unknown_campaign", "campaign")).then_some(name)
    })
}

/// At least one side is written, so that nobody takes the day alone for a window.
fn birthday(fields: &Fields<'_>) -> Option<Condition> {
    if !fields.has("days_before") && !fields.has("days_after") {
        fields.missing_one_of(&["days_before", "days_after"]);
        return None;
    }
    let days = |word| {
        let most = BIRTHDAY_DAYS_MAX;
        let kind = Kind::Whole { from: 0, to: most };
        let days = fields.read(word, |f, n| number(f, n, kind, 0, (0, most)));
        days.and_then(|days| i32::try_from(days).ok()).unwrap_or(0)
    };
    Some(Condition::Birthday { before: days("days_before"), after: days("days_after") })
}

/// Some line of these; an empty map would be any order.
fn line(fields: &Fields<'_>, units: &Units) -> Option<Condition> {
    if fields.present().next().is_none() {
        fields.findings.report("empty_list", fields.place, &[]);
        return None;
    }
    let of = settings::match_of(fields, units);
    let total = fields.map("total", Block::MoneyRange).and_then(|f| ranges::money_range(&f, units));
    let quantity = fields.map("quantity", Block::QuantityRange).and_then(|f| ranges::quantity_range(&f));
    Some(Condition::Lines { of, total, quantity })
}

/// What was told with the event that the rule hears of.
fn event(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Condition> {
    match asked.when? {
        Trigger::Event(number) => {
            attributes::event_condition(findings, &field.value, &asked.events.get(usize::from(number))?.data)
        }
        when => {
            findings.report("condition_without_event", field.place, &[("trigger", trigger_name(when))]);
            None
        }
    }
}

/// What earlier orders had; without a word of which goods, any goods.
fn bought(fields: &Fields<'_>, units: &Units) -> Option<Condition> {
    let of = settings::match_of(fields, units);
    let total = fields.map("total", Block::MoneyRange).and_then(|f| ranges::money_range(&f, units));
    let quantity = fields.map("quantity", Block::QuantityRange).and_then(|f| ranges::quantity_range(&f));
    let orders = fields.map("orders", Block::CountRange).and_then(|f| ranges::count_range(&f));
    let within = fields.read("within", |f, n| period_of_some_length(f, n, "within"));
    Some(Condition::BoughtBefore(Box::new(BoughtBefore { of, within, total, quantity, orders })))
}

/// A number alone is that very order.
fn order_number(findings: &Findings, node: &Node) -> Option<Condition> {
    if let Data::Map(_) = node.data {
        let fields = findings.fields(node, Block::CountRange)?;
        return ranges::count_range(&fields).map(Condition::OrderNumber);
    }
    let number = ranges::count(findings, node)?;
    Some(Condition::OrderNumber(Range::exactly(number)))
}

pub(super) fn trigger_name(when: Trigger) -> Text {
    Text::both(match when {
        Trigger::MemberRegistered => "member.registered",
        Trigger::MemberBirthday { .. } => "member.birthday",
        Trigger::OrderPlaced => "order.placed",
        Trigger::OrderPaid => "order.paid",
        Trigger::OrderCompleted => "order.completed",
        Trigger::TierChanged { .. } => "tier.changed",
        Trigger::AchievementReached => "achievement.reached",
        Trigger::MemberInactive { .. } => "member.inactive",
        Trigger::ProfileCompleted => "member.profile_completed",
        Trigger::MemberSubscribed { .. } => "member.subscribed",
        Trigger::ReferralOrdered => "referral.ordered",
        Trigger::ReferralRegistered => "referral.registered",
        Trigger::Schedule(_) => "schedule",
        Trigger::Event(_) => "event",
        Trigger::RewardClaimed => "reward",
        Trigger::OfferGiven => "offer",
        Trigger::SegmentAsked => "segment",
    })
}

fn several(findings: &Findings, field: &Field, asked: Asked<'_>) -> Option<Vec<Condition>> {
    let kind = Kind::List(&Kind::Map(Block::Condition));
    let items = findings.items(&field.value, kind, NAMES_MAX, Text::of("conditions", "условия"));
    if items.is_empty() && matches!(&field.value.data, Data::List(_)) {
        findings.report("empty_list", field.value.place, &[]);
    }
    let read: Vec<Condition> = items.iter().filter_map(|item| condition(findings, item, asked)).collect();
    (!read.is_empty() && read.len() == items.len()).then_some(read)
}

fn dates(fields: &Fields<'_>) -> Option<Condition> {
    let (from, to) = (fields.read("from", day), fields.read("to", day));
    if !fields.has("from") && !fields.has("to") {
        fields.missing_one_of(&["from", "to"]);
        return None;
    }
    if let (Some(first), Some(last)) = (from, to)
        && last < first
    {
        let arguments = [("from", Text::both(first.to_string())), ("to", Text::both(last.to_string()))];
        fields.findings.report("window_reversed", fields.place_of("to").unwrap_or(fields.place), &arguments);
        return None;
    }
    Some(Condition::Date { from, to })
}

fn weekdays(findings: &Findings, node: &Node) -> Option<Condition> {
    let days = one_or_many(findings, node, Text::of("days", "дни"), |f, n| {
        weekday(choice(f, n, Block::Weekday)?)
    })?;
    Some(Condition::Weekdays(days))
}

/// 1 is Monday.
pub(super) fn weekday(word: &str) -> Option<i8> {
    WEEKDAYS.iter().position(|d| *d == word).and_then(|i| i8::try_from(i + 1).ok())
}

fn hours(fields: &Fields<'_>) -> Option<Condition> {
    let from = fields.required("from").and_then(|n| time_of_day(fields.findings, n));
    let to = fields.required("to").and_then(|n| time_of_day(fields.findings, n));
    let (from, to) = (from?, to?);
    // 24:00 as a beginning is 00:00: minutes of a day are below 1440.
    let from = from % 1440;
    if from == to {
        fields.findings.report("window_empty", fields.place, &[]);
        return None;
    }
    Some(Condition::Hours { from, to })
}
