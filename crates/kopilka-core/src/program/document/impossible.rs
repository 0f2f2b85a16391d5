//! Rules that can never fire: conditions that exclude each other.
//!
//! Invariant: what is refused here cannot hold for any order, member and moment; what is let through may
//! still be impossible in ways that no list of conditions shows.

use crate::program::diagnostics::{Findings, Place};
use crate::program::{BoughtBefore, Condition, Text, Trigger};
use crate::range::Range;
use crate::time::Day;

/// Refuses a rule whose conditions exclude each other, and says which do.
pub(super) fn refuse_impossible(
    findings: &Findings,
    place: Place,
    rule: &str,
    when: Option<Trigger>,
    condition: &Condition,
) {
    let why = why_never(condition).or_else(|| when.and_then(|w| never_of_new(w, &condition.together())));
    if let Some(why) = why {
        findings.report("rule_never_fires", place, &[("rule", Text::both(rule)), ("why", why)]);
    }
}

/// Why the condition cannot hold, as far as it shows.
fn why_never(condition: &Condition) -> Option<Text> {
    let together = condition.together();
    let apart = [
        windows_apart,
        weekdays_apart,
        hours_apart,
        names_apart,
        ranges_apart,
        denied,
        parts_above_whole,
        before_the_first,
    ];
    apart.iter().find_map(|apart| apart(&together)).or_else(|| together.iter().find_map(|c| inside(c)))
}

/// Branches that cannot hold, and what is forbidden though it always holds.
fn inside(condition: &Condition) -> Option<Text> {
    match condition {
        Condition::Any(list) if list.iter().all(|c| why_never(c).is_some()) => {
            Some(Text::of("no branch of `any` can hold", "ни одна ветвь `any` не может выполниться"))
        }
        Condition::None(list) if list.iter().any(always) => {
            Some(Text::of("`none` forbids what always holds", "`none` запрещает то, что выполняется всегда"))
        }
        _ => None,
    }
}

/// Holds whatever is asked about. What is asked of a member never holds for a guest, so bounds do not count.
fn always(condition: &Condition) -> bool {
    match condition {
        Condition::Always => true,
        Condition::All(list) => list.iter().all(always),
        Condition::Any(list) => {
            let denial =
                |c: &Condition| matches!(c, Condition::None(d) if d.iter().all(|d| list.contains(d)));
            list.iter().any(|c| always(c) || denial(c))
        }
        Condition::None(list) => list.iter().all(|c| why_never(c).is_some()),
        Condition::Weekdays(days) => (1..=7).all(|day| days.contains(&day)),
        _ => false,
    }
}

/// Who registers at this moment has no orders and no days behind.
fn never_of_new(when: Trigger, together: &[&Condition]) -> Option<Text> {
    let asks_of_the_past = |c: &&Condition| match c {
        Condition::DaysSinceLastOrder(_) => true,
        Condition::BoughtBefore(asked) => needs_an_order(asked),
        Condition::DaysSinceRegistration(range) | Condition::MoneyPaid(range) => !range.holds(0),
        _ => false,
    };
    (when == Trigger::MemberRegistered && together.iter().any(asks_of_the_past)).then(|| {
        Text::of(
            "who has just registered has neither days nor orders behind",
            "у того, кто только что зарегистрировался, за плечами ни дней, ни заказов",
        )
    })
}

/// It does not hold of who has bought nothing.
fn needs_an_order(asked: &BoughtBefore) -> bool {
    let bounds = [asked.orders, asked.total, asked.quantity];
    let bounds = || bounds.iter().flatten();
    bounds().next().is_none() || bounds().any(|range| !range.holds(0))
}

/// The days that all windows leave, where both ends are known.
fn window_of(together: &[&Condition]) -> (Option<Day>, Option<Day>) {
    let windows = || {
        together.iter().filter_map(|c| match c {
            Condition::Date { from, to } => Some((*from, *to)),
            _ => None,
        })
    };
    (windows().filter_map(|(from, _)| from).max(), windows().filter_map(|(_, to)| to).min())
}

