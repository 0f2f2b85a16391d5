//! A member's session: a cookie that nobody but this server can make.
//!
//! Invariant: it stands in no table, so it ends by itself: a while after it was last used, for good some time
//! after it began, whatever is done with it meanwhile, and when the phone or e-mail whose code began it is
//! not theirs any more. It opens the cabinet of its program and nothing else.

use super::gate::Guest;
use axum::http::HeaderValue;
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::time::Instant;
use kopilka_service::AddressMark;
use kopilka_service::identifiers::IdentifierKey;

pub const COOKIE: &str = "kopilka_member";
const MAC_BYTES: usize = 32;
const NUMBERS: usize = 7;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A code that was sent to their phone or e-mail: the browser is their own.
    Code,
    /// A token of the shop, which knows them as long as its own page is open.
    Token,
}

impl By {
    /// For how long it may lie unused, and how long it lives in all.
    fn lives(self) -> (i64, i64) {
        match self {
            // Points are looked at before a purchase, which may be once in a month.
            By::Code => (30 * DAY, 180 * DAY),
            By::Token => (HOUR, 12 * HOUR),
        }
    }
    pub fn name(self) -> &'static str {
        match self {
            By::Code => "code",
            By::Token => "token",
        }
    }
}

/// Who comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    pub member: MemberId,
    pub holder: Option<HolderNo>,
    /// Where the code went, if one did.
    pub address: Option<AddressMark>,
}

/// One member's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub member: MemberId,
    /// Which holder of the member's account; none for its owner.
    pub holder: Option<HolderNo>,
    /// Where the code went, if one did.
    pub address: Option<AddressMark>,
    pub by: By,
    pub began: Instant,
    /// What every form of this session carries.
    pub form_token: String,
}

/// A new session of a member, as its cookie has it.
pub fn begun(key: &IdentifierKey, (member, by): (Who, By), program: ProgramId, now: Instant) -> String {
    let Who { member, holder, address } = member;
    let by = i64::from(by == By::Token);
    write(key, [program.0, member.0, now.0, now.0, by, number(holder), address.map_or(0, |mark| mark.0)])
}

fn number(holder: Option<HolderNo>) -> i64 {
    holder.map_or(0, |holder| holder.0.into())
}

/// The same session, used now.
pub fn renewed(key: &IdentifierKey, session: &Session, program: ProgramId, now: Instant) -> String {
    let (by, holder) = (i64::from(session.by == By::Token), number(session.holder));
    let address = session.address.map_or(0, |mark| mark.0);
    write(key, [program.0, session.member.0, session.began.0, now.0, by, holder, address])
}

fn write(key: &IdentifierKey, numbers: [i64; NUMBERS]) -> String {
    let payload: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let mac = key.hash(&[b"cabinet-session", &payload]);
    hex(&[&payload[..], &mac[..]].concat())
}

/// The session of a cookie; `None` for one that is over, of another program, or was not made here.
pub fn read(key: &IdentifierKey, cookie: &str, program: ProgramId, now: Instant) -> Option<Session> {
    let bytes = unhex(cookie)?;
    let (payload, told) = bytes.split_last_chunk::<MAC_BYTES>()?;
    let mac = key.hash(&[b"cabinet-session", payload]);
    // Hashed once more, so that a timing tells of hashes, which helps nobody.
    if payload.len() != NUMBERS * 8 || key.hash(&[told]) != key.hash(&[&mac]) {
        return None;
    }
    let mut numbers = payload.as_chunks::<8>().0.iter().map(|bytes| i64::from_be_bytes(*bytes));
    let mut next = || numbers.next().unwrap_or_default();
    let (of, member, began, used) = (ProgramId(next()), MemberId(next()), Instant(next()), Instant(next()));
    let by = if next() == 1 { By::Token } else { By::Code };
    let holder = u64::try_from(next()).ok().and_then(HolderNo::new);
    let address = Some(next()).filter(|_| by == By::Code).map(AddressMark);
    let (idle, lives) = by.lives();
    let is_over = now >= used.plus_seconds(idle) || now >= began.plus_seconds(lives);
    let token =
        key.hash(&[b"cabinet-form", &member.0.to_be_bytes(), &began.0.to_be_bytes(), &of.0.to_be_bytes()]);
    let session = Session { member, holder, address, by, began, form_token: hex(&token[..16]) };
    (of == program && !is_over).then_some(session)
}

