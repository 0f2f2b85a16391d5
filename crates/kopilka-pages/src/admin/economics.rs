//! `/admin/economics`: a shop's own history from a file, replayed under one version of the rules or two.
//!
//! Invariant: the replay is that of the command line; the file and what came of it belong to whoever uploaded
//! it, and are gone within the hour.

mod columns;
mod history;
mod report;
mod run;

use super::imports::columns::sheet_words;
use super::program::work;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::long_work::{Key, LongWork, Seen};
use crate::posted::Posted;
use crate::sections::Section;
use crate::upload::Upload;
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use columns::{ASKED, Chosen};
use history::History;
use kopilka_core::program::{Program, document};
use kopilka_core::words::Language;
use kopilka_sim::Spend;
use kopilka_web::api::program::versions::{numbered, rows};
use kopilka_web::problem::Problem;
use report::Shown;
use run::{Asked, Economics, Named, ROWS_MAX, Wrong};
use std::sync::Arc;
use std::time::Duration;

/// What came out is kept a little longer than the file it came from.
const KEPT: Duration = Duration::from_secs(3_600);
/// Reports of all people at once: each is some hundred lines of figures.
const REPORTS_MAX: usize = 64;
const BRIEF: Duration = Duration::from_millis(1_500);
const HOME: &str = "/admin/economics";

type Came = Option<Result<Economics, Wrong>>;

static REPLAYS: LongWork<Came> = LongWork::new(KEPT, REPORTS_MAX);

/// A list to choose one of.
pub struct Pick {
    pub name: String,
    pub label: String,
    /// Value, words, whether it is chosen.
    pub options: Vec<(String, String, bool)>,
}

/// The history that lies here.
pub struct Lies {
    pub about: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// A log that is recognised, and whether it is taken as such.
    pub known: Option<(String, bool)>,
    pub columns: Vec<Pick>,
    pub zone: String,
    pub returns: Pick,
    pub prefix: String,
    pub spend: Pick,
    pub welcome: bool,
    pub first: Pick,
    pub second: Pick,
}

#[derive(Template)]
#[template(path = "admin/economics.html")]
pub struct EconomicsPage {
    pub frame: Frame,
    pub lies: Option<Lies>,
    pub running: Option<(u64, u64)>,
    pub shown: Option<Shown>,
}

impl EconomicsPage {
    pub fn sample(language: Language) -> EconomicsPage {
        let frame = Frame::sample(language);
        let pick = |name: &str, key: &str| Pick {
            name: name.to_owned(),
            label: frame.say(key),
            options: vec![("0".to_owned(), "\"><script>alert(1)</script>".to_owned(), true)],
        };
        let lies = Lies {
            about: "<script>.csv".to_owned(),
            header: vec!["<b>".to_owned()],
            rows: vec![vec!["<i>1</i>".to_owned()]],
            known: Some(("<b>".to_owned(), true)),
            columns: ASKED.iter().map(|f| pick(f, &format!("economics-column-{f}"))).collect(),
            zone: "\"><script>".to_owned(),
            returns: pick("returns", "economics-returns"),
            prefix: "\"><script>".to_owned(),
            spend: pick("spend", "economics-spend"),
            welcome: true,
            first: pick("first", "economics-first"),
            second: pick("second", "economics-second"),
        };
        let shown = Some(report::sample(&frame));
        EconomicsPage { lies: Some(lies), running: None, shown, frame }
    }
    pub fn sample_empty(language: Language) -> EconomicsPage {
        EconomicsPage { frame: Frame::sample(language), lies: None, running: Some((1, 2)), shown: None }
    }
}

fn key(office: &Office) -> Key {
    (office.desk.program_id().0, office.session.info.operator.id.0)
}

fn pick(words: Words, name: &str, chosen: &str, options: &[(&str, &str)]) -> Pick {
    let option = |(value, key): &(&str, &str)| ((*value).to_owned(), words.say(key), *value == chosen);
    Pick {
        name: name.to_owned(),
        label: words.say(&format!("economics-{name}")),
        options: options.iter().map(option).collect(),
    }
}

const SPENDS: [(&str, &str); 3] =
    [("max", "economics-spend-max"), ("half", "economics-spend-half"), ("never", "economics-spend-never")];
const RETURNS: [(&str, &str); 3] = [
    ("negative", "economics-returns-negative"),
    ("prefix", "economics-returns-prefix"),
    ("none", "economics-returns-none"),
];

