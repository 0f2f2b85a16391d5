//! What a browser keeps between asking for a code and telling it.
//!
//! Invariant: it looks the same whether a code was sent or nobody is known by the address, so asking tells
//! nothing of who is a member.

use super::session::{hex, unhex};
use crate::frame::once;
use kopilka_core::ids::{CodeId, ProgramId};
use kopilka_service::identifiers::IdentifierKey;

const NONCE_LETTERS: usize = 32;
const MAC_BYTES: usize = 32;
/// No code has this number.
const NO_CODE: i64 = 0;

fn mask(key: &IdentifierKey, program: ProgramId, nonce: &str) -> i64 {
    let hash = key.hash(&[b"cabinet-pending", &program.0.to_be_bytes(), nonce.as_bytes()]);
    hash.first_chunk::<8>().map_or(NO_CODE, |bytes| i64::from_be_bytes(*bytes))
}

fn mac(key: &IdentifierKey, program: ProgramId, text: &str) -> [u8; MAC_BYTES] {
    key.hash(&[b"cabinet-pending-mac", &program.0.to_be_bytes(), text.as_bytes()])
}

/// Hides the number of a code, or that there is none.
pub fn sealed(key: &IdentifierKey, program: ProgramId, code: Option<CodeId>) -> String {
    let nonce = once();
    let hidden = code.map_or(NO_CODE, |code| code.0) ^ mask(key, program, &nonce);
    let text = format!("{nonce}{}", hex(&hidden.to_be_bytes()));
    let mac = hex(&mac(key, program, &text));
    format!("{text}{mac}")
}

/// The code; `None` where there was none, and for what was not made here.
pub fn opened(key: &IdentifierKey, program: ProgramId, pending: &str) -> Option<CodeId> {
    let (text, told) = pending.split_at_checked(NONCE_LETTERS + 16)?;
    if key.hash(&[&unhex(told)?]) != key.hash(&[&mac(key, program, text)]) {
        return None;
    }
    let (nonce, hidden) = text.split_at_checked(NONCE_LETTERS)?;
    let hidden = i64::from_be_bytes(*unhex(hidden)?.first_chunk::<8>()?);
    let code = hidden ^ mask(key, program, nonce);
    (code != NO_CODE).then_some(CodeId(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_none_look_alike_and_come_back_as_they_were() {
        let key = IdentifierKey::new([7; 32]);
        let (one, none) = (sealed(&key, ProgramId(1), Some(CodeId(42))), sealed(&key, ProgramId(1), None));
        assert_eq!(one.len(), none.len());
        assert_ne!(one, sealed(&key, ProgramId(1), Some(CodeId(42))), "two of one code tell nothing");
        assert_eq!(opened(&key, ProgramId(1), &one), Some(CodeId(42)));
        assert_eq!(opened(&key, ProgramId(1), &none), None);
        assert_eq!(opened(&key, ProgramId(2), &one), None);
        for text in ["", "x", "юююююююююююююююююююююююююююююююююююююююю", &one[1..], &one[..one.len() - 2]]
        {
            assert_eq!(opened(&key, ProgramId(1), text), None);
        }
    }
}
