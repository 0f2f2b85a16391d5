//! Signing in and out: a password, and a code of a phone's app where the operator has set one up.
//!
//! Invariant: a wrong login and a wrong password are answered alike, and a session begins with a token that
//! nobody had before.

use crate::admin::team::problem_words;
use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::visit::{NO_SESSION, SIGN_IN, Visit, asked, back_to, session_cookie};
use askama::Template;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use kopilka_core::words::Language;
use kopilka_service::{AuditNew, SignIn, SignedIn};

/// What is noted of a browser, to tell sessions apart.
const AGENT_MAX: usize = 200;

#[derive(Template)]
#[template(path = "admin/sign_in.html")]
pub struct SignInPage {
    pub frame: Frame,
    pub login: String,
    pub back: String,
    /// Between password and code.
    pub pending: Option<String>,
}

impl SignInPage {
    pub fn sample(language: Language) -> SignInPage {
        let frame = Frame::sample(language).with_notice(Tone::Bad, "—");
        SignInPage {
            frame,
            login: "\"><script>alert(1)</script>".to_owned(),
            back: String::new(),
            pending: None,
        }
    }
    pub fn sample_of_code(language: Language) -> SignInPage {
        SignInPage { pending: Some("p".to_owned()), ..SignInPage::sample(language) }
    }
}

pub async fn page(visit: Visit) -> Result<Response, Response> {
    let back = asked(&visit.path, "back").unwrap_or_default();
    if visit.session.is_some() {
        return Ok(back_to(&back));
    }
    if !visit.app.service.has_operators().await.map_err(trouble)? {
        let frame = Frame::of(&visit, None);
        return Ok(Page(NobodyPage { frame }).into_response());
    }
    let frame = Frame::of(&visit, None);
    Ok(Page(SignInPage { frame, login: String::new(), back, pending: None }).into_response())
}

/// Before anybody is in the team.
#[derive(Template)]
#[template(path = "admin/nobody.html")]
pub struct NobodyPage {
    pub frame: Frame,
}

pub async fn enter(visit: Visit, headers: HeaderMap, posted: Posted) -> Result<Response, Response> {
    let asked = SignIn {
        login: posted.text("login").to_owned(),
        password: posted.raw("password").to_owned(),
        agent: agent(&headers),
    };
    let done = visit.app.service.sign_in(asked).await;
    let back = posted.text("back").to_owned();
    let login = posted.text("login").to_owned();
    match done.map_err(trouble)? {
        Ok(SignedIn::Session(token)) => {
            noted(&visit, &token, &agent(&headers)).await?;
            Ok(entered(&visit, &token, &back))
        }
        Ok(SignedIn::CodeWanted(pending)) => {
            let page = SignInPage { frame: Frame::of(&visit, None), login, back, pending: Some(pending) };
            Ok(Page(page).into_response())
        }
        Err(problem) => {
            let frame = Frame::of(&visit, None);
            let text = problem_words(frame.words, &problem);
            let frame = frame.with_notice(Tone::Bad, text);
            Ok(again(SignInPage { frame, login, back, pending: None }, "sign_in_wrong"))
        }
    }
}

pub async fn enter_with_code(visit: Visit, headers: HeaderMap, posted: Posted) -> Result<Response, Response> {
    let pending = posted.text("pending");
    let code: String = posted.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    let done = visit.app.service.sign_in_with_code(pending, &code, &agent(&headers)).await;
    let back = posted.text("back").to_owned();
    match done.map_err(trouble)? {
        Ok(token) => {
            noted(&visit, &token, &agent(&headers)).await?;
            Ok(entered(&visit, &token, &back))
        }
        Err(problem) => {
            let frame = Frame::of(&visit, None);
            let text = problem_words(frame.words, &problem);
            let frame = frame.with_notice(Tone::Bad, text);
            let page = SignInPage { frame, login: String::new(), back, pending: Some(pending.to_owned()) };
            Ok(again(page, "sign_in_code_wrong"))
        }
    }
}

pub async fn leave(visit: Visit, _posted: Posted) -> Result<Response, Response> {
    if let Some(session) = &visit.session {
        let left = visit.app.service.sign_out(&session.token).await;
        left.map_err(trouble)?;
    }
    let mut answer = Redirect::to(SIGN_IN).into_response();
    answer.headers_mut().append(header::SET_COOKIE, NO_SESSION);
    Ok(answer)
}

pub fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(AGENT_MAX).collect()
}

/// Who has come in, and with what, is in the audit as everything else is.
async fn noted(visit: &Visit, token: &str, agent: &str) -> Result<(), Response> {
    let service = &visit.app.service;
    let Some(session) = service.session(token).await.map_err(trouble)? else { return Ok(()) };
    let asked = AuditNew {
        program: None,
        operator: session.operator.id,
        login: session.operator.login.clone(),
        action: format!("POST {SIGN_IN}"),
        subject: agent.to_owned(),
        session: session.id.clone(),
    };
    let id = service.audit_begin(asked).await.map_err(trouble)?;
    service.audit_end(id, "done", "").await.map_err(trouble)
}

/// On with the new session.
pub fn entered(visit: &Visit, token: &str, back: &str) -> Response {
    let mut answer = back_to(back);
    let cookie = session_cookie(token, visit.secure);
    answer.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    answer
}
