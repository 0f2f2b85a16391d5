//! Where members stand, folded over their rows: levels, achievements, rewards that wait to be handed over.
//!
//! Invariant: one pass in order of members, whose memory does not grow with their number; of what waits only
//! the oldest are kept by name.

use crate::ShortText;
use crate::decide::tier_standing;
use crate::ids::MemberId;
use crate::member::{Claim, Member, MemberStatus};
use crate::points::Points;
use crate::program::Program;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a shop hands over in a week or two; a longer list is worked off from its oldest end anyhow.
pub const WAITING_MAX: usize = 200;

/// How many reached an achievement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reached {
    pub members: u32,
    /// Of repeated ones more than the members.
    pub times: u64,
}

/// Claims of a reward that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Claims {
    pub count: u32,
    pub points: Points,
}

/// A claim that waits to be handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub member: MemberId,
    /// Its number within the member.
    pub claim: u32,
    pub at: Instant,
}

/// Codes that were made for a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Codes {
    pub made: i64,
    /// Withdrawn by the shop.
    pub blocked: i64,
    /// Those of one member each.
    pub personal: i64,
}

/// The whole report of a program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standings {
    pub at: Instant,
    /// Guests, and accounts that were erased or merged, are nobody.
    pub members: u32,
    pub levels: BTreeMap<ShortText, u32>,
    pub achievements: BTreeMap<ShortText, Reached>,
    /// By reward.
    pub claims: BTreeMap<ShortText, Claims>,
    /// The oldest first, [`WAITING_MAX`] at most.
    pub waiting: Vec<Waiting>,
    /// By campaign.
    pub codes: BTreeMap<ShortText, Codes>,
}

impl Standings {
    pub fn new(at: Instant) -> Standings {
        Standings { at, ..Standings::default() }
    }

    /// Adds one member.
    pub fn add(&mut self, program: &Program, member: &Member) {
        for claim in &member.claims {
            self.wait(member.id, claim);
        }
        if matches!(member.status, MemberStatus::Guest | MemberStatus::Anonymized | MemberStatus::Merged) {
            return;
        }
        self.members += 1;
        if let Some(standing) = tier_standing(program, member, self.at) {
            *self.levels.entry(standing.tier).or_default() += 1;
        }
        for progress in member.standing.achievements.iter().filter(|progress| progress.reached > 0) {
            let reached = self.achievements.entry(progress.achievement.clone()).or_default();
            reached.members += 1;
            reached.times += u64::from(progress.reached);
        }
    }

    fn wait(&mut self, member: MemberId, claim: &Claim) {
        let of = self.claims.entry(claim.reward.clone()).or_default();
        of.count += 1;
        of.points += claim.pieces.iter().map(|piece| piece.points).sum();
        let place = self.waiting.partition_point(|known| known.at <= claim.at);
        if place < WAITING_MAX {
            self.waiting.insert(place, Waiting { member, claim: claim.no, at: claim.at });
            self.waiting.truncate(WAITING_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::compile;
    use crate::standing::{Counted, Progress};

    const TEXT: &str = "program: shop\ncurrency: RUB\nrules: []\ntiers:\n  by: money_paid\n  \
        over: rolling 12 months\n  levels:\n    - { id: basic, name: Basic }\n    - { id: gold, name: Gold, from: 1000 }\n";

    fn claim(no: u32, at: i64) -> Claim {
        Claim { no, reward: "mug".into(), at: Instant(at), pieces: Default::default() }
    }

    #[test]
    fn members_are_counted_where_they_stand_and_those_who_left_are_not() {
        let compiled = compile(TEXT);
        let program = compiled.program.as_ref().unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let mut standings = Standings::new(Instant(9));
        let mut member = Member::new(MemberId(1));
        member.standing.achievements.push(Progress {
            achievement: "five".into(),
            by: Counted::Orders,
            event: None,
            first: 1,
            value: 11,
            reached: 2,
            but: Vec::new(),
        });
        standings.add(program, &member);
        standings.add(program, &Member { status: MemberStatus::Blocked, ..Member::new(MemberId(2)) });
        for status in [MemberStatus::Guest, MemberStatus::Anonymized, MemberStatus::Merged] {
            standings.add(program, &Member { status, ..Member::new(MemberId(3)) });
        }
        assert_eq!(standings.members, 2);
        assert_eq!(standings.levels.get("basic"), Some(&2));
        assert_eq!(standings.achievements.get("five"), Some(&Reached { members: 1, times: 2 }));
    }

    #[test]
    fn of_what_waits_all_is_counted_and_the_oldest_is_kept() {
        let compiled = compile(TEXT);
        let program = compiled.program.as_ref().unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let mut standings = Standings::new(Instant(9));
        for n in (0..WAITING_MAX as i64 + 50).rev() {
            let claims = vec![claim(1, n)];
            standings.add(program, &Member { claims, ..Member::new(MemberId(n)) });
        }
        assert_eq!(standings.claims["mug"].count, WAITING_MAX as u32 + 50);
        let kept: Vec<i64> = standings.waiting.iter().map(|waiting| waiting.at.0).collect();
        assert_eq!(kept, (0..WAITING_MAX as i64).collect::<Vec<_>>());
    }
}
