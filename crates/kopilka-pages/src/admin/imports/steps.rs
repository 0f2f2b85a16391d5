//! `/admin/imports/{id}`: one list through its steps: its columns, what would happen, the import, the result.
//!
//! Invariant: nothing is written before all rows were looked at as they are mapped.

use super::columns::{self, Head};
use super::job::{AtWork, Figure, Job, Jobs, Kind, State};
use super::pass::{self, Pass};
use super::{allow, history, jobs, state_tag};
use crate::admin::people::Tag;
use crate::answer::{Page, again, file};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::upload::unwritten;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::time::Zone;
use kopilka_core::words::Language;
use kopilka_web::problem::Problem;
use std::time::Duration;

/// Rows that do not fit which a page shows; the file has all.
const REFUSED_SHOWN: usize = 20;
/// How long a work that has ended may take to let go of its import.
const LET_GO_TRIES: usize = 20;
const LET_GO_EVERY: Duration = Duration::from_millis(50);

/// A field to choose for a column.
pub struct FieldChoice {
    pub value: String,
    pub label: String,
}

/// A column with what it holds.
pub struct Column {
    pub at: usize,
    pub heading: String,
    /// What is in it, from the first rows.
    pub cells: Vec<String>,
    pub field: String,
}

/// A line of the figures.
pub struct FigureLine {
    pub label: String,
    pub is_part: bool,
    pub count: String,
    pub sum: String,
}

/// How far it has come.
pub struct Progress {
    pub address: String,
    pub moves: bool,
    pub state: Tag,
    pub rows: String,
    pub done: u64,
    pub of: u64,
}

#[derive(Template)]
#[template(path = "admin/import.html")]
pub struct ImportPage {
    pub frame: Frame,
    pub kind: Kind,
    pub kind_name: String,
    pub file: String,
    pub step: usize,
    pub steps: Vec<String>,
    pub progress: Progress,
    pub trouble: Option<String>,
    /// The form of columns, while they are to be named.
    pub maps: bool,
    pub columns: Vec<Column>,
    pub fields: Vec<FieldChoice>,
    pub options: super::job::Options,
    pub named_by: Vec<FieldChoice>,
    pub figures: Vec<FigureLine>,
    pub verdict: Option<(Tone, String)>,
    /// The first rows that do not fit: line, why, the row.
    pub refused: Vec<(String, String, String)>,
    pub has_errors: bool,
    pub can_run: bool,
    /// It has begun before: what is there already is not taken twice.
    pub goes_on: bool,
}

#[derive(Template)]
#[template(path = "admin/import_progress.html")]
struct ProgressPart {
    frame: Frame,
    progress: Progress,
}

impl ImportPage {
    fn sample_of(language: Language, state: State) -> ImportPage {
        let frame = Frame::sample(language);
        let choice = |value: &str| FieldChoice {
            value: value.to_owned(),
            label: columns::field_name(frame.words, value),
        };
        let column = |at: usize, field: &str| Column {
            at,
            heading: "<b>7</b>".to_owned(),
            cells: vec!["\"><script>alert(1)</script>".to_owned(), "1 250,50".to_owned()],
            field: field.to_owned(),
        };
        let line = |key: &str, is_part: bool| FigureLine {
            label: frame.say(&format!("import-figure-{key}")),
            is_part,
            count: "1 204".to_owned(),
            sum: "120 400".to_owned(),
        };
        let is_done = state == State::Done;
        ImportPage {
            kind: Kind::Members,
            kind_name: frame.say("import-members"),
            file: "<script>alert(1)</script>.csv".to_owned(),
            step: step_of(state),
            steps: steps(frame.words),
            progress: Progress {
                address: "/admin/imports/0".to_owned(),
                moves: state.is_at_work(),
                state: state_tag(frame.words, state),
                rows: frame.say_n("import-rows", 1_204),
                done: 312,
                of: 1_204,
            },
            trouble: (state == State::Stopped).then(|| frame.say("import-cut")),
            maps: state == State::Uploaded,
            columns: vec![column(0, "ext"), column(1, "points"), column(2, "")],
            fields: ["ext", "phone", "points"].map(choice).into(),
            options: super::job::Options { name: "\"><script>".to_owned(), ..Default::default() },
            named_by: history::NAMED_BY.map(choice).into(),
            figures: vec![line("rows", false), line("lots", false), line("refused", false)],
            verdict: is_done.then(|| (Tone::Good, frame.say("import-agrees"))),
            refused: vec![("7".to_owned(), "—".to_owned(), "<script>alert(1)</script>".to_owned())],
            has_errors: true,
            can_run: state == State::Looked || state == State::Stopped,
            goes_on: state == State::Stopped,
            frame,
        }
    }
    pub fn sample_columns(language: Language) -> ImportPage {
        ImportPage::sample_of(language, State::Uploaded)
    }
    pub fn sample_history(language: Language) -> ImportPage {
        let page = ImportPage::sample_of(language, State::Uploaded);
        ImportPage { kind: Kind::Orders, kind_name: page.frame.say("import-orders"), ..page }
    }
    pub fn sample_looked(language: Language) -> ImportPage {
        ImportPage::sample_of(language, State::Looked)
    }
    pub fn sample_running(language: Language) -> ImportPage {
        ImportPage::sample_of(language, State::Running)
    }
    pub fn sample_stopped(language: Language) -> ImportPage {
        ImportPage::sample_of(language, State::Stopped)
    }
    pub fn sample_done(language: Language) -> ImportPage {
        ImportPage::sample_of(language, State::Done)
    }
}

