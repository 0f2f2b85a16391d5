//! Moments of a member's own, marked as dealt with.

use crate::ledger::Event;
use crate::member::{Member, MomentsDone};
use crate::time::Instant;

/// Whoever was erased and comes again has completed a profile and had a first order before.
pub(super) fn registered(member: &mut Member, at: Instant, former: bool) {
    member.registered_at = Some(at);
    member.former = former;
    member.moments.profile_completed = former;
    member.standing.orders = u32::from(former);
}

pub(super) fn evolve(done: &mut MomentsDone, event: &Event) {
    match event {
        Event::ProfileCompleted { .. } => done.profile_completed = true,
        Event::SilencePassed { days, since } => {
            done.silences.retain(|(known, _)| known != days);
            done.silences.push((*days, *since));
        }
        Event::ScheduleCame { schedule, at } => {
            done.schedules.retain(|(known, _)| known != schedule);
            done.schedules.push((*schedule, *at));
        }
        _ => {}
    }
}
