//! Parts of sentences: amounts, periods, lines, bases, with the plural forms of both languages.

use super::conditions::WEEKDAYS;
use crate::money::{Currency, Money};
use crate::order::BaseAmount;
use crate::points::Points;
use crate::product::LineMatch;
use crate::program::{Base, BaseLines, Every, Program, Schedule, Text};
use crate::range::Range;
use crate::time::{Day, Period};
use crate::words::Language;

/// A bound in the figures of its kind.
pub(super) type Figure<'a> = &'a dyn Fn(i64) -> Text;

/// Russian forms for 1, 2–4 and 5–20, in the accusative: every phrase here takes it.
type Forms = [&'static str; 3];

/// Which form a count takes: CLDR's one, few, many of Russian.
pub(super) fn form(count: i64, [one, few, many]: Forms) -> &'static str {
    let (tens, units) = (count.abs() % 100, count.abs() % 10);
    match (tens, units) {
        (11..=14, _) => many,
        (_, 1) => one,
        (_, 2..=4) => few,
        _ => many,
    }
}

/// `14 days`, `14 дней`.
pub(in crate::program) fn period(period: Period) -> Text {
    let (count, forms) = match period {
        Period::Minutes(n) => (n, ["минуту", "минуты", "минут"]),
        Period::Hours(n) => (n, ["час", "часа", "часов"]),
        Period::Days(n) => (n, ["день", "дня", "дней"]),
        Period::Months(n) if n % 12 == 0 && n > 0 => (n / 12, ["год", "года", "лет"]),
        Period::Months(n) => (n, ["месяц", "месяца", "месяцев"]),
    };
    Text::of(period.to_string(), format!("{count} {}", form(i64::from(count), forms)))
}

/// `in the last 14 days`, `за последние 14 дней`; the number one is not said: `за последний месяц`.
pub(super) fn in_the_last(of: Period) -> Text {
    let length = period(of);
    match (length.en.strip_prefix("1 "), length.ru.strip_prefix("1 ")) {
        (Some(en), Some(ru)) => Text::of(format!("in the last {en}"), format!("за последний {ru}")),
        _ => Text::of(format!("in the last {}", length.en), format!("за последние {}", length.ru)),
    }
}

/// `500 points`, `500 баллов`; fractions take the form of `балла`.
pub(super) fn points(program: &Program, points: Points) -> Text {
    let scale = program.points.scale();
    let word = match points.0 % scale == 0 {
        true => form(points.0 / scale, ["балл", "балла", "баллов"]),
        false => "балла",
    };
    let english = if points.0 == scale { "point" } else { "points" };
    let number = |language: Language| language.number(points.0, program.points.precision);
    Text::of(format!("{} {english}", number(Language::En)), format!("{} {word}", number(Language::Ru)))
}

/// `5 purchases`, `5 покупок`: the Russian as it stands after `больше`.
pub(super) fn purchases(count: i64) -> Text {
    let english = if count == 1 { "purchase" } else { "purchases" };
    let russian = form(count, ["покупки", "покупок", "покупок"]);
    Text::of(format!("{count} {english}"), format!("{count} {russian}"))
}

/// `at most 1 order`, `at most 5 orders`; Russian counts after a colon.
pub(super) fn orders(count: i64) -> String {
    let orders = if count == 1 { "order" } else { "orders" };
    format!("at most {count} {orders}")
}

/// `1,000 RUB`, `1 000 ₽`.
pub(super) fn money(program: &Program, amount: Money) -> Text {
    sum(&program.currency, amount)
}

/// `9 March 2026`, `9 марта 2026`.
pub(super) fn day(day: Day) -> Text {
    Text::of(Language::En.day(day), Language::Ru.day(day))
}

fn sum(currency: &Currency, amount: Money) -> Text {
    Text::of(Language::En.money(amount, currency), Language::Ru.money(amount, currency))
}

pub(super) fn base(base: &Base) -> Text {
    let tax = match base.net_of_tax {
        true => Text::of(", tax excluded", ", без налога"),
        false => Text::default(),
    };
    let lines = match base.lines {
        BaseLines::Goods => Text::of("goods", "товары"),
        BaseLines::All => Text::of("goods and delivery", "товары и доставку"),
    };
    let amount = match base.amount {
        BaseAmount::Paid => Text::of(
            format!("the money paid for {}", lines.en),
            format!("деньги, уплаченные за {}", lines.ru),
        ),
        BaseAmount::BeforePoints => Text::of(
            format!("the price of {} after discounts, before points", lines.en),
            format!("цена за {} после скидок, до баллов", lines.ru),
        ),
        BaseAmount::List => Text::of(
            format!("the price of {} before discounts", lines.en),
            format!("цена за {} до скидок", lines.ru),
        ),
    };
    Text::of(format!("{}{}", amount.en, tax.en), format!("{}{}", amount.ru, tax.ru))
}

