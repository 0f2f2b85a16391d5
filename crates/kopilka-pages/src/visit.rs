//! A visit: who has opened which page, with what role, in which program.
//!
//! Invariant: nobody passes a door without what it needs; a form comes from a page of this server; and what
//! changes something is written down before it is tried and again when it is done.

use crate::answer;
use crate::door::{Door, Need};
use crate::look::{self, Look};
use crate::posted::{FormToken, Heard};
use crate::roles;
use crate::shown::stamp;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use kopilka_core::ids::ProgramId;
use kopilka_core::time::Instant;
use kopilka_service::{AuditId, AuditNew, Caller, Role, ServiceError, SessionInfo};
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use kopilka_web::{App, scopes};
use std::sync::Arc;

pub const SESSION_COOKIE: &str = "kopilka_session";
/// Where somebody without a session is sent.
pub const SIGN_IN: &str = "/admin/sign-in";
/// A part of a page that a script asks for, not a page.
const PART_HEADER: &str = "x-part";

/// What a door's guard knows.
#[derive(Clone)]
pub struct Guard {
    pub app: Arc<App>,
    pub door: Door,
}

/// The session of whoever has signed in.
#[derive(Clone)]
pub struct Session {
    /// As the cookie has it.
    pub token: String,
    /// What every form of this session carries.
    pub csrf: String,
    pub info: Arc<SessionInfo>,
    pub role: Option<Role>,
}

/// One visit of a page.
#[derive(Clone)]
pub struct Visit {
    pub app: Arc<App>,
    pub look: Look,
    /// Address and query, to come back to.
    pub path: String,
    /// Whether the browser came over TLS, as the proxy before the server says.
    pub secure: bool,
    /// Only a part of the page is wanted.
    pub part: bool,
    pub session: Option<Session>,
    /// None where nobody has signed in, and where no program is published yet.
    pub desk: Option<Desk>,
}

/// A visit of somebody who has signed in, to a program: what most pages take.
pub struct Office {
    pub visit: Visit,
    pub desk: Desk,
    pub session: Session,
}

impl Visit {
    /// When something was done, as whoever looks reads it.
    pub fn stamp(&self, at: Instant) -> String {
        stamp(at, self.desk.as_ref().map(|desk| &desk.program.zone), self.look.language)
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Response> {
        parts.extensions.get::<Visit>().cloned().ok_or_else(|| Problem::of("route_unknown").into_response())
    }
}

impl<S: Sync> FromRequestParts<S> for Office {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Office, Response> {
        let visit = Visit::from_request_parts(parts, state).await?;
        match (visit.session.clone(), visit.desk.clone()) {
            (Some(session), Some(desk)) => Ok(Office { visit, desk, session }),
            (Some(_), None) => Err(Redirect::to("/admin/program").into_response()),
            (None, _) => Err(Redirect::to(SIGN_IN).into_response()),
        }
    }
}

impl Visit {
    /// Whoever has signed in.
    pub fn signed_in(&self) -> Result<Session, Response> {
        self.session.clone().ok_or_else(|| Problem::of("signed_out").into_response())
    }
}

impl Office {
    /// The login, which the journal keeps with what is done here.
    pub fn login(&self) -> &str {
        &self.session.info.operator.login
    }
}

/// Stands before every page.
pub async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let visit = match visit(&guard.app, request.headers().clone(), request.uri().clone()).await {
        Ok(visit) => visit,
        Err(error) => return answer::trouble(error),
    };
    let answer = match admit(&guard.door, &visit, &request) {
        Err(turned_away) => turned_away,
        Ok(()) => {
            let audit = match begin_audit(&guard, &visit, request.uri().path().to_owned()).await {
                Ok(audit) => audit,
                Err(error) => return answer::finished(answer::trouble(error), &visit),
            };
            if let Some(session) = visit.session.clone() {
                request.extensions_mut().insert(FormToken(session.csrf));
            }
            request.extensions_mut().insert(visit.clone());
            let heard = Heard::default();
            request.extensions_mut().insert(heard.clone());
            let answer = next.run(request).await;
            if let Some(id) = audit {
                end_audit(&guard.app, id, (outcome(&answer), heard.said())).await;
            }
            answer
        }
    };
    answer::finished(answer, &visit)
}

async fn visit(app: &Arc<App>, headers: HeaderMap, uri: Uri) -> Result<Visit, ServiceError> {
    let token = look::cookie(&headers, SESSION_COOKIE);
    let info = match token {
        Some(token) => app.service.session(token).await?,
        None => None,
    };
    let look = Look::of(&headers, info.as_ref().and_then(|info| info.operator.language));
    let program = info.as_ref().and_then(|info| program_of(app, info));
    let session = token.zip(info).map(|(token, info)| Session {
        token: token.to_owned(),
        csrf: app.service.csrf(token),
        role: info.operator.role_in(program),
        info,
    });
    let desk = session.as_ref().zip(program).and_then(|(session, program)| desk(app, session, program, look));
    let path = uri.path_and_query().map_or("/admin", |path| path.as_str()).to_owned();
    Ok(Visit {
        app: app.clone(),
        look,
        path,
        secure: headers.get("x-forwarded-proto").is_some_and(|value| value == "https"),
        part: headers.contains_key(PART_HEADER),
        session,
        desk,
    })
}

