//! What a shop gives beside points: coupons, rewards, levels, achievements, as they stand in the program in
//! force, with what became of each.
//!
//! Invariant: what is counted over all members is read as it was counted last, and says when that was; no
//! page walks over members.

mod achievements;
mod campaign;
mod codes;
mod coupons;
mod rewards;
mod tiers;

use crate::act::may;
use crate::admin::counting;
use crate::admin::program::work;
use crate::answer::trouble;
use crate::door::{Doors, Need};
use crate::posted::Posted;
use crate::samples::{Sample, of};
use crate::shown::Shown;
use crate::visit::{Office, back_to};
use crate::words::Words;
use axum::response::{IntoResponse, Response};
use kopilka_core::coupon::CouponCode;
use kopilka_core::measures::Standings;
use kopilka_core::program::source::Part;
use kopilka_core::time::Day;
use kopilka_core::words::Language;
use kopilka_service::{CodeState, ServiceError};
use kopilka_web::guesses::Guesser;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;

pub fn doors(doors: Doors) -> Doors {
    let (reads, writes) = (Need::Scope(Scope::CouponsRead), Need::Scope(Scope::CouponsWrite));
    let rewards = Need::Scope(Scope::RewardsRead);
    let program = Need::Scope(Scope::ProgramRead);
    doors
        .get("/admin/coupons", reads, coupons::page)
        .get("/admin/coupons/{campaign}", reads, campaign::page)
        .post("/admin/coupons/{campaign}/block", writes, campaign::block)
        .post("/admin/coupons/{campaign}/give", writes, campaign::give)
        .post("/admin/coupons/{campaign}/codes", writes, codes::make)
        .get("/admin/rewards", rewards, rewards::page)
        .ask("/admin/rewards/find", Need::Scope(Scope::MembersRead), rewards::find)
        .post("/admin/rewards/settle", Need::Scope(Scope::RewardsSettle), rewards::settle)
        .get("/admin/tiers", program, tiers::page)
        .get("/admin/achievements", program, achievements::page)
        .post("/admin/standings/count", program, count)
}

pub fn samples(language: Language) -> Vec<Sample> {
    vec![
        of("coupons", coupons::CouponsPage::sample(language)),
        of("coupons-none", coupons::CouponsPage::sample_empty(language)),
        of("campaign", campaign::CampaignPage::sample(language)),
        of("campaign-shared", campaign::CampaignPage::sample_shared(language)),
        of("rewards", rewards::RewardsPage::sample(language)),
        of("rewards-none", rewards::RewardsPage::sample_empty(language)),
        of("tiers", tiers::TiersPage::sample(language)),
        of("tiers-none", tiers::TiersPage::sample_empty(language)),
        of("achievements", achievements::AchievementsPage::sample(language)),
        of("achievements-none", achievements::AchievementsPage::sample_empty(language)),
    ]
}

/// A figure of a page, with what it is counted in.
pub struct Figure {
    pub label: String,
    pub value: String,
    pub note: String,
}

/// When members were counted.
pub struct Counted {
    /// The page to come back to.
    pub page: &'static str,
    /// In words; none before the first time.
    pub at: Option<String>,
}

impl Counted {
    pub fn sample(page: &'static str) -> Counted {
        Counted { page, at: Some("1.03.2026, 10:00".to_owned()) }
    }
}

/// Where members stand, as it was counted last.
pub async fn standings(office: &Office, page: &'static str) -> Result<(Standings, Counted), Response> {
    let desk = &office.desk;
    let report = desk.app.service.standings_report(desk.program_id()).await.map_err(trouble)?;
    let at = report.as_ref().map(|report| Shown::of(desk).moment(report.standings.at));
    let standings = report.map(|report| report.standings).unwrap_or_default();
    Ok((standings, Counted { page, at }))
}

/// Where a count may lead back to.
const PAGES: [&str; 4] = ["coupons", "rewards", "tiers", "achievements"];

/// `POST /admin/standings/count`: counts now, instead of when it is its turn.
pub async fn count(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    if counting::is_due(desk, counting::Counted::Standings) {
        desk.app.service.count_standings(desk.program_id()).await.map_err(trouble)?;
    }
    let page = PAGES.into_iter().find(|name| *name == posted.text("page")).unwrap_or(PAGES[0]);
    Ok(back_to(&format!("/admin/{page}?done=counted")))
}

/// How to change what a page shows: the document that is being worked on.
pub struct Editor {
    /// What a new card begins with; none where the document has no cards.
    pub starter: Option<&'static str>,
    /// How beginning one is called.
    pub key: &'static str,
    pub revision: i64,
    /// Cards by the id of what they hold.
    places: Vec<(String, String)>,
}

impl Editor {
    pub fn sample(starter: Option<&'static str>) -> Editor {
        let places = vec![("a".to_owned(), "/rewards/0".to_owned())];
        Editor { starter, key: key_of(starter), revision: 3, places }
    }
    /// The card of this id in the document that is being worked on.
    pub fn card(&self, id: &str) -> Option<String> {
        let (_, at) = self.places.iter().find(|(known, _)| known == id)?;
        Some(format!("/admin/program/card?at={}", crate::act::in_address(at)))
    }
}

fn key_of(starter: Option<&'static str>) -> &'static str {
    match starter {
        Some("coupon") => "market-new-coupon",
        Some("reward") => "market-new-reward",
        _ => "market-new-achievement",
    }
}

/// The way to the editor, for whoever may write the program; `list` is the JSON pointer of the cards' list.
pub async fn editor(
    office: &Office,
    starter: Option<&'static str>,
    list: &str,
) -> Result<Option<Editor>, Response> {
    if !may(&office.desk, Scope::ProgramWrite) {
        return Ok(None);
    }
    let work = work::work(&office.desk).await.map_err(IntoResponse::into_response)?;
    let source = work.source();
    let items = source.as_ref().and_then(|source| source.part(list)).map_or(&[][..], Part::items);
    let place = |(n, item): (usize, &Part)| (item.said("id").to_owned(), format!("{list}/{n}"));
    let places = items.iter().enumerate().map(place).collect();
    let (key, starter) = (key_of(starter), starter.filter(|_| source.is_some()));
    Ok(Some(Editor { starter, key, revision: work.revision, places }))
}

/// From when until when, in words; nothing where there is no end.
pub fn term(shown: &Shown, words: Words, from: Option<Day>, to: Option<Day>) -> String {
    match (from.map(|day| shown.day(day)), to.map(|day| shown.day(day))) {
        (Some(from), Some(to)) => format!("{from} – {to}"),
        (Some(from), None) => words.say_with("market-from", &[("value", &from)]),
        (None, Some(to)) => words.say_with("market-to", &[("value", &to)]),
        (None, None) => String::new(),
    }
}

/// A code by what somebody types; who tries many that are none must wait, as over HTTP.
async fn code_of(office: &Office, code: CouponCode) -> Result<Option<CodeState>, Problem> {
    let desk = &office.desk;
    let work = async {
        match desk.app.service.code(desk.program_id(), code).await {
            Ok(state) => Ok(Some(state)),
            Err(ServiceError::CouponUnknown) => Ok(None),
            Err(error) => Err(desk.failed(error)),
        }
    };
    let wrong = |found: &Option<CodeState>| usize::from(found.is_none());
    desk.app.guesses.watch((Guesser::of(desk, None), 1), work, wrong).await
}
