//! `/admin/reports/{name}`: what the owner, the accountant and the analyst look at, as a plot, a table and
//! files.
//!
//! Invariant: a report says what it has seen; what is counted over all purchases shows its age.

pub mod figures;
pub mod sheet;
pub mod tables;

use crate::admin::counting::{self, Counted};
use crate::answer::{Page, trouble};
use crate::frame::Frame;
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use figures::Figures;
use kopilka_core::measures::{Customers, DAYS_KEPT, DaySums};
use kopilka_core::points::Points;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_sim::plot::{self, Series};
use kopilka_web::problem::Problem;
use sheet::Sheet;
use std::collections::BTreeMap;

/// Months of a plot: what a phone can show.
const PLOT_MONTHS: usize = 24;

pub struct Tab {
    pub name: &'static str,
    pub label: String,
    pub is_here: bool,
}

/// A plot with the names of its lines.
pub struct Plot {
    pub title: String,
    pub legend: Vec<(&'static str, String)>,
    pub svg: String,
}

#[derive(Template)]
#[template(path = "admin/reports.html")]
pub struct ReportsPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub about: String,
    pub sheet: Sheet,
    pub plots: Vec<Plot>,
    /// When it was counted, in words; none for what is always fresh.
    pub counted: Option<String>,
    pub can_count: bool,
}

impl ReportsPage {
    fn of(frame: Frame, sheet: Sheet, plots: Vec<Plot>, counted: Option<String>) -> ReportsPage {
        let tab = |name: &'static str| Tab {
            name,
            label: frame.say(&format!("report-{name}")),
            is_here: name == sheet.name,
        };
        let about = frame.say(&format!("report-{}-about", sheet.name));
        let can_count = counted.is_some() || sheet.rows.is_empty();
        ReportsPage {
            tabs: tables::NAMES.into_iter().map(tab).collect(),
            about,
            sheet,
            plots,
            counted,
            can_count,
            frame,
        }
    }
    pub fn sample(language: Language) -> ReportsPage {
        let frame = Frame::sample(language);
        let sheet = Sheet {
            name: "activity",
            title: frame.say("report-activity"),
            columns: vec![frame.say("report-month"), frame.say("report-buyers")],
            rows: vec![vec![
                sheet::Cell::Text(format!("{} 2026", frame.say("month-3"))),
                sheet::Cell::Number { value: 1_234, scale: 0, shown: frame.words.whole(1_234) },
            ]],
            total: vec![sheet::Cell::Text(frame.say("report-total")), sheet::Cell::Empty],
        };
        ReportsPage::of(frame, sheet, Vec::new(), Some("2026-03-01".to_owned()))
    }
    pub fn sample_empty(language: Language) -> ReportsPage {
        let frame = Frame::sample(language);
        let sheet = Sheet { name: "cohorts", title: frame.say("report-cohorts"), ..Sheet::default() };
        ReportsPage::of(frame, sheet, Vec::new(), None)
    }
}

pub fn figures(office: &Office) -> Figures {
    Figures { shown: Shown::of(&office.desk), words: Words(office.visit.look.language) }
}

/// What a report is made of.
struct Made {
    sheet: Sheet,
    plots: Vec<Plot>,
    counted: Option<Instant>,
}

async fn made(office: &Office, name: &str) -> Result<Made, Response> {
    let f = figures(office);
    let service = &office.desk.app.service;
    let program = office.desk.program_id();
    match name {
        "points" => {
            let days = days(office, DAYS_KEPT * 2).await?;
            let plots = vec![points_plot(&f, &tables::by_month(&days))];
            Ok(Made { sheet: tables::points(&f, &days), plots, counted: None })
        }
        "liability" => {
            let report = service.liability_report(program).await.map_err(trouble)?;
            let plots = vec![liability_plot(&f, &report.months)];
            Ok(Made { sheet: tables::liability(&f, &report.months), plots, counted: None })
        }
        "activity" | "cohorts" | "customers" => {
            let report = service.customers_report(program).await.map_err(trouble)?;
            let counted = report.as_ref().map(|report| report.customers.at);
            let customers = report.map(|report| report.customers).unwrap_or_default();
            let (sheet, plots) = match name {
                "activity" => (tables::activity(&f, &customers), vec![buyers_plot(&f, &customers)]),
                "cohorts" => (tables::cohorts(&f, &customers), Vec::new()),
                _ => (tables::customers(&f, &customers), Vec::new()),
            };
            Ok(Made { sheet, plots, counted })
        }
        _ => Err(Problem::of("route_unknown").into_response()),
    }
}

/// Sums of so many last days.
pub async fn days(office: &Office, back: i32) -> Result<BTreeMap<i32, DaySums>, Response> {
    let desk = &office.desk;
    let today = desk.program.zone.day_of(desk.now);
    let from = today.plus_days(-back);
    let report = desk.app.service.days_report(desk.program_id(), from, today).await.map_err(trouble)?;
    Ok(report.days)
}

pub async fn first(_office: Office) -> Response {
    back_to("/admin/reports/activity")
}

