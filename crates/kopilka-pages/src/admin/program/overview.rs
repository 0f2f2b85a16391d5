//! The program as cards: what is in force or being written, part by part.

use super::begin;
use super::cards::{Dealer, Group};
use super::problems::{self, Said};
use super::starters::{STARTERS, Starter};
use super::work::{self, Work};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, Visit, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::diagnostics::Severity;
use kopilka_core::program::document;
use kopilka_core::program::source::Source;
use kopilka_core::words::Language;
use kopilka_web::app::Desk;
use kopilka_web::scopes::{Scope, granted};

#[derive(Template)]
#[template(path = "admin/program.html")]
pub struct ProgramPage {
    pub frame: Frame,
    pub slug: String,
    pub version: u32,
    pub may_write: bool,
    /// Sees what the shop sells, and so what rules would have done with it.
    pub sees_sums: bool,
    pub is_owner: bool,
    pub revision: i64,
    /// What is said of the draft: who wrote it last.
    pub draft: Option<String>,
    pub errors: usize,
    pub warnings: usize,
    pub groups: Vec<Group>,
    pub starters: Vec<(String, String)>,
    /// Problems of a text that has no cards.
    pub problems: Vec<Said>,
    pub readable: bool,
}

impl ProgramPage {
    pub fn sample(language: Language) -> ProgramPage {
        let text = "program: shop\ncurrency: RUB\nname: \"<b>Shop</b>\"\nrules:\n  - id: cashback\n    when: order.paid\n    then: [{ credit: { percent: 5 } }]\nspending: { max_share: 20 }\n";
        let frame = Frame::sample(language);
        let compiled = document::check(text);
        let work = Work { text: text.to_owned(), revision: 3, by: None };
        let found = problems::said(&compiled.diagnostics, frame.words);
        let mut page = ProgramPage {
            slug: "shop".to_owned(),
            version: 2,
            may_write: true,
            sees_sums: true,
            is_owner: true,
            revision: 3,
            draft: Some(frame.say("program-draft-of")),
            errors: 0,
            warnings: found.len(),
            groups: Vec::new(),
            starters: starters(&frame),
            problems: Vec::new(),
            readable: true,
            frame,
        };
        page.deal(&work, compiled.program.as_ref(), &found);
        page
    }

    fn deal(&mut self, work: &Work, program: Option<&kopilka_core::program::Program>, found: &[Said]) {
        let Some(source) = work.source() else {
            self.readable = false;
            self.problems = found.to_vec();
            return;
        };
        let words = self.frame.words;
        let dealer = Dealer { source: &source, program, language: words.0, problems: found };
        self.groups = dealer.groups(|key| words.say(key));
    }
}

fn starters(frame: &Frame) -> Vec<(String, String)> {
    STARTERS.iter().map(|s| (s.key.to_owned(), frame.say(&format!("start-{}", s.key)))).collect()
}

pub fn may_write(desk: &Desk) -> bool {
    granted(&desk.caller.scopes, Scope::ProgramWrite)
}

pub async fn page(visit: Visit) -> Result<Response, Response> {
    if visit.desk.is_none() {
        return Ok(begin::page(visit).await.into_response());
    }
    let Some((desk, session)) = visit.desk.clone().zip(visit.session.clone()) else {
        return Ok(back_to(crate::visit::SIGN_IN));
    };
    let office = Office { visit, desk, session };
    let frame = Frame::of(&office.visit, Some(Section::Program));
    Ok(Page(drawn(&office, frame).await?).into_response())
}

async fn drawn(office: &Office, frame: Frame) -> Result<ProgramPage, Response> {
    let desk = &office.desk;
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let compiled = work::checked(&work.text).await;
    let found = problems::said(&compiled.diagnostics, frame.words);
    let speaker = desk.speaker();
    let draft = work.by.as_ref().map(|(who, at)| {
        frame.words.say_with("program-draft-by", &[("who", who), ("at", &speaker.moment(*at))])
    });
    let mut page = ProgramPage {
        slug: desk.program.slug.to_string(),
        version: desk.program.version,
        may_write: may_write(desk),
        sees_sums: granted(&desk.caller.scopes, Scope::ReportsRead),
        is_owner: office.session.role == Some(kopilka_service::Role::Owner),
        revision: work.revision,
        draft,
        errors: problems::count(&compiled.diagnostics, Severity::Error),
        warnings: problems::count(&compiled.diagnostics, Severity::Warning),
        groups: Vec::new(),
        starters: starters(&frame),
        problems: Vec::new(),
        readable: true,
        frame,
    };
    page.deal(&work, compiled.program.as_ref(), &found);
    Ok(page)
}

/// The page once more, with what was refused.
async fn refused(office: &Office, text: String, code: &'static str) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Program)).with_notice(Tone::Bad, text);
    Ok(again(drawn(office, frame).await?, code))
}

/// A new card, one taken away, one moved, the draft thrown away.
pub async fn change(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let words = crate::Words(desk.language);
    if posted.text("act") == "discard" {
        let gone = desk.app.service.delete_draft(desk.program_id(), work::DRAFT.to_owned()).await;
        gone.map_err(|error| desk.failed(error).into_response())?;
        return Ok(back_to("/admin/program?done=draft-discarded"));
    }
    let Some(source) = work.source() else {
        return refused(&office, words.say("program-unreadable"), "document_unreadable").await;
    };
    let Some((text, goal)) = changed(desk, &source, &posted) else {
        return refused(&office, words.say("program-place-gone"), "place_unknown").await;
    };
    let seen = posted.text("revision").parse().unwrap_or(-1);
    match work::keep(desk, seen, &work, text, office.login()).await {
        Ok(()) => Ok(back_to(&goal)),
        Err(problem) => refused(&office, desk.language.of(&problem.detail).to_owned(), problem.code).await,
    }
}

fn changed(desk: &Desk, source: &Source, posted: &Posted) -> Option<(String, String)> {
    let today = desk.program.zone.day_of(desk.now);
    let at = posted.text("at");
    let home = "/admin/program?done=draft-saved".to_owned();
    match posted.text("act") {
        "add" => {
            let (text, at) = Starter::of(posted.text("starter"))?.added(source, today)?;
            Some((text, filled_address(&at)))
        }
        "delete" => Some((source.without(at)?, home)),
        act @ ("up" | "down") => {
            let (list, place) = at.rsplit_once('/')?;
            let place: usize = place.parse().ok()?;
            let first = if act == "up" { place.checked_sub(1)? } else { place };
            Some((source.swapped(list, first)?, home))
        }
        "move" => {
            let (list, place) = at.rsplit_once('/')?;
            let (place, to) = (place.parse().ok()?, posted.text("to").parse().ok()?);
            let count = source.part(list)?.items().len();
            (place < count && to < count && place != to).then_some(())?;
            Some((moved(source, list, place, to)?, home))
        }
        _ => None,
    }
}

/// A card that was let go elsewhere in its list: the others step aside one by one, each with its comments.
fn moved(source: &Source, list: &str, place: usize, to: usize) -> Option<String> {
    let text = source.swapped(list, if to < place { place - 1 } else { place })?;
    match if to < place { place - 1 } else { place + 1 } {
        next if next == to => Some(text),
        next => moved(&Source::read(&text)?, list, next, to),
    }
}

/// The card of a part.
pub fn filled_address(at: &str) -> String {
    let at: String = url::form_urlencoded::byte_serialize(at.as_bytes()).collect();
    format!("/admin/program/card?at={at}")
}
