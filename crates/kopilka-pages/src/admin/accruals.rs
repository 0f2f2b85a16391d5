//! `/admin/accruals`: points for many members at once, each with how far it has come.
//!
//! Invariant: what a page shows of an accrual is what is written down of it; nobody gets a point from a page
//! that only looks.

pub mod new;
pub mod one;

use crate::admin::people::Tag;
use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::rows::{AccrualRow, AccrualState};
use kopilka_web::app::Desk;

/// One accrual of the list.
pub struct AccrualLine {
    pub name: String,
    pub reason: String,
    /// A segment's name, or that it is a list.
    pub whom: String,
    pub state: Tag,
    pub members: String,
    pub points: String,
    pub given: String,
    pub at: String,
}

#[derive(Template)]
#[template(path = "admin/accruals.html")]
pub struct AccrualsPage {
    pub frame: Frame,
    pub lines: Vec<AccrualLine>,
}

impl AccrualsPage {
    pub fn sample(language: Language) -> AccrualsPage {
        let frame = Frame::sample(language);
        let line = |name: &str, state: AccrualState| AccrualLine {
            name: name.to_owned(),
            reason: "<script>alert(1)</script>".to_owned(),
            whom: "<b>…</b>".to_owned(),
            state: state_tag(frame.words, state),
            members: "1 204".to_owned(),
            points: "120 400".to_owned(),
            given: "310".to_owned(),
            at: "1.03.2026, 10:00".to_owned(),
        };
        let lines = vec![
            line("2026-03-sorry", AccrualState::Running),
            line("2026-02-gift", AccrualState::Done),
            line("2026-01-list", AccrualState::Failed),
        ];
        AccrualsPage { lines, frame }
    }
    pub fn sample_empty(language: Language) -> AccrualsPage {
        AccrualsPage { frame: Frame::sample(language), lines: Vec::new() }
    }
}

pub fn state_tag(words: Words, state: AccrualState) -> Tag {
    let tone = match state {
        AccrualState::Ready | AccrualState::Stopped => "brand",
        AccrualState::Preparing | AccrualState::Listing => "warn",
        AccrualState::Running | AccrualState::Undoing => "warn",
        AccrualState::Done => "good",
        AccrualState::Undone => "",
        AccrualState::Failed => "bad",
    };
    Tag { label: words.say(&format!("accrual-state-{}", state.name())), tone }
}

/// Whom it is for, in a few words.
fn whom(desk: &Desk, words: Words, row: &AccrualRow) -> String {
    let Some(id) = &row.body.segment else { return words.say("accrual-listed") };
    let known = desk.program.segments.iter().find(|segment| segment.id == **id);
    known.map_or_else(|| id.clone(), |segment| desk.language.of(&segment.name).to_owned())
}

/// `GET /admin/accruals`: all of them, the newest first; `?new` is the form of a new one.
pub async fn page(office: Office) -> Result<Response, Response> {
    if asked(&office.visit.path, "new").is_some() {
        return Ok(Page(new::NewAccrualPage::fresh(&office)).into_response());
    }
    let desk = &office.desk;
    let program = desk.program_id();
    let rows = desk.read(move |reader| reader.accruals(program)).await;
    let mut rows = rows.map_err(IntoResponse::into_response)?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.body.created_at));
    let frame = Frame::of(&office.visit, Some(Section::Accruals));
    let shown = Shown::of(desk);
    let line = |row: &AccrualRow| AccrualLine {
        name: row.name.clone(),
        reason: row.body.reason.clone(),
        whom: whom(desk, frame.words, row),
        state: state_tag(frame.words, row.state),
        members: frame.words.whole(row.counts.members),
        points: shown.amount(row.counts.points),
        given: frame.words.whole(row.counts.given),
        at: shown.moment(row.body.created_at),
    };
    let lines = rows.iter().map(line).collect();
    Ok(Page(AccrualsPage { lines, frame }).into_response())
}
