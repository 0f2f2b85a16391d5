//! What the outside is told of accounts that become one.

use super::told::{Data, Say, Told, put};
use kopilka_core::member::Member;
use kopilka_core::merge::MergeEvent;

pub(super) fn told(event: &MergeEvent, say: &Say<'_>) -> Told {
    let mut data = Data::new();
    let kind = match event {
        MergeEvent::Proposed { proposed } => {
            put(&mut data, "into", proposed.into.to_string());
            "member.merge_proposed"
        }
        MergeEvent::Left { into, belongings } => {
            put(&mut data, "into", into.to_string());
            figures(&mut data, &belongings.member, say);
            "member.merged"
        }
        MergeEvent::Joined { from, belongings, .. } => {
            put(&mut data, "from", from.to_string());
            figures(&mut data, &belongings.member, say);
            "member.joined"
        }
        // What a void reward takes back is told as any other; the rest is the engine's own house-keeping.
        MergeEvent::RewardVoid { .. }
        | MergeEvent::Settled { .. }
        | MergeEvent::ForgottenToo { .. }
        | MergeEvent::Forgotten { .. } => return None,
    };
    Some((kind, data))
}

/// What went over.
fn figures(data: &mut Data, member: &Member, say: &Say<'_>) {
    let balance = member.balance_booked();
    put(data, "pending", say.points(balance.pending));
    put(data, "available", say.points(balance.available));
    put(data, "held", say.points(balance.held));
    put(data, "debt", say.points(balance.debt));
}
