//! `/admin`: is the program healthy.

use super::reports::figures::{Figures, change};
use super::reports::{Plot, buyers_plot, days, figures, liability_plot, points_plot, tables};
use crate::answer::{Page, trouble};
use crate::frame::Frame;
use crate::sections::{self, Section};
use crate::visit::{Office, Visit};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::measures::{Bought, Customers, DAYS_KEPT, DaySums};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::words::Language;
use kopilka_web::scopes::{Scope, granted};
use std::collections::BTreeMap;

/// What is compared with the same stretch before it.
const STRETCH_DAYS: i32 = 30;

/// One figure with what it was before.
pub struct Figure {
    pub label: String,
    pub value: String,
    /// Whether it grew, and by how much.
    pub change: Option<(bool, String)>,
    pub note: String,
    pub is_main: bool,
}

#[derive(Template)]
#[template(path = "admin/home.html")]
pub struct HomePage {
    pub frame: Frame,
    pub figures: Vec<Figure>,
    pub plots: Vec<Plot>,
    /// Nothing was bought yet.
    pub is_new: bool,
    /// Where this role goes from here.
    pub goals: Vec<(&'static str, String)>,
}

impl HomePage {
    pub fn sample(language: Language) -> HomePage {
        let frame = Frame::sample(language);
        let figure = Figure {
            label: frame.say("home-owed"),
            value: "1 204 500".to_owned(),
            change: Some((true, "+4 %".to_owned())),
            note: frame.say("home-against"),
            is_main: true,
        };
        let plot = Plot {
            title: frame.say("report-points"),
            legend: vec![("a", frame.say("report-issued"))],
            svg: String::new(),
        };
        HomePage { figures: vec![figure], plots: vec![plot], is_new: true, goals: goals(&frame), frame }
    }
    pub fn sample_without_program(language: Language) -> HomePage {
        let frame = Frame { program: None, ..Frame::sample(language) };
        HomePage { frame, figures: Vec::new(), plots: Vec::new(), is_new: false, goals: Vec::new() }
    }
}

fn goals(frame: &Frame) -> Vec<(&'static str, String)> {
    let all = frame.ways.iter().flat_map(|ways| &ways.list).filter(|way| way.address != "/admin");
    all.map(|way| (way.address, way.label.clone())).collect()
}

pub async fn page(visit: Visit) -> Result<Response, Response> {
    let frame = Frame::of(&visit, Some(Section::Home));
    let goals = goals(&frame);
    let (Some(session), Some(desk)) = (visit.session.clone(), visit.desk.clone()) else {
        let page = HomePage { frame, figures: Vec::new(), plots: Vec::new(), is_new: false, goals };
        return Ok(Page(page).into_response());
    };
    // Figures are for those who read reports; others find their ways here.
    let may_read = session.role.is_some_and(|role| sections::is_open(Section::Reports, role));
    if !may_read || !granted(&desk.caller.scopes, Scope::ReportsRead) {
        let page = HomePage { frame, figures: Vec::new(), plots: Vec::new(), is_new: false, goals };
        return Ok(Page(page).into_response());
    }
    let office = Office { visit, desk, session };
    let f = figures(&office);
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let days = days(&office, DAYS_KEPT).await?;
    let customers = service.customers_report(program).await.map_err(trouble)?;
    let customers = customers.map(|report| report.customers).unwrap_or_default();
    let liability = service.liability_report(program).await.map_err(trouble)?.months;
    let today = office.desk.program.zone.day_of(office.desk.now).number();
    let shown = all_figures(&f, today, &days, &customers, &liability);
    let is_new = customers.orders == 0 && days.values().all(|sums| sums.orders == 0);
    let plots = match is_new {
        true => Vec::new(),
        false => vec![
            points_plot(&f, &tables::by_month(&days)),
            buyers_plot(&f, &customers),
            liability_plot(&f, &liability),
        ],
    };
    Ok(Page(HomePage { frame, figures: shown, plots, is_new, goals: Vec::new() }).into_response())
}

/// Sums of a stretch of days that ends with `last`.
fn stretch(days: &BTreeMap<i32, DaySums>, last: i32) -> DaySums {
    let mut all = DaySums::default();
    for (_, sums) in days.range(last - STRETCH_DAYS + 1..=last) {
        all.join(sums);
    }
    all
}

fn bought(customers: &Customers, last: i32) -> Bought {
    customers.days.range(last - STRETCH_DAYS + 1..=last).fold(Bought::default(), |mut all, (_, day)| {
        all.orders += day.orders;
        all.money += day.money;
        all
    })
}

fn all_figures(
    f: &Figures,
    today: i32,
    days: &BTreeMap<i32, DaySums>,
    customers: &Customers,
    liability: &[(i64, Points)],
) -> Vec<Figure> {
    let (now, before) = (stretch(days, today), stretch(days, today - STRETCH_DAYS));
    let (buys, bought_before) = (bought(customers, today), bought(customers, today - STRETCH_DAYS));
    let owed: Points = liability.iter().map(|(_, points)| *points).sum();
    let figure = |label: &str, value: String, change: Option<(bool, String)>, note: &str| Figure {
        label: f.words.say(label),
        value,
        note: f.words.say(if change.is_some() { "home-against" } else { note }),
        change,
        is_main: false,
    };
    let against = |now: i64, before: i64| change(f.words, now, before);
    let spent = |sums: &DaySums| sums.points.spent - sums.points.come_back;
    let burnt = |sums: &DaySums| sums.points.expired - sums.points.regranted;
    let worth: Money = f.shown.program.points.worth(owed);
    vec![
        Figure {
            is_main: true,
            note: f.words.say_with("home-worth", &[("value", &f.shown.money(worth))]),
            ..figure("home-owed", f.shown.amount(owed), None, "home-stretch")
        },
        figure("home-orders", f.words.whole(now.orders), against(now.orders, before.orders), "home-stretch"),
        figure(
            "home-money",
            f.shown.money(buys.money),
            against(buys.money.0, bought_before.money.0),
            "home-stretch",
        ),
        figure(
            "home-repeat",
            f.share(customers.repeat.into(), customers.members.into()).shown().to_owned(),
            None,
            "home-ever",
        ),
        figure(
            "home-issued",
            f.shown.amount(now.points.issued),
            against(now.points.issued.0, before.points.issued.0),
            "home-stretch",
        ),
        figure(
            "home-spent",
            f.shown.amount(spent(&now)),
            against(spent(&now).0, spent(&before).0),
            "home-stretch",
        ),
        figure(
            "home-burnt",
            f.shown.amount(burnt(&now)),
            against(burnt(&now).0, burnt(&before).0),
            "home-stretch",
        ),
        figure(
            "home-registered",
            f.words.whole(now.members),
            against(now.members, before.members),
            "home-stretch",
        ),
    ]
}
