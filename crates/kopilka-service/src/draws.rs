//! Secret random bits for the codes that rules give.
//!
//! Invariant: outside of trials nobody can tell a member's bits from anything else, other members' of the
//! same moment included; a trial that is lived again draws the same.

use kopilka_core::ids::MemberId;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where bits come from: the system, or a trial's own numbers.
#[derive(Debug, Clone, Default)]
pub struct Draws(Option<Arc<AtomicU64>>);

impl Draws {
    /// For trials that must be lived again alike.
    pub fn of_trial(seed: u64) -> Draws {
        Draws(Some(Arc::new(AtomicU64::new(seed))))
    }
    /// For one group of commands.
    pub(crate) fn next(&self) -> Draw {
        match &self.0 {
            None => Draw::Keyed(RandomState::new()),
            Some(next) => Draw::OfTrial(next.fetch_add(1, Ordering::Relaxed)),
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
            // The core mixes the bits with the member's id.
            Draw::OfTrial(number) => number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }
}
