//! `/admin/settings/clock`: the time of a trial program, moved on to see what comes.
//!
//! Invariant: a step says to which moment, so a form that is sent twice moves the clock once.

use super::{Tab, tabs};
use crate::act::may;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::EntryId;
use kopilka_core::time::{Instant, Period};
use kopilka_core::words::Language;
use kopilka_web::api::clock::get::movable;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use std::collections::BTreeMap;

/// Entries of the journal that are counted after a step: a quick look, and more is told as more.
const ENTRIES_MAX: usize = 2_000;

/// Steps of the clock, by the words of the form.
const STEPS: [(&str, Period); 4] = [
    ("day", Period::Days(1)),
    ("week", Period::Days(7)),
    ("month", Period::Months(1)),
    ("year", Period::Months(12)),
];

/// A step and the moment that it leads to.
pub struct Step {
    pub to: String,
    pub label: String,
    pub shown: String,
}

/// What a step brought: events by their kind.
pub struct Brought {
    pub lines: Vec<(String, &'static str, String)>,
    pub from: Option<String>,
    pub more: bool,
}

#[derive(Template)]
#[template(path = "admin/clock.html")]
pub struct ClockPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub now: String,
    pub zone: String,
    pub movable: bool,
    pub steps: Vec<Step>,
    pub brought: Option<Brought>,
    /// What was typed, where it came back.
    pub to: String,
}

impl ClockPage {
    pub fn sample(language: Language) -> ClockPage {
        let frame = Frame::sample(language);
        let step = |name: &str| Step {
            to: "2026-03-02T10:00:00Z".to_owned(),
            label: frame.say(&format!("clock-{name}")),
            shown: "2.03.2026, 13:00".to_owned(),
        };
        ClockPage {
            tabs: tabs(frame.words, "/admin/settings/clock", true),
            now: "1.03.2026, 13:00".to_owned(),
            zone: "Europe/Moscow".to_owned(),
            movable: true,
            steps: vec![step("day"), step("month")],
            brought: Some(Brought {
                lines: vec![(kind_label(frame.words, "points.expired"), "points.expired", "12".to_owned())],
                from: Some("1.02.2026".to_owned()),
                more: true,
            }),
            to: "\"><script>alert(1)</script>".to_owned(),
            frame,
        }
    }
    pub fn sample_live(language: Language) -> ClockPage {
        ClockPage { movable: false, steps: Vec::new(), brought: None, ..ClockPage::sample(language) }
    }
}

/// What a kind of event is called, where it is one that time brings; others by their own name.
fn kind_label(words: Words, kind: &str) -> String {
    let key = format!("brought-{}", kind.replace(['.', '_'], "-"));
    words.say_if_known(&key).unwrap_or_else(|| words.say("brought-other"))
}

async fn drawn(office: &Office, frame: Frame) -> Result<ClockPage, Response> {
    let desk = &office.desk;
    let (shown, zone) = (Shown::of(desk), &desk.program.zone);
    let step = |(name, period): (&str, Period)| {
        let to = zone.plus(desk.now, period);
        let label = frame.say(&format!("clock-{name}"));
        Step { to: to.to_string(), label, shown: shown.moment(to) }
    };
    let movable = movable(desk);
    let since = asked(&office.visit.path, "since").and_then(|text| text.parse::<i64>().ok());
    let brought = match since.filter(|_| movable) {
        Some(entry) => Some(brought(office, frame.words, &shown, EntryId(entry)).await?),
        None => None,
    };
    Ok(ClockPage {
        tabs: tabs(frame.words, "/admin/settings/clock", may(desk, Scope::MessagesManage)),
        now: shown.moment(desk.now),
        zone: zone.name().to_owned(),
        steps: if movable { STEPS.map(step).into_iter().collect() } else { Vec::new() },
        movable,
        brought,
        to: String::new(),
        frame,
    })
}

/// What stands in the journal after an entry, by kind.
async fn brought(office: &Office, words: Words, shown: &Shown, after: EntryId) -> Result<Brought, Response> {
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let page = service.events_after(program, after, ENTRIES_MAX).await;
    let page = page.map_err(|error| office.desk.failed(error).into_response())?;
    let mut kinds: BTreeMap<&'static str, i64> = BTreeMap::new();
    for event in &page.events {
        *kinds.entry(event.kind).or_default() += 1;
    }
    let from = asked(&office.visit.path, "from").and_then(|text| Instant::parse(&text));
    let line = |(kind, count): (&'static str, i64)| (kind_label(words, kind), kind, words.whole(count));
    Ok(Brought {
        lines: kinds.into_iter().map(line).collect(),
        from: from.map(|at| shown.moment(at)),
        more: page.more,
    })
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Settings));
    Ok(Page(drawn(&office, frame).await?).into_response())
}

/// `POST /admin/settings/clock`: to the moment of a step, or to one of one's own.
pub async fn set(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let typed = posted.some("step").or_else(|| posted.some("to")).unwrap_or_default();
    let problem = match desk.program.zone.parse_local(typed) {
        None => Problem::of("invalid_date"),
        Some(to) => {
            let newest =
                desk.read(|reader| reader.newest_entry()).await.map_err(IntoResponse::into_response)?;
            match desk.app.service.set_clock(desk.program_id(), to).await {
                Ok(_) => {
                    let goal = "/admin/settings/clock?done=clock";
                    return Ok(back_to(&format!("{goal}&since={}&from={}", newest.0, desk.now)));
                }
                Err(error) => desk.failed(error),
            }
        }
    };
    if problem.status.is_server_error() {
        return Err(problem.into_response());
    }
    let said = desk.language.of(&problem.detail).to_owned();
    let frame = Frame::of(&office.visit, Some(Section::Settings)).with_notice(Tone::Bad, said);
    let page = ClockPage { to: posted.text("to").to_owned(), ..drawn(&office, frame).await? };
    Ok(again(page, problem.code))
}
