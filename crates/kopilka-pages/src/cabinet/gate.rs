//! Gates of the cabinet: an address, who may come through, and what is known of whoever comes.
//!
//! Invariant: a page behind a member's gate runs with that member and no other; a form of another site is
//! turned away, and one of a member is read only with the token of its own session.

use super::frame::Frame;
use super::session::{self, Session};
use crate::answer::Page;
use crate::look::{self, Look};
use crate::posted::FormToken;
use crate::visit::is_own_form;
use crate::widget;
use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use kopilka_core::holder::{Holder, Rights};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::MemberStatus;
use kopilka_core::words::Language;
use kopilka_service::{Caller, MemberRef, Reader, ServiceError};
use kopilka_web::App;
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use std::sync::Arc;

/// Who may come through a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Anybody,
    /// Whoever has a session of this program's cabinet and is the account's owner.
    Member,
    /// The owner, and holders with this right.
    Seeing,
    Reading,
    Spending,
}

impl Entry {
    /// Whether a holder with these rights comes through.
    fn is_open(self, rights: Rights) -> bool {
        match self {
            Entry::Anybody => true,
            Entry::Member => false,
            Entry::Seeing => rights.see,
            Entry::Reading => rights.statement,
            Entry::Spending => rights.spend,
        }
    }
}

#[derive(Clone)]
struct Gate {
    app: Arc<App>,
    entry: Entry,
    /// A form of the shop's own site may come here, with a member's token in it.
    takes_foreign: bool,
}

/// All gates in the making.
pub struct Gates {
    app: Arc<App>,
    router: Router<Arc<App>>,
    pub list: Vec<(Method, &'static str, Entry)>,
}

/// One visit of a cabinet.
#[derive(Clone)]
pub struct Guest {
    pub app: Arc<App>,
    pub look: Look,
    /// Address and query, to come back to.
    pub path: String,
    pub slug: String,
    pub secure: bool,
    pub desk: Desk,
    pub session: Option<Session>,
    /// What whoever has come in may do.
    pub rights: Rights,
    /// What the browser calls itself, for consents.
    pub agent: String,
}

/// A visit of a member: what most pages take.
pub struct Own {
    pub guest: Guest,
    pub member: MemberId,
    pub session: Session,
}

impl<S: Sync> FromRequestParts<S> for Guest {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Guest, Response> {
        parts.extensions.get::<Guest>().cloned().ok_or_else(|| Problem::of("route_unknown").into_response())
    }
}

impl<S: Sync> FromRequestParts<S> for Own {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Own, Response> {
        let guest = Guest::from_request_parts(parts, state).await?;
        match guest.session.clone() {
            Some(session) => Ok(Own { member: session.member, guest, session }),
            None => Err(guest.home()),
        }
    }
}

impl Own {
    /// Who does something here.
    pub fn acting(&self) -> MemberRef {
        self.guest.desk.acting(MemberRef::Id(self.member))
    }
}

impl Guest {
    pub fn address(&self) -> String {
        format!("/cabinet/{}", self.slug)
    }
    pub fn home(&self) -> Response {
        Redirect::to(&self.address()).into_response()
    }
    pub fn program(&self) -> ProgramId {
        self.desk.program_id()
    }
    /// Whether whoever is here may come through such a gate: the owner of an account through each.
    pub fn may(&self, entry: Entry) -> bool {
        let holder = self.session.as_ref().is_some_and(|session| session.holder.is_some());
        !holder || entry.is_open(self.rights)
    }
    pub fn told(&self, problem: &Problem) -> String {
        self.look.language.of(&problem.detail).to_owned()
    }
}

impl Gates {
    pub fn new(app: Arc<App>) -> Gates {
        Gates { app, router: Router::new(), list: Vec::new() }
    }
    pub fn get<H: Handler<T, Arc<App>>, T: 'static>(
        self,
        path: &'static str,
        entry: Entry,
        page: H,
    ) -> Gates {
        self.with((Method::GET, path, entry), get(page), false)
    }
    pub fn post<H: Handler<T, Arc<App>>, T: 'static>(
        self,
        path: &'static str,
        entry: Entry,
        page: H,
    ) -> Gates {
        self.with((Method::POST, path, entry), post(page), false)
    }
    /// Where a shop's site sends a member's token.
    pub fn open<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, page: H) -> Gates {
        self.with((Method::POST, path, Entry::Anybody), post(page), true)
    }

    fn with(
        mut self,
        (method, path, entry): (Method, &'static str, Entry),
        page: MethodRouter<Arc<App>>,
        takes_foreign: bool,
    ) -> Gates {
        let gate = Gate { app: self.app.clone(), entry, takes_foreign };
        self.router = self.router.route(path, page.layer(from_fn_with_state(gate, stand)));
        self.list.push((method, path, entry));
        self
    }
    pub fn into_router(self) -> Router<Arc<App>> {
        self.router
    }
}

/// Stands before every page of a cabinet.
async fn stand(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let slug = path.split('/').nth(2).unwrap_or_default().to_owned();
    let Some(mut guest) = guest(&gate.app, &headers, (slug, path)) else {
        return Problem::of("program_unknown").into_response();
    };
    if let Some(query) = request.uri().query() {
        guest.path = format!("{}?{query}", guest.path);
    }
    if let Err(error) = recognise(&mut guest, &headers).await {
        return finished(guest.desk.failed(error).into_response(), &guest);
    }
    let is_foreign = request.method() == Method::POST && !gate.takes_foreign && !is_own_form(&headers);
    let answer = match (is_foreign, gate.entry, &guest.session) {
        (true, _, _) => Problem::of("form_foreign").into_response(),
        (false, Entry::Anybody, _) | (false, _, Some(_)) if guest.may(gate.entry) => {
            if let Some(session) = guest.session.clone().filter(|_| !gate.takes_foreign) {
                request.extensions_mut().insert(FormToken(session.form_token));
            }
            request.extensions_mut().insert(guest.clone());
            next.run(request).await
        }
        (false, _, Some(_)) => Problem::of("holder_right_missing").into_response(),
        (false, _, None) => guest.home(),
    };
    finished(answer, &guest)
}

