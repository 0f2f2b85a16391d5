//! Ids are 63-bit integers made by the shell in time order; outside they are text with a prefix.
//!
//! Lots are numbered within their member (1, 2, 3 …), so the core needs no source of ids at all.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($name:ident, $prefix:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
            /// Reads the outside form; `None` for anything else, also for a wrong prefix.
            pub fn parse(text: &str) -> Option<$name> {
                let digits = text.strip_prefix($prefix)?;
                if digits.is_empty() || digits.len() > 13 {
                    return None;
                }
                let mut value: i64 = 0;
                for byte in digits.bytes() {
                    let digit = ALPHABET.iter().position(|&a| a == byte)? as i64;
                    value = value.checked_mul(32)?.checked_add(digit)?;
                }
                Some($name(value))
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut digits = [b'0'; 13];
                let mut value = self.0 as u64;
                for place in digits.iter_mut().rev() {
                    *place = ALPHABET[(value % 32) as usize];
                    value /= 32;
                }
                write!(f, "{}{}", $prefix, std::str::from_utf8(&digits).unwrap_or_default())
            }
        }
    };
}

// Crockford's letters without the ones that are read for digits, lower case.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

id!(MemberId, "m_", "A member's account.");
id!(EntryId, "e_", "A journal entry.");
id!(WebhookId, "wh_", "An endpoint that is told what happens.");
id!(CodeId, "c_", "A one-time code that was sent.");
id!(MessageId, "msg_", "A message to a member.");
id!(OperatorId, "o_", "Somebody who works with the installation.");
id!(SessionId, "s_", "A browser in which an operator is signed in.");
id!(AuditId, "a_", "Something that an operator did.");
id!(ProgramId, "p_", "A program (a tenant): every row belongs to exactly one.");

/// A lot within its member; creation order.
pub type LotNo = u32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_their_text() {
        for value in [0, 1, 31, 32, 1 << 40, i64::MAX] {
            assert_eq!(MemberId::parse(&MemberId(value).to_string()), Some(MemberId(value)));
        }
        assert_eq!(MemberId::parse("e_0000000000001"), None);
        assert_eq!(MemberId::parse("m_"), None);
        assert_eq!(MemberId::parse("m_zzzzzzzzzzzzz"), None, "over 63 bits");
    }
}
