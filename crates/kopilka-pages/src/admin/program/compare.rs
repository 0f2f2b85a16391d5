//! Publishing: what will be different, from when; the versions there were, and the way back to one.

use super::problems::{self, Said};
use super::work::{self, DRAFT};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::Compiled;
use kopilka_core::time::{Day, INSTANT_MIN, Instant};
use kopilka_core::words::Language;
use kopilka_service::rows::VersionRow;
use kopilka_web::api::program::difference::{DifferenceAnswer, PartAnswer, in_force};
use kopilka_web::api::program::publish::{PublishWire, publish_program};
use kopilka_web::api::program::versions::{numbered, rows};
use kopilka_web::app::Desk;
use kopilka_web::json::Json;
use kopilka_web::problem::Problem;
use kopilka_web::wire::{TimeText, Word};

#[derive(Template)]
#[template(path = "admin/program_publish.html")]
pub struct PublishPage {
    pub frame: Frame,
    pub revision: i64,
    pub errors: Vec<Said>,
    pub warnings: Vec<Said>,
    pub parts: Vec<PartAnswer>,
    pub untold: bool,
    /// Nothing is different from what is in force.
    pub is_same: bool,
    pub note: String,
    pub from: String,
    pub today: String,
}

impl PublishPage {
    pub fn sample(language: Language) -> PublishPage {
        let frame = Frame::sample(language);
        let part = PartAnswer {
            heading: String::new(),
            gone: vec!["<b>5 %</b>".to_owned()],
            new: vec!["<b>7 %</b>".to_owned()],
        };
        PublishPage {
            revision: 2,
            errors: Vec::new(),
            warnings: Vec::new(),
            parts: vec![part],
            untold: true,
            is_same: false,
            note: "\"><script>alert(1)</script>".to_owned(),
            from: String::new(),
            today: "2026-03-01".to_owned(),
            frame,
        }
    }
}

async fn drawn(office: &Office, frame: Frame) -> Result<PublishPage, Problem> {
    let desk = &office.desk;
    let work = work::work(desk).await?;
    let compiled: Compiled = work::checked(&work.text).await;
    let all = problems::said(&compiled.diagnostics, frame.words);
    let (errors, warnings) = all.into_iter().partition(|said| said.tone == "bad");
    let difference = match &compiled.program {
        Some(program) => Some(DifferenceAnswer::between(&in_force(desk).await?, program, desk.language)),
        None => None,
    };
    let is_same = difference.as_ref().is_some_and(|d| d.parts.is_empty() && !d.untold);
    let (parts, untold) = difference.map_or((Vec::new(), false), |d| (d.parts, d.untold));
    Ok(PublishPage {
        revision: work.revision,
        errors,
        warnings,
        parts: parts.into_iter().map(undashed).collect(),
        untold,
        is_same,
        note: String::new(),
        from: String::new(),
        today: desk.program.zone.day_of(desk.now).to_string(),
        frame,
    })
}

fn undashed(part: PartAnswer) -> PartAnswer {
    let bare = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.strip_prefix("- ").unwrap_or(line).to_owned()).collect()
    };
    PartAnswer {
        heading: part.heading.trim_end_matches(':').to_owned(),
        gone: bare(part.gone),
        new: bare(part.new),
    }
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Program));
    Ok(Page(drawn(&office, frame).await.map_err(IntoResponse::into_response)?).into_response())
}

/// The draft becomes the next version.
pub async fn publish(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let done = match posted.text("revision").parse::<i64>() {
        Ok(seen) if seen == work.revision && work.is_draft() => {
            wire(desk, &posted, Published::Draft, &office).map(|wire| (wire, ()))
        }
        _ => Err(Problem::of("draft_changed").with("revision", work.revision)),
    };
    let done = match done {
        Ok((wire, ())) => publish_program(desk.clone(), Json { body: wire, hash: [0; 16] }).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => Ok(back_to("/admin/program?done=published")),
        Err(problem) => {
            let frame = Frame::of(&office.visit, Some(Section::Program));
            let frame = frame.with_notice(Tone::Bad, desk.language.of(&problem.detail));
            let mut page = drawn(&office, frame).await.map_err(IntoResponse::into_response)?;
            page.note = posted.text("note").to_owned();
            page.from = posted.text("from").to_owned();
            Ok(again(page, problem.code))
        }
    }
}

