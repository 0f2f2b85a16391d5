//! Links by which a member takes a consent back at once.
//!
//! Invariant: a link is good for one member and channel, for ever, and cannot be made without the
//! installation's own key.

use crate::identifiers::IdentifierKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, ProgramId};
use subtle::ConstantTimeEq;

/// Whom a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsubscribing {
    pub program: ProgramId,
    pub member: MemberId,
    pub channel: Channel,
}

const ID_BYTES: usize = 8;
const MAC_BYTES: usize = 16;
const TOKEN_BYTES: usize = 2 * ID_BYTES + 1 + MAC_BYTES;

fn mac(key: &IdentifierKey, body: &[u8]) -> [u8; MAC_BYTES] {
    key.hash16(&[b"unsubscribe", body])
}

/// The end of the link.
pub(crate) fn token(key: &IdentifierKey, of: &Unsubscribing) -> String {
    let channel = super::CHANNELS.iter().position(|channel| *channel == of.channel).unwrap_or_default();
    let mut bytes = Vec::with_capacity(TOKEN_BYTES);
    bytes.extend_from_slice(&of.program.0.to_be_bytes());
    bytes.extend_from_slice(&of.member.0.to_be_bytes());
    bytes.push(channel as u8);
    let mac = mac(key, &bytes);
    bytes.extend_from_slice(&mac);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whom a link is for; nobody where it is not one of ours.
pub(crate) fn read(key: &IdentifierKey, token: &str) -> Option<Unsubscribing> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == TOKEN_BYTES)?;
    let (body, given) = bytes.split_at(TOKEN_BYTES - MAC_BYTES);
    if !bool::from(mac(key, body).as_slice().ct_eq(given)) {
        return None;
    }
    let id = |at: usize| Some(i64::from_be_bytes(body.get(at..at + ID_BYTES)?.try_into().ok()?));
    let channel = super::CHANNELS.get(usize::from(body[2 * ID_BYTES]))?;
    Some(Unsubscribing { program: ProgramId(id(0)?), member: MemberId(id(ID_BYTES)?), channel: *channel })
}
