//! `/terms/{program}`: the rules in plain words for whoever shops, as they were published.
//!
//! Invariant: the page is made from the published document and shows nothing that is not in it.

use crate::answer::{Page, trouble};
use crate::frame::Frame;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::terms::{self, Section};
use kopilka_core::time::{INSTANT_MIN, Instant};
use kopilka_core::words::{Language, Speaker};
use kopilka_service::ProgramInfo;
use kopilka_service::rows::VersionRow;
use kopilka_web::problem::Problem;

/// A version to be read instead.
pub struct Other {
    pub version: u32,
    pub since: String,
    pub is_here: bool,
}

#[derive(Template)]
#[template(path = "terms.html")]
pub struct TermsPage {
    pub frame: Frame,
    pub slug: String,
    pub name: String,
    pub version: u32,
    pub since: String,
    /// It is not the one in force.
    pub is_old: bool,
    pub is_trial: bool,
    pub sections: Vec<Section>,
    pub others: Vec<Other>,
}

impl TermsPage {
    pub fn sample(language: Language) -> TermsPage {
        TermsPage {
            frame: Frame::sample(language),
            slug: "shop".to_owned(),
            name: "<b>Sports</b>".to_owned(),
            version: 1,
            since: "01.03.2026".to_owned(),
            is_old: true,
            is_trial: true,
            sections: vec![Section { heading: "…".to_owned(), lines: vec!["<b>5 %</b>".to_owned()] }],
            others: vec![Other { version: 2, since: "01.04.2026".to_owned(), is_here: false }],
        }
    }
}

pub async fn page(visit: Visit, Path(slug): Path<String>) -> Result<Response, Response> {
    drawn(&visit, &slug, None).await
}

pub async fn version(
    visit: Visit,
    Path((slug, version)): Path<(String, String)>,
) -> Result<Response, Response> {
    let unknown = || Problem::of("route_unknown").into_response();
    let number: u32 = version.parse().map_err(|_| unknown())?;
    drawn(&visit, &slug, Some(number)).await
}

async fn drawn(visit: &Visit, slug: &str, asked: Option<u32>) -> Result<Response, Response> {
    let unknown = || Problem::of("route_unknown").into_response();
    let service = &visit.app.service;
    let mut found: Vec<ProgramInfo> = service.programs().into_iter().filter(|p| p.slug == slug).collect();
    // The live one, where there is a trial beside it.
    found.sort_by_key(|program| program.sandbox);
    let program = found.into_iter().next().ok_or_else(unknown)?;
    let (id, now) = (program.id, service.now(program.id));
    let versions = service.versions(id).ok_or_else(unknown)?;
    let in_force = versions.at(now).cloned().ok_or_else(unknown)?;
    let rows = service.read(move |reader| reader.versions(id)).await.map_err(trouble)?;
    // What is to come is the shop's own affair until it has come.
    let told: Vec<&VersionRow> = rows.iter().filter(|row| row.effective_from <= now).collect();
    let number = asked.unwrap_or(in_force.version);
    let row = told.iter().find(|row| row.version == number).ok_or_else(unknown)?;
    let rules = versions.numbered(number).cloned().ok_or_else(unknown)?;
    let language = visit.look.language;
    let speaker = Speaker::new(&rules, language);
    let since = |row: &VersionRow| {
        let at: Instant =
            if row.effective_from == INSTANT_MIN { row.published_at } else { row.effective_from };
        speaker.day(rules.zone.day_of(at))
    };
    let mut others: Vec<Other> = told
        .iter()
        .map(|row| Other { version: row.version, since: since(row), is_here: row.version == number })
        .collect();
    others.reverse();
    let frame = Frame::of(visit, None);
    Ok(Page(TermsPage {
        slug: slug.to_owned(),
        name: language.of(&rules.name).to_owned(),
        version: number,
        since: since(row),
        is_old: number != in_force.version,
        is_trial: program.sandbox,
        sections: terms::terms(&rules, language, now),
        others,
        frame,
    })
    .into_response())
}