/// What is published.
enum Published {
    Draft,
    Text(String),
}

fn wire(desk: &Desk, posted: &Posted, what: Published, office: &Office) -> Result<PublishWire, Problem> {
    let invalid = || Problem::of("invalid_text").with("limit", kopilka_web::wire::TEXT_MAX);
    let from = match posted.some("from") {
        None => None,
        Some(text) => {
            let day = Day::parse(text).ok_or_else(|| Problem::of("invalid_date"))?;
            let at = desk.program.zone.start_of(day);
            // Today means now: versions follow each other in time.
            (at > desk.now).then_some(TimeText(at))
        }
    };
    let (document, draft) = match what {
        Published::Draft => (None, Some(Word::checked(DRAFT).ok_or_else(invalid)?)),
        Published::Text(text) => (Some(text), None),
    };
    let note = posted.some("note").map(|note| Word::checked(note).ok_or_else(invalid)).transpose()?;
    Ok(PublishWire {
        document,
        draft,
        author: Word::checked(office.login()).ok_or_else(invalid)?,
        note,
        from,
    })
}

/// One version of the list.
pub struct VersionLine {
    pub version: u32,
    pub from: String,
    pub published: String,
    pub author: String,
    pub note: String,
    pub in_force: bool,
    pub is_ahead: bool,
}

#[derive(Template)]
#[template(path = "admin/program_versions.html")]
pub struct VersionsPage {
    pub frame: Frame,
    pub slug: String,
    pub lines: Vec<VersionLine>,
    pub may_write: bool,
}

impl VersionsPage {
    pub fn sample(language: Language) -> VersionsPage {
        let line = |version, in_force| VersionLine {
            version,
            from: "2026-03-01".to_owned(),
            published: "2026-03-01".to_owned(),
            author: "anna@shop.example".to_owned(),
            note: "<b>+2 %</b>".to_owned(),
            in_force,
            is_ahead: false,
        };
        VersionsPage {
            frame: Frame::sample(language),
            slug: "shop".to_owned(),
            lines: vec![line(2, true), line(1, false)],
            may_write: true,
        }
    }
}

pub async fn versions(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Program));
    Ok(Page(listed(&office, frame).await.map_err(IntoResponse::into_response)?).into_response())
}

async fn listed(office: &Office, frame: Frame) -> Result<VersionsPage, Problem> {
    let desk = &office.desk;
    let speaker = desk.speaker();
    let moment = |at: Instant| match at {
        INSTANT_MIN => frame.say("version-ever"),
        at => speaker.moment(at),
    };
    let line = |row: VersionRow| VersionLine {
        version: row.version,
        from: moment(row.effective_from),
        published: moment(row.published_at),
        author: row.author,
        note: row.note,
        in_force: row.version == desk.program.version,
        is_ahead: row.effective_from > desk.now,
    };
    let lines = rows(desk).await?.into_iter().map(line).collect();
    let may_write = super::overview::may_write(desk);
    Ok(VersionsPage { slug: desk.program.slug.to_string(), lines, may_write, frame })
}

/// An older version is published again, as the next one.
pub async fn back(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let number: u32 = posted.text("version").parse().unwrap_or(0);
    let note = crate::Words(desk.language).say_with("version-back-note", &[("value", &number.to_string())]);
    let again_of = async {
        let row = numbered(desk, number).await?;
        let wire = wire(desk, &Posted::of(&[("note", &note)]), Published::Text(row.text), &office)?;
        publish_program(desk.clone(), Json { body: wire, hash: [0; 16] }).await.map(|_| ())
    };
    match again_of.await {
        Ok(()) => Ok(back_to("/admin/program/versions?done=published")),
        Err(problem) => {
            let frame = Frame::of(&office.visit, Some(Section::Program));
            let frame = frame.with_notice(Tone::Bad, desk.language.of(&problem.detail));
            let page = listed(&office, frame).await.map_err(IntoResponse::into_response)?;
            Ok(again(page, problem.code))
        }
    }
}