fn step_of(state: State) -> usize {
    match state {
        State::Uploaded => 1,
        State::Looking | State::Looked => 2,
        State::Running | State::Stopped => 3,
        State::Done => 4,
    }
}

fn steps(words: Words) -> Vec<String> {
    ["file", "columns", "check", "run", "result"].map(|key| words.say(&format!("import-step-{key}"))).into()
}

/// The job of the address, of this program and a kind that the role may write.
fn found(office: &Office, id: &str) -> Result<(Jobs, Job), Problem> {
    let jobs = jobs(office);
    let job = jobs.find(id).filter(|job| job.program == office.desk.program_id().0);
    let job = job.ok_or_else(|| Problem::of("import_unknown"))?;
    allow(&office.desk, job.kind)?;
    Ok((jobs, job))
}

fn progress(words: Words, job: &Job) -> Progress {
    let rows = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Progress {
        address: format!("/admin/imports/{}", job.id),
        moves: job.state.is_at_work(),
        state: state_tag(words, job.state),
        rows: words.say_n("import-rows", rows(job.rows)),
        done: job.rows,
        of: job.rows_in_all.unwrap_or(0),
    }
}

fn figure(words: Words, shown: &Shown, figure: &Figure) -> FigureLine {
    let of = figure.of.as_deref().unwrap_or_default();
    let label = match figure.key.as_str() {
        "code" => of.to_owned(),
        key => words.say_with(&format!("import-figure-{key}"), &[("value", of)]),
    };
    let points = figure.points.map(|points| shown.points(Points(points)));
    let money = figure.money.map(|money| shown.money(Money(money)));
    let sum: Vec<String> = points.into_iter().chain(money).collect();
    FigureLine {
        label,
        is_part: figure.of.is_some() || figure.key.starts_with("end-"),
        count: if figure.key == "difference" {
            String::new()
        } else {
            words.whole(i64::try_from(figure.count).unwrap_or(i64::MAX))
        },
        sum: sum.join(" · "),
    }
}

fn first_refused(jobs: &Jobs, job: &Job) -> Vec<(String, String, String)> {
    let reader = csv::ReaderBuilder::new().flexible(true).from_path(jobs.errors_file(job));
    let Ok(mut reader) = reader else { return Vec::new() };
    let line = |row: csv::StringRecord| {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        (cell(0), cell(2), row.iter().skip(3).collect::<Vec<_>>().join(" · "))
    };
    reader.records().filter_map(Result::ok).take(REFUSED_SHOWN).map(line).collect()
}

/// Looked for away from what others ask: a file of megabytes is read to tell what it is written in.
async fn head_of(jobs: &Jobs, job: &Job) -> Result<Head, kopilka_service::sheet::SheetError> {
    let path = jobs.list_file(job);
    let read = tokio::task::spawn_blocking(move || columns::head(&path)).await;
    read.unwrap_or_else(|error| Err(kopilka_service::sheet::SheetError::Unreadable(error.to_string())))
}

fn verdict(frame: &Frame, job: &Job) -> Option<(Tone, String)> {
    match (job.state, job.holds) {
        (State::Looked, true) => Some((Tone::Good, frame.say("import-fits"))),
        (State::Looked, false) => Some((Tone::Warn, frame.say("import-fits-not"))),
        (State::Done, true) => Some((Tone::Good, frame.say("import-agrees"))),
        (State::Done, false) => Some((Tone::Warn, frame.say("import-agrees-not"))),
        _ => None,
    }
}