/// The header that keeps a session. Within the shop's page a browser keeps it for that page alone.
pub fn header(cookie: &str, by: By, guest: &Guest) -> Option<HeaderValue> {
    let path = guest.address();
    let (idle, _) = by.lives();
    let kept = match by {
        By::Code => format!("; Max-Age={idle}"),
        By::Token => String::new(),
    };
    let site = match (guest.secure, by) {
        (true, By::Token) => "; SameSite=None; Secure; Partitioned",
        (true, By::Code) => "; SameSite=Lax; Secure",
        (false, _) => "; SameSite=Lax",
    };
    HeaderValue::from_str(&format!("{COOKIE}={cookie}; Path={path}; HttpOnly{site}{kept}")).ok()
}

/// Takes the cookie away.
pub fn none(guest: &Guest) -> Option<HeaderValue> {
    let text = format!("{COOKIE}=; Path={}; HttpOnly; SameSite=Lax; Max-Age=0", guest.address());
    HeaderValue::from_str(&text).ok()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().map(|b| char::from(b).to_digit(16)).collect::<Option<Vec<u32>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |[high, low]: &[u32; 2]| u8::try_from(high * 16 + low).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_000_000_000_000);
    const HERE: ProgramId = ProgramId(1);
    const ANNA: Who = Who { member: MemberId(5), holder: Some(HolderNo(2)), address: Some(AddressMark(-7)) };

    #[test]
    fn a_session_is_read_in_its_own_program_and_no_letter_of_it_can_be_another() {
        let key = IdentifierKey::new([7; 32]);
        let cookie = begun(&key, (ANNA, By::Code), HERE, NOW);
        let session = read(&key, &cookie, HERE, NOW).unwrap();
        let who = Who { member: session.member, holder: session.holder, address: session.address };
        assert_eq!((who, session.by), (ANNA, By::Code));
        assert_eq!(read(&key, &cookie, ProgramId(2), NOW), None);
        assert_eq!(read(&IdentifierKey::new([8; 32]), &cookie, HERE, NOW), None);
        for at in 0..cookie.len() {
            let mut letters = cookie.clone().into_bytes();
            letters[at] = if letters[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(letters).unwrap();
            assert_eq!(read(&key, &changed, HERE, NOW), None, "letter {at}");
        }
        for text in ["", "0", "zz", &cookie[2..], &cookie[..cookie.len() - 2]] {
            assert_eq!(read(&key, text, HERE, NOW), None, "{text}");
        }
    }

    #[test]
    fn a_session_ends_when_it_lies_unused_and_for_good_in_the_end() {
        let key = IdentifierKey::new([7; 32]);
        for (by, idle, lives) in [(By::Code, 30 * DAY, 180 * DAY), (By::Token, HOUR, 12 * HOUR)] {
            let mut cookie = begun(&key, (ANNA, by), HERE, NOW);
            assert_eq!(read(&key, &cookie, HERE, NOW.plus_seconds(idle)), None);
            let mut now = NOW;
            while now < NOW.plus_seconds(lives - idle) {
                now = now.plus_seconds(idle - 1);
                let session = read(&key, &cookie, HERE, now).unwrap();
                cookie = renewed(&key, &session, HERE, now);
            }
            assert_eq!(read(&key, &cookie, HERE, NOW.plus_seconds(lives)), None, "{by:?}");
        }
    }
}
