//! `/admin/members/new`: a member is registered by hand.

use crate::act::{envelope, word, words};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::Text;
use kopilka_core::time::Day;
use kopilka_core::words::Language;
use kopilka_service::{Change, Registration};
use kopilka_web::problem::Problem;
use kopilka_web::wire::member::referrer;

#[derive(Template)]
#[template(path = "admin/member_new.html")]
pub struct NewMemberPage {
    pub frame: Frame,
    /// What was typed, where the form comes back.
    pub typed: Posted,
}

impl NewMemberPage {
    pub fn sample(language: Language) -> NewMemberPage {
        let typed = Posted::of(&[("name", "\"><script>alert(1)</script>"), ("phones", "+79123456789")]);
        NewMemberPage { frame: Frame::sample(language), typed }
    }
}

pub async fn page(office: Office) -> Page<NewMemberPage> {
    let frame = Frame::of(&office.visit, Some(Section::Members));
    Page(NewMemberPage { frame, typed: Posted::default() })
}

/// `POST /admin/members/register`.
pub async fn register(office: Office, posted: Posted) -> Result<Response, Response> {
    match registered(&office, &posted).await {
        Ok(address) => Ok(back_to(&address)),
        Err(problem) if problem.status.is_server_error() => Err(problem.into_response()),
        Err(problem) => {
            let said = office.desk.language.of(&problem.detail).to_owned();
            let frame = Frame::of(&office.visit, Some(Section::Members)).with_notice(Tone::Bad, said);
            Ok(again(NewMemberPage { frame, typed: posted }, problem.code))
        }
    }
}

async fn registered(office: &Office, posted: &Posted) -> Result<String, Problem> {
    let registration = Registration {
        name: word(posted, "name")?,
        phones: words(posted, "phones"),
        emails: words(posted, "emails"),
        cards: words(posted, "cards"),
        ext: word(posted, "ext")?,
        birth_date: day(posted, "birth_date")?,
        referrer: posted.some("referral").map(|code| referrer(code, &office.desk.program)).transpose()?,
        no_welcome: !posted.is_set("welcome"),
        ..Registration::default()
    };
    // Somebody of whom nothing is known is found by nothing.
    let names = [&registration.phones, &registration.emails, &registration.cards];
    if names.iter().all(|list| list.is_empty()) && registration.ext.is_none() {
        return Err(nothing_told());
    }
    let envelope = envelope(office, "members.register", posted, "")?;
    let done = office.desk.write(envelope, Change::Register(registration)).await?;
    let what = if done.existed { "member-known" } else { "member-registered" };
    Ok(format!("/admin/members/{}?done={what}", done.member))
}

fn nothing_told() -> Problem {
    let said = |language| Words(language).say("member-needs-one");
    let detail = Text { en: said(Language::En), ru: said(Language::Ru) };
    Problem { detail, ..Problem::of("member_reference_invalid") }
}

/// A day that may be left empty.
pub fn day(posted: &Posted, name: &str) -> Result<Option<Day>, Problem> {
    let Some(text) = posted.some(name) else { return Ok(None) };
    Day::parse(text).map(Some).ok_or_else(|| Problem::of("invalid_date"))
}
