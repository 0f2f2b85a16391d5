//! Links by which a member tells a bot which chat is theirs.
//!
//! Invariant: a link is good for one member of one program, for a short while, and for as long as the chat
//! that was known when it was made is the one that is known; so it is good once. Nobody makes one without the
//! installation's own key.

use crate::identifiers::IdentifierKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::time::Instant;
use subtle::ConstantTimeEq;

/// Whoever is shown the link opens it now; a quarter of an hour leaves time to install Telegram.
pub const CHAT_LINK_SECONDS: i64 = 900;
const NUMBER_BYTES: usize = 8;
const MAC_BYTES: usize = 16;
/// Telegram takes 64 letters; this makes 43.
const TOKEN_BYTES: usize = 2 * NUMBER_BYTES + MAC_BYTES;

/// What a token says of itself, before it is known to be one of ours.
pub(crate) struct ChatLink {
    pub member: MemberId,
    pub expires_at: Instant,
    mac: [u8; MAC_BYTES],
}

fn mac(
    key: &IdentifierKey,
    (program, member, expires_at): (ProgramId, MemberId, Instant),
    chat: Option<&str>,
) -> [u8; MAC_BYTES] {
    let numbers = [program.0, member.0, expires_at.0].map(i64::to_be_bytes);
    key.hash16(&[b"chat-link", numbers.as_flattened(), chat.unwrap_or_default().as_bytes()])
}

/// What the bot is started with.
pub(crate) fn write(key: &IdentifierKey, of: (ProgramId, MemberId, Instant), chat: Option<&str>) -> String {
    let (_, member, expires_at) = of;
    let mut bytes = Vec::with_capacity(TOKEN_BYTES);
    bytes.extend_from_slice(&member.0.to_be_bytes());
    bytes.extend_from_slice(&expires_at.0.to_be_bytes());
    bytes.extend_from_slice(&mac(key, of, chat));
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn read(token: &str) -> Option<ChatLink> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let bytes: [u8; TOKEN_BYTES] = bytes.try_into().ok()?;
    let (member, rest) = bytes.split_first_chunk::<NUMBER_BYTES>()?;
    let (expires_at, mac) = rest.split_first_chunk::<NUMBER_BYTES>()?;
    Some(ChatLink {
        member: MemberId(i64::from_be_bytes(*member)),
        expires_at: Instant(i64::from_be_bytes(*expires_at)),
        mac: mac.try_into().ok()?,
    })
}

impl ChatLink {
    /// Whether it was made here, for this program, while this chat was known.
    pub fn is_ours(&self, key: &IdentifierKey, program: ProgramId, chat: Option<&str>) -> bool {
        let expected = mac(key, (program, self.member, self.expires_at), chat);
        bool::from(expected.as_slice().ct_eq(&self.mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_of_its_member_program_and_moment_and_no_letter_of_it_can_be_another() {
        let (ours, theirs) = (IdentifierKey::new([1; 32]), IdentifierKey::new([2; 32]));
        let (program, member, end) = (ProgramId(3), MemberId(7), Instant(9_000_000));
        let token = write(&ours, (program, member, end), Some("55"));
        assert!(token.len() <= 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        let link = read(&token).unwrap();
        assert_eq!((link.member, link.expires_at), (member, end));
        assert!(link.is_ours(&ours, program, Some("55")));
        assert!(!link.is_ours(&theirs, program, Some("55")));
        assert!(!link.is_ours(&ours, ProgramId(4), Some("55")));
        assert!(!link.is_ours(&ours, program, None) && !link.is_ours(&ours, program, Some("56")));
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = read(&URL_SAFE_NO_PAD.encode(changed)).unwrap();
            assert!(!changed.is_ours(&ours, program, Some("55")), "byte {at}");
        }
        for text in ["", "x", "привет", &token[1..], &format!("{token}AAAA")] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
