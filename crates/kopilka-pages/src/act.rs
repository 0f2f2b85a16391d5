//! What an operator does from a page: the envelope of a write, as a request of the API has one.
//!
//! Invariant: whoever did it and why stand in the journal, and a form that is sent twice is done once.

use crate::posted::{ONCE_FIELD, Posted};
use crate::visit::Office;
use kopilka_web::app::{Desk, Envelope};
use kopilka_web::asked::IDEMPOTENCY_KEY_MAX;
use kopilka_web::hash;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use kopilka_web::wire::Word;

/// The envelope of a form; `of` is what the address names, so that one key means one thing.
pub fn envelope(
    office: &Office,
    endpoint: &'static str,
    posted: &Posted,
    of: &str,
) -> Result<Envelope, Problem> {
    let key = posted.text(ONCE_FIELD);
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_MAX {
        return Err(Problem::of("form_invalid"));
    }
    Ok(Envelope {
        endpoint,
        key: Some(key.to_owned()),
        input_hash: hash::of(&[of.as_bytes(), posted.told().as_bytes()]),
        operator: Some(office.login().to_owned()),
        reason: word(posted, "reason")?,
    })
}

/// A field that may be left empty, within the length of the API's words.
pub fn word(posted: &Posted, name: &str) -> Result<Option<String>, Problem> {
    let Some(text) = posted.some(name) else { return Ok(None) };
    let word = Word::checked(text).map(|word| word.0);
    let invalid = || Problem::of("invalid_text").with("limit", kopilka_web::wire::TEXT_MAX);
    word.map(Some).ok_or_else(invalid)
}

/// Several in one field: one a line, or with commas between them.
pub fn words(posted: &Posted, name: &str) -> Vec<String> {
    let parts = posted.raw(name).split(['\n', '\r', ',', ';']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether the role of this desk may do it.
pub fn may(desk: &Desk, scope: Scope) -> bool {
    desk.allow(scope).is_ok()
}

/// A text as a part of an address.
pub fn in_address(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_leaves_its_place_in_an_address() {
        assert_eq!(in_address("A-1_2.3~"), "A-1_2.3~");
        assert_eq!(in_address("a/b?c#d&e \"<ж"), "a%2Fb%3Fc%23d%26e%20%22%3C%D0%B6");
    }

    #[test]
    fn a_field_of_several_is_cut_at_lines_and_commas() {
        let posted = Posted::of(&[("phones", " +7 912\r\n\r\n8 913, ,\n")]);
        assert_eq!(words(&posted, "phones"), ["+7 912", "8 913"]);
    }
}
