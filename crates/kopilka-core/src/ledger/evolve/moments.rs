//! Moments of a member's own, marked as dealt with.

use crate::ledger::Event;
use crate::member::{BirthdayDone, Member};

pub(super) fn evolve(member: &mut Member, event: &Event) {
    let done = &mut member.moments;
    match event {
        Event::ProfileCompleted { .. } => done.profile_completed = true,
        Event::Subscribed { channel, .. } => done.subscribed.add(*channel),
        Event::BirthdayPassed { days, year, at } => {
            member.birthdays.retain(|known| known.days != *days);
            member.birthdays.push(BirthdayDone { days: *days, year: *year, at: *at });
        }
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
