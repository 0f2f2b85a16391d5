//! From a page's struct to an answer, and from a problem to a page that says it.
//!
//! Invariant: whatever a shop or a member wrote is escaped by the template; pages load only what this server
//! has, run no script that stands in them, and are shown in no foreign frame.

use crate::frame::Frame;
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kopilka_service::ServiceError;
use kopilka_web::problem::Problem;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// Of a page with a letter in it: a letter says its looks beside its words, and its frame has the policy of
/// the page. No script runs there and nothing is loaded from elsewhere.
const LETTER_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
const PERMISSIONS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("permissions-policy"),
    HeaderValue::from_static("camera=(self), geolocation=(), microphone=()"),
);

/// A page as an answer.
pub struct Page<T: Template>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(text) => ([(header::CONTENT_TYPE, HTML)], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page does not render");
                Problem::of("page_failed").into_response()
            }
        }
    }
}

/// The stable code of why a form came back to its fields, for the audit.
#[derive(Debug, Clone, Copy)]
pub struct Told(pub &'static str);

/// A form that comes back with what is wrong in it.
pub fn again<T: Template>(page: T, code: &'static str) -> Response {
    let mut answer = (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response();
    answer.extensions_mut().insert(Told(code));
    answer
}

/// A page that shows a letter as mail programs do.
pub fn with_letter(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, LETTER_CSP);
    answer
}

/// What failed in the service, where no program is at hand to say it with.
pub fn trouble(error: ServiceError) -> Response {
    let code = match error {
        ServiceError::Busy | ServiceError::Stopping => "busy",
        ServiceError::StorageFull => "storage_full",
        ServiceError::Unavailable => "storage_unavailable",
        ServiceError::ProgramUnknown => "program_unknown",
        other => {
            tracing::error!(error = %other, "a page could not be answered");
            "storage_failed"
        }
    };
    Problem::of(code).into_response()
}

/// A file to keep.
pub fn file(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, bytes).into_response()
}

#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    pub frame: Frame,
    pub heading: String,
    pub text: String,
    pub code: &'static str,
    pub signed_in: bool,
}

#[derive(Template)]
#[template(path = "problem_part.html")]
struct ProblemPart {
    text: String,
}

/// Headers of a page, and a problem said in words; the last thing that happens to an answer.
pub fn finished(answer: Response, visit: &Visit) -> Response {
    let mut answer = match answer.extensions().get::<Problem>().cloned() {
        Some(problem) => told(&problem, visit),
        None => answer,
    };
    let headers = answer.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP);
    headers.entry(PERMISSIONS.0).or_insert(PERMISSIONS.1);
    answer
}

fn told(problem: &Problem, visit: &Visit) -> Response {
    let language = visit.look.language;
    let text = language.of(&problem.detail).to_owned();
    let mut answer = if visit.part {
        Page(ProblemPart { text }).into_response()
    } else {
        let heading = Words(language).say(match problem.status {
            StatusCode::NOT_FOUND => "problem-not-found",
            StatusCode::FORBIDDEN => "problem-closed",
            status if status.is_server_error() => "problem-ours",
            _ => "problem-refused",
        });
        let frame = Frame::of(visit, None);
        let signed_in = frame.who.is_some();
        Page(ProblemPage { frame, heading, text, code: problem.code, signed_in }).into_response()
    };
    *answer.status_mut() = problem.status;
    answer
}