fn windows_apart(together: &[&Condition]) -> Option<Text> {
    matches!(window_of(together), (Some(first), Some(last)) if last < first).then(|| {
        Text::of("no day lies in all windows of `date`", "нет дня, который входит во все окна `date`")
    })
}

fn weekdays_apart(together: &[&Condition]) -> Option<Text> {
    let lists = || {
        together.iter().filter_map(|c| match c {
            Condition::Weekdays(days) => Some(days),
            _ => None,
        })
    };
    lists().next()?;
    let left: Vec<i8> = (1..=7).filter(|day| lists().all(|days| days.contains(day))).collect();
    if left.is_empty() {
        return Some(Text::of(
            "no day is in all lists of `weekday`",
            "нет дня, который есть во всех списках `weekday`",
        ));
    }
    let (Some(first), Some(last)) = window_of(together) else { return None };
    let days = first.days_until(last).clamp(0, 6);
    let hit = (0..=days as i32).any(|n| left.contains(&first.plus_days(n).weekday()));
    (!hit).then(|| {
        Text::of(
            format!("no such `weekday` lies between {first} and {last}"),
            format!("с {first} по {last} нет такого `weekday`"),
        )
    })
}

fn hours_apart(together: &[&Condition]) -> Option<Text> {
    let windows: Vec<(i32, i32)> = together
        .iter()
        .filter_map(|c| match c {
            Condition::Hours { from, to } => Some((*from, *to)),
            _ => None,
        })
        .collect();
    let within = |minute: i32, (from, to): (i32, i32)| match from <= to {
        true => (from..to).contains(&minute),
        false => minute >= from || minute < to,
    };
    // A window is entered at its beginning: if any minute is in all of them, one of the beginnings is.
    let hit = windows.iter().any(|(minute, _)| windows.iter().all(|w| within(*minute, *w)));
    (!windows.is_empty() && !hit).then(|| {
        Text::of(
            "no time of day lies in all windows of `hours`",
            "нет времени, которое входит во все окна `hours`",
        )
    })
}

fn names_of(condition: &Condition) -> Option<(&'static str, &[String])> {
    match condition {
        Condition::Shops(names) => Some(("shop", names)),
        Condition::Channels(names) => Some(("channel", names)),
        Condition::Cashiers(names) => Some(("cashier", names)),
        Condition::DeliveryMethods(names) => Some(("delivery_method", names)),
        Condition::Tiers(names) => Some(("tier", names)),
        _ => None,
    }
}

fn names_apart(together: &[&Condition]) -> Option<Text> {
    let word = ["shop", "channel", "cashier", "delivery_method", "tier"].into_iter().find(|kind| {
        let lists = || together.iter().filter_map(|c| names_of(c)).filter(|(w, _)| w == kind).map(|(_, n)| n);
        lists().next().is_some_and(|first| !first.iter().any(|name| lists().all(|l| l.contains(name))))
    })?;
    Some(Text::of(
        format!("no name is in all lists of `{word}`"),
        format!("нет имени, которое есть во всех списках `{word}`"),
    ))
}

/// What is asked of one figure, by the word that asks.
fn bounds_of(condition: &Condition) -> Option<(&'static str, Range)> {
    Some(match condition {
        Condition::OrderTotal(range) => ("order_total", *range),
        Condition::OrderTotalList(range) => ("order_total_list", *range),
        Condition::OrderTotalNet(range) => ("order_total_net", *range),
        Condition::Quantity(range) => ("quantity", *range),
        Condition::OrderNumber(range) => ("order_number", *range),
        Condition::MoneyPaid(range) => ("money_paid", *range),
        Condition::Age(range) => ("age", *range),
        Condition::DaysSinceRegistration(range) => ("days_since_registration", *range),
        Condition::DaysSinceLastOrder(range) => ("days_since_last_order", *range),
        _ => return None,
    })
}

fn bounds(together: &[&Condition], word: &str) -> Range {
    let of_word = together.iter().filter_map(|c| bounds_of(c)).filter(|(w, _)| *w == word);
    of_word.fold(Range::default(), |all, (_, range)| all.and(range))
}

