//! Secret random bits for the codes that rules give.
//!
//! Invariant: outside of trials nobody can tell a member's bits from anything else, other members' of the
//! same moment included; a trial that is lived again draws the same.

use kopilka_core::ids::MemberId;
use std::hash::{BuildHasher, RandomState};

/// Where bits come from: the system, or a trial's own number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Draws(Option<u64>);

impl Draws {
    /// For trials that must be lived again alike. How commands fall into groups is chance, so the bits hang
    /// on the member alone; the core tells the codes of one member apart by their numbers.
    pub fn of_trial(seed: u64) -> Draws {
        Draws(Some(seed))
    }
    /// For one group of commands.
    pub(crate) fn next(&self) -> Draw {
        match self.0 {
            None => Draw::Keyed(RandomState::new()),
            Some(seed) => Draw::OfTrial(seed),
        }
    }
}

pub(crate) enum Draw {
    /// By keys that the system drew for the process.
    Keyed(RandomState),
    OfTrial(u64),
}

impl Draw {
    pub fn of(&self, member: MemberId) -> u64 {
        match self {
            Draw::Keyed(keys) => keys.hash_one(member.0),
            Draw::OfTrial(seed) => (member.0 as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }
}
