//! Conditions in words.

use super::phrases::*;
use crate::decimal;
use crate::money::Money;
use crate::product::LineMatch;
use crate::program::{AttributeTest, BoughtBefore, Condition, Program, Text};
use crate::range::Range;

pub(super) const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "понедельник"),
    ("Tuesday", "вторник"),
    ("Wednesday", "среда"),
    ("Thursday", "четверг"),
    ("Friday", "пятница"),
    ("Saturday", "суббота"),
    ("Sunday", "воскресенье"),
];

/// A condition as the rest of a sentence that begins with “if”.
pub fn condition_told(program: &Program, condition: &Condition) -> Text {
    let several = |list: &[Condition], en: &str, ru: &str| {
        let parts: Vec<Text> = list.iter().map(|c| inner(program, c)).collect();
        Text::of(joined(&parts, |t| &t.en, en), joined(&parts, |t| &t.ru, ru))
    };
    let named = |en: &str, ru: &str, names: &[String]| {
        let names = either(names);
        Text::of(format!("{en} {}", names.en), format!("{ru} {}", names.ru))
    };
    match condition {
        Condition::Always => Text::of("always", "всегда"),
        Condition::All(list) => several(list, " and ", " и "),
        Condition::Any(list) => several(list, " or ", " или "),
        Condition::None(list) => {
            let told = several(list, " or ", " или ");
            Text::of(format!("not ({})", told.en), format!("не верно, что {}", told.ru))
        }
        Condition::Date { .. } | Condition::Weekdays(_) | Condition::Hours { .. } => calendar_told(condition),
        Condition::Shops(names) => named("in shop", "в магазине", names),
        Condition::Channels(names) => named("by channel", "канал —", names),
        Condition::Coupons(names) => named("with a coupon of", "по купону кампании", names),
        Condition::Tiers(names) => named("the level is", "уровень —", names),
        Condition::Offers(names) => {
            named("the member holds the offer", "у участника есть предложение", names)
        }
        Condition::Referred(true) => Text::of("the member came by a friend", "участника привёл друг"),
        Condition::Referred(false) => Text::of("nobody brought the member", "участника никто не привёл"),
        Condition::Tags(names) => named("the member is marked", "у участника есть метка", names),
        Condition::Segments(list) => {
            let ids: Vec<String> = list.iter().map(|s| s.id.to_string()).collect();
            named("the member is in the segment", "участник в сегменте", &ids)
        }
        Condition::Languages(names) => named("the member's language is", "язык участника —", names),
        Condition::Regions(names) => named("the member's region is", "регион участника —", names),
        Condition::Subscribed(channels) => {
            let ids: Vec<String> = channels.list().map(|c| c.name().to_owned()).collect();
            named("the member may be told of offers by", "участник согласен на рассылки:", &ids)
        }
        Condition::ControlGroup(true) => {
            Text::of("the member is in the control group", "участник в контрольной группе")
        }
        Condition::ControlGroup(false) => {
            Text::of("the member is not in the control group", "участник не в контрольной группе")
        }
        Condition::Achievements(ids) => {
            let known = |id: &String| program.achievements.iter().find(|one| one.id == *id);
            let name = |id| known(id).map_or_else(|| Text::both(id.as_str()), |one| one.name.clone());
            let names: Vec<Text> = ids.iter().map(name).collect();
            Text::of(
                format!("“{}” is reached", joined(&names, |t| &t.en, "” or “")),
                format!("получено «{}»", joined(&names, |t| &t.ru, "» или «")),
            )
        }
        Condition::Cashiers(names) => named("at cashier", "кассир —", names),
        _ => figure_told(program, condition),
    }
}

fn calendar_told(condition: &Condition) -> Text {
    match condition {
        Condition::Date { from, to } => match (from, to) {
            (Some(from), Some(to)) => {
                let (from, to) = (day(*from), day(*to));
                Text::of(format!("from {} to {}", from.en, to.en), format!("с {} по {}", from.ru, to.ru))
            }
            (Some(from), None) => {
                let from = day(*from);
                Text::of(format!("from {} on", from.en), format!("начиная с {}", from.ru))
            }
            (None, Some(to)) => {
                let to = day(*to);
                Text::of(format!("up to {}", to.en), format!("по {} включительно", to.ru))
            }
            (None, None) => Text::of("on any day", "в любой день"),
        },
        Condition::Weekdays(days) => {
            let name = |day: &i8| usize::try_from(*day - 1).ok().and_then(|i| WEEKDAYS.get(i));
            let en: Vec<&str> = days.iter().filter_map(name).map(|(en, _)| *en).collect();
            let ru: Vec<&str> = days.iter().filter_map(name).map(|(_, ru)| *ru).collect();
            Text::of(format!("it is {}", en.join(" or ")), format!("день недели — {}", ru.join(" или ")))
        }
        Condition::Hours { from, to } => {
            let time = |minutes: &i32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let (from, to) = (time(from), time(to));
            Text::of(format!("between {from} and {to}"), format!("с {from} до {to}"))
        }
        _ => Text::default(),
    }
}

/// A condition inside another: brackets where the words would run together.
fn inner(program: &Program, condition: &Condition) -> Text {
    let text = condition_told(program, condition);
    match condition {
        Condition::All(list) | Condition::Any(list) if list.len() > 1 => {
            Text::of(format!("({})", text.en), format!("({})", text.ru))
        }
        _ => text,
    }
}