/// Bounds on one figure that leave nothing between them; orders are numbered from 1.
fn ranges_apart(together: &[&Condition]) -> Option<Text> {
    let (word, _) = together.iter().filter_map(|c| bounds_of(c)).find(|(word, _)| {
        let least = if *word == "order_number" { Range::from(1) } else { Range::default() };
        bounds(together, word).and(least).is_empty()
    })?;
    let (mut en, mut ru) =
        (format!("the bounds of `{word}` leave nothing"), format!("границы `{word}` не оставляют ничего"));
    if word == "order_number" {
        en.push_str("; the first order is 1");
        ru.push_str("; первый заказ — 1");
    }
    Some(Text::of(en, ru))
}

/// One of the conditions is also, or all the more, under a `none`.
fn denied(together: &[&Condition]) -> Option<Text> {
    let none = together.iter().filter_map(|c| if let Condition::None(list) = c { Some(list) } else { None });
    none.flatten().any(|denied| follows(together, denied)).then(|| {
        Text::of(
            "`none` forbids what another condition demands",
            "`none` запрещает то, чего требует другое условие",
        )
    })
}

/// Where all of these hold, the other holds too.
fn follows(together: &[&Condition], other: &Condition) -> bool {
    match other {
        Condition::All(list) => list.iter().all(|c| follows(together, c)),
        Condition::Any(list) if list.iter().any(|c| follows(together, c)) => true,
        _ => together.iter().any(|c| *c == other || implies(c, other)),
    }
}

fn implies(one: &Condition, other: &Condition) -> bool {
    if let (Some((a, narrow)), Some((b, wide))) = (names_of(one), names_of(other)) {
        return a == b && narrow.iter().all(|name| wide.contains(name));
    }
    if let (Some((a, narrow)), Some((b, wide))) = (bounds_of(one), bounds_of(other)) {
        return a == b && narrow.and(wide) == narrow;
    }
    match (one, other) {
        (Condition::Weekdays(narrow), Condition::Weekdays(wide)) => narrow.iter().all(|d| wide.contains(d)),
        (Condition::Date { from, to }, Condition::Date { from: wide_from, to: wide_to }) => {
            wide_from.is_none_or(|wide| from.is_some_and(|from| wide <= from))
                && wide_to.is_none_or(|wide| to.is_some_and(|to| to <= wide))
        }
        _ => false,
    }
}

/// Lines cannot come to more than the order, nor an order after discounts to more than before them.
fn parts_above_whole(together: &[&Condition]) -> Option<Text> {
    let above = |part: Option<Range>, whole: &str| {
        let (least, most) = (part.and_then(|r| r.least), bounds(together, whole).most);
        matches!((least, most), (Some(least), Some(most)) if least > most)
    };
    let lines = together.iter().filter_map(|c| match c {
        Condition::Lines { total, quantity, .. } => Some((*total, *quantity)),
        _ => None,
    });
    let mut pairs: Vec<(&str, Option<Range>, &str)> = Vec::new();
    for (total, quantity) in lines {
        pairs.extend([("line: total", total, "order_total"), ("line: total", total, "order_total_list")]);
        pairs.push(("line: quantity", quantity, "quantity"));
    }
    pairs.push(("order_total", Some(bounds(together, "order_total")), "order_total_list"));
    let (part, _, whole) = pairs.into_iter().find(|(_, range, whole)| above(*range, whole))?;
    Some(Text::of(
        format!("`{part}` asks for more than `{whole}` allows"),
        format!("`{part}` требует больше, чем допускает `{whole}`"),
    ))
}

/// Before the first order there is no other one.
fn before_the_first(together: &[&Condition]) -> Option<Text> {
    let first = bounds(together, "order_number").most == Some(1);
    let word = together.iter().find_map(|c| match c {
        Condition::DaysSinceLastOrder(_) => Some("days_since_last_order"),
        Condition::BoughtBefore(asked) if needs_an_order(asked) => Some("bought_before"),
        _ => None,
    });
    word.filter(|_| first).map(|word| {
        Text::of(
            format!("before the first order there is none that `{word}` could count from"),
            format!("до первого заказа нет другого, от которого считал бы `{word}`"),
        )
    })
}