/// `typed`: the choice of columns that came back.
async fn drawn(
    office: &Office,
    mut frame: Frame,
    (jobs, job): (&Jobs, &Job),
    typed: Option<&Posted>,
) -> ImportPage {
    let (words, program) = (frame.words, &office.desk.program);
    let wants_columns = asked(&office.visit.path, "columns").is_some() || typed.is_some();
    let maps =
        job.state == State::Uploaded || wants_columns && matches!(job.state, State::Looked | State::Stopped);
    let head = match maps {
        true => match head_of(jobs, job).await {
            Ok(head) => head,
            Err(error) => {
                frame = frame.with_notice(Tone::Bad, columns::sheet_words(words, &error));
                Head { heading: Vec::new(), rows: Vec::new() }
            }
        },
        false => Head { heading: Vec::new(), rows: Vec::new() },
    };
    let holds: Vec<String> = match typed {
        Some(posted) => (0..head.heading.len()).map(|at| posted.text(&format!("c{at}")).to_owned()).collect(),
        None if job.map.is_empty() => columns::guessed(job.kind, &head.heading, program),
        None => columns::chosen(job, &head.heading),
    };
    let column = |(at, heading): (usize, &String)| Column {
        at,
        heading: heading.clone(),
        cells: head.rows.iter().filter_map(|row| row.get(at).cloned()).collect(),
        field: holds.get(at).cloned().unwrap_or_default(),
    };
    let choice = |value: String| FieldChoice { label: columns::field_name(words, &value), value };
    let shown = Shown::of(&office.desk);
    let has_figures = matches!(job.state, State::Looked | State::Done | State::Stopped);
    ImportPage {
        kind: job.kind,
        kind_name: words.say(&format!("import-{}", job.kind.name())),
        file: job.file.clone(),
        step: if maps { 1 } else { step_of(job.state) },
        steps: steps(words),
        progress: progress(words, job),
        trouble: match (&job.trouble, job.state) {
            (Some(why), _) => Some(why.said(office.desk.language).to_owned()),
            (None, State::Stopped) => Some(words.say("import-cut")),
            _ => None,
        },
        columns: head.heading.iter().enumerate().filter(|(_, name)| !name.is_empty()).map(column).collect(),
        fields: columns::fields(job.kind, program).into_iter().map(choice).collect(),
        options: typed.map_or_else(|| job.options.clone(), |posted| options(posted, job)),
        named_by: history::NAMED_BY.map(|by| choice(by.to_owned())).into(),
        figures: if has_figures && !maps {
            job.figures.iter().map(|one| figure(words, &shown, one)).collect()
        } else {
            Vec::new()
        },
        verdict: if maps { None } else { verdict(&frame, job) },
        refused: if has_figures && !maps { first_refused(jobs, job) } else { Vec::new() },
        has_errors: job.refused > 0 && jobs.errors_file(job).exists(),
        can_run: !maps && matches!(job.state, State::Looked | State::Stopped),
        goes_on: job.state == State::Stopped,
        maps,
        frame,
    }
}

pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let (jobs, job) = found(&office, &id).map_err(IntoResponse::into_response)?;
    let frame = Frame::of(&office.visit, Some(Section::Imports));
    if office.visit.part {
        let progress = progress(frame.words, &job);
        return Ok(Page(ProgressPart { frame, progress }).into_response());
    }
    Ok(Page(drawn(&office, frame, (&jobs, &job), None).await).into_response())
}

/// How the file is to be read, as a form says it.
fn options(posted: &Posted, job: &Job) -> super::job::Options {
    let or = |name: &str, before: &str| posted.some(name).unwrap_or(before).to_owned();
    let before = &job.options;
    super::job::Options {
        name: or("name", &before.name),
        welcome: posted.is_set("welcome"),
        drop_expired: posted.is_set("drop_expired"),
        by: or("by", &before.by),
        shop: or("shop", &before.shop),
        zone: or("zone", &before.zone),
        negative_returns: posted.is_set("negative_returns"),
        earn: posted.is_set("earn"),
    }
}

