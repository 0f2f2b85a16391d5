//! `/admin/account`: one's own password, second factor and sessions.

use crate::admin::team::problem_words;
use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::visit::{Session, Visit, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use kopilka_core::ids::ProgramId;
use kopilka_core::words::Language;
use kopilka_service::TeamProblem;
use kopilka_web::problem::Problem;

/// One session as its owner sees it.
pub struct SessionLine {
    pub id: String,
    pub agent: String,
    pub since: String,
    pub seen: String,
    pub is_this: bool,
}

/// A second factor that is being set up: a picture for the phone, and the same as text.
pub struct Setup {
    pub picture: String,
    pub secret: String,
}

#[derive(Template)]
#[template(path = "admin/account.html")]
pub struct AccountPage {
    pub frame: Frame,
    pub login: String,
    pub has_totp: bool,
    pub setup: Option<Setup>,
    pub sessions: Vec<SessionLine>,
}

impl AccountPage {
    pub fn sample(language: Language) -> AccountPage {
        let line = |id: &str, is_this| SessionLine {
            id: id.to_owned(),
            agent: "Firefox on <Debian>".to_owned(),
            since: "2026-03-01 10:00 UTC".to_owned(),
            seen: "2026-03-02 11:00 UTC".to_owned(),
            is_this,
        };
        AccountPage {
            frame: Frame::sample(language),
            login: "anna@shop.example".to_owned(),
            has_totp: false,
            setup: Some(Setup {
                picture: picture("otpauth://totp/x"),
                secret: "JBSWY3DPEHPK3PXP".to_owned(),
            }),
            sessions: vec![line("a", true), line("b", false)],
        }
    }
    pub fn sample_with_code(language: Language) -> AccountPage {
        AccountPage { has_totp: true, setup: None, ..AccountPage::sample(language) }
    }
}

/// As a drawing of this page, without anything loaded.
fn picture(text: &str) -> String {
    QRBuilder::new(text).build().map_or_else(|_| String::new(), |code| SvgBuilder::default().to_str(&code))
}

async fn drawn(visit: &Visit, session: &Session, frame: Frame) -> Result<AccountPage, Response> {
    let operator = &session.info.operator;
    let rows = visit.app.service.sessions(operator.id).await.map_err(trouble)?;
    let sessions = rows.into_iter().map(|row| SessionLine {
        is_this: row.id == session.info.id,
        id: row.id,
        agent: row.agent,
        since: visit.stamp(row.created_at),
        seen: visit.stamp(row.seen_at),
    });
    Ok(AccountPage {
        frame,
        login: operator.login.clone(),
        has_totp: operator.has_totp,
        setup: None,
        sessions: sessions.collect(),
    })
}

pub async fn page(visit: Visit) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let frame = Frame::of(&visit, None);
    Ok(Page(drawn(&visit, &session, frame).await?).into_response())
}

async fn refused(
    visit: &Visit,
    session: &Session,
    text: String,
    code: &'static str,
) -> Result<Response, Response> {
    let frame = Frame::of(visit, None).with_notice(Tone::Bad, text);
    Ok(again(drawn(visit, session, frame).await?, code))
}

pub async fn change_password(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let words = crate::Words(visit.look.language);
    if posted.raw("new") != posted.raw("again") {
        return refused(&visit, &session, words.say("password-differs"), "password_differs").await;
    }
    let (old, new) = (posted.raw("old").to_owned(), posted.raw("new").to_owned());
    let done = visit.app.service.change_password(session.info.operator.id, old, new, &session.token).await;
    match done.map_err(trouble)? {
        Ok(()) => Ok(back_to("/admin/account?done=password")),
        Err(problem) => refused(&visit, &session, problem_words(words, &problem), "password_refused").await,
    }
}

/// Sets up a second factor, confirms it by its first code, or takes it away by the password.
pub async fn change_code(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let words = crate::Words(visit.look.language);
    let id = session.info.operator.id;
    let service = &visit.app.service;
    let done: Result<(), TeamProblem> = match posted.text("step") {
        "begin" => match service.begin_totp(id, posted.raw("password").to_owned()).await.map_err(trouble)? {
            Ok(begun) => {
                let page = drawn(&visit, &session, Frame::of(&visit, None)).await?;
                let setup = Setup { picture: picture(&begun.otpauth_url), secret: begun.secret_base32 };
                return Ok(Page(AccountPage { setup: Some(setup), ..page }).into_response());
            }
            Err(problem) => Err(problem),
        },
        "confirm" => service.confirm_totp(id, posted.text("code")).await.map_err(trouble)?,
        _ => service.end_totp(id, posted.raw("password").to_owned()).await.map_err(trouble)?,
    };
    match done {
        Ok(()) => Ok(back_to("/admin/account?done=code")),
        Err(problem) => refused(&visit, &session, problem_words(words, &problem), "code_refused").await,
    }
}

pub async fn end_session(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let ended = visit.app.service.revoke_session(session.info.operator.id, posted.text("session")).await;
    ended.map_err(trouble)?;
    Ok(back_to("/admin/account?done=session"))
}

pub async fn choose_program(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let program = posted.text("program").parse().map(ProgramId);
    let open = |id: &ProgramId| session.info.operator.role_in(Some(*id)).is_some();
    let Some(program) = program.ok().filter(open) else {
        return Err(Problem::of("program_unknown").into_response());
    };
    match visit.app.service.choose_program(&session.token, program).await.map_err(trouble)? {
        Ok(()) => Ok(back_to("/admin")),
        Err(_) => Err(Problem::of("program_unknown").into_response()),
    }
}
