//! A member who agrees to hear of offers for the first time: once a channel, whatever is withdrawn and given
//! again.
//!
//! Invariant: what is known of the person is only looked at; the journal hears of the channel, not of the
//! proof.

use super::draft::Draft;
use super::earn;
use crate::ledger::Event;
use crate::member::MemberStatus;
use crate::points::Points;
use crate::program::Trigger;

/// Marks and rewards channels that were never consented to before.
pub(super) fn welcome(draft: &mut Draft<'_>) -> Points {
    let (now, member) = (draft.now, draft.member());
    // Who may earn nothing now is not deprived of it for ever.
    if matches!(member.status, MemberStatus::Guest | MemberStatus::Blocked) {
        return Points::ZERO;
    }
    let (told, done) = (draft.book.person.subscribed, member.moments.subscribed);
    let mut points = Points::ZERO;
    let mut first = done.is_none();
    for channel in told.list().filter(|channel| !done.has(*channel)) {
        draft.push(Event::Subscribed { channel, at: now });
        points += earn::earn_event(draft, Trigger::MemberSubscribed { channel: Some(channel) }, now, now);
        if std::mem::take(&mut first) {
            points += earn::earn_event(draft, Trigger::MemberSubscribed { channel: None }, now, now);
        }
    }
    points
}