fn judge(office: &Office, options: &super::job::Options, kind: Kind) -> Result<(), columns::Wrong> {
    let fits = |text: &str| kopilka_web::wire::Word::checked(text).is_some();
    if !fits(&options.name) || !history::NAMED_BY.contains(&options.by.as_str()) {
        return Err(("import-name-wrong", String::new()));
    }
    if kind == Kind::Orders {
        if office.desk.order_key("1", Some(&options.shop)).is_err() {
            return Err(("import-shop-wrong", options.shop.clone()));
        }
        if Zone::by_name(&options.zone).is_none() {
            return Err(("import-zone-wrong", options.zone.clone()));
        }
    }
    Ok(())
}

/// `POST …/look`: the columns are named, and all rows are looked at.
pub async fn look(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let (jobs, mut job) = found(&office, &id).map_err(IntoResponse::into_response)?;
    let refused = |problem: &'static str| Problem::of(problem).into_response();
    if !matches!(job.state, State::Uploaded | State::Looked | State::Stopped) {
        return Err(refused("import_not_now"));
    }
    let options = options(&posted, &job);
    let head = head_of(&jobs, &job).await;
    let heading = head.map_or_else(|_| Vec::new(), |head| head.heading);
    let read = columns::read(&posted, job.kind, &heading, &office.desk.program);
    let map = match read.and_then(|map| judge(&office, &options, job.kind).map(|()| map)) {
        Ok(map) => map,
        Err((key, value)) => {
            let frame = Frame::of(&office.visit, Some(Section::Imports));
            let value =
                if key == "import-field-twice" { columns::field_name(frame.words, &value) } else { value };
            let said = frame.say_of(key, &value);
            let frame = frame.with_notice(Tone::Bad, said);
            return Ok(again(drawn(&office, frame, (&jobs, &job), Some(&posted)).await, "columns_refused"));
        }
    };
    (job.map, job.options) = (map, options);
    begin(&office, jobs, job, false).await
}

/// One that has just come to its end lets go a moment after it has said so.
async fn taken(jobs: &Jobs, job: &Job) -> Option<AtWork> {
    for _ in 0..LET_GO_TRIES {
        if let Some(held) = jobs.take(job) {
            return Some(held);
        }
        tokio::time::sleep(LET_GO_EVERY).await;
    }
    None
}

/// `POST …/run`: what was looked at is imported, or goes on.
pub async fn run(office: Office, Path(id): Path<String>, _: Posted) -> Result<Response, Response> {
    let (jobs, job) = found(&office, &id).map_err(IntoResponse::into_response)?;
    if !matches!(job.state, State::Looked | State::Stopped) {
        return Err(Problem::of("import_not_now").into_response());
    }
    begin(&office, jobs, job, true).await
}

async fn begin(office: &Office, jobs: Jobs, mut job: Job, gives: bool) -> Result<Response, Response> {
    let Some(held) = taken(&jobs, &job).await else { return Err(Problem::of("import_busy").into_response()) };
    // It may have come to its end while its file was looked through: what came of it is not overwritten.
    let (_, known) = found(office, &job.id).map_err(IntoResponse::into_response)?;
    if known.state != job.state {
        return Err(Problem::of("import_not_now").into_response());
    }
    let address = format!("/admin/imports/{}", job.id);
    if gives {
        // Whoever lets it run stands in the journal.
        office.login().clone_into(&mut job.operator);
    }
    let desk = &office.desk;
    let pass = Pass {
        service: desk.app.service.clone(),
        program: desk.program_id(),
        in_force: desk.program.clone(),
        jobs,
        job,
        russian: desk.language == Language::Ru,
        gives,
        errors: None,
    };
    pass::start(pass, held).map_err(|error| unwritten(&error).into_response())?;
    Ok(back_to(&address))
}

/// `POST …/drop`: the list and its figures are removed.
pub async fn drop_list(office: Office, Path(id): Path<String>, _: Posted) -> Result<Response, Response> {
    let (jobs, job) = found(&office, &id).map_err(IntoResponse::into_response)?;
    if job.state.is_at_work() {
        return Err(Problem::of("import_not_now").into_response());
    }
    jobs.remove(&job);
    Ok(back_to("/admin/imports?done=removed"))
}

/// `GET …/errors.csv`: the rows that do not fit, to be mended and sent again.
pub async fn errors(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let (jobs, job) = found(&office, &id).map_err(IntoResponse::into_response)?;
    let bytes = std::fs::read(jobs.errors_file(&job));
    let bytes = bytes.map_err(|_| Problem::of("import_unknown").into_response())?;
    Ok(file("errors.csv", "text/csv; charset=utf-8", bytes))
}