/// The visit without whoever makes it; `None` where there is no such program.
fn guest(app: &Arc<App>, headers: &HeaderMap, (slug, path): (String, String)) -> Option<Guest> {
    // The same program may stand here live and for trials: shoppers are shown the live one.
    let mut programs: Vec<_> = app.service.programs().into_iter().filter(|p| p.slug == slug).collect();
    programs.sort_by_key(|program| program.sandbox);
    let program = programs.first()?.id;
    let now = app.service.now(program);
    let version = app.service.versions(program)?.at(now).cloned()?;
    let look = Look::of(headers, None);
    let caller = caller(program, None, None);
    let desk = Desk { app: app.clone(), caller, program: version, now, language: look.language };
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Some(Guest {
        app: app.clone(),
        look,
        path,
        slug,
        secure: headers.get("x-forwarded-proto").is_some_and(|value| value == "https"),
        desk,
        session: None,
        rights: Rights::ALL,
        agent: agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect(),
    })
}

/// What is kept of a browser's name beside a consent.
const AGENT_MAX: usize = 300;

/// Like a key of no shop with no scopes: of the member's own where there is a session.
fn caller(program: ProgramId, member: Option<MemberId>, holder: Option<Holder>) -> Arc<Caller> {
    Arc::new(Caller {
        program,
        shop: String::new(),
        scopes: Vec::new(),
        key_id: member.map_or_else(|| "cabinet".to_owned(), |member| format!("cabinet:{member}")),
        name: "cabinet".to_owned(),
        member,
        holder,
    })
}

/// Whose the cookie is, as long as the account is there; one that was merged leads to where it went.
async fn recognise(guest: &mut Guest, headers: &HeaderMap) -> Result<(), ServiceError> {
    let program = guest.program();
    let cookie = look::cookie(headers, session::COOKIE);
    let key = guest.app.service.identifier_key();
    let Some(mut session) = cookie.and_then(|cookie| session::read(key, cookie, program, guest.desk.now))
    else {
        return Ok(());
    };
    let found = guest.app.service.find_member(program, MemberRef::Id(session.member)).await;
    let Ok(member) = found else { return Ok(()) };
    let read = move |r: &Reader| Ok((r.member(program, member)?, r.person(program, member)?));
    let (row, person) = guest.app.service.read(read).await?;
    let is_gone = |status| matches!(status, MemberStatus::Anonymized | MemberStatus::Guest);
    let Some(row) = row.filter(|row| !is_gone(row.member.status)) else { return Ok(()) };
    let holder = session.holder.map(|no| row.member.holders.iter().find(|holder| holder.no == no).copied());
    // A phone that is somebody else's by now opens nothing that was begun by it.
    let is_theirs = |mark| guest.app.service.still_has(&person.unwrap_or_default(), session.holder, mark);
    if !session.address.is_none_or(is_theirs) {
        return Ok(());
    }
    // Whoever was taken off the account is nobody here.
    let Some(holder) = holder.map_or(Some(None), |holder| holder.map(Some)) else { return Ok(()) };
    guest.rights = holder.map_or(Rights::ALL, |holder| holder.rights);
    session.member = member;
    guest.desk.caller = caller(program, Some(member), holder);
    guest.session = Some(session);
    Ok(())
}

#[derive(Template)]
#[template(path = "cabinet/problem.html")]
pub struct ProblemPage {
    pub frame: Frame,
    pub text: String,
}

impl ProblemPage {
    pub fn sample(language: Language) -> ProblemPage {
        ProblemPage { frame: Frame::sample(language), text: "—".to_owned() }
    }
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

/// A problem in words, the policy, and the session for a while longer; the last thing that happens to an
/// answer.
fn finished(answer: Response, guest: &Guest) -> Response {
    let mut answer = match answer.extensions().get::<Problem>().cloned() {
        Some(problem) => told(&problem, guest),
        None => answer,
    };
    let headers = answer.headers_mut();
    // Shown within pages of the sites that the program's publishable keys name, and of no other.
    let sites = widget::sites(&guest.app, guest.program());
    let sites = if sites.is_empty() { "'none'".to_owned() } else { format!("'self' {}", sites.join(" ")) };
    if let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}{sites}")) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    if let Some(session) = &guest.session
        && !headers.contains_key(header::SET_COOKIE)
    {
        let key = guest.app.service.identifier_key();
        let cookie = session::renewed(key, session, guest.program(), guest.desk.now);
        headers.extend(session::header(&cookie, session.by, guest).map(|value| (header::SET_COOKIE, value)));
    }
    answer
}

fn told(problem: &Problem, guest: &Guest) -> Response {
    let status = problem.status;
    let page = ProblemPage { frame: Frame::of(guest, None), text: guest.told(problem) };
    let mut answer = Page(page).into_response();
    *answer.status_mut() = if status == StatusCode::OK { StatusCode::BAD_REQUEST } else { status };
    answer
}