/// Conditions on figures of the order and of the member.
fn figure_told(program: &Program, condition: &Condition) -> Text {
    let amount = |value: i64| money(program, Money(value));
    let whole = |value: i64| Text::both(value.to_string());
    let measured = |en: &str, ru: &str, range: &Range, figure: Figure<'_>| {
        let range = bounds(range, figure);
        Text::of(format!("{en} {}", range.en), format!("{ru} {}", range.ru))
    };
    match condition {
        Condition::OrderTotal(range) => {
            measured("the goods after discounts come to", "товаров после скидок", range, &amount)
        }
        Condition::OrderTotalNet(range) => measured(
            "the goods before discounts and without tax come to",
            "товаров до скидок и без налога",
            range,
            &amount,
        ),
        Condition::PaymentMethods(names) => {
            let names = either(names);
            Text::of(format!("it is paid by {}", names.en), format!("оплата: {}", names.ru))
        }
        Condition::DeliveryMethods(names) => {
            let names = either(names);
            Text::of(format!("it is delivered by {}", names.en), format!("доставка: {}", names.ru))
        }
        Condition::OrderTotalList(range) => {
            measured("the goods before discounts come to", "товаров до скидок", range, &amount)
        }
        Condition::Quantity(range) => measured("pieces of goods:", "штук товара:", range, &pieces),
        Condition::Lines { of, total, quantity } => lines_told(program, of, total, quantity),
        Condition::BoughtBefore(asked) => bought_told(program, asked),
        Condition::OrderNumber(range) if *range == Range::exactly(1) => {
            Text::of("it is the member's first order", "это первый заказ участника")
        }
        Condition::OrderNumber(range) => {
            measured("it is order number", "заказ участника по счёту —", range, &whole)
        }
        Condition::MoneyPaid(range) => measured(
            "the member has paid for orders before",
            "участник заплатил за заказы раньше",
            range,
            &amount,
        ),
        Condition::Attribute { id, is } | Condition::EventData { id, is } => match is {
            AttributeTest::Texts(names) => {
                let names = either(names);
                Text::of(format!("{id} is {}", names.en), format!("{id} — {}", names.ru))
            }
            AttributeTest::Number(range) => measured(&format!("{id}:"), &format!("{id}:"), range, &whole),
            AttributeTest::YesNo(wanted) => {
                let (en, ru) = if *wanted { ("yes", "да") } else { ("no", "нет") };
                Text::of(format!("{id}: {en}"), format!("{id}: {ru}"))
            }
        },
        Condition::Birthday { before, after } => Text::of(
            format!("it is within {before} days before and {after} days after the birthday"),
            format!("день рождения: дней до него не больше {before}, после не больше {after}"),
        ),
        Condition::Age(range) => measured("years of age:", "полных лет:", range, &whole),
        Condition::DaysSinceRegistration(range) => {
            measured("days since registration:", "дней с регистрации:", range, &whole)
        }
        Condition::DaysSinceLastOrder(range) => {
            measured("days since the order before:", "дней с предыдущего заказа:", range, &whole)
        }
        _ => Text::default(),
    }
}

fn lines_told(program: &Program, of: &LineMatch, total: &Option<Range>, quantity: &Option<Range>) -> Text {
    let lines = lines(&program.currency, of);
    let mut told =
        Text::of(format!("the order has lines: {}", lines.en), format!("в заказе есть строки: {}", lines.ru));
    if let Some(total) = total {
        let total = bounds(total, &|value| money(program, Money(value)));
        told.en.push_str(&format!(", together {}", total.en));
        told.ru.push_str(&format!(", вместе {}", total.ru));
    }
    if let Some(quantity) = quantity {
        let quantity = bounds(quantity, &pieces);
        told.en.push_str(&format!(", pieces {}", quantity.en));
        told.ru.push_str(&format!(", штук {}", quantity.ru));
    }
    told
}

fn bought_told(program: &Program, asked: &BoughtBefore) -> Text {
    let mut told = Text::of("earlier orders", "в прежних заказах");
    let mut add = |en: String, ru: String| {
        told.en.push_str(&en);
        told.ru.push_str(&ru);
    };
    if let Some(within) = asked.within {
        let Text { en, ru } = in_the_last(within);
        add(format!(" {en}"), format!(" {ru}"));
    }
    let of = match asked.of.is_everything() {
        true => Text::of("goods", "товары"),
        false => lines(&program.currency, &asked.of),
    };
    add(format!(" had {}", of.en), format!(" были: {}", of.ru));
    let figures: [(&str, &str, &Option<Range>, Figure<'_>); 3] = [
        ("orders", "заказов", &asked.orders, &|value| Text::both(value.to_string())),
        ("paid", "уплачено", &asked.total, &|value| money(program, Money(value))),
        ("pieces", "штук", &asked.quantity, &pieces),
    ];
    for (en, ru, range, figure) in figures {
        if let Some(range) = range {
            let range = bounds(range, figure);
            add(format!(", {en}: {}", range.en), format!(", {ru}: {}", range.ru));
        }
    }
    told
}

fn pieces(thousandths: i64) -> Text {
    Text::both(decimal::format_trimmed(thousandths, 3))
}
