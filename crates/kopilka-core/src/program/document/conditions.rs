//! Conditions: all / any / none, nested, over leaves that the rule's trigger has data for.

use super::node::Field;
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, NAMES_MAX, Node};
use crate::program::diagnostics::{Findings, Place};
use crate::program::{Condition, Text, Trigger};

/// Beyond half a year the other birthday is nearer; and two birthdays are at least 300 days apart.
pub(super) const BIRTHDAY_DAYS_MAX: i64 = 180;

/// Monday is 1.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// One condition: exactly one word.
pub(super) fn condition(findings: &Findings, node: &Node, when: Option<Trigger>) -> Option<Condition> {
    let fields = findings.fields(node, Block::Condition)?;
    let field = fields.only_word()?;
    let of_order = |read: fn(Vec<String>) -> Condition| {
        if let Some(when) = when.filter(|w| *w != Trigger::OrderPaid) {
            let arguments = [("word", Text::both(field.word.clone())), ("trigger", trigger_name(when))];
            findings.report("condition_without_data", field.place, &arguments);
        }
        names(findings, &field.value).map(read)
    };
    match field.word.as_str() {
        "all" => several(findings, field, when).map(Condition::All),
        "any" => several(findings, field, when).map(Condition::Any),
        "none" => several(findings, field, when).map(Condition::None),
        "date" => dates(&fields.map("date", Block::Dates)?),
        "weekday" => weekdays(findings, &field.value),
        "hours" => hours(&fields.map("hours", Block::Hours)?),
        "shop" => of_order(Condition::Shops),
        "channel" => of_order(Condition::Channels),
        _ => of_order(Condition::Cashiers),
    }
}

pub(super) fn trigger_name(when: Trigger) -> Text {
    Text::both(match when {
        Trigger::MemberRegistered => "member.registered",
        Trigger::MemberBirthday { .. } => "member.birthday",
        Trigger::OrderPaid => "order.paid",
    })
}

fn several(findings: &Findings, field: &Field, when: Option<Trigger>) -> Option<Vec<Condition>> {
    let kind = Kind::List(&Kind::Map(Block::Condition));
    let items = findings.items(&field.value, kind, NAMES_MAX, Text::of("conditions", "условия"));
    if items.is_empty() && matches!(&field.value.data, super::node::Data::List(_)) {
        findings.report("empty_list", field.value.place, &[]);
    }
    let read: Vec<Condition> = items.iter().filter_map(|item| condition(findings, item, when)).collect();
    (!read.is_empty() && read.len() == items.len()).then_some(read)
}

fn dates(fields: &Fields<'_>) -> Option<Condition> {
    let (from, to) = (fields.read("from", day), fields.read("to", day));
    if !fields.has("from") && !fields.has("to") {
        fields.missing("from");
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
        let word = choice(f, n, Block::Weekday)?;
        WEEKDAYS.iter().position(|d| *d == word).and_then(|i| i8::try_from(i + 1).ok())
    })?;
    Some(Condition::Weekdays(days))
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

/// Refuses a rule whose conditions exclude each other, as far as its outermost `all` shows it.
pub(super) fn refuse_impossible(findings: &Findings, place: Place, rule: &str, condition: &Condition) {
    let Condition::All(list) = condition else { return };
    let mut together: Vec<&Condition> = Vec::new();
    flatten(list, &mut together);
    if windows_apart(&together) || weekdays_apart(&together) || names_apart(&together) || denied(&together) {
        findings.report("rule_never_fires", place, &[("rule", Text::both(rule))]);
    }
}

fn flatten<'a>(list: &'a [Condition], into: &mut Vec<&'a Condition>) {
    for condition in list {
        match condition {
            Condition::All(inner) => flatten(inner, into),
            other => into.push(other),
        }
    }
}

fn windows_apart(together: &[&Condition]) -> bool {
    let windows = || {
        together.iter().filter_map(|c| match c {
            Condition::Date { from, to } => Some((*from, *to)),
            _ => None,
        })
    };
    let first = windows().filter_map(|(from, _)| from).max();
    let last = windows().filter_map(|(_, to)| to).min();
    matches!((first, last), (Some(first), Some(last)) if last < first)
}

fn weekdays_apart(together: &[&Condition]) -> bool {
    let mut lists = together.iter().filter_map(|c| match c {
        Condition::Weekdays(days) => Some(days),
        _ => None,
    });
    let Some(first) = lists.next() else { return false };
    let rest: Vec<&Vec<i8>> = lists.collect();
    !first.iter().any(|day| rest.iter().all(|days| days.contains(day)))
}

fn names_apart(together: &[&Condition]) -> bool {
    type Names = fn(&Condition) -> Option<&Vec<String>>;
    let kinds: [Names; 3] = [
        |c| if let Condition::Shops(names) = c { Some(names) } else { None },
        |c| if let Condition::Channels(names) = c { Some(names) } else { None },
        |c| if let Condition::Cashiers(names) = c { Some(names) } else { None },
    ];
    kinds.iter().any(|kind| {
        let mut lists = together.iter().filter_map(|c| kind(c));
        let Some(first) = lists.next() else { return false };
        let rest: Vec<&Vec<String>> = lists.collect();
        !first.iter().any(|name| rest.iter().all(|names| names.contains(name)))
    })
}

/// One of the conditions is also under a `none`.
fn denied(together: &[&Condition]) -> bool {
    let none = together.iter().filter_map(|c| if let Condition::None(list) = c { Some(list) } else { None });
    none.flatten().any(|denied| together.contains(&denied))
}
