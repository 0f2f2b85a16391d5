//! `/admin/start/{link}`: a person makes their account from a link, the first owner too, or sets a new
//! password.

use crate::admin::sign_in::{agent, entered};
use crate::admin::team::problem_words;
use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::{Accept, Invitation, SignIn, SignedIn, TeamProblem};

#[derive(Template)]
#[template(path = "admin/start.html")]
pub struct StartPage {
    pub frame: Frame,
    pub link: String,
    /// An account that is there and gets a new password.
    pub known: Option<String>,
    pub name: String,
    pub login: String,
    pub role: String,
}

impl StartPage {
    fn of(frame: Frame, link: &str, invitation: &Invitation) -> StartPage {
        let role = invitation.grants.first().map(|grant| grant.role);
        StartPage {
            link: link.to_owned(),
            known: invitation.operator.as_ref().map(|operator| operator.login.clone()),
            name: invitation.name.clone(),
            login: String::new(),
            role: role.map_or_else(String::new, |role| frame.say(&format!("role-{}", role.name()))),
            frame,
        }
    }
    pub fn sample(language: Language) -> StartPage {
        let frame = Frame::sample(language);
        let role = frame.say("role-marketer");
        let (name, login) = ("Олег".to_owned(), "oleg@shop.example".to_owned());
        StartPage { frame, link: "abc".to_owned(), known: None, name, login, role }
    }
}

#[derive(Template)]
#[template(path = "admin/start_over.html")]
pub struct StartOverPage {
    pub frame: Frame,
}

async fn invitation(visit: &Visit, link: &str) -> Result<Option<Invitation>, Response> {
    visit.app.service.invitation(link).await.map_err(trouble)
}

pub async fn page(visit: Visit, Path(link): Path<String>) -> Result<Response, Response> {
    let frame = Frame::of(&visit, None);
    match invitation(&visit, &link).await? {
        Some(invitation) => Ok(Page(StartPage::of(frame, &link, &invitation)).into_response()),
        None => Ok(again(StartOverPage { frame }, "invitation_unknown")),
    }
}

pub async fn accept(
    visit: Visit,
    Path(link): Path<String>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Response> {
    let frame = Frame::of(&visit, None);
    let Some(invitation) = invitation(&visit, &link).await? else {
        return Ok(again(StartOverPage { frame }, "invitation_unknown"));
    };
    let known = invitation.operator.as_ref().map(|operator| operator.login.clone());
    let accept = Accept {
        login: known.unwrap_or_else(|| posted.text("login").to_owned()),
        name: posted.text("name").to_owned(),
        password: posted.raw("password").to_owned(),
        language: Some(visit.look.language),
    };
    let sign_in =
        SignIn { login: accept.login.clone(), password: accept.password.clone(), agent: agent(&headers) };
    let done = if posted.raw("password") == posted.raw("again") {
        visit.app.service.accept_invitation(&link, accept).await.map_err(trouble)?
    } else {
        let frame = frame.clone().with_notice(Tone::Bad, frame.say("password-differs"));
        return Ok(again(filled(frame, &link, &invitation, &posted), "password_differs"));
    };
    match done {
        Err(TeamProblem::InvitationUnknown) => Ok(again(StartOverPage { frame }, "invitation_unknown")),
        Err(problem) => {
            let text = problem_words(frame.words, &problem);
            let page = filled(frame.with_notice(Tone::Bad, text), &link, &invitation, &posted);
            Ok(again(page, "account_refused"))
        }
        Ok(_) => match visit.app.service.sign_in(sign_in).await {
            Ok(Ok(SignedIn::Session(token))) => Ok(entered(&visit, &token, "/admin")),
            Ok(_) => Ok(crate::visit::back_to("/admin/sign-in")),
            Err(error) => Err(trouble(error)),
        },
    }
}

fn filled(frame: Frame, link: &str, invitation: &Invitation, posted: &Posted) -> StartPage {
    let page = StartPage::of(frame, link, invitation);
    StartPage { login: posted.text("login").to_owned(), name: posted.text("name").to_owned(), ..page }
}
