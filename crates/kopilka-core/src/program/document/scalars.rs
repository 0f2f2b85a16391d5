//! Single values: texts, numbers, periods, days, and words out of a block.
//!
//! Invariant: a value is taken exactly as written or refused at its place; nothing is rounded or guessed.

use super::node::{Data, Node, shortened};
use super::vocabulary::{self, Block, Kind};
use super::{NAMES_MAX, TEXT_CHARS_MAX, Units};
use crate::decimal::{self, DecimalError};
use crate::money::{MONEY_MAX, Money, Rate, Rounding};
use crate::order::{QUANTITY_MAX, Quantity};
use crate::points::{POINTS_MAX, Points};
use crate::program::Text;
use crate::program::diagnostics::{Findings, Place};
use crate::time::{Day, Instant, Period};

/// The text of a scalar that is not empty; complains of anything else as not being of the kind.
pub(crate) fn scalar<'a>(findings: &Findings, node: &'a Node, kind: Kind) -> Option<&'a str> {
    match &node.data {
        Data::Scalar { text, .. } if !node.is_nothing() => Some(text),
        _ => {
            findings.wrong_kind(node, kind);
            None
        }
    }
}

pub(crate) fn text(findings: &Findings, node: &Node) -> Option<String> {
    let text = scalar(findings, node, Kind::Text)?.trim();
    if text.is_empty() {
        findings.wrong_kind(node, Kind::Text);
        return None;
    }
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        let limit = Text::both(TEXT_CHARS_MAX.to_string());
        findings.report("text_too_long", node.place, &[("limit", limit)]);
        return None;
    }
    Some(text.to_owned())
}

/// A text, or `{en, ru}`; one language stands for both when only one is given.
pub(crate) fn localized(findings: &Findings, node: &Node) -> Option<Text> {
    match &node.data {
        Data::Map(_) => {
            let fields = findings.fields(node, Block::Localized)?;
            let en = fields.read("en", text);
            let ru = fields.read("ru", text);
            if en.is_none() && ru.is_none() && fields.present().next().is_none() {
                findings.wrong_kind(node, Kind::Localized);
            }
            let one = en.clone().or_else(|| ru.clone())?;
            Some(Text { en: en.unwrap_or_else(|| one.clone()), ru: ru.unwrap_or(one) })
        }
        Data::Scalar { .. } => text(findings, node).map(Text::both),
        Data::List(_) => {
            findings.wrong_kind(node, Kind::Localized);
            None
        }
    }
}

/// `[a-z0-9-]{1,64}`
pub(crate) fn id(findings: &Findings, node: &Node) -> Option<String> {
    let text = scalar(findings, node, Kind::Id)?;
    if !is_id(text) {
        bad_id(findings, text, node.place);
        return None;
    }
    Some(text.to_owned())
}

/// Whether it names something of a document.
pub fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

pub(crate) fn bad_id(findings: &Findings, text: &str, place: Place) {
    let near = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let example: String = text.chars().map(near).take(64).collect();
    let example = example.trim_matches('-');
    let example = if example.is_empty() { "my-shop" } else { example };
    let arguments = [("text", Text::both(shortened(text))), ("example", Text::both(example))];
    findings.report("bad_id", place, &arguments);
}

/// A word of the block that stands as a value.
pub(crate) fn choice(findings: &Findings, node: &Node, block: Block) -> Option<&'static str> {
    let text = scalar(findings, node, Kind::Words(block))?;
    let found = vocabulary::words_of(block).find(|w| w.word == text);
    if found.is_none() {
        findings.unknown_word(text, node.place, block);
    }
    found.map(|w| w.word)
}

pub(crate) fn truth(findings: &Findings, node: &Node) -> Option<bool> {
    match scalar(findings, node, Kind::Truth)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            findings.wrong_kind(node, Kind::Truth);
            None
        }
    }
}

pub(crate) fn rounding(findings: &Findings, node: &Node) -> Option<Rounding> {
    Some(match choice(findings, node, Block::Rounding)? {
        "half_up" => Rounding::HalfUp,
        "half_even" => Rounding::HalfEven,
        "ceil" => Rounding::Ceil,
        _ => Rounding::Floor,
    })
}

/// A number with at most `scale` decimals between two bounds, all scaled alike.
pub(crate) fn number(
    findings: &Findings,
    node: &Node,
    kind: Kind,
    scale: u32,
    (from, to): (i64, i64),
) -> Option<i64> {
    let written = scalar(findings, node, kind)?;
    let shown = Text::both(shortened(written));
    match decimal::parse_scaled(written, scale) {
        Ok(value) if (from..=to).contains(&value) => return Some(value),
        Ok(_) | Err(DecimalError::OutOfRange) => {
            let bound = |v| Text::both(decimal::format_trimmed(v, scale));
            let arguments = [("text", shown), ("from", bound(from)), ("to", bound(to))];
            findings.report("number_out_of_range", node.place, &arguments);
        }
        Err(DecimalError::Malformed) => findings.report("not_a_number", node.place, &[("text", shown)]),
        Err(DecimalError::TooManyDecimals { allowed }) => {
            let allowed = match allowed {
                0 => Text::of("a whole number is needed", "нужно целое число"),
                some => Text::of(format!("at most {some} here"), format!("здесь не больше {some}")),
            };
            let arguments = [("text", shown), ("allowed", allowed)];
            findings.report("too_many_decimals", node.place, &arguments);
        }
    }
    None
}

