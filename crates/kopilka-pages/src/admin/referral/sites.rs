//! `POST /admin/referral/sites`: a site is claimed for a member, asked whose it is, or let go.
//!
//! Invariant: who has sites asked again and again must wait, here as in the API.

use super::{ReferralPage, drawn};
use crate::act::envelope;
use crate::answer::again;
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, back_to};
use crate::words::Words;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::SiteProof;
use kopilka_service::{Change, MemberRef, PersonPatch, SiteChange, SiteProblem, identifiers};
use kopilka_web::api::sites::list::SiteAnswer;
use kopilka_web::guesses::Guesser;
use kopilka_web::problem::Problem;

/// One site of a member.
pub struct SiteCard {
    pub host: String,
    pub token: String,
    /// Where the file is to stand, and the tag for the first page's head.
    pub file: String,
    pub meta: String,
    pub record: String,
    /// Since when visitors from there count, and by what it was shown.
    pub confirmed: Option<String>,
}

impl SiteCard {
    pub fn of(words: Words, shown: &Shown, site: &SiteAnswer) -> SiteCard {
        let confirmed = site.confirmed_at.as_ref().map(|at| {
            let by = site.confirmed_by.unwrap_or_default();
            let by = words.say_if_known(&format!("site-by-{by}")).unwrap_or_default();
            words.say_with("site-confirmed", &[("at", &shown.moment(at.0)), ("by", &by)])
        });
        SiteCard {
            host: site.site.clone(),
            token: site.token.clone(),
            file: site.file.clone(),
            meta: site.meta.clone(),
            record: site.record.clone(),
            confirmed,
        }
    }
    pub fn samples(words: Words) -> Vec<SiteCard> {
        let confirmed = words.say_with("site-confirmed", &[("at", "1.03.2026"), ("by", "")]);
        let card = |confirmed| SiteCard {
            host: "blog.example".to_owned(),
            token: "t0".to_owned(),
            file: "https://blog.example/.well-known/kopilka-site.txt".to_owned(),
            meta: "<meta name=\"kopilka-site\" content=\"t0\">".to_owned(),
            record: "_kopilka.blog.example".to_owned(),
            confirmed,
        };
        vec![card(None), card(Some(confirmed))]
    }
}

pub async fn change(office: Office, posted: Posted) -> Result<Response, Response> {
    let id = posted.text("member").to_owned();
    match changed(&office, &id, &posted).await {
        Ok(done) => Ok(back_to(&format!("/admin/referral?member={id}&done={done}"))),
        Err(problem) if problem.status.is_server_error() => Err(problem.into_response()),
        Err(problem) => {
            let said = office.desk.language.of(&problem.detail).to_owned();
            let frame = Frame::of(&office.visit, Some(Section::Referral)).with_notice(Tone::Bad, said);
            let page = drawn(&office, Some(&id), frame).await?;
            let site = if posted.text("act") == "claim" { posted.text("site") } else { "" };
            Ok(again(ReferralPage { site: site.to_owned(), ..page }, problem.code))
        }
    }
}

async fn changed(office: &Office, id: &str, posted: &Posted) -> Result<&'static str, Problem> {
    let unknown = || office.desk.refused(&Refusal::MemberUnknown);
    let member = MemberId::parse(id).ok_or_else(unknown)?;
    let host = posted.text("site").to_owned();
    let (endpoint, site, done) = match posted.text("act") {
        "claim" => ("members.sites", SiteChange::Claim { host }, "site-claimed"),
        "remove" => ("members.sites.remove", SiteChange::Remove { host }, "site-removed"),
        "confirm" => {
            let site = confirmed(office, member, &host, posted.text("by")).await?;
            ("members.sites.confirm", site, "site-confirmed")
        }
        _ => return Err(Problem::of("form_invalid")),
    };
    let envelope = envelope(office, endpoint, posted, id)?;
    let patch = PersonPatch { site: Some(site), ..PersonPatch::default() };
    office.desk.write(envelope, Change::PatchMember { member: MemberRef::Id(member), patch }).await?;
    Ok(done)
}

/// The site is asked now; what it has shown is what is confirmed.
async fn confirmed(office: &Office, member: MemberId, host: &str, by: &str) -> Result<SiteChange, Problem> {
    let desk = &office.desk;
    let host = identifiers::site(host).map_err(|why| desk.refused(&why))?;
    let proof = SiteProof::by_name(by).ok_or_else(|| Problem::of("form_invalid"))?;
    let work = async {
        let shown = desk.app.service.check_site(desk.program_id(), member, host.clone(), proof).await;
        shown.map_err(|e| desk.failed(e))?.map_err(|why| match why {
            SiteProblem::Unknown => desk.refused(&Refusal::SiteUnknown),
            SiteProblem::Silent(failure) => not_shown(failure.code()),
            SiteProblem::Status(status) => not_shown(&status.to_string()),
            SiteProblem::TokenMissing => not_shown("token_missing"),
        })
    };
    let named = MemberRef::Id(member);
    let site = desk.app.guesses.watch((Guesser::of(desk, Some(&named)), 1), work, |_| 0).await?;
    Ok(SiteChange::Confirm { host, token: site.token, proof })
}

fn not_shown(why: &str) -> Problem {
    Problem::of("site_not_confirmed").with("why", why)
}
