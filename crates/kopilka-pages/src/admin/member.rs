//! `/admin/members/{id}`: a member on one page, and what may be done for them.
//!
//! Invariant: what is shown was read as of one moment; an act goes the way of the API, and comes back to its
//! form with what was typed where it is refused.

mod acts;
mod given;
mod history;
mod holders;
mod leave;
mod merge;
mod overview;
mod samples;

pub use acts::{adjust, cards, consents, offers, person, status, tags, tier};
pub use holders::holders;
pub use leave::{erase, export};
pub use merge::{MergePage, merge, page as merge_page, preview};

use crate::act::may;
use crate::admin::people::{Tag, name_of, status_tag};
use crate::answer::Page;
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::{MemberRow, Person};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;

/// A figure of the member's, and what it is.
pub struct Figure {
    pub label: String,
    pub value: String,
    pub note: String,
    pub main: bool,
}

/// The tabs of the page, by the words of the address.
pub const TABS: [&str; 8] =
    ["points", "orders", "journal", "network", "gifts", "consents", "achievements", "acts"];

/// A tab as it is shown.
pub struct TabLink {
    pub name: &'static str,
    pub label: String,
    pub is_here: bool,
}

/// What a tab shows.
pub enum Body {
    Points(overview::Overview),
    Orders(history::Orders),
    Journal(history::Journal),
    Network(given::Network),
    Gifts(given::Gifts),
    Consents(given::Consents),
    Achievements(Vec<overview::Achievement>),
    Acts(Box<acts::Acts>),
}

#[derive(Template)]
#[template(path = "admin/member.html")]
pub struct MemberPage {
    pub frame: Frame,
    pub id: String,
    pub name: String,
    pub status: Option<Tag>,
    pub level: Option<String>,
    /// What is missing to the next level.
    pub next_level: Option<String>,
    pub tags: Vec<String>,
    pub figures: Vec<Figure>,
    pub tabs: Vec<TabLink>,
    pub body: Body,
    /// The form that came back, and what was typed into it.
    pub kept: Option<(&'static str, Posted)>,
}

impl MemberPage {
    /// What was typed into a field of a form that came back.
    pub fn typed(&self, form: &str, field: &str) -> &str {
        match &self.kept {
            Some((kept, posted)) if *kept == form => posted.raw(field),
            _ => "",
        }
    }
    /// Whether a box was ticked in a form that came back.
    pub fn typed_any(&self, form: &str, field: &str, value: &str) -> bool {
        let kept = self.kept.as_ref().filter(|(kept, _)| *kept == form);
        kept.is_some_and(|(_, posted)| posted.all(field).any(|typed| typed == value))
    }
    /// What a field holds: what was typed, or what is known.
    pub fn typed_or<'a>(&'a self, form: &str, field: &str, known: &'a str) -> &'a str {
        if self.is_open(form) { self.typed(form, field) } else { known }
    }
    pub fn is_open(&self, form: &str) -> bool {
        self.kept.as_ref().is_some_and(|(kept, _)| *kept == form)
    }
}

/// A member as the pages read one.
pub struct Found {
    pub row: MemberRow,
    pub person: Person,
}

/// The member of the address. An account that has become part of another shows the other.
pub async fn found(office: &Office, id: &str) -> Result<Found, Problem> {
    let desk = &office.desk;
    let unknown = || desk.refused(&Refusal::MemberUnknown);
    let id = MemberId::parse(id).ok_or_else(unknown)?;
    let program = desk.program_id();
    let read = move |r: &kopilka_service::Reader| {
        let id = r.survivor(program, id)?;
        Ok((r.member(program, id)?, r.person(program, id)?))
    };
    let (row, person) = desk.read(read).await?;
    let row = row.ok_or_else(unknown)?;
    Ok(Found { row, person: person.unwrap_or_default() })
}

/// `GET /admin/members/{id}`.
pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let tab = asked(&office.visit.path, "tab").unwrap_or_default();
    let frame = Frame::of(&office.visit, Some(Section::Members));
    let page = drawn(&office, &id, &tab, frame).await.map_err(IntoResponse::into_response)?;
    Ok(Page(page).into_response())
}

/// The page of a member with one of its tabs.
pub async fn drawn(office: &Office, id: &str, tab: &str, frame: Frame) -> Result<MemberPage, Problem> {
    let found = found(office, id).await?;
    let shown = Shown::of(&office.desk);
    let open = tabs_of(office, &found);
    let here = open.iter().copied().find(|known| *known == tab).unwrap_or(TABS[0]);
    let body = match here {
        "orders" => Body::Orders(history::orders(office, &found, &shown, frame.words).await?),
        "journal" => Body::Journal(history::journal(office, &found, &shown, frame.words).await?),
        "network" => Body::Network(given::network(office, &found, &shown).await?),
        "gifts" => Body::Gifts(given::gifts(office, &found, &shown, frame.words).await?),
        "consents" => Body::Consents(given::consents(office, &found, &shown, frame.words)),
        "achievements" => Body::Achievements(overview::achievements(office, &found, &shown, frame.words)),
        "acts" => Body::Acts(Box::new(acts::Acts::of(office, &found, frame.words))),
        _ => Body::Points(overview::Overview::of(office, &found, &shown, frame.words)),
    };
    let link = |name: &'static str| TabLink {
        name,
        label: frame.say(&format!("member-tab-{name}")),
        is_here: name == here,
    };
    let (level, next_level) = overview::level(office, &found, &shown, frame.words);
    Ok(MemberPage {
        id: found.row.member.id.to_string(),
        name: name_of(frame.words, &found.row.member, &found.person),
        status: status_tag(frame.words, found.row.member.status),
        level,
        next_level,
        tags: found.row.member.tags.iter().map(ToString::to_string).collect(),
        figures: overview::figures(office, &found, &shown, frame.words),
        tabs: open.into_iter().map(link).collect(),
        body,
        kept: None,
        frame,
    })
}

/// Each tab needs what its part of the API needs; one that would stay empty for ever is left out.
fn tabs_of(office: &Office, found: &Found) -> Vec<&'static str> {
    let desk = &office.desk;
    let closed = matches!(
        found.row.member.status,
        MemberStatus::Anonymized | MemberStatus::Merged | MemberStatus::Guest
    );
    let open = |name: &&'static str| match *name {
        "orders" => may(desk, Scope::OrdersRead),
        "gifts" => may(desk, Scope::CouponsRead),
        "achievements" => !desk.program.achievements.is_empty(),
        "acts" => !closed && acts::SCOPES.iter().any(|scope| may(desk, *scope)),
        _ => true,
    };
    TABS.iter().filter(|name| open(name)).copied().collect()
}

/// An act that was refused comes back to its form.
pub async fn refused(
    office: &Office,
    id: &str,
    (form, posted): (&'static str, Posted),
    problem: Problem,
) -> Result<Response, Response> {
    if problem.status.is_server_error() {
        return Err(problem.into_response());
    }
    let said = office.desk.language.of(&problem.detail).to_owned();
    let frame = Frame::of(&office.visit, Some(Section::Members)).with_notice(Tone::Bad, said);
    let tab = if form == "consents" { "consents" } else { "acts" };
    let page = drawn(office, id, tab, frame).await.map_err(IntoResponse::into_response)?;
    let page = MemberPage { kept: Some((form, posted)), ..page };
    Ok(crate::answer::again(page, problem.code))
}
