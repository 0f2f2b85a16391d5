//! Plots as SVG, drawn small so that a phone shows them as they are; colours come from the page's style.
//!
//! Invariant: coordinates are integers (tenths of a pixel), so the same figures draw the same picture.

use crate::page::escape;
use kopilka_core::words::Language;
use std::fmt::Write;

const WIDTH: i64 = 3600;
const HEIGHT: i64 = 2000;
const LEFT: i64 = 560;
const RIGHT: i64 = 40;
const TOP: i64 = 120;
const BOTTOM: i64 = 260;

/// One series of a plot: its name and the style class that colours it.
pub struct Series<'a> {
    pub name: &'a str,
    pub class: &'a str,
    pub values: Vec<i64>,
    /// What the reader is told on pointing at each value.
    pub told: Vec<String>,
}

/// What all series of a plot share.
pub struct Frame<'a> {
    pub title: &'a str,
    /// What stands under each value, `2026-03` or `May-9`: a part that neighbours share, and their own.
    pub labels: &'a [String],
    /// How many smallest units one unit of the axis is.
    pub unit: i64,
    pub language: Language,
}

/// A bar for every month.
pub fn bars(frame: &Frame<'_>, series: &Series<'_>) -> String {
    let scale = Scale::for_values(frame, std::slice::from_ref(series));
    let mut svg = open(frame, &scale);
    let slot = scale.slot();
    let width = (slot * 7 / 10).clamp(10, 260);
    for (i, (&value, told)) in series.values.iter().zip(&series.told).enumerate() {
        let (x, top, zero) = (scale.x(i) - width / 2, scale.y(value), scale.y(0));
        let (y, height) = (top.min(zero), (top - zero).abs());
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\">\
             <title>{}</title></rect>",
            series.class,
            px(x),
            px(y),
            px(width),
            px(height),
            escape(told)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A line for every series.
pub fn lines(frame: &Frame<'_>, all: &[Series<'_>]) -> String {
    let scale = Scale::for_values(frame, all);
    let mut svg = open(frame, &scale);
    for series in all {
        let mut path = String::new();
        for (i, &value) in series.values.iter().enumerate() {
            let command = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{} {}", px(scale.x(i)), px(scale.y(value)));
        }
        let _ = write!(svg, "<path class=\"line {}\" d=\"{path}\"/>", series.class);
        for (i, (&value, told)) in series.values.iter().zip(&series.told).enumerate() {
            let _ = write!(
                svg,
                "<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"2.6\"><title>{}: {}</title></circle>",
                series.class,
                px(scale.x(i)),
                px(scale.y(value)),
                escape(series.name),
                escape(told)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

struct Scale {
    count: usize,
    low: i64,
    high: i64,
    step: i64,
}

impl Scale {
    fn for_values(frame: &Frame<'_>, all: &[Series<'_>]) -> Scale {
        let values = || all.iter().flat_map(|s| s.values.iter().copied());
        let (low, high) = (values().min().unwrap_or(0).min(0), values().max().unwrap_or(0).max(0));
        let step = nice_step((high - low).max(frame.unit));
        let low = low.div_euclid(step) * step;
        let high = ((high + step - 1).div_euclid(step) * step).max(low + step);
        Scale { count: frame.labels.len().max(1), low, high, step }
    }
    fn slot(&self) -> i64 {
        (WIDTH - LEFT - RIGHT) / self.count as i64
    }
    fn x(&self, i: usize) -> i64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (2 * i as i64 + 1) / (2 * self.count as i64)
    }
    fn y(&self, value: i64) -> i64 {
        let room = i128::from(HEIGHT - TOP - BOTTOM);
        let part = i128::from(value - self.low) * room / i128::from(self.high - self.low);
        HEIGHT - BOTTOM - part as i64
    }
}

/// 1, 2 or 5 times a power of ten, so that about four steps cover the range.
fn nice_step(range: i64) -> i64 {
    let rough = (range / 4).max(1);
    let mut power = 1_i64;
    while power <= rough / 10 {
        power *= 10;
    }
    [1, 2, 5, 10].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(10 * power)
}

fn open(frame: &Frame<'_>, scale: &Scale) -> String {
    let (w, h) = (WIDTH / 10, HEIGHT / 10);
    let mut svg =
        format!("<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{}\">", escape(frame.title));
    let mut value = scale.low;
    while value <= scale.high {
        let y = scale.y(value);
        let class = if value == 0 { "zero" } else { "grid" };
        let _ = write!(
            svg,
            "<line class=\"{class}\" x1=\"{}\" x2=\"{}\" y1=\"{y1}\" y2=\"{y1}\"/>\
             <text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            px(LEFT),
            px(WIDTH - RIGHT),
            px(LEFT - 60),
            px(y + 35),
            compact(value, frame.unit, frame.language),
            y1 = px(y),
        );
        value += scale.step;
    }
    // Room for a label is about 22 pixels; of more months only every n-th is named.
    let every = (220 + scale.slot() - 1) / scale.slot();
    let mut years: Vec<(i64, &str)> = Vec::new();
    for (i, month) in frame.labels.iter().enumerate().step_by(every as usize) {
        let (year, number) = month.split_once('-').unwrap_or((month, ""));
        let name = month_name(year, number, frame.language);
        svg.push_str(&label(scale.x(i), HEIGHT - 140, "tick", name));
        if years.last().is_none_or(|(_, known)| *known != year) {
            // Where two years would touch, the older one has a single label and goes without.
            if years.last().is_some_and(|(x, _)| scale.x(i) - x < 320) {
                years.pop();
            }
            years.push((scale.x(i), year));
        }
    }
    for (x, year) in years {
        svg.push_str(&label(x, HEIGHT - 20, "tick year", year));
    }
    svg
}

fn label(x: i64, y: i64, class: &str, text: &str) -> String {
    let (x, y) = (px(x), px(y));
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", escape(text))
}

/// Tenths of a pixel as a number of pixels.
fn px(tenths: i64) -> String {
    if tenths % 10 == 0 {
        format!("{}", tenths / 10)
    } else {
        format!("{}.{}", tenths / 10, (tenths % 10).abs())
    }
}

const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_RU: [&str; 12] =
    ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"];

/// `May` of `2026-05`; what is no month of a year is told as it stands.
fn month_name<'a>(year: &str, number: &'a str, language: Language) -> &'a str {
    let names = match language {
        Language::En => &MONTHS_EN,
        Language::Ru => &MONTHS_RU,
    };
    let month = number.parse::<usize>().ok().filter(|_| year.parse::<u16>().is_ok());
    month.and_then(|month| names.get(month.checked_sub(1)?)).copied().unwrap_or(number)
}

/// `12k`, `1.5M`, `1,5 млн`: the axis has little room.
fn compact(value: i64, unit: i64, language: Language) -> String {
    let tenths = i128::from(value) * 10 / i128::from(unit);
    let (divisor, letters) = match tenths.abs() {
        10_000_000_000.. => (1_000_000_000, ["G", "\u{a0}млрд"]),
        10_000_000.. => (1_000_000, ["M", "\u{a0}млн"]),
        10_000.. => (1_000, ["k", "\u{a0}тыс."]),
        _ => (1, ["", ""]),
    };
    let (letter, point) = match language {
        Language::En => (letters[0], '.'),
        Language::Ru => (letters[1], ','),
    };
    let tenths = tenths / divisor;
    let sign = if tenths < 0 { "−" } else { "" };
    let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
    if rest == 0 { format!("{sign}{whole}{letter}") } else { format!("{sign}{whole}{point}{rest}{letter}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers() {
        assert_eq!([1, 7, 40, 55_498, 100].map(nice_step), [1, 1, 10, 20_000, 50]);
        let told = |value, language| compact(value, 100, language);
        assert_eq!(told(2_000_000, Language::En), "20k");
        assert_eq!(told(150_000_000, Language::En), "1.5M");
        assert_eq!(told(150_000_000, Language::Ru), "1,5\u{a0}млн");
        assert_eq!(told(-500, Language::Ru), "−5");
        assert_eq!(told(0, Language::En), "0");
    }

    #[test]
    fn months_are_named_and_other_labels_are_not() {
        assert_eq!(month_name("2026", "05", Language::Ru), "май");
        assert_eq!(month_name("2026", "13", Language::En), "13");
        assert_eq!(month_name("May", "09", Language::En), "09");
    }

    #[test]
    fn what_a_shop_calls_its_points_stays_words() {
        let labels = ["<i>-<b>".to_owned()];
        let frame = Frame { title: "\"><script>", labels: &labels, unit: 1, language: Language::En };
        let told = vec!["5 </title><form action=x>".to_owned()];
        let series = || Series { name: "<u>", class: "a", values: vec![5], told: told.clone() };
        for svg in [bars(&frame, &series()), lines(&frame, &[series()])] {
            for tag in ["<script", "<form", "<i>", "<b>", "<u>"] {
                assert!(!svg.contains(tag), "{tag} in {svg}");
            }
        }
    }

    #[test]
    fn bars_of_nothing_and_of_negatives_can_be_drawn() {
        let months = ["2026-01".to_owned(), "2026-02".to_owned()];
        let frame = Frame { title: "t", labels: &months, unit: 1, language: Language::En };
        for values in [vec![0, 0], vec![-5, 10]] {
            let told = values.iter().map(i64::to_string).collect();
            let svg = bars(&frame, &Series { name: "n", class: "a", values, told });
            assert!(svg.matches("<rect").count() == 2 && !svg.contains("height=\"-"), "{svg}");
        }
    }
}