/// An amount of the program's currency, at least `least` minor units.
pub(crate) fn money(findings: &Findings, node: &Node, units: &Units, least: i64) -> Option<Money> {
    number(findings, node, Kind::Money, units.currency.exponent, (least, MONEY_MAX)).map(Money)
}

/// Points, at least `least` smallest units.
pub(crate) fn points(findings: &Findings, node: &Node, units: &Units, least: i64) -> Option<Points> {
    number(findings, node, Kind::Points, units.points.precision, (least, POINTS_MAX)).map(Points)
}

/// A percentage with at most four decimals, up to 100; zero only where `zero` says so.
pub(crate) fn percent(findings: &Findings, node: &Node, zero: bool) -> Option<Rate> {
    const WIDE: (i64, i64) = (i64::MIN, i64::MAX);
    let rate = Rate(number(findings, node, Kind::Percent, 4, WIDE)?);
    let least = i64::from(!zero);
    if (least..=Rate::ONE).contains(&rate.0) {
        return Some(rate);
    }
    let range = if zero {
        Text::of("between 0 and 100", "от 0 до 100")
    } else {
        Text::of("above 0 and at most 100", "больше 0 и не больше 100")
    };
    findings.report(
        "percent_out_of_range",
        node.place,
        &[("text", Text::both(rate.percent_text())), ("range", range)],
    );
    None
}

pub(crate) fn quantity(findings: &Findings, node: &Node) -> Option<Quantity> {
    number(findings, node, Kind::Quantity, 3, (1, QUANTITY_MAX)).map(Quantity)
}

pub(crate) fn period(findings: &Findings, node: &Node) -> Option<Period> {
    let text = scalar(findings, node, Kind::Period)?;
    let period = Period::parse(text);
    if period.is_none() {
        findings.report("bad_period", node.place, &[("text", Text::both(shortened(text)))]);
    }
    period
}

/// A period that may not be zero.
pub(crate) fn period_of_some_length(findings: &Findings, node: &Node, word: &'static str) -> Option<Period> {
    let period = period(findings, node)?;
    if period.is_zero() {
        findings.report("period_is_zero", node.place, &[("word", Text::both(word))]);
        return None;
    }
    Some(period)
}

pub(crate) fn day(findings: &Findings, node: &Node) -> Option<Day> {
    let text = scalar(findings, node, Kind::Day)?;
    // The years of instants: calendar steps from inside them never overflow.
    let day = Day::parse(text).filter(|d| (1900..2200).contains(&d.year()));
    if day.is_none() {
        findings.report("bad_date", node.place, &[("text", Text::both(shortened(text)))]);
    }
    day
}

pub(crate) fn moment(findings: &Findings, node: &Node, units: &Units) -> Option<Instant> {
    let text = scalar(findings, node, Kind::Moment)?;
    let in_range = |at: &Instant| (crate::time::INSTANT_MIN..=crate::time::INSTANT_MAX).contains(at);
    let at = units.zone.parse_local(text).filter(in_range);
    if at.is_none() {
        findings.report("bad_moment", node.place, &[("text", Text::both(shortened(text)))]);
    }
    at
}

/// Minutes since midnight, 0 to 1440.
pub(crate) fn time_of_day(findings: &Findings, node: &Node) -> Option<i32> {
    let text = scalar(findings, node, Kind::TimeOfDay)?;
    let minutes = parse_time_of_day(text);
    if minutes.is_none() {
        findings.report("bad_time", node.place, &[("text", Text::both(shortened(text)))]);
    }
    minutes
}

fn parse_time_of_day(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |s: &str| (s.len() == 2).then(|| s.parse::<u8>().ok()).flatten().map(i32::from);
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}

/// One text or a list of texts, not empty.
pub(crate) fn names(findings: &Findings, node: &Node) -> Option<Vec<String>> {
    one_or_many(findings, node, Text::of("names", "имён"), text)
}

/// One value or a list of values, not empty, each read by `read`.
pub(crate) fn one_or_many<T>(
    findings: &Findings,
    node: &Node,
    what: Text,
    read: impl Fn(&Findings, &Node) -> Option<T>,
) -> Option<Vec<T>> {
    let Data::List(items) = &node.data else { return Some(vec![read(findings, node)?]) };
    if items.is_empty() {
        findings.report("empty_list", node.place, &[]);
        return None;
    }
    let items = findings.at_most(node.place, items, NAMES_MAX, what);
    let values: Vec<T> = items.iter().filter_map(|item| read(findings, item)).collect();
    (values.len() == items.len()).then_some(values)
}
