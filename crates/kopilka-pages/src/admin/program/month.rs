//! `/admin/program/month`: what the draft, or another version, would have done with the shop's own orders of
//! late, beside what is in force.
//!
//! Invariant: nothing is reckoned here: the engine decides each order under both versions
//! (`kopilka_sim::Beside`), and this puts what came out into words.

mod run;
mod tables;

use super::problems::{self, Said};
use super::work;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::long_work::{LongWork, Seen};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::{Program, document};
use kopilka_core::words::Language;
use kopilka_web::api::program::versions::{numbered, rows};
use kopilka_web::problem::Problem;
use run::{Asked, Month, Tried};
use std::time::Duration;
use tables::{Act, Change, Row};

/// Spans that can be asked for.
const DAYS: [i32; 4] = [7, 30, 90, 365];
/// The one that is asked for where nothing else is.
const DAYS_FIRST: i32 = 30;
/// What came out is looked at within the hour, and is counted again in seconds.
const KEPT: Duration = Duration::from_secs(3_600);
/// Each keeps two programs and some sums: fewer than fill a page of the memory's figures.
const MONTHS_MAX: usize = 64;
/// A small shop's orders are replayed before somebody would see a page that waits.
const BRIEF: Duration = Duration::from_millis(1_500);
/// A page of work that runs is loaded again after so many seconds, without a script.
pub const AGAIN: (&str, &str) = ("refresh", "1");

type Came = Result<Month, Problem>;

static MONTHS: LongWork<Came> = LongWork::new(KEPT, MONTHS_MAX);

/// A choice of the form.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_here: bool,
}

/// What came out, in words.
#[derive(Default)]
pub struct Outcome {
    /// What was replayed, over which days.
    pub about: String,
    pub notes: Vec<String>,
    /// The headings of the two columns.
    pub before: String,
    pub after: String,
    pub figures: Vec<Row>,
    pub rules: Vec<Act>,
    pub discounts: Vec<Act>,
    pub changed: String,
    pub changes: Vec<Change>,
}

#[derive(Template)]
#[template(path = "admin/program_month.html")]
pub struct MonthPage {
    pub frame: Frame,
    pub what: Vec<Choice>,
    pub days: Vec<Choice>,
    /// Orders replayed, and of how many.
    pub running: Option<(u64, u64)>,
    pub problems: Vec<Said>,
    pub outcome: Option<Outcome>,
}

impl MonthPage {
    pub fn sample(language: Language) -> MonthPage {
        let frame = Frame::sample(language);
        let choice = |value: &str, label: String| Choice { value: value.to_owned(), label, is_here: true };
        MonthPage {
            what: vec![choice("draft", frame.say("beside-draft"))],
            days: vec![choice("30", frame.words.say_n("beside-days-n", 30))],
            running: None,
            problems: Vec::new(),
            outcome: Some(tables::sample(&frame)),
            frame,
        }
    }
    pub fn sample_running(language: Language) -> MonthPage {
        MonthPage { running: Some((1_200, 5_000)), outcome: None, ..MonthPage::sample(language) }
    }
}

async fn drawn(office: &Office, frame: Frame, asks: (&str, i32)) -> Result<MonthPage, Problem> {
    let desk = &office.desk;
    let (what, days) = asks;
    let work = work::work(desk).await?;
    let mut choices = Vec::new();
    if work.is_draft() {
        let label = frame.say("beside-draft");
        choices.push(Choice { value: "draft".to_owned(), label, is_here: what == "draft" });
    }
    // In force alone has nothing to be compared with.
    for row in rows(desk).await?.into_iter().filter(|row| row.version != desk.program.version) {
        let value = row.version.to_string();
        let label = frame.words.say_with("beside-version", &[("value", &value)]);
        choices.push(Choice { is_here: value == what, value, label });
    }
    let span = |n: i32| Choice {
        value: n.to_string(),
        label: frame.words.say_n("beside-days-n", i64::from(n)),
        is_here: n == days,
    };
    let mut page = MonthPage {
        what: choices,
        days: DAYS.map(span).into(),
        running: None,
        problems: Vec::new(),
        outcome: None,
        frame,
    };
    let failed = |problem: &Problem| (Tone::Bad, desk.language.of(&problem.detail).to_owned());
    match MONTHS.seen((desk.program_id().0, 0)) {
        Seen::Nothing => {}
        Seen::Running { done, of } => page.running = Some((done, of.max(1))),
        Seen::Died => page.frame.notice = Some(failed(&Problem::of("page_failed"))),
        Seen::Done(came) => match &*came {
            Err(problem) => page.frame.notice = Some(failed(problem)),
            Ok(month) => {
                let is_old = match month.tried {
                    Tried::Draft(revision) => revision != work.revision,
                    Tried::Version(_) => false,
                };
                let is_old = is_old || month.version != desk.program.version;
                page.outcome = Some(tables::outcome(office, &page.frame, month, is_old));
            }
        },
    }
    Ok(page)
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Program));
    let what = asked(&office.visit.path, "what").unwrap_or_default();
    let days = asked(&office.visit.path, "days").and_then(|days| days.parse().ok());
    let page = drawn(&office, frame, (&what, days.unwrap_or(DAYS_FIRST))).await;
    let page = page.map_err(IntoResponse::into_response)?;
    Ok(match page.running {
        Some(_) => ([AGAIN], Page(page)).into_response(),
        None => Page(page).into_response(),
    })
}

