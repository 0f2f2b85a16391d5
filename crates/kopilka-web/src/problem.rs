//! A refused request is a problem document (RFC 9457) with a stable code and a text in the caller's language.
//!
//! Invariant: every code has a line in `docs/reference/refusals.md`, in both languages.

mod codes;
pub mod refused;

use crate::language::Language;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kopilka_core::program::Text;
use serde_json::{Map, Value};

pub use codes::{CODES, Code};

/// Why a request was not done. Texts in both languages travel with it; the outermost layer picks one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: Text,
    /// JSON pointer into the request's body.
    pub pointer: Option<String>,
    /// What belongs to the refusal: figures such as `available` and `wanted`, always as text, and documents
    /// such as the new `quote` of `quote_changed`.
    pub params: Vec<(&'static str, Value)>,
}

/// RFC 9457, as it travels. Figures of the refusal stand beside these as text, such as `available`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what `document` writes")]
pub struct ProblemDocument {
    #[schema(example = "urn:kopilka:problem:insufficient_points")]
    r#type: String,
    title: String,
    #[schema(example = 409)]
    status: u16,
    /// Stable: programs are written against it.
    #[schema(example = "insufficient_points")]
    code: String,
    /// In the caller's language, by `Accept-Language`: en or ru.
    detail: String,
    /// JSON pointer into the request's body, where it applies.
    #[schema(required = false, example = "/lines/0/price")]
    pointer: String,
}

/// What a busy server asks the caller to wait before trying again.
const RETRY_AFTER_SECONDS: u32 = 1;

impl Problem {
    /// A problem of the web layer; `code` is one of [`CODES`].
    pub fn of(code: &'static str) -> Problem {
        let known = CODES.iter().find(|c| c.code == code);
        debug_assert!(known.is_some(), "{code} is not in the table of codes");
        let (status, en, ru) = known.map_or((500, code, code), |c| (c.status, c.en, c.ru));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Problem {
            status,
            code,
            detail: Text { en: en.to_owned(), ru: ru.to_owned() },
            pointer: None,
            params: Vec::new(),
        }
    }
    /// Adds a figure and puts it where the texts say `{name}`.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Problem {
        let value = value.to_string();
        let place = format!("{{{name}}}");
        self.detail.en = self.detail.en.replace(&place, &value);
        self.detail.ru = self.detail.ru.replace(&place, &value);
        self.params.push((name, value.into()));
        self
    }
    pub fn at(mut self, pointer: impl Into<String>) -> Problem {
        self.pointer = Some(pointer.into());
        self
    }
    /// Puts the pointer under a parent: for parts of a body that are read by themselves.
    pub fn under(mut self, parent: &str) -> Problem {
        if let Some(pointer) = &self.pointer {
            self.pointer = Some(format!("{parent}{pointer}"));
        }
        self
    }

    fn document(&self, language: Language) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("type", format!("urn:kopilka:problem:{}", self.code).into());
        put("title", self.status.canonical_reason().unwrap_or("Problem").into());
        put("status", self.status.as_u16().into());
        put("code", self.code.into());
        put("detail", language.of(&self.detail).into());
        if let Some(pointer) = &self.pointer {
            put("pointer", pointer.as_str().into());
        }
        for (name, value) in &self.params {
            put(name, value.clone());
        }
        Value::Object(body)
    }

    /// The whole answer in one language.
    pub fn answer(&self, language: Language) -> Response {
        let mut response = Response::new(Body::from(self.document(language).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        let seconds = self.params.iter().find(|(name, _)| *name == "seconds").and_then(|(_, v)| v.as_str());
        if self.status == StatusCode::TOO_MANY_REQUESTS
            && let Some(seconds) = seconds.and_then(|seconds| seconds.parse::<u32>().ok())
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for Problem {
    /// Leaves itself with the answer, so that the outermost layer can say it in the caller's language.
    fn into_response(self) -> Response {
        let mut response = self.answer(Language::En);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_service::ServiceError;

    #[test]
    fn a_failure_of_the_service_says_whether_to_try_again() {
        let text = "program: p\nname: P\ncurrency: RUB\ntimezone: UTC\nrules: []\n";
        let program = kopilka_core::program::compile(text).program.unwrap();
        for (error, status, code, retry) in [
            (ServiceError::Busy, 503, "busy", true),
            (ServiceError::Stopping, 503, "busy", true),
            (ServiceError::Unavailable, 503, "storage_unavailable", true),
            (ServiceError::StorageFull, 507, "storage_full", false),
            (ServiceError::Storage("disk I/O error".into()), 500, "storage_failed", false),
            (ServiceError::ProgramUnknown, 404, "program_unknown", false),
            (ServiceError::IdempotencyConflict, 422, "idempotency_conflict", false),
        ] {
            let problem = Problem::of_service(error, &program);
            assert_eq!((problem.status.as_u16(), problem.code), (status, code));
            let answer = problem.answer(Language::Ru);
            assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), retry, "{code}");
            assert!(!problem.detail.en.contains("I/O"), "the storage's own text stays in the log");
        }
    }

    #[test]
    fn every_place_in_a_text_is_in_both_languages() {
        for code in CODES {
            let places = |text: &str| text.split('{').skip(1).filter_map(|t| t.split('}').next()).count();
            assert_eq!(places(code.en), places(code.ru), "{}", code.code);
        }
    }
}
