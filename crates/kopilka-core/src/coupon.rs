//! Coupon codes: one spelling for each, a check character in those that are made, and why one is refused.
//!
//! Invariant: two texts that people take for the same code are the same [`CouponCode`]: case, gaps, hyphens
//! and look-alikes (O and 0, I, L and 1, Cyrillic letters drawn like Latin ones) do not matter.

use crate::ShortText;
use crate::ids::MemberId;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// Longer codes are typed wrong; a shop's own codes are words. How short one may be is the shop's affair.
pub const CODE_CHARS_MAX: usize = 40;
/// Coupons of one order: a command names at most 16 rows beside the member's, and each code has two.
pub const COUPONS_MAX: usize = 8;

/// Thirty-two characters, none of which is taken for another: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters drawn at random in a made code, five bits each: with a million codes out, one guess in a
/// billion hits.
const RANDOM_CHARS: usize = 10;

/// A code in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CouponCode(ShortText);

impl CouponCode {
    /// `None` where the text cannot be a code: nothing left, too long, or with signs no code has.
    pub fn read(text: &str) -> Option<CouponCode> {
        let mut code = String::with_capacity(text.len());
        for sign in text.trim().chars().take(CODE_CHARS_MAX * 2) {
            match sign {
                ' ' | '-' | '\u{a0}' | '‐' | '–' | '—' | '_' | '.' => continue,
                _ => {}
            }
            for upper in sign.to_uppercase() {
                code.push(one_of_look_alikes(upper));
            }
        }
        let length = code.chars().count();
        let fits = (1..=CODE_CHARS_MAX).contains(&length);
        (fits && code.chars().all(char::is_alphanumeric)).then(|| CouponCode(code.into()))
    }

    /// A new code from 64 random bits: the prefix, ten characters and the check character.
    pub fn make(prefix: &str, random: u64) -> Option<CouponCode> {
        let mut text = prefix.to_owned();
        for at in 0..RANDOM_CHARS {
            text.push(char::from(ALPHABET[(random >> (5 * at) & 31) as usize]));
        }
        let CouponCode(body) = CouponCode::read(&text)?;
        let check = check_of(&body)?;
        Some(CouponCode(format!("{body}{check}").into()))
    }

    /// The member's code of this number, from 64 secret random bits: neither the bits nor one code tells
    /// another member's.
    pub fn of_member(member: MemberId, number: u32, random: u64) -> CouponCode {
        let mut bits = random ^ (member.0 as u64).rotate_left(32) ^ u64::from(number);
        // The finalizer of SplitMix64: each bit of the input changes half of the output.
        for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
            bits = (bits ^ (bits >> 30)).wrapping_mul(factor);
        }
        let made = CouponCode::make("", bits ^ (bits >> 31));
        made.unwrap_or_else(|| panic!("a code without a prefix can always be made"))
    }

    /// The last character is the check of the others, as in every code the engine made.
    pub fn has_check(&self) -> bool {
        let mut signs = self.0.chars();
        let Some(last) = signs.next_back() else { return false };
        check_of(signs.as_str()) == Some(last)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of four, as it is printed.
    pub fn printed(&self) -> String {
        let signs: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }
}

/// Luhn's sum over 32 characters: any one wrong character and nearly every exchange of neighbours shows.
/// Letters that the alphabet lacks (of a shop's prefix) count by their number.
fn check_of(body: &str) -> Option<char> {
    let mut sum = 0_u32;
    for (at, sign) in body.chars().rev().enumerate() {
        let value = match ALPHABET.iter().position(|a| char::from(*a) == sign) {
            Some(value) => value as u32,
            None => u32::from(sign) % 32,
        };
        let doubled = if at % 2 == 0 { value * 2 } else { value };
        sum += doubled / 32 + doubled % 32;
    }
    Some(char::from(*ALPHABET.get((32 - sum % 32) as usize % 32)?))
}

fn one_of_look_alikes(sign: char) -> char {
    match sign {
        'O' | 'О' => '0',
        'I' | 'L' | 'І' => '1',
        'А' => 'A',
        'В' => 'B',
        'Е' | 'Ё' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        other => other,
    }
}

/// A code that was made one by one, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCode {
    pub code: CouponCode,
    pub campaign: ShortText,
    /// The member it belongs to; `None`: whoever has it.
    pub owner: Option<MemberId>,
    pub expires_at: Option<Instant>,
    /// Withdrawn by the shop.
    pub blocked: bool,
}

/// A code of the member's own that a rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCoupon {
    pub code: CouponCode,
    pub campaign: ShortText,
    /// As long as the campaign where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

impl OwnCoupon {
    /// Its row; `blocked` where it was taken back.
    pub fn made(&self, member: MemberId, blocked: bool) -> MadeCode {
        MadeCode {
            code: self.code.clone(),
            campaign: self.campaign.clone(),
            owner: Some(member),
            expires_at: self.expires_at,
            blocked,
        }
    }
}

/// Why a coupon does nothing. The order of variants is the order of precedence.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CouponRefusal {
    /// It cannot be a code, or its check character is wrong.
    #[default]
    Mistyped,
    Unknown,
    /// It is a gift card: those pay, and are told beside the coupons.
    GiftCard,
    /// The same code, or another of its campaign, stands before it in the order.
    Repeated,
    /// Withdrawn by the shop.
    Blocked,
    NotStarted,
    Expired,
    /// It belongs to another member.
    NotYours,
    /// An invitation is for others than its owner.
    OwnInvitation,
    /// It counts per member, or belongs to one, and the order names none.
    MemberNeeded,
    LimitPerCode,
    LimitPerMember,
    LimitTotal,
    ConditionFalse,
    NoMatchingLines,
    /// The shop lets one coupon count, and another one does.
    AnotherCoupon,
    /// Another discount of its group, or one that counts alone, gives more.
    Beaten,
    /// Earlier discounts and floors leave nothing to take.
    NothingLeft,
    /// The campaign's money would not suffice.
    OverBudget,
}

impl CouponRefusal {
    pub const ALL: &[CouponRefusal] = CouponRefusal::VARIANTS;

    /// The stable code of the API and of the reference documentation: the variant's name.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> CouponCode {
        CouponCode::read(text).unwrap()
    }

    #[test]
    fn what_people_take_for_the_same_code_is_the_same() {
        for text in ["MARCH-10", "march10", " March 1O ", "mаrсh-l0", "МАRСН–10"] {
            assert_eq!(code(text), code("MARCH10"), "{text}");
        }
        for text in ["", " - ", "код!", &"x".repeat(41)] {
            assert_eq!(CouponCode::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_made_code_has_its_check_and_a_slip_of_the_pen_has_not() {
        let made = CouponCode::make("SPRING", 0x0123_4567_89ab_cdef).unwrap();
        assert!(made.has_check());
        assert_eq!(code(&made.printed()), made);
        let signs: Vec<char> = made.as_str().chars().collect();
        for at in 6..signs.len() {
            let mut wrong = signs.clone();
            wrong[at] = if wrong[at] == '7' { '8' } else { '7' };
            let wrong: String = wrong.into_iter().collect();
            assert!(!code(&wrong).has_check(), "{wrong}");
        }
    }
}