/// The version that is to be tried; what is said where there is none.
async fn tried(office: &Office, what: &str) -> Result<(Tried, Program), (String, Vec<Said>, &'static str)> {
    let desk = &office.desk;
    let words = crate::Words(desk.language);
    let of_problem =
        |problem: Problem| (desk.language.of(&problem.detail).to_owned(), Vec::new(), problem.code);
    let (tried, text) = match what.parse::<u32>() {
        Ok(number) => (Tried::Version(number), numbered(desk, number).await.map_err(of_problem)?.text),
        Err(_) if what == "draft" => {
            let work = work::work(desk).await.map_err(of_problem)?;
            if !work.is_draft() {
                return Err((words.say("beside-no-draft"), Vec::new(), "draft_unknown"));
            }
            (Tried::Draft(work.revision), work.text)
        }
        Err(_) => return Err((words.say("beside-choose"), Vec::new(), "version_unknown")),
    };
    let compiled = tokio::task::spawn_blocking(move || document::compile(&text)).await;
    let Ok(compiled) = compiled else {
        return Err((words.say("beside-has-errors"), Vec::new(), "document_invalid"));
    };
    let Some(program) = compiled.program else {
        let mut said = problems::said(&compiled.diagnostics, words);
        said.retain(|said| said.tone == "bad");
        return Err((words.say("beside-has-errors"), said, "document_invalid"));
    };
    let units = |p: &Program| (p.currency, p.points.precision);
    if units(&program) != units(&desk.program) {
        return Err((words.say("beside-other-units"), Vec::new(), "units_differ"));
    }
    Ok((tried, program))
}

/// Begins a comparison, and waits a moment for it.
pub async fn begin(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let what = posted.text("what").to_owned();
    let days = posted.text("days").parse().ok().filter(|days| DAYS.contains(days)).unwrap_or(DAYS_FIRST);
    let (tried, program) = match tried(&office, &what).await {
        Ok(tried) => tried,
        Err((text, said, code)) => {
            let frame = Frame::of(&office.visit, Some(Section::Program));
            let page = drawn(&office, frame, (&what, days)).await;
            let mut page = page.map_err(IntoResponse::into_response)?;
            page.frame.notice = Some((Tone::Bad, text));
            page.problems = said;
            return Ok(again(page, code));
        }
    };
    // One at a time for each program: who asks meanwhile is shown the one that runs.
    if let Some(ticket) = MONTHS.begin((desk.program_id().0, 0)) {
        let programs = [(*desk.program).clone(), program];
        let asked = Asked { desk: desk.clone(), tried, programs, days };
        let work = tokio::spawn(async move {
            let came = run::run(asked, &ticket.way).await;
            ticket.finish(came);
        });
        // What takes longer goes on without whoever asked.
        let _ = tokio::time::timeout(BRIEF, work).await;
    }
    let what = crate::act::in_address(&what);
    Ok(back_to(&format!("/admin/program/month?what={what}&days={days}")))
}

fn shown(office: &Office, frame: &Frame) -> Shown {
    Shown { program: office.desk.program.clone(), language: frame.words.0 }
}
