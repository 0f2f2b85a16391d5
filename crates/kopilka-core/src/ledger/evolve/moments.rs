//! Moments of a member's own, marked as dealt with.

use crate::consent::Channels;
use crate::ledger::Event;
use crate::member::{BirthdayDone, Member};
use crate::time::Instant;

/// Whoever was erased and comes again has completed a profile and had a first order before.
pub(super) fn registered(member: &mut Member, at: Instant, former: bool) {
    member.registered_at = Some(at);
    member.former = former;
    member.moments.profile_completed = former;
    if former {
        member.moments.subscribed = Channels::all();
    }
    member.standing.orders = u32::from(former);
}

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
        Event::UnclaimedSince { at } => done.unclaimed_since = *at,
        _ => {}
    }
}