pub async fn page(office: Office, Path(name): Path<String>) -> Result<Response, Response> {
    if let Some((name, kind)) = name.split_once('.') {
        let made = made(&office, name).await?;
        return match kind {
            "csv" => Ok(made.sheet.csv()),
            "xlsx" => Ok(made.sheet.xlsx()),
            _ => Err(Problem::of("route_unknown").into_response()),
        };
    }
    let made = made(&office, &name).await?;
    let frame = Frame::of(&office.visit, Some(Section::Reports));
    let shown = Shown::of(&office.desk);
    let counted = made.counted.map(|at| shown.moment(at));
    let plots = if made.sheet.rows.is_empty() { Vec::new() } else { made.plots };
    Ok(Page(ReportsPage::of(frame, made.sheet, plots, counted)).into_response())
}

/// Counts over all purchases now, instead of when it is their turn.
pub async fn count(office: Office, posted: Posted) -> Result<Response, Response> {
    let program = office.desk.program_id();
    if counting::is_due(&office.desk, Counted::Customers) {
        office.desk.app.service.count_customers(program).await.map_err(trouble)?;
    }
    let name = tables::NAMES.into_iter().find(|name| *name == posted.text("report")).unwrap_or("activity");
    Ok(back_to(&format!("/admin/reports/{name}?done=counted")))
}

fn month_label(month: i32) -> String {
    let (year, month) = kopilka_core::measures::calendar(month);
    format!("{year}-{month:02}")
}

/// A line of a plot by its words and values, told as the figures say them.
fn series<'a>(name: &'a str, class: &'a str, values: Vec<i64>, told: Vec<String>) -> Series<'a> {
    Series { name, class, values, told }
}

fn axes<'a>(f: &Figures, title: &'a str, labels: &'a [String], unit: i64) -> plot::Frame<'a> {
    plot::Frame { title, labels, unit, language: f.words.0 }
}

pub fn points_plot(f: &Figures, months: &BTreeMap<i32, DaySums>) -> Plot {
    let last: Vec<(&i32, &DaySums)> =
        months.iter().rev().take(PLOT_MONTHS).collect::<Vec<_>>().into_iter().rev().collect();
    let labels: Vec<String> = last.iter().map(|(month, _)| month_label(**month)).collect();
    let names = ["report-issued", "report-spent", "report-burnt"].map(|key| f.words.say(key));
    let of = |pick: fn(&DaySums) -> Points| -> (Vec<i64>, Vec<String>) {
        last.iter().map(|(_, sums)| (pick(sums).0, f.shown.amount(pick(sums)))).unzip()
    };
    let (issued, told_issued) = of(|sums| sums.points.issued);
    let (spent, told_spent) = of(|sums| sums.points.spent - sums.points.come_back);
    let (burnt, told_burnt) = of(|sums| sums.points.expired - sums.points.regranted);
    let all = [
        series(&names[0], "a", issued, told_issued),
        series(&names[1], "b", spent, told_spent),
        series(&names[2], "c", burnt, told_burnt),
    ];
    let title = f.words.say("report-points");
    let axes = axes(f, &title, &labels, 10_i64.pow(f.shown.program.points.precision));
    let svg = plot::lines(&axes, &all);
    Plot { legend: ["a", "b", "c"].into_iter().zip(names).collect(), svg, title }
}

pub fn liability_plot(f: &Figures, months: &[(i64, Points)]) -> Plot {
    let dated = || months.iter().filter(|(month, _)| *month != 0).take(PLOT_MONTHS);
    let labels: Vec<String> =
        dated().map(|(month, _)| format!("{}-{:02}", month / 100, month % 100)).collect();
    let title = f.words.say("report-liability-plot");
    let values = dated().map(|(_, points)| points.0).collect();
    let told = dated().map(|(_, points)| f.shown.points(*points)).collect();
    let axes = axes(f, &title, &labels, 10_i64.pow(f.shown.program.points.precision));
    let svg = plot::bars(&axes, &series("", "a", values, told));
    Plot { legend: Vec::new(), svg, title }
}

pub fn buyers_plot(f: &Figures, customers: &Customers) -> Plot {
    let all: Vec<_> = customers.months.iter().rev().take(PLOT_MONTHS).collect();
    let months: Vec<_> = all.into_iter().rev().collect();
    let labels: Vec<String> = months.iter().map(|(month, _)| month_label(**month)).collect();
    let names = ["report-buyers", "report-repeat"].map(|key| f.words.say(key));
    let values = |pick: fn(&kopilka_core::measures::MonthBought) -> u32| -> (Vec<i64>, Vec<String>) {
        months.iter().map(|(_, of)| (i64::from(pick(of)), f.words.whole(pick(of).into()))).unzip()
    };
    let (buyers, told_buyers) = values(|of| of.bought.buyers);
    let (repeat, told_repeat) = values(|of| of.repeat);
    let title = f.words.say("report-activity-plot");
    let axes = axes(f, &title, &labels, 1);
    let lines = [series(&names[0], "a", buyers, told_buyers), series(&names[1], "b", repeat, told_repeat)];
    let svg = plot::lines(&axes, &lines);
    Plot { legend: ["a", "b"].into_iter().zip(names).collect(), svg, title }
}