fn lies(words: Words, history: &History, chosen: &Chosen, versions: &[(String, String)]) -> Lies {
    let column = |field: &&'static str| {
        let own = chosen.column(field);
        let mut options = vec![(String::new(), words.say("economics-column-none"), own.is_none())];
        options.extend(
            history.header.iter().zip(0..).map(|(name, at)| (at.to_string(), name.clone(), own == Some(at))),
        );
        Pick {
            name: format!("column-{field}"),
            label: words.say(&format!("economics-column-{field}")),
            options,
        }
    };
    let version = |name: &str, chosen: &str, none: bool| {
        let all = versions.iter().map(|(value, label)| (value.clone(), label.clone(), value == chosen));
        let none = none.then(|| (String::new(), words.say("economics-alone"), chosen.is_empty()));
        Pick {
            name: name.to_owned(),
            label: words.say(&format!("economics-{name}")),
            options: none.into_iter().chain(all).collect(),
        }
    };
    let kilobytes = history.bytes().div_ceil(1_024);
    let values = [
        ("name", history.name().to_owned()),
        ("size", words.whole(i64::try_from(kilobytes).unwrap_or(i64::MAX))),
        ("minutes", words.whole(i64::try_from(history.minutes_left()).unwrap_or(0))),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Lies {
        about: words.say_with("economics-lies", &values),
        header: history.header.clone(),
        rows: history.rows.clone(),
        known: history.known.as_ref().map(|map| (map.name.clone(), chosen.as_known)),
        columns: ASKED.iter().map(column).collect(),
        zone: chosen.zone.clone(),
        returns: pick(words, "returns", &chosen.returns, &RETURNS),
        prefix: chosen.prefix.clone(),
        spend: pick(words, "spend", &chosen.spend, &SPENDS),
        welcome: chosen.welcome,
        first: version("first", &chosen.first, false),
        second: version("second", &chosen.second, true),
    }
}

/// What can be replayed: the version in force, the draft, the others.
async fn versions(office: &Office, words: Words) -> Result<Vec<(String, String)>, Problem> {
    let desk = &office.desk;
    let mut values = vec!["now".to_owned()];
    if work::work(desk).await?.is_draft() {
        values.push("draft".to_owned());
    }
    let others = rows(desk).await?.into_iter().filter(|row| row.version != desk.program.version);
    values.extend(others.map(|row| row.version.to_string()));
    let named = |value: String| (value.clone(), report::named(words, &value, desk.program.version));
    Ok(values.into_iter().map(named).collect())
}

async fn drawn(office: &Office, mut frame: Frame, chosen: Option<Chosen>) -> Result<EconomicsPage, Response> {
    let words = frame.words;
    let history = history::kept(key(office));
    let lies = match &history {
        None => None,
        Some(history) => {
            let versions = versions(office, words).await.map_err(IntoResponse::into_response)?;
            let chosen = chosen.or_else(|| history.chosen());
            let chosen = chosen.unwrap_or_else(|| Chosen::guessed(history, &office.desk.program.zone));
            Some(lies(words, history, &chosen, &versions))
        }
    };
    let mut page = (None, None);
    match REPLAYS.seen(key(office)) {
        Seen::Nothing => {}
        Seen::Running { done, of } => page.0 = Some((done, of.max(1))),
        Seen::Died => frame.notice = Some((Tone::Bad, words.say("economics-died"))),
        Seen::Done(came) => match &*came {
            None => frame.notice = Some((Tone::Bad, words.say("economics-died"))),
            Some(Err(wrong)) => frame.notice = Some((Tone::Bad, told(words, wrong))),
            Some(Ok(economics)) => page.1 = report::shown(&frame, economics),
        },
    }
    Ok(EconomicsPage { lies, running: page.0, shown: page.1, frame })
}

fn told(words: Words, wrong: &Wrong) -> String {
    match wrong {
        Wrong::TooManyRows => words.say_n("economics-too-many-rows", ROWS_MAX as i64),
        Wrong::Lost(error) => sheet_words(words, error),
        Wrong::Unreadable(error) => words.say_with("economics-unreadable", &[("value", &error.to_string())]),
    }
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let page = drawn(&office, Frame::of(&office.visit, Some(Section::Economics)), None).await?;
    Ok(match page.running {
        Some(_) => ([super::program::AGAIN], Page(page)).into_response(),
        None => Page(page).into_response(),
    })
}

