//! Headers of every answer, and the caller's language put on its problems.

use crate::language::{self, Language};
use crate::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// A caller's own request id is passed on when it is at most this long and plain.
const REQUEST_ID_MAX: usize = 64;

// Nothing of the API is a page: it loads nothing and is shown nowhere.
const CSP_API: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
// The viewer loads its own scripts and styles from this server and nothing from elsewhere.
const CSP_DOCS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

// A page with a button, for members.
const CSP_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// What the request says about its answer.
pub struct Finish {
    language: Language,
    request_id: HeaderValue,
    csp: HeaderValue,
}

impl Finish {
    pub fn of(request: &Request) -> Finish {
        let is_page = request.uri().path().starts_with("/unsubscribe/");
        let is_docs = request.uri().path().starts_with("/docs");
        Finish {
            language: language::of(request.headers()),
            request_id: request_id(request.headers()),
            csp: match (is_docs, is_page) {
                (true, _) => CSP_DOCS,
                (_, true) => CSP_PAGE,
                _ => CSP_API,
            },
        }
    }

    /// Request id, security headers, and a problem in the caller's language.
    pub fn put_on(self, mut response: Response) -> Response {
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = problem.answer(self.language);
            response.extensions_mut().insert(problem);
        }
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, self.request_id);
        // Pages for people say what they load and who may show them.
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(self.csp);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // The older header knows no list of sites: it would take back what a policy allows some of them.
        let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
        if policy.is_none_or(|policy| policy.contains("frame-ancestors 'none'")) {
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }
}

fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=REQUEST_ID_MAX).contains(&bytes.len())
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    });
    given.cloned().unwrap_or_else(fresh_id)
}

/// Unique within a process by its number, and between processes by a random start.
fn fresh_id() -> HeaderValue {
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let text = format!("{:016x}-{}", *START, NEXT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unknown"))
}

/// `Idempotent-Replayed: true` on a first answer that came back.
pub fn replayed(done: &kopilka_service::Done) -> Option<[(HeaderName, HeaderValue); 1]> {
    done.replayed.then_some([(REPLAYED, HeaderValue::from_static("true"))])
}