/// The program that was chosen, or the first one in which the operator has anything to do.
fn program_of(app: &App, info: &SessionInfo) -> Option<ProgramId> {
    let open = |id: &ProgramId| info.operator.role_in(Some(*id)).is_some();
    let programs = app.service.programs();
    let known = |id: &ProgramId| programs.iter().any(|program| program.id == *id);
    info.program.filter(|id| open(id) && known(id)).or_else(|| programs.iter().map(|p| p.id).find(open))
}

/// The desk at which an operator stands: like a key's, with the scopes of the role.
fn desk(app: &Arc<App>, session: &Session, program: ProgramId, look: Look) -> Option<Desk> {
    let operator = &session.info.operator;
    let caller = Caller {
        program,
        shop: String::new(),
        scopes: roles::scopes_of(session.role?),
        key_id: operator.id.to_string(),
        name: operator.login.clone(),
        member: None,
        holder: None,
    };
    let now = app.service.now(program);
    let version = app.service.versions(program)?.at(now).cloned()?;
    Some(Desk { app: app.clone(), caller: Arc::new(caller), program: version, now, language: look.language })
}

/// Whether the visit may come in; the answer that turns it away where not.
fn admit(door: &Door, visit: &Visit, request: &Request) -> Result<(), Response> {
    if request.method() == Method::POST && !is_own_form(request.headers()) {
        return Err(Problem::of("form_foreign").into_response());
    }
    let Some(session) = &visit.session else {
        return match door.need {
            Need::Anybody => Ok(()),
            _ if visit.part => Err(Problem::of("signed_out").into_response()),
            _ => Err(to_sign_in(visit, request.method())),
        };
    };
    match door.need {
        Need::Anybody | Need::SignedIn => Ok(()),
        Need::Owner if session.role == Some(Role::Owner) => Ok(()),
        Need::Owner => Err(closed(visit, &[Role::Owner])),
        // Before the first program there is nothing a scope could be about.
        Need::Scope(_) if visit.desk.is_none() && session.role.is_some() => Ok(()),
        Need::Scope(scope) => {
            let granted = session.role.is_some_and(|role| scopes::granted(&roles::scopes_of(role), scope));
            if granted { Ok(()) } else { Err(closed(visit, &roles::roles_with(scope))) }
        }
    }
}

/// A role that does not open the door is told which do.
fn closed(visit: &Visit, may: &[Role]) -> Response {
    let words = crate::Words(visit.look.language);
    let names: Vec<String> = may.iter().map(|role| words.say(&format!("role-{}", role.name()))).collect();
    Problem::of("door_closed").with("roles", names.join(", ")).into_response()
}

fn to_sign_in(visit: &Visit, method: &Method) -> Response {
    let mut goal = SIGN_IN.to_owned();
    if method == Method::GET && visit.path != "/admin" {
        let back: String = url::form_urlencoded::byte_serialize(visit.path.as_bytes()).collect();
        goal = format!("{goal}?back={back}");
    }
    Redirect::to(&goal).into_response()
}

/// Browsers say where a form comes from; one that says nothing is judged by its token alone.
pub fn is_own_form(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) {
        None => true,
        Some(origin) => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            origin.split_once("://").map(|(_, rest)| rest) == host
        }
    }
}

async fn begin_audit(guard: &Guard, visit: &Visit, subject: String) -> Result<Option<AuditId>, ServiceError> {
    let Some(session) = visit.session.as_ref().filter(|_| guard.door.changes) else { return Ok(None) };
    let asked = AuditNew {
        program: visit.desk.as_ref().map(Desk::program_id),
        operator: session.info.operator.id,
        login: session.info.operator.login.clone(),
        action: format!("{} {}", guard.door.method, guard.door.path),
        subject,
        session: session.info.id.clone(),
    };
    guard.app.service.audit_begin(asked).await.map(Some)
}

/// How it ended, by a stable code.
fn outcome(answer: &Response) -> &'static str {
    match (answer.extensions().get::<Problem>(), answer.status()) {
        (Some(problem), _) => problem.code,
        (None, status) if status.is_client_error() || status.is_server_error() => {
            answer.extensions().get::<answer::Told>().map_or("refused", |told| told.0)
        }
        (None, _) => "done",
    }
}

async fn end_audit(app: &App, id: AuditId, (outcome, deed): (&'static str, &str)) {
    if let Err(error) = app.service.audit_end(id, outcome, deed).await {
        tracing::error!(%error, "the end of an action is not in the audit");
    }
}

/// A cookie with a session, for as long as the browser runs; the server ends it earlier.
pub fn session_cookie(token: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}")).ok()
}

/// Takes the cookie away.
pub const NO_SESSION: HeaderValue =
    HeaderValue::from_static("kopilka_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");

/// A value of an address's query, without the spaces around it.
pub fn asked(path: &str, name: &str) -> Option<String> {
    let (_, query) = path.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned())
}

/// See-other to an address of this server; anything else leads home.
pub fn back_to(address: &str) -> Response {
    let is_own = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(|c: char| c == '\\' || c.is_control());
    let goal = if is_own { address } else { "/admin" };
    (StatusCode::SEE_OTHER, [(header::LOCATION, goal.to_owned())]).into_response()
}
