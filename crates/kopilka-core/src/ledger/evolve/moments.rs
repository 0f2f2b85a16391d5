//! Moments of a member's own, marked as dealt with.

use crate::ledger::Event;
use crate::member::MomentsDone;

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
