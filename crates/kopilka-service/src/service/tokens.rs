//! Member tokens: with one a storefront page reads what belongs to a single member, for a short while.
//!
//! Invariant: a token is nothing but a signed name and an end; it stands in no table, and nobody but this
//! installation can make one. What it opens is a list of endpoints, all of them the member's own.

use super::Service;
use crate::asks::Caller;
use crate::error::ServiceError;
use crate::identifiers::IdentifierKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kopilka_core::holder::{Holder, HolderNo, Rights};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::time::Instant;
use std::sync::Arc;

/// How tokens begin, so that nobody takes one for a key.
pub const TOKEN_PREFIX: &str = "kmt_";
/// A page that is left open asks its shop for another one; nobody can take a token back, so it ends soon.
pub const TOKEN_LIVES_MAX_SECONDS: i64 = 3_600;
pub const TOKEN_LIVES_SECONDS: i64 = 600;
/// Below this it ends before the page is there.
pub const TOKEN_LIVES_MIN_SECONDS: i64 = 60;
const MAC_BYTES: usize = 32;
const NUMBER_BYTES: usize = 8;
/// The number, and a bit for each right.
const HOLDER_BYTES: usize = 2;

/// Whose a token is, and in which shop it was asked for. A holder's rights are those of when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claims {
    program: ProgramId,
    member: MemberId,
    expires_at: Instant,
    holder: Option<Holder>,
    shop: String,
}

impl Service {
    /// A token of a member for so many seconds, and when it ends.
    pub async fn make_token(
        &self,
        caller: &Caller,
        (member, holder): (MemberId, Option<HolderNo>),
        seconds: i64,
    ) -> Result<(String, Instant), ServiceError> {
        let state = self.shared.program(caller.program)?;
        let seconds = seconds.clamp(TOKEN_LIVES_MIN_SECONDS, TOKEN_LIVES_MAX_SECONDS);
        let expires_at = self.shared.now_of(&state).plus_seconds(seconds);
        let holder = match holder {
            Some(no) => Some(self.holder(caller.program, member, no).await?),
            None => None,
        };
        let shop = caller.shop.clone();
        let claims = Claims { program: caller.program, member, expires_at, holder, shop };
        Ok((write(&self.shared.secret, &claims), expires_at))
    }

    /// Who shows this token; `None` for one that is over or was not made here.
    pub(super) fn caller_of_token(&self, token: &str) -> Option<Arc<Caller>> {
        let claims = read(&self.shared.secret, token)?;
        if self.now(claims.program) >= claims.expires_at {
            return None;
        }
        Some(Arc::new(Caller {
            program: claims.program,
            shop: claims.shop,
            scopes: Vec::new(),
            key_id: claims.member.to_string(),
            name: "member token".to_owned(),
            member: Some(claims.member),
            holder: claims.holder,
        }))
    }
}

fn mac(key: &IdentifierKey, payload: &[u8]) -> [u8; MAC_BYTES] {
    key.hash(&[b"member-token-2", payload])
}

fn write(key: &IdentifierKey, claims: &Claims) -> String {
    let numbers = [claims.program.0, claims.member.0, claims.expires_at.0];
    let mut payload: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    payload.extend(written(claims.holder));
    payload.extend(claims.shop.as_bytes());
    let mac = mac(key, &payload);
    payload.extend(mac);
    format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(payload))
}

fn read(key: &IdentifierKey, token: &str) -> Option<Claims> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(TOKEN_PREFIX)?).ok()?;
    let (payload, told) = bytes.split_last_chunk::<MAC_BYTES>()?;
    // Hashed once more, so that a timing tells of hashes, which helps nobody.
    if key.hash(&[told]) != key.hash(&[&mac(key, payload)]) {
        return None;
    }
    let (program, rest) = payload.split_first_chunk::<NUMBER_BYTES>()?;
    let (member, rest) = rest.split_first_chunk::<NUMBER_BYTES>()?;
    let (expires_at, rest) = rest.split_first_chunk::<NUMBER_BYTES>()?;
    let (holder, shop) = rest.split_first_chunk::<HOLDER_BYTES>()?;
    Some(Claims {
        program: ProgramId(i64::from_be_bytes(*program)),
        member: MemberId(i64::from_be_bytes(*member)),
        expires_at: Instant(i64::from_be_bytes(*expires_at)),
        holder: holder_of(*holder),
        shop: std::str::from_utf8(shop).ok()?.to_owned(),
    })
}

fn written(holder: Option<Holder>) -> [u8; HOLDER_BYTES] {
    let Some(Holder { no, rights }) = holder else { return [0; HOLDER_BYTES] };
    let may = [rights.earn, rights.spend, rights.see, rights.statement];
    [no.0, may.into_iter().zip(0..).map(|(may, at)| u8::from(may) << at).sum()]
}

fn holder_of([no, bits]: [u8; HOLDER_BYTES]) -> Option<Holder> {
    let has = |at: u8| bits & 1 << at != 0;
    let rights = Rights { earn: has(0), spend: has(1), see: has(2), statement: has(3) };
    HolderNo::new(no.into()).map(|no| Holder { no, rights })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_whoever_made_it_and_no_byte_of_it_can_be_another() {
        let (ours, theirs) = (IdentifierKey::new([1; 32]), IdentifierKey::new([2; 32]));
        let claims = Claims {
            program: ProgramId(3),
            member: MemberId(7),
            expires_at: Instant(9_000_000),
            holder: Some(Holder {
                no: HolderNo(7),
                rights: Rights { earn: false, spend: true, see: false, statement: true },
            }),
            shop: "главный".to_owned(),
        };
        let token = write(&ours, &claims);
        assert_eq!(read(&ours, &token), Some(claims.clone()));
        assert_eq!(read(&theirs, &token), None);
        let bytes = URL_SAFE_NO_PAD.decode(&token[TOKEN_PREFIX.len()..]).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(read(&ours, &changed), None, "byte {at}");
        }
        for text in ["", TOKEN_PREFIX, "kmt_x", "kop_live_1", &token[1..], &token[..token.len() - 4]] {
            assert_eq!(read(&ours, text), None, "{text}");
        }
    }
}
