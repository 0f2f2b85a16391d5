//! Coming into the cabinet: by a code that is sent, or by a token that the shop has made.
//!
//! Invariant: whoever asks for a code learns nothing of whether the address is a member's: the same page
//! comes, after the same time. A token comes in a form's body and in no address.

use super::frame::Frame;
use super::gate::Guest;
use super::pending;
use super::session::{self, By, Who};
use crate::answer::{Page, again};
use crate::frame::Tone;
use crate::look::{LANGUAGE_COOKIE, THEME_COOKIE, Theme, kept, language_of};
use crate::posted::Posted;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::Channel;
use kopilka_core::ids::CodeId;
use kopilka_core::refusal::Refusal;
use kopilka_core::words::Language;
use kopilka_service::{CodeChannel, CodeFor, MemberRef, ServiceError, identifiers, masked};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Who asks for codes, beside keys and tills: their limit of a day is counted together.
const CALLER: &str = "cabinet";
/// A code takes a write, an unknown address only a look: both are answered after this.
const ANSWERED_AFTER: Duration = Duration::from_millis(400);

#[derive(Template)]
#[template(path = "cabinet/enter.html")]
pub struct EnterPage {
    pub frame: Frame,
    pub address: String,
    /// Between asking for a code and telling it: what is sealed, and where a code went if anybody is known.
    pub pending: Option<(String, String)>,
}

impl EnterPage {
    pub fn sample(language: Language) -> EnterPage {
        let frame = Frame { ways: Vec::new(), ..Frame::sample(language) };
        EnterPage { frame, address: "\"><script>alert(1)</script>".to_owned(), pending: None }
    }
    pub fn sample_of_code(language: Language) -> EnterPage {
        let pending = Some(("p".to_owned(), "···6789".to_owned()));
        EnterPage { pending, ..EnterPage::sample(language) }
    }
    pub fn of(guest: &Guest) -> EnterPage {
        EnterPage { frame: Frame::of(guest, None), address: String::new(), pending: None }
    }
}

/// An address as it was typed, in its one spelling.
fn read(address: &str) -> Result<(CodeChannel, String), Refusal> {
    if address.contains('@') {
        identifiers::email(address).map(|email| (CodeChannel::Email, email))
    } else {
        identifiers::phone(address).map(|phone| (CodeChannel::Sms, phone))
    }
}

/// `POST /cabinet/{slug}/code`.
pub async fn send_code(guest: Guest, posted: Posted) -> Result<Response, Response> {
    let until = Instant::now() + ANSWERED_AFTER;
    let typed = posted.text("address").to_owned();
    let frame = Frame::of(&guest, None);
    let Ok((channel, address)) = read(&typed) else {
        let text = frame.say("cabinet-address-wrong");
        let frame = frame.with_notice(Tone::Bad, text);
        return Ok(again(EnterPage { frame, address: typed, pending: None }, "invalid_identifier"));
    };
    let by = if channel == CodeChannel::Email { Channel::Email } else { Channel::Sms };
    match guest.app.service.sender(guest.program(), by).await {
        Err(ServiceError::SenderUnknown) => {
            let text = frame.say(match channel {
                CodeChannel::Email => "cabinet-no-emails",
                CodeChannel::Sms => "cabinet-no-sms",
            });
            let frame = frame.with_notice(Tone::Warn, text);
            return Ok(again(EnterPage { frame, address: typed, pending: None }, "code_no_sender"));
        }
        sender => sender.map(drop).map_err(|e| guest.desk.failed(e).into_response())?,
    }
    let key = guest.app.service.identifier_key();
    let made = code_to(&guest, channel, &address).await.map_err(|e| guest.desk.failed(e).into_response())?;
    // Asked again too soon, the code of before still holds.
    let code = made.or_else(|| pending::opened(key, guest.program(), posted.text("pending")));
    let sealed = pending::sealed(key, guest.program(), code);
    sleep_until(until).await;
    let to = masked(channel, &address);
    Ok(Page(EnterPage { frame, address: typed, pending: Some((sealed, to)) }).into_response())
}

