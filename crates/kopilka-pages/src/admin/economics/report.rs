//! A replay's report inside the admin's frame: figures, plots, months, rows, what is taken for granted.
//!
//! Invariant: every figure is the report's own text, written as the page's language writes numbers; the one
//! thing reckoned here is the difference of two of them.

use super::run::Economics;
use crate::admin::reports::Plot;
use crate::frame::Frame;
use crate::words::Words;
use kopilka_core::words::Language;
use kopilka_sim::{Lang, MonthRow, Report};

/// A figure under one version or two.
pub struct Line {
    pub name: String,
    pub values: Vec<String>,
    /// Empty where there is one version, or nothing to subtract.
    pub difference: String,
    pub is_main: bool,
}

/// Months of one version.
pub struct Months {
    pub title: String,
    /// The month, and its figures.
    pub rows: Vec<(String, Vec<String>)>,
}

pub struct Reason {
    pub text: String,
    pub used: String,
    pub rows: String,
    pub amount: String,
}

/// The report in words.
pub struct Shown {
    pub about: String,
    pub names: Vec<String>,
    pub lines: Vec<Line>,
    pub plots: Vec<Plot>,
    pub months: Vec<Months>,
    /// Of rows: all, identified, returns, unidentified, other.
    pub rows: Vec<(String, String)>,
    pub reasons: Vec<Reason>,
    pub assumptions: Vec<String>,
    /// What a check of the books found, where it found something.
    pub violations: Vec<String>,
}

pub fn lang(language: Language) -> Lang {
    match language {
        Language::En => Lang::En,
        Language::Ru => Lang::Ru,
    }
}

/// A decimal text as a whole number and its decimals.
fn parsed(text: &str) -> Option<(i64, u32)> {
    let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    Some((digits.parse().ok()?, u32::try_from(decimals).ok()?))
}

/// A decimal text as the language writes it; what is no number stays as it is.
fn number(words: Words, text: &str) -> String {
    parsed(text).map_or_else(|| text.to_owned(), |(value, scale)| words.0.number(value, scale))
}

fn difference(words: Words, before: &str, after: &str) -> String {
    let (Some((before, scale)), Some((after, of_other))) = (parsed(before), parsed(after)) else {
        return String::new();
    };
    if scale != of_other {
        return String::new();
    }
    let difference = after.saturating_sub(before);
    let sign = if difference > 0 { "+" } else { "" };
    format!("{sign}{}", words.0.number(difference, scale))
}

type Of = fn(&Report) -> String;

