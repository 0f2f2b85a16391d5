//! The document as text: the draft to be edited, each version to be read and kept.

use super::problems::{self, Said};
use super::work;
use crate::answer::{Page, again, file as as_file};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, Visit, asked, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::document;
use kopilka_core::words::Language;
use kopilka_web::api::program::versions::numbered;
use kopilka_web::problem::Problem;

/// Longer texts scroll: a page of thousands of lines is slow to draw.
const ROWS_MAX: usize = 1_500;

#[derive(Template)]
#[template(path = "admin/program_text.html")]
pub struct TextPage {
    pub frame: Frame,
    pub text: String,
    /// 1, 2, 3 … as they stand beside the lines.
    pub numbers: String,
    pub rows: usize,
    pub revision: i64,
    pub problems: Vec<Said>,
    pub may_write: bool,
    /// A published version, to be read only.
    pub version: Option<u32>,
}

impl TextPage {
    pub fn sample(language: Language) -> TextPage {
        let text = "program: shop # </textarea><script>alert(1)</script>\ncurrency: RUBB\n".to_owned();
        let frame = Frame::sample(language);
        let problems = problems::said(&document::check(&text).diagnostics, frame.words);
        TextPage::of(frame, text, 2, (problems, true, None))
    }

    fn of(
        frame: Frame,
        text: String,
        revision: i64,
        (problems, may_write, version): (Vec<Said>, bool, Option<u32>),
    ) -> TextPage {
        let lines = text.lines().count() + 1;
        let numbers = (1..=lines).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        TextPage { frame, text, numbers, rows: lines.min(ROWS_MAX), revision, problems, may_write, version }
    }
}

/// The version that an address asks for.
fn version_of(visit: &Visit) -> Option<u32> {
    asked(&visit.path, "version")?.parse().ok()
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let desk = &office.desk;
    let frame = Frame::of(&office.visit, Some(Section::Program));
    if let Some(number) = version_of(&office.visit) {
        let row = numbered(desk, number).await.map_err(IntoResponse::into_response)?;
        let page = TextPage::of(frame, row.text, 0, (Vec::new(), false, Some(number)));
        return Ok(Page(page).into_response());
    }
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let compiled = work::checked(&work.text).await;
    let found = problems::said(&compiled.diagnostics, frame.words);
    let may_write = super::overview::may_write(desk);
    Ok(Page(TextPage::of(frame, work.text, work.revision, (found, may_write, None))).into_response())
}

/// Keeps the text as the draft, right or not: what is wrong is said beside it.
pub async fn save(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let seen: i64 = posted.text("revision").parse().unwrap_or(-1);
    let text = posted.raw("document").replace("\r\n", "\n");
    match work::keep(desk, seen, &work, text.clone(), office.login()).await {
        Ok(()) => Ok(back_to("/admin/program/text?done=draft-saved")),
        Err(problem) => {
            let frame = Frame::of(&office.visit, Some(Section::Program));
            let frame = frame.with_notice(Tone::Bad, desk.language.of(&problem.detail));
            let compiled = work::checked(&text).await;
            let found = problems::said(&compiled.diagnostics, frame.words);
            Ok(again(TextPage::of(frame, text, work.revision, (found, true, None)), problem.code))
        }
    }
}

/// `GET /admin/program/file`: the document to keep.
pub async fn file(office: Office) -> Result<Response, Response> {
    let desk = &office.desk;
    let answer = |problem: Problem| problem.into_response();
    let (text, name) = match version_of(&office.visit) {
        Some(number) => (numbered(desk, number).await.map_err(answer)?.text, format!("v{number}")),
        None => (work::work(desk).await.map_err(answer)?.text, "draft".to_owned()),
    };
    let kind = if text.trim_start().starts_with('{') { "json" } else { "yaml" };
    Ok(as_file(
        &format!("{}-{name}.{kind}", desk.program.slug),
        "text/plain; charset=utf-8",
        text.into_bytes(),
    ))
}