/// The page once more, with what is wrong.
async fn refused(
    office: &Office,
    chosen: Option<Chosen>,
    text: String,
    code: &'static str,
) -> Result<Response, Response> {
    let mut page = drawn(office, Frame::of(&office.visit, Some(Section::Economics)), chosen).await?;
    page.frame.notice = Some((Tone::Bad, text));
    Ok(again(page, code))
}

pub async fn upload(office: Office, mut upload: Upload) -> Result<Response, Response> {
    let words = Words(office.desk.language);
    let file = match upload.file() {
        Ok(file) => file,
        Err(problem) => {
            let text = office.desk.language.of(&problem.detail).to_owned();
            return refused(&office, None, text, problem.code).await;
        }
    };
    let looked_at = tokio::task::spawn_blocking(move || History::of(file)).await;
    match looked_at.ok().flatten() {
        None => refused(&office, None, words.say("economics-no-table"), "file_unreadable").await,
        Some(history) => {
            // What came of the one before would be taken for this one's.
            REPLAYS.forget(key(&office));
            history::keep(key(&office), history);
            Ok(back_to(HOME))
        }
    }
}

pub async fn forget(office: Office, _posted: Posted) -> Response {
    history::forget(key(&office));
    REPLAYS.forget(key(&office));
    back_to("/admin/economics?done=history-forgotten")
}

/// A version by its choice; words where there is none.
async fn program_of(office: &Office, value: &str) -> Result<Arc<Program>, (String, &'static str)> {
    let desk = &office.desk;
    let words = Words(desk.language);
    let of_problem = |problem: Problem| (desk.language.of(&problem.detail).to_owned(), problem.code);
    let text = match value {
        "now" => return Ok(desk.program.clone()),
        "draft" => work::work(desk).await.map_err(of_problem)?.text,
        number => {
            let number = number.parse().map_err(|_| (words.say("economics-choose"), "version_unknown"))?;
            let row = numbered(desk, number).await.map_err(of_problem)?;
            row.text
        }
    };
    let compiled = tokio::task::spawn_blocking(move || document::compile(&text)).await;
    let program = compiled.ok().and_then(|compiled| compiled.program);
    let mut program = program.ok_or_else(|| (words.say("beside-has-errors"), "document_invalid"))?;
    program.version = value.parse().unwrap_or(program.version);
    let units = |p: &Program| (p.currency, p.points.precision);
    match units(&program) == units(&desk.program) {
        true => Ok(Arc::new(program)),
        false => Err((words.say("beside-other-units"), "units_differ")),
    }
}

/// Begins a replay, and waits a moment for it.
pub async fn replay(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let words = Words(desk.language);
    let Some(history) = history::kept(key(&office)) else {
        return refused(&office, None, words.say("economics-gone"), "history_gone").await;
    };
    let chosen = Chosen::of(&posted);
    let map = match chosen.map(&history, desk.program.currency.code()) {
        Ok(map) => map,
        Err(key) => return refused(&office, Some(chosen), words.say(key), "columns_missing").await,
    };
    let mut programs = Vec::new();
    for value in [&chosen.first, &chosen.second].into_iter().filter(|value| !value.is_empty()) {
        match program_of(&office, value).await {
            Ok(program) => programs.push(Named { value: value.clone(), program }),
            Err((text, code)) => return refused(&office, Some(chosen.clone()), text, code).await,
        }
    }
    if programs.is_empty() {
        return refused(&office, Some(chosen), words.say("economics-choose"), "version_unknown").await;
    }
    let spend = match chosen.spend.as_str() {
        "never" => Spend::Never,
        "half" => Spend::Half,
        _ => Spend::Max,
    };
    history.remember(chosen.clone());
    let ticket = REPLAYS.begin(key(&office));
    // What runs for this page is shown on it; what was forgotten is not, and has to end first.
    if ticket.is_none() && matches!(REPLAYS.seen(key(&office)), Seen::Nothing) {
        return refused(&office, Some(chosen), words.say("economics-busy"), "replay_busy").await;
    }
    if let Some(ticket) = ticket {
        let asked = Asked { history, map, spend, welcome: chosen.welcome, programs };
        let work = tokio::spawn(async move {
            let came = run::run(asked, ticket.way.clone()).await;
            ticket.finish(came);
        });
        // What takes longer goes on without whoever asked.
        let _ = tokio::time::timeout(BRIEF, work).await;
    }
    Ok(back_to(HOME))
}