fn percent(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

/// Figures by their words; whether it is one that people look for first.
const LINES: [(&str, Of, bool); 16] = [
    ("economics-cost-share", |r| percent(&r.cost.share_of_revenue_percent), true),
    ("economics-most-share", |r| percent(&r.cost.most_share_percent), true),
    ("economics-sales", |r| r.revenue.sales.clone(), false),
    ("economics-by-points", |r| r.cost.paid_by_points.clone(), false),
    ("economics-liability", |r| r.cost.liability.clone(), true),
    ("economics-net", |r| r.revenue.net.clone(), false),
    ("economics-issued", |r| r.points.issued.clone(), false),
    ("economics-spent", |r| r.points.spent.clone(), false),
    ("economics-come-back", |r| r.points.come_back.clone(), false),
    ("economics-expired", |r| r.points.expired.clone(), false),
    ("economics-revoked", |r| r.points.revoked.clone(), false),
    ("economics-outstanding", |r| r.points.outstanding.clone(), false),
    ("economics-redemption", |r| percent(&r.cost.redemption_rate_percent), false),
    ("economics-breakage", |r| percent(&r.cost.breakage_percent), false),
    ("economics-orders", |r| r.orders.to_string(), false),
    ("economics-spenders", |r| r.members_who_spent.to_string(), false),
];

fn lines(words: Words, reports: &[&Report]) -> Vec<Line> {
    let line = |(key, of, is_main): (&str, Of, bool)| {
        let raw: Vec<String> = reports.iter().map(|report| of(report)).collect();
        let value = |text: &String| match text.is_empty() {
            true => "—".to_owned(),
            false => number(words, text),
        };
        let difference = match &raw[..] {
            [before, after] => difference(words, before, after),
            _ => String::new(),
        };
        Line { name: words.say(key), values: raw.iter().map(value).collect(), difference, is_main }
    };
    LINES.into_iter().map(line).collect()
}

fn months(words: Words, title: &str, report: &Report) -> Months {
    let row = |month: &MonthRow| {
        let cells = [
            &month.orders.to_string(),
            &month.charged,
            &month.issued,
            &month.spent,
            &month.expired,
            &month.outstanding,
            &month.liability,
        ];
        (month.month.clone(), cells.iter().map(|cell| number(words, cell)).collect())
    };
    Months { title: title.to_owned(), rows: report.months.iter().map(row).collect() }
}

/// What a version is called.
pub fn named(words: Words, value: &str, version: u32) -> String {
    match value {
        "now" => words.say_with("beside-in-force", &[("value", &version.to_string())]),
        "draft" => words.say("beside-draft"),
        number => words.say_with("beside-version", &[("value", number)]),
    }
}

pub fn shown(frame: &Frame, economics: &Economics) -> Option<Shown> {
    let words = frame.words;
    let lang = lang(words.0);
    let reports: Vec<&Report> = economics.reported.iter().map(|one| one.report(lang)).collect();
    let first = *reports.first()?;
    let names: Vec<String> =
        economics.reported.iter().map(|one| named(words, &one.value, one.program.version)).collect();
    let plots = economics.drawn(&names, lang).into_iter().map(|drawn| Plot {
        title: match drawn.unit.is_empty() {
            true => drawn.title,
            false => format!("{}, {}", drawn.title, drawn.unit),
        },
        legend: drawn.legend,
        svg: drawn.svg,
    });
    let day = |text: &str| text.get(..10).unwrap_or(text).to_owned();
    let count = |n: u64| number(words, &n.to_string());
    let about = words.say_with(
        "economics-about-report",
        &[
            ("name", &economics.name),
            ("from", &day(&first.log.first)),
            ("to", &day(&first.log.last)),
            ("members", &count(first.members)),
            ("orders", &count(first.orders)),
            ("currency", &first.program.currency),
        ],
    );
    let rows = [
        ("economics-rows", first.rows.total),
        ("economics-rows-orders", first.rows.identified),
        ("economics-rows-returns", first.rows.returns),
        ("economics-rows-nobody", first.rows.unidentified),
        ("economics-rows-other", first.rows.other),
    ];
    let reasons = first.reasons.iter().map(|reason| Reason {
        text: reason.text.clone(),
        used: words.say(match reason.used {
            "no" => "economics-used-no",
            "in_part" => "economics-used-in-part",
            _ => "economics-used-otherwise",
        }),
        rows: count(reason.rows),
        amount: number(words, &reason.amount),
    });
    let checks = reports
        .iter()
        .flat_map(|report| [&report.identity.first_violation, &report.returned_everything.first_violation]);
    Some(Shown {
        about,
        lines: lines(words, &reports),
        plots: plots.collect(),
        months: names.iter().zip(&reports).map(|(name, report)| months(words, name, report)).collect(),
        rows: rows.into_iter().map(|(key, n)| (words.say(key), count(n))).collect(),
        reasons: reasons.collect(),
        assumptions: first.assumptions.clone(),
        violations: checks.flatten().cloned().collect(),
        names,
    })
}

/// Made up, with what a shop could write.
pub fn sample(frame: &Frame) -> Shown {
    let words = frame.words;
    let name = || words.say("beside-draft");
    let line = |is_main| Line {
        name: words.say("economics-cost-share"),
        values: vec!["1,20 %".to_owned(), "1,50 %".to_owned()],
        difference: "+0,30".to_owned(),
        is_main,
    };
    Shown {
        about: "<script>alert(1)</script>".to_owned(),
        names: vec![name(), name()],
        lines: vec![line(true), line(false)],
        plots: Vec::new(),
        months: vec![Months { title: name(), rows: vec![("2026-03".to_owned(), vec!["12".to_owned(); 7])] }],
        rows: vec![(words.say("economics-rows"), "1 200".to_owned())],
        reasons: vec![Reason {
            text: "<b>1</b>".to_owned(),
            used: words.say("economics-used-no"),
            rows: "3".to_owned(),
            amount: "300".to_owned(),
        }],
        assumptions: vec!["<i>2</i>".to_owned()],
        violations: vec!["<u>3</u>".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_the_language_writes_them_and_subtracted_exactly() {
        let (en, ru) = (Words(Language::En), Words(Language::Ru));
        assert_eq!(number(en, "1234567.80"), "1,234,567.80");
        assert_eq!(number(en, "-"), "-");
        assert_eq!(difference(en, "100.10", "99.90"), "−0.20");
        assert_eq!(difference(ru, "1.5", "2.6"), "+1,1");
        assert_eq!(difference(en, "1", "1"), "0");
        assert_eq!(difference(en, "1", "1.0"), "");
        assert_eq!(difference(en, "", "1"), "");
    }
}