/// The code that went out; `None` where nobody has the address or one went there a moment ago.
async fn code_to(guest: &Guest, channel: CodeChannel, address: &str) -> Result<Option<CodeId>, ServiceError> {
    let service = &guest.app.service;
    let (named, what) = match channel {
        CodeChannel::Sms => (MemberRef::Phone(address.to_owned()), CodeFor::Phone(address.to_owned())),
        CodeChannel::Email => (MemberRef::Email(address.to_owned()), CodeFor::Email(address.to_owned())),
    };
    match service.find_member(guest.program(), named).await {
        Ok(_) => {}
        Err(ServiceError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    }
    let made = service.make_code(guest.program(), what, (CALLER.to_owned(), true)).await?;
    Ok(made.ok().map(|made| made.id))
}

/// `POST /cabinet/{slug}/enter`.
pub async fn tell_code(guest: Guest, posted: Posted) -> Result<Response, Response> {
    let sealed = posted.text("pending").to_owned();
    let digits: String = posted.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    let key = guest.app.service.identifier_key();
    let told = match pending::opened(key, guest.program(), &sealed) {
        Some(code) => guest.app.service.verify_code(guest.program(), CALLER.to_owned(), code, digits).await,
        None => Ok(Err(kopilka_service::CodeProblem::Unknown)),
    };
    let confirmed = told.map_err(|e| guest.desk.failed(e).into_response())?.ok();
    // A code by which somebody agreed to an order's points opens nothing.
    let confirmed = confirmed.filter(|confirmed| confirmed.order.is_none());
    // Whose the address was when the code went there may have left the account meanwhile.
    let who = match confirmed {
        Some(confirmed) => guest.app.service.who_confirmed(guest.program(), confirmed.id).await,
        None => Ok(None),
    };
    let who = match who.map_err(|e| guest.desk.failed(e).into_response())? {
        Some((MemberRef::Id(member), mark)) => Some(Who { member, holder: None, address: Some(mark) }),
        Some((MemberRef::Holder(member, no), mark)) => {
            Some(Who { member, holder: Some(no), address: Some(mark) })
        }
        _ => None,
    };
    match who {
        Some(who) => Ok(entered(&guest, who, By::Code)),
        None => {
            let frame = Frame::of(&guest, None);
            let text = frame.say("cabinet-code-wrong");
            let frame = frame.with_notice(Tone::Bad, text);
            let address = posted.text("address").to_owned();
            let to = read(&address).map_or_else(|_| String::new(), |(channel, text)| masked(channel, &text));
            Ok(again(EnterPage { frame, address, pending: Some((sealed, to)) }, "code_wrong"))
        }
    }
}

/// `POST /cabinet/{slug}/open`: the shop's page sends its member's token.
pub async fn open(guest: Guest, posted: Posted) -> Result<Response, Response> {
    let caller = guest.app.service.authenticate(posted.text("member_token"));
    let caller = caller.filter(|caller| caller.program == guest.program());
    let who = caller.and_then(|caller| {
        let holder = caller.holder.map(|holder| holder.no);
        Some(Who { member: caller.member?, holder, address: None })
    });
    match who {
        Some(who) => Ok(entered(&guest, who, By::Token)),
        None => {
            let page = EnterPage::of(&guest);
            let text = page.frame.say("cabinet-token-over");
            let frame = page.frame.with_notice(Tone::Warn, text);
            Ok(again(EnterPage { frame, ..page }, "token_over"))
        }
    }
}

fn entered(guest: &Guest, who: Who, by: By) -> Response {
    let key = guest.app.service.identifier_key();
    let cookie = session::begun(key, (who, by), guest.program(), guest.desk.now);
    let mut answer = guest.home();
    answer.headers_mut().extend(session::header(&cookie, by, guest).map(|value| (header::SET_COOKIE, value)));
    answer
}

pub async fn leave(guest: Guest, _posted: Posted) -> Response {
    let mut answer = guest.home();
    answer.headers_mut().extend(session::none(&guest).map(|value| (header::SET_COOKIE, value)));
    answer
}

/// `POST /cabinet/{slug}/look`.
pub async fn choose_look(guest: Guest, posted: Posted) -> Response {
    let back = posted.text("back");
    let base = guest.address();
    let is_own =
        back == base || back.starts_with(&format!("{base}/")) || back.starts_with(&format!("{base}?"));
    let is_plain = !back.contains(['\\', '\r', '\n']) && !back.contains("//");
    let goal = if is_own && is_plain { back.to_owned() } else { base };
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, goal)]).into_response();
    let language = language_of(posted.text("language")).and_then(|l| kept(LANGUAGE_COOKIE, l.tag()));
    let theme = Theme::parse(posted.text("theme")).and_then(|theme| kept(THEME_COOKIE, theme.name()));
    for cookie in [language, theme].into_iter().flatten() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}