/// Which lines: `category shoes or boots, brand Northpeak, but not sku S1`.
pub(super) fn lines(currency: &Currency, lines: &LineMatch) -> Text {
    let lists = [
        (&lines.skus, "article", "артикул"),
        (&lines.categories, "category", "категория"),
        (&lines.brands, "brand", "бренд"),
        (&lines.tags, "tag", "метка"),
    ];
    let mut parts: Vec<Text> = lists
        .iter()
        .filter(|(list, ..)| !list.is_empty())
        .map(|(list, en, ru)| {
            let names = either(list);
            Text::of(format!("{en} {}", names.en), format!("{ru} {}", names.ru))
        })
        .collect();
    match lines.on_sale {
        Some(true) => parts.push(Text::of("on sale", "уценённые")),
        Some(false) => parts.push(Text::of("not on sale", "не уценённые")),
        None => {}
    }
    if let Some(range) = &lines.price {
        let range = bounds(range, &|value| sum(currency, Money(value)));
        parts.push(Text::of(format!("price {}", range.en), format!("цена {}", range.ru)));
    }
    if parts.is_empty() {
        parts.push(Text::of("all", "все"));
    }
    let mut told = Text::of(joined(&parts, |t| &t.en, " and "), joined(&parts, |t| &t.ru, " и "));
    if let Some(except) = &lines.except {
        let except = self::lines(currency, except);
        // “All but not tobacco” would be its opposite.
        let but = if told.en == "all" { "but" } else { "but not" };
        told.en.push_str(&format!(" {but} {}", except.en));
        // «Все, кроме категории» would take a case of each word.
        let but = if told.ru == "все" { ", но не" } else { ", кроме:" };
        told.ru.push_str(&format!("{but} {}", except.ru));
    }
    told
}

/// `once`, `3 times`, `3 раза`.
pub(super) fn times_told(times: i64) -> Text {
    let en = if times == 1 { "once".to_owned() } else { format!("{times} times") };
    Text::of(en, format!("{times} {}", form(times, ["раз", "раза", "раз"])))
}

/// `a`, `a or b`.
pub(super) fn either(names: &[String]) -> Text {
    Text::of(names.join(" or "), names.join(" или "))
}

pub(super) fn joined(parts: &[Text], of: fn(&Text) -> &str, between: &str) -> String {
    parts.iter().map(of).collect::<Vec<_>>().join(between)
}

/// `from 3 to 5`, `3 or more`.
pub(super) fn bounds(range: &Range, figure: Figure<'_>) -> Text {
    match (range.least, range.most) {
        (Some(least), Some(most)) if least == most => figure(least),
        (Some(least), Some(most)) => {
            let (least, most) = (figure(least), figure(most));
            Text::of(format!("from {} to {}", least.en, most.en), format!("от {} до {}", least.ru, most.ru))
        }
        (Some(least), None) => {
            let least = figure(least);
            Text::of(format!("{} or more", least.en), format!("{} или больше", least.ru))
        }
        (None, Some(most)) => {
            let most = figure(most);
            Text::of(format!("{} or less", most.en), format!("{} или меньше", most.ru))
        }
        (None, None) => Text::of("anything", "сколько угодно"),
    }
}

/// `every month on day 1 at 10:00`
pub(super) fn schedule(of: Schedule) -> Text {
    let (en, ru) = match of.every {
        Every::Day => ("every day".to_owned(), "каждый день".to_owned()),
        Every::Week(day) => {
            let (en, ru) = WEEKDAYS[usize::try_from(day - 1).unwrap_or(0) % WEEKDAYS.len()];
            (format!("every week on {en}"), format!("каждую неделю, {ru}"))
        }
        Every::Month(day) => (format!("every month on day {day}"), format!("каждый месяц {day}-го числа")),
        Every::Year(month, day) => {
            (format!("every year on {month:02}-{day:02}"), format!("каждый год {month:02}-{day:02}"))
        }
    };
    match of.minute {
        0 => Text::of(en, ru),
        minute => {
            let time = format!("{:02}:{:02}", minute / 60, minute % 60);
            Text::of(format!("{en} at {time}"), format!("{ru} в {time}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_counts_take_their_forms() {
        let told = |n| period(Period::Days(n)).ru;
        let expected = ["1 день", "2 дня", "5 дней", "11 дней", "21 день", "112 дней", "0 дней"];
        assert_eq!([1, 2, 5, 11, 21, 112, 0].map(told), expected);
        assert_eq!(period(Period::Months(24)), Text::of("2 years", "2 года"));
    }
}
