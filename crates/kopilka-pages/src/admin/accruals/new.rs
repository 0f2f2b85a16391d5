//! `/admin/accruals?new`: whom a new accrual is for, how many points, why.
//!
//! Invariant: nobody gets anything by this form; it writes down whom it would be for. A file is taken whole
//! or not at all, and is gone when the form is answered.

use crate::act::{envelope, in_address, word};
use crate::admin::imports::columns::sheet_words;
use crate::admin::members::register::day;
use crate::answer::again;
use crate::frame::{Frame, Tone, once};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::upload::{Upload, Uploaded};
use crate::visit::{Office, asked, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::points::Points;
use kopilka_core::program::explain::told_condition;
use kopilka_core::words::Language;
use kopilka_service::import::RecipientList;
use kopilka_service::sheet::SheetError;
use kopilka_service::{AccrualAsked, Acting, Recipients};
use kopilka_web::api::accruals::{answer, put};
use kopilka_web::problem::Problem;
use kopilka_web::wire::{DecimalText, figures};
use std::sync::Arc;

/// Rows of a file that does not fit which a page shows; the count is of all of them.
const REFUSED_SHOWN: usize = 50;

/// A segment to choose.
pub struct SegmentChoice {
    pub id: String,
    pub name: String,
    pub words: String,
}

/// A row of the file that does not fit.
pub struct RefusedLine {
    pub line: String,
    pub why: String,
    pub cells: String,
}

#[derive(Template)]
#[template(path = "admin/accrual_new.html")]
pub struct NewAccrualPage {
    pub frame: Frame,
    pub typed: Posted,
    /// What it is called until somebody calls it otherwise.
    pub name: String,
    pub segments: Vec<SegmentChoice>,
    /// Above so many points a second person is needed.
    pub limit: Option<String>,
    /// Of the file: how many rows fit and how many do not, and the first of these.
    pub counts: Option<(String, String)>,
    pub refused: Vec<RefusedLine>,
}

impl NewAccrualPage {
    pub fn fresh(office: &Office) -> NewAccrualPage {
        let segment = asked(&office.visit.path, "segment").unwrap_or_default();
        let frame = Frame::of(&office.visit, Some(Section::Accruals));
        NewAccrualPage::of(office, frame, Posted::of(&[("segment", &segment)]))
    }
    fn of(office: &Office, frame: Frame, typed: Posted) -> NewAccrualPage {
        let desk = &office.desk;
        let program = &desk.program;
        let choice = |segment: &Arc<kopilka_core::program::Segment>| SegmentChoice {
            id: segment.id.to_string(),
            name: desk.language.of(&segment.name).to_owned(),
            words: desk.language.of(&told_condition(program, &segment.only_if)).to_owned(),
        };
        let today = program.zone.day_of(desk.now);
        let mut name = format!("{today}-{}", once());
        name.truncate(15);
        NewAccrualPage {
            name: typed.some("name").map_or(name, str::to_owned),
            segments: program.segments.iter().map(choice).collect(),
            limit: program.approval.accruals_above.map(|most| Shown::of(desk).points(most)),
            counts: None,
            refused: Vec::new(),
            typed,
            frame,
        }
    }
    pub fn sample(language: Language) -> NewAccrualPage {
        let segment = |id: &str| SegmentChoice {
            id: id.to_owned(),
            name: "<i>Sports</i>".to_owned(),
            words: "\"><script>".to_owned(),
        };
        let line = || RefusedLine {
            line: "7".to_owned(),
            why: "—".to_owned(),
            cells: "<script>alert(1)</script>".to_owned(),
        };
        let frame = Frame::sample(language);
        NewAccrualPage {
            typed: Posted::of(&[("reason", "\"><script>alert(1)</script>"), ("points", "100")]),
            name: "2026-03-01-ab12".to_owned(),
            segments: vec![segment("near"), segment("far")],
            limit: Some("1 000".to_owned()),
            counts: Some((frame.say_n("accrual-rows-fit", 17), frame.say_n("accrual-rows-unfit", 2))),
            refused: vec![line(), line()],
            frame,
        }
    }
    pub fn sample_without_segments(language: Language) -> NewAccrualPage {
        let page = NewAccrualPage::sample(language);
        NewAccrualPage { segments: Vec::new(), counts: None, refused: Vec::new(), limit: None, ..page }
    }
}

/// Why a form comes back.
enum Back {
    Problem(Problem),
    Sheet(SheetError),
    Rows(RecipientList),
}

impl From<Problem> for Back {
    fn from(problem: Problem) -> Back {
        Back::Problem(problem)
    }
}

/// `POST /admin/accruals`.
pub async fn create(office: Office, mut upload: Upload) -> Result<Response, Response> {
    let file = upload.file.take();
    let posted = upload.posted;
    let back = match put_down(&office, &posted, file).await {
        Ok(name) => return Ok(back_to(&format!("/admin/accruals/{}", in_address(&name)))),
        Err(back) => back,
    };
    let frame = Frame::of(&office.visit, Some(Section::Accruals));
    let language = office.desk.language;
    let (code, said) = match &back {
        Back::Problem(problem) if problem.status.is_server_error() => {
            return Err(problem.clone().into_response());
        }
        Back::Problem(problem) => (problem.code, language.of(&problem.detail).to_owned()),
        Back::Sheet(error) => ("list_unreadable", sheet_words(frame.words, error)),
        Back::Rows(_) => ("rows_refused", frame.say("accrual-whole")),
    };
    let mut page = NewAccrualPage::of(&office, frame.with_notice(Tone::Bad, said), posted);
    if let Back::Rows(list) = &back {
        let count = |key: &str, n: usize| page.frame.say_n(key, n);
        let fit = count("accrual-rows-fit", list.recipients.len());
        page.counts = Some((fit, count("accrual-rows-unfit", list.refused.len())));
        let line = |row: &kopilka_service::sheet::RefusedRow| RefusedLine {
            line: row.line.to_string(),
            why: language.of(&row.why).to_owned(),
            cells: row.cells.join(" · "),
        };
        page.refused = list.refused.iter().take(REFUSED_SHOWN).map(line).collect();
    }
    Ok(again(page, code))
}

async fn put_down(office: &Office, posted: &Posted, file: Option<Uploaded>) -> Result<String, Back> {
    let desk = &office.desk;
    let name = posted.text("name").to_owned();
    put::judge_name(&name)?;
    let envelope = envelope(office, "PUT /admin/accruals", posted, &name)?;
    let reason = word(posted, "reason")?.ok_or_else(|| Problem::of("invalid_text").with("limit", 200))?;
    let points = posted.some("points").map(|text| points(office, text)).transpose()?;
    let mut input: String = envelope.input_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let recipients = match (posted.text("whom"), file) {
        ("file", None) => return Err(Problem::of("file_missing").into()),
        ("file", Some(file)) => {
            let list = listed(office, &file, points).await?;
            input = list.input(&input);
            Recipients::Listed(list.recipients)
        }
        // A file that was chosen is not to be left lying while a segment gets the points.
        (_, Some(_)) => return Err(Problem::of("accrual_form_invalid").into()),
        _ => Recipients::Segment {
            segment: posted.text("segment").to_owned(),
            points: points.ok_or_else(|| Problem::of("accrual_form_invalid"))?,
        },
    };
    let zone = &desk.program.zone;
    let asked = AccrualAsked {
        name: name.clone(),
        recipients,
        active_at: day(posted, "active_on")?.map(|day| zone.start_of(day)),
        // The last day is a day on which the points can be spent.
        expires_at: day(posted, "expires_on")?.map(|day| zone.start_of(day.plus_days(1))),
        gift: posted.is_set("gift"),
        reason,
        input,
    };
    let acting = Acting { operator: office.login().to_owned(), key: desk.caller.key_id.clone() };
    let row = desk.app.service.put_accrual(desk.program_id(), asked, acting).await;
    row.map_err(|error| desk.failed(error))?.map_err(|why| answer::problem(desk, why))?;
    Ok(name)
}

fn points(office: &Office, text: &str) -> Result<Points, Problem> {
    let plain = text.replace([' ', '\u{a0}'], "").replace(',', ".");
    figures::points(&office.desk.program, &DecimalText(plain.as_str().into()), "/points")
}

async fn listed(office: &Office, file: &Uploaded, each: Option<Points>) -> Result<RecipientList, Back> {
    let desk = &office.desk;
    let read = desk.app.service.read_recipients(desk.program_id(), file.path(), (&[], each)).await;
    let list = read.map_err(|error| desk.failed(error))?.map_err(Back::Sheet)?;
    match (list.refused.is_empty(), list.recipients.is_empty()) {
        (true, true) => Err(Problem::of("file_missing").into()),
        (true, false) => Ok(list),
        (false, _) => Err(Back::Rows(list)),
    }
}
