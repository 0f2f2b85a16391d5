//! What the outside is told of an entry of the journal.
//!
//! Invariant: it is a function of the entry alone, so the same entry is told in the same words under the same
//! ids for ever: sent again, replayed, or read from the stream. No personal data: the journal has none. A
//! gift card is told by its ending, for the whole code is money.

mod given;
mod merge;
mod told;

use kopilka_core::ids::EntryId;
use kopilka_core::program::Program;
use kopilka_store::rows::EntryRow;
use serde_json::{Map, Value};
use told::told;

/// Every type of event, in the order of the reference; a test holds the page to it.
pub const TYPES: [&str; 59] = [
    "member.registered",
    "member.status_changed",
    "member.profile_completed",
    "member.subscribed",
    "member.merge_proposed",
    "member.merged",
    "member.joined",
    "member.holder_changed",
    "event.told",
    "points.accrued",
    "points.activated",
    "points.dates_changed",
    "points.expired",
    "points.revived",
    "points.revoked",
    "points.held",
    "points.hold_prolonged",
    "points.hold_lapsed",
    "points.released",
    "points.redeemed",
    "points.returned",
    "debt.incurred",
    "debt.repaid",
    "debt.written_off",
    "debt.cancelled",
    "transfer.sent",
    "transfer.received",
    "transfer.declined",
    "transfer.returned",
    "order.placed",
    "order.changed",
    "order.paid",
    "order.completed",
    "order.returned",
    "order.cancelled",
    "order.claimed",
    "coupon.used",
    "coupon.freed",
    "gift_card.issued",
    "gift_card.changed",
    "gift_card.used",
    "gift_card.refunded",
    "reward.claimed",
    "reward.settled",
    "offer.given",
    "offer.activated",
    "offer.withdrawn",
    "offer.used",
    "offer.freed",
    "grant.given",
    "grant.taken_back",
    "rule.told",
    "tier.changed",
    "achievement.reached",
    "achievement.lost",
    "referral.bound",
    "referral.unbound",
    "referral.heard",
    "referral.visited",
];

/// Whether an endpoint can ask for events of this type.
pub fn is_type(text: &str) -> bool {
    TYPES.contains(&text)
}

/// One event as it is told: the same object in the body of a webhook and in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingEvent {
    /// Of the event within its entry.
    pub position: u32,
    /// `evt_…`: the entry's id and the position in it.
    pub id: String,
    pub kind: &'static str,
    /// `id`, `type`, `timestamp`, `data`.
    pub object: Value,
}

/// The events of an entry that the outside hears of, in their order. Amounts are in the units of `program`,
/// which no version changes.
pub fn outgoing(entry: &EntryRow, program: &Program) -> Vec<OutgoingEvent> {
    let told = entry.events.iter().zip(0_u32..).filter_map(|(event, position)| {
        let (kind, own) = told(event, entry, program)?;
        let id = event_id(entry.id, position);
        let mut data = about(entry, program);
        data.extend(own);
        let mut object = Map::new();
        object.insert("id".to_owned(), id.as_str().into());
        object.insert("type".to_owned(), kind.into());
        object.insert("timestamp".to_owned(), entry.effective_at.to_string().into());
        object.insert("data".to_owned(), data.into());
        Some(OutgoingEvent { position, id, kind, object: object.into() })
    });
    told.collect()
}

/// What every event says of the entry that it stands in.
fn about(entry: &EntryRow, program: &Program) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("program".to_owned(), program.slug.as_str().into());
    data.insert("member".to_owned(), entry.member.to_string().into());
    data.insert("entry".to_owned(), entry.id.to_string().into());
    data.insert("seq".to_owned(), entry.seq.into());
    data.insert("cause".to_owned(), entry.cause.as_str().into());
    data.insert("recorded_at".to_owned(), entry.recorded_at.to_string().into());
    data
}

/// The id of an event, as receivers know it.
pub fn event_id(entry: EntryId, position: u32) -> String {
    let entry = entry.to_string();
    format!("evt_{}_{position}", entry.trim_start_matches(EntryId::PREFIX))
}

/// The entry and the position that an id names.
pub fn event_of(id: &str) -> Option<(EntryId, u32)> {
    let (entry, position) = id.strip_prefix("evt_")?.split_once('_')?;
    Some((EntryId::parse(&format!("{}{entry}", EntryId::PREFIX))?, position.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_id_leads_back_to_it() {
        for (entry, position) in [(EntryId(1), 0), (EntryId(i64::MAX), 77)] {
            assert_eq!(event_of(&event_id(entry, position)), Some((entry, position)));
        }
        for wrong in ["", "evt_", "evt_1", "evt__1", "evt_1_", "evt_1_x", "e_1_1", "evt_1_-1"] {
            assert_eq!(event_of(wrong), None, "{wrong}");
        }
    }
}
