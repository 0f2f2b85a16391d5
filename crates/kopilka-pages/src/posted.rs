//! What a form has sent.
//!
//! Invariant: a form of somebody who has signed in is read only with the token of that session in it, so no
//! other site can send one in their name.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kopilka_web::problem::Problem;
use std::sync::{Arc, OnceLock};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

/// A program's document is the largest text of a form, and it is at most a megabyte; encoded it grows.
pub const FORM_MAX: usize = 4 << 20;
/// A card of a program with all its conditions has some hundreds; more are no form of ours.
const FIELDS_MAX: usize = 5_000;
/// The field with the session's token.
pub const TOKEN_FIELD: &str = "token";
/// The field with the key that makes a form sent twice one.
pub const ONCE_FIELD: &str = "once";

/// What a form of whoever has signed in carries; the guard before the page notes it on the request.
#[derive(Clone)]
pub struct FormToken(pub String);

/// What the audit keeps of a form beside its address: choices and ids of things, never what is known of a
/// person, nor a secret.
const AUDITED: [&str; 19] = [
    "act", "operator", "role", "status", "way", "points", "tier", "offer", "tag", "reward", "campaign",
    "segment", "holder", "right", "key", "scope", "version", "preset", "channel",
];

/// What an id, a choice or a figure is made of; anything else somebody has typed, and may be a person's.
fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// Where the guard before a page hears what its form asks.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<OnceLock<String>>);

impl Heard {
    /// Only the first: a form is read once.
    pub fn hear(&self, posted: &Posted) {
        let _ = self.0.set(posted.deed());
    }
    pub fn said(&self) -> &str {
        self.0.get().map_or("", String::as_str)
    }
}

/// The fields of a form, in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Posted(Vec<(String, String)>);

impl Posted {
    pub fn from_fields(fields: Vec<(String, String)>) -> Posted {
        Posted(fields)
    }
    pub fn of(pairs: &[(&str, &str)]) -> Posted {
        Posted(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
    /// The first value of a field, without the spaces around it; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }
    /// The first value as it was sent, such as a password.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
    /// The value unless it is empty.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }
    pub fn is_set(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
    /// Every value of a field that may be sent several times.
    pub fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }
    /// Names that begin so, with what follows and their values.
    pub fn under<'p>(&'p self, prefix: &'p str) -> impl Iterator<Item = (&'p str, &'p str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.trim())))
    }
    /// All that was sent but what only this one sending has: the same is the same form sent again.
    pub fn told(&self) -> String {
        let own = |name: &str| name == TOKEN_FIELD || name == ONCE_FIELD;
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.0.iter().filter(|(name, _)| !own(name)) {
            out.append_pair(name, value);
        }
        out.finish()
    }
    /// For the audit: `act=role operator=o_1 role=marketer`.
    fn deed(&self) -> String {
        let kept =
            self.0.iter().filter(|(name, value)| AUDITED.contains(&name.as_str()) && !value.is_empty());
        let kept = kept.map(|(name, value)| match is_code(value.trim()) {
            true => format!("{name}={}", value.trim()),
            false => format!("{name}=?"),
        });
        kept.collect::<Vec<_>>().join(" ")
    }
    fn read(body: &Bytes) -> Posted {
        Posted(
            form_urlencoded::parse(body)
                .take(FIELDS_MAX + 1)
                .map(|(n, v)| (n.into_owned(), v.into_owned()))
                .collect(),
        )
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;
    async fn from_request(request: Request, _: &S) -> Result<Posted, Response> {
        let expected = request.extensions().get::<FormToken>().cloned();
        let heard = request.extensions().get::<Heard>().cloned();
        let is_form = request.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
            value.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(Problem::of("form_invalid").into_response());
        }
        let too_large = || Problem::of("body_too_large").with("limit", FORM_MAX).into_response();
        let body = to_bytes(request.into_body(), FORM_MAX).await.map_err(|_| too_large())?;
        let posted = Posted::read(&body);
        if posted.0.len() > FIELDS_MAX {
            return Err(Problem::of("form_invalid").into_response());
        }
        match expected {
            Some(FormToken(own)) if !same(posted.raw(TOKEN_FIELD), &own) => {
                Err(Problem::of("form_expired").into_response())
            }
            _ => {
                if let Some(heard) = heard {
                    heard.hear(&posted);
                }
                Ok(posted)
            }
        }
    }
}

/// Compared in a time that tells nothing.
pub fn same(told: &str, own: &str) -> bool {
    told.as_bytes().ct_eq(own.as_bytes()).into()
}
