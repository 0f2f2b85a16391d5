//! Segments: conditions that have a name; and the members whom rules leave out, to see what rules do.
//!
//! Invariant: who is in the control group depends on the member and the group's own words alone, so nobody
//! moves in or out of it by what happens.

use super::Condition;
use crate::ShortText;
use crate::ids::MemberId;
use crate::money::Rate;
use crate::program::Text;

/// Members of whom a condition holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    pub id: ShortText,
    pub name: Text,
    pub only_if: Condition,
}

/// A stable share of all members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlGroup {
    pub share: Rate,
    /// Another text draws other members.
    pub salt: ShortText,
}

impl ControlGroup {
    pub fn has(&self, member: MemberId) -> bool {
        let draw = mixed(member.0 as u64 ^ hash_of(&self.salt)) % Rate::ONE as u64;
        (draw as i64) < self.share.0
    }
}

/// FNV-1a: a text becomes a number that is the same on every machine.
fn hash_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The finalizer of SplitMix64: ids that follow each other fall anywhere.
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(percent: i64, salt: &str) -> ControlGroup {
        ControlGroup { share: Rate(percent * Rate::ONE / 100), salt: salt.into() }
    }

    #[test]
    fn the_share_is_met_and_another_salt_draws_others() {
        let (spring, autumn) = (group(10, "spring"), group(10, "autumn"));
        let of = |group: &ControlGroup| (1..=100_000).filter(|id| group.has(MemberId(*id))).count();
        // Four standard deviations of a fair draw are 380.
        assert!((9_620..=10_380).contains(&of(&spring)), "{}", of(&spring));
        assert!((9_620..=10_380).contains(&of(&autumn)), "{}", of(&autumn));
        let both = (1..=100_000).filter(|id| spring.has(MemberId(*id)) && autumn.has(MemberId(*id))).count();
        assert!((880..=1_120).contains(&both), "{both}");
    }

    #[test]
    fn whoever_is_in_it_stays_in_a_larger_one() {
        let (small, large) = (group(5, "s"), group(20, "s"));
        assert!((1..=10_000).map(MemberId).all(|id| !small.has(id) || large.has(id)));
        assert!((1..=10_000).map(MemberId).all(|id| group(100, "s").has(id)));
    }

    #[test]
    fn the_draw_never_changes() {
        let drawn: Vec<i64> = (1..=60).filter(|id| group(10, "2026").has(MemberId(*id))).collect();
        assert_eq!(drawn, [37, 43, 45]);
    }
}
