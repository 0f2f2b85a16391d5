//! Consents as commands told them, naively: a list that grows, and a set of what holds.

use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::time::Instant;
use kopilka_service::rows::{Consent, Person};
use kopilka_service::{ConsentTold, WithdrawalTold};
use std::collections::BTreeSet;

/// A record without its times: the town tells each as it happens.
fn record(purpose: Purpose, channel: Option<Channel>, given: bool) -> Consent {
    let (at, recorded_at) = (Instant(0), Instant(0));
    Consent { purpose, channel, given, at, recorded_at, proof: Default::default() }
}

pub fn timeless(consents: &[Consent]) -> Vec<Consent> {
    consents.iter().map(|c| record(c.purpose, c.channel, c.given)).collect()
}

pub fn given(person: &mut Person, told: &[ConsentTold]) {
    person.consents.extend(told.iter().map(|c| record(c.purpose, c.channel, true)));
}

pub fn withdrawn(person: &mut Person, told: &WithdrawalTold) {
    let mut holds: BTreeSet<(Purpose, Option<Channel>)> = BTreeSet::new();
    for known in &person.consents {
        match known.given {
            true => holds.insert((known.purpose, known.channel)),
            false => holds.remove(&(known.purpose, known.channel)),
        };
    }
    // In the order in which each was last given: the newest last.
    let newest = |of: &(Purpose, Option<Channel>)| {
        person.consents.iter().rposition(|c| (c.purpose, c.channel) == *of && c.given)
    };
    let mut taken: Vec<_> = holds
        .iter()
        .filter(|(_, channel)| told.channel.is_none_or(|wanted| *channel == Some(wanted)))
        .map(|of| (newest(of), *of))
        .collect();
    taken.sort();
    let records: Vec<Consent> =
        taken.into_iter().map(|(_, (purpose, channel))| record(purpose, channel, false)).collect();
    person.consents.extend(records);
}
