//! Request bodies: checked for size, kind and depth before they are read, and refused with a place.
//!
//! Invariant: an unknown field is refused, because a typo must not cost points.

mod canonical;
mod reader;
mod text;

use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// A thousand lines with everything on them are about 400 KiB.
pub const BODY_MAX: usize = 1024 * 1024;
/// The deepest body we know has five levels; a deeper one is an attack on the stack.
pub const DEPTH_MAX: usize = 16;

/// A body of the wanted type, and the hash of what it says.
#[derive(Debug)]
pub struct Json<T> {
    pub body: T,
    /// Equal for bodies that differ only in white space and the order of fields.
    pub hash: [u8; 16],
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Json<T>, Problem> {
        let (bytes, json) = read_body(request).await?;
        if !json {
            return Err(Problem::of("unsupported_media_type"));
        }
        read(&bytes)
    }
}

/// A body of a request that changes nothing: no other one is told from it, so it has no hash.
#[derive(Debug)]
pub struct Question<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Question<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Question<T>, Problem> {
        let (bytes, json) = read_body(request).await?;
        if !json {
            return Err(Problem::of("unsupported_media_type"));
        }
        question(&bytes).map(Question)
    }
}

/// A body that may be left out altogether.
#[derive(Debug)]
pub struct OptionalJson<T>(pub Json<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<OptionalJson<T>, Problem> {
        let (bytes, json) = read_body(request).await?;
        if bytes.is_empty() {
            return read(b"{}").map(OptionalJson);
        }
        if !json {
            return Err(Problem::of("unsupported_media_type"));
        }
        read(&bytes).map(OptionalJson)
    }
}

async fn read_body(request: Request) -> Result<(Bytes, bool), Problem> {
    let too_large = || Problem::of("body_too_large").with("limit", BODY_MAX);
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared: Option<usize> = declared.and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if declared.is_some_and(|length| length > BODY_MAX) {
        return Err(too_large());
    }
    let json = is_json(request.headers());
    let bytes = axum::body::to_bytes(request.into_body(), BODY_MAX).await.map_err(|_| too_large())?;
    Ok((bytes, json))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json")
}

/// Reads a body of the wanted type out of its bytes.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Json<T>, Problem> {
    check_depth(bytes)?;
    // To know the place of an error costs bookkeeping at every field, so it is asked only where there is one.
    let body = without_place(bytes).map_or_else(|| with_place(bytes), Ok)?;
    Ok(Json { body, hash: hash(bytes) })
}

/// Reads a question out of its bytes, by a type that says what each of its fields is: a body that fits is no
/// deeper than the type, so its depth is looked at only where it does not fit.
pub fn question<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    match without_place(bytes) {
        Some(body) => Ok(body),
        None => check_depth(bytes).and_then(|()| with_place(bytes)),
    }
}

/// Bytes that are text as a whole need not be looked at again text by text.
fn without_place<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    reader::read(text).or_else(|| serde_json::from_str(text).ok())
}

/// An answer written already: what it says of lies with the handler that made it.
#[derive(Debug)]
pub struct Written(Vec<u8>);

/// Writes an answer; `room` is how many bytes it will have, more or less.
pub fn written<T: Serialize>(answer: &T, room: usize) -> Result<Written, serde_json::Error> {
    text::text(answer, room).map(Written)
}

impl Written {
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.0));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

fn with_place<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        told(&error.into_inner(), pointer)
    })?;
    reader.end().map_err(|error| told(&error, String::new()))?;
    Ok(body)
}

fn check_depth(bytes: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for &byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(Problem::of("too_deep").with("limit", DEPTH_MAX));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// A hash of the content: fields sorted, white space gone. Bytes that are not JSON never come here.
fn hash(bytes: &[u8]) -> [u8; 16] {
    crate::hash::of(&[&canonical::text(bytes).unwrap_or_default()])
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

/// What the reader's error means. Our own types put their code in front of the message.
fn told(error: &serde_json::Error, pointer: String) -> Problem {
    if !error.is_data() {
        let problem = Problem::of("malformed_json");
        return problem.with("line", error.line()).with("column", error.column());
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    if message.starts_with("unknown field") {
        return Problem::of("unknown_field").with("field", quoted()).at(pointer);
    }
    if message.starts_with("missing field") {
        let field = quoted();
        let pointer = format!("{pointer}/{field}");
        return Problem::of("missing_field").with("field", field).at(pointer);
    }
    if message.starts_with("duplicate field") {
        let field = quoted();
        let pointer = format!("{pointer}/{field}");
        return Problem::of("duplicate_field").with("field", field).at(pointer);
    }
    match message.split_once(": ") {
        Some(("kopilka", "invalid_text")) => {
            Problem::of("invalid_text").with("limit", crate::wire::TEXT_MAX).at(pointer)
        }
        Some(("kopilka", "decimal_as_number")) => Problem::of("decimal_as_number").at(pointer),
        Some(("kopilka", "invalid_time")) => Problem::of("invalid_time").at(pointer),
        Some(("kopilka", "invalid_date")) => Problem::of("invalid_date").at(pointer),
        _ => Problem::of("wrong_type").with("why", message).at(pointer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{DecimalText, TimeText, Word};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read matters")]
    struct Outer {
        inner: Vec<Inner>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read matters")]
    struct Inner {
        price: DecimalText,
        at: Option<TimeText>,
        word: Option<Word>,
    }

    #[test]
    fn a_body_that_cannot_be_read_says_why_and_where() {
        let deep = "[".repeat(DEPTH_MAX + 1);
        for (body, code, at) in [
            ("", "malformed_json", None),
            ("{", "malformed_json", None),
            ("{\"inner\": []} x", "malformed_json", None),
            ("{\"inner\": [}", "malformed_json", None),
            (deep.as_str(), "too_deep", None),
            ("{}", "missing_field", Some("/inner")),
            ("{\"inner\": 1}", "wrong_type", Some("/inner")),
            ("{\"inner\": [], \"inner\": []}", "duplicate_field", Some("/inner")),
            ("{\"inner\": [{\"price\": 1.5}]}", "decimal_as_number", Some("/inner/0/price")),
            ("{\"inner\": [{\"price\": 15}]}", "decimal_as_number", Some("/inner/0/price")),
            ("{\"inner\": [{\"price\": \"1\", \"prise\": 1}]}", "unknown_field", Some("/inner/0/prise")),
            ("{\"inner\": [{\"price\": \"1\", \"at\": \"noon\"}]}", "invalid_time", Some("/inner/0/at")),
            ("{\"inner\": [{\"price\": \"1\", \"word\": \"\"}]}", "invalid_text", Some("/inner/0/word")),
        ] {
            for problem in
                [read::<Outer>(body.as_bytes()).unwrap_err(), question::<Outer>(body.as_bytes()).unwrap_err()]
            {
                assert_eq!((problem.code, problem.pointer.as_deref()), (code, at), "{body}: {problem:?}");
            }
        }
    }

    #[test]
    fn white_space_and_the_order_of_fields_do_not_change_the_hash() {
        let one = read::<serde_json::Value>(br#"{"a": 1, "b": "x"}"#).unwrap();
        let other = read::<serde_json::Value>(br#"{"b":"x","a":1}"#).unwrap();
        assert_eq!(one.hash, other.hash);
        assert_ne!(one.hash, read::<serde_json::Value>(br#"{"a":2,"b":"x"}"#).unwrap().hash);
    }
}
