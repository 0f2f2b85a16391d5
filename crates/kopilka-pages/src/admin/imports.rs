//! `/admin/imports`: lists that bring a shop here, and what became of each.
//!
//! Invariant: what of a list is written goes the way of the command line's import, by a role that could write
//! the same one by one.

pub mod columns;
pub mod history;
pub mod job;
pub mod pass;
pub mod steps;

use crate::admin::people::Tag;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone, once};
use crate::sections::Section;
use crate::upload::{Upload, unwritten};
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use job::{Job, Jobs, Kind, Options, State};
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How often lists whose time is over are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// An import of the list.
pub struct JobLine {
    pub id: String,
    pub kind: String,
    pub file: String,
    pub state: Tag,
    pub rows: String,
    pub who: String,
    pub at: String,
}

/// A kind to choose.
pub struct KindChoice {
    pub name: &'static str,
    pub label: String,
    pub about: String,
    pub is_here: bool,
}

#[derive(Template)]
#[template(path = "admin/imports.html")]
pub struct ImportsPage {
    pub frame: Frame,
    pub kinds: Vec<KindChoice>,
    pub lines: Vec<JobLine>,
}

impl ImportsPage {
    pub fn sample(language: Language) -> ImportsPage {
        let frame = Frame::sample(language);
        let line = |kind: Kind, state: State| JobLine {
            id: "0".repeat(32),
            kind: frame.say(&format!("import-{}", kind.name())),
            file: "<script>alert(1)</script>.csv".to_owned(),
            state: state_tag(frame.words, state),
            rows: "1 204".to_owned(),
            who: "anna@shop.example".to_owned(),
            at: "2026-03-01 10:00 UTC".to_owned(),
        };
        ImportsPage {
            kinds: choices(frame.words, &Kind::ALL, Kind::Members),
            lines: vec![
                line(Kind::Members, State::Running),
                line(Kind::Orders, State::Stopped),
                line(Kind::Products, State::Done),
            ],
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> ImportsPage {
        ImportsPage { lines: Vec::new(), ..ImportsPage::sample(language) }
    }
}

pub fn state_tag(words: Words, state: State) -> Tag {
    let tone = match state {
        State::Uploaded | State::Looked => "brand",
        State::Looking | State::Running => "warn",
        State::Stopped => "bad",
        State::Done => "good",
    };
    Tag { label: words.say(&format!("import-state-{}", state.name())), tone }
}

fn choices(words: Words, kinds: &[Kind], here: Kind) -> Vec<KindChoice> {
    let choice = |kind: &Kind| KindChoice {
        name: kind.name(),
        label: words.say(&format!("import-{}", kind.name())),
        about: words.say(&format!("import-{}-about", kind.name())),
        is_here: *kind == here,
    };
    kinds.iter().map(choice).collect()
}

/// Refuses a role that could not write the same one by one.
pub fn allow(desk: &Desk, kind: Kind) -> Result<(), Problem> {
    kind.needs().iter().try_for_each(|scope| desk.allow(*scope))
}

pub fn jobs(office: &Office) -> Jobs {
    Jobs::of(office.desk.app.service.data_dir())
}

fn drawn(office: &Office, frame: Frame, kind: Option<Kind>) -> ImportsPage {
    let desk = &office.desk;
    let open: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| allow(desk, *kind).is_ok()).collect();
    let words = frame.words;
    let line = |job: Job| JobLine {
        kind: words.say(&format!("import-{}", job.kind.name())),
        state: state_tag(words, job.state),
        rows: words.whole(i64::try_from(job.rows).unwrap_or(i64::MAX)),
        at: office.visit.stamp(Instant(job.created_at * 1_000_000)),
        id: job.id,
        file: job.file,
        who: job.operator,
    };
    let own = |job: &Job| job.program == desk.program_id().0 && open.contains(&job.kind);
    let lines = jobs(office).all().into_iter().filter(own).map(line).collect();
    let here = kind.filter(|kind| open.contains(kind)).or(open.first().copied());
    ImportsPage { kinds: choices(words, &open, here.unwrap_or(Kind::Products)), lines, frame }
}

/// `GET /admin/imports`; `?kind=` chooses one beforehand.
pub async fn page(office: Office) -> Page<ImportsPage> {
    jobs(&office).sweep();
    let kind = crate::visit::asked(&office.visit.path, "kind").and_then(|kind| Kind::parse(&kind));
    Page(drawn(&office, Frame::of(&office.visit, Some(Section::Imports)), kind))
}

/// `POST /admin/imports`: a list comes in; nothing of it is read yet.
pub async fn upload(office: Office, mut upload: Upload) -> Result<Response, Response> {
    let kind = Kind::parse(upload.posted.text("kind"));
    match kept(&office, &mut upload, kind) {
        Ok(id) => Ok(back_to(&format!("/admin/imports/{id}"))),
        Err(problem) if problem.status.is_server_error() || problem.code == "scope_missing" => {
            Err(problem.into_response())
        }
        Err(problem) => {
            let said = office.desk.language.of(&problem.detail).to_owned();
            let frame = Frame::of(&office.visit, Some(Section::Imports)).with_notice(Tone::Bad, said);
            Ok(again(drawn(&office, frame, kind), problem.code))
        }
    }
}

fn kept(office: &Office, upload: &mut Upload, kind: Option<Kind>) -> Result<String, Problem> {
    let desk = &office.desk;
    let kind = kind.ok_or_else(|| Problem::of("form_invalid"))?;
    allow(desk, kind)?;
    let file = upload.file()?;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let job = Job {
        id: once(),
        program: desk.program_id().0,
        kind,
        file: file.name.clone(),
        bytes: file.bytes,
        operator: office.login().to_owned(),
        created_at: since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0)),
        state: State::Uploaded,
        map: Vec::new(),
        options: Options {
            name: "move".to_owned(),
            by: history::NAMED_BY[0].to_owned(),
            shop: kopilka_web::SHOP_DEFAULT.to_owned(),
            zone: desk.program.zone.name().to_owned(),
            negative_returns: true,
            ..Options::default()
        },
        rows: 0,
        rows_in_all: None,
        figures: Vec::new(),
        refused: 0,
        holds: false,
        trouble: None,
    };
    let jobs = jobs(office);
    let put = || {
        let place = jobs.begin(&job)?;
        file.keep(&place)?;
        jobs.save(&job)
    };
    match put() {
        Ok(()) => Ok(job.id),
        Err(error) => {
            jobs.remove(&job);
            Err(unwritten(&error))
        }
    }
}

/// Removes lists whose time is over, as long as the server runs: they are personal data, and nobody may ever
/// open a page again.
pub async fn keep_swept(data: PathBuf) {
    loop {
        Jobs::of(&data).sweep();
        crate::upload::sweep(&data);
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
