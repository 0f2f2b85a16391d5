//! What an entry of the journal has to bring about on another member.
//!
//! Invariant: it is a function of the entry alone, and its key is the entry's id: handed over again, it is
//! applied once.

use crate::write::{Change, MergeStep, Write};
use kopilka_core::guest::GuestEvent;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::ledger::Event;
use kopilka_core::merge::MergeEvent;
use kopilka_core::referral::ReferralEvent;
use kopilka_store::rows::EntryRow;

/// The causes of the entries that may concern another member; all others need not be read.
pub const CAUSES: [&str; 9] = [
    "transfer",
    "transfer_declined",
    "referral",
    "referral_heard",
    "account_left",
    "account_joined",
    "erased",
    "forgotten",
    "guest_order_left",
];

/// The scope of the keys of such writes: no caller's scope, which always names a shop and an endpoint.
const SCOPE: &str = "relay";

/// What the entry brings about on another member, if anything. A refusal with `member_unknown` means that
/// there is no such member: [`undeliverable`] then says what becomes of it.
pub fn relayed(entry: &EntryRow) -> Option<Write> {
    let change = entry.events.iter().find_map(|event| match event {
        Event::TransferSent { to, pieces } => Some(Change::ReceiveTransfer {
            member: *to,
            from: entry.member,
            entry: entry.id,
            pieces: pieces.clone(),
        }),
        Event::TransferDeclined { from, entry: sent, pieces } => Some(Change::ReturnTransfer {
            member: *from,
            to: entry.member,
            entry: *sent,
            pieces: pieces.clone(),
        }),
        Event::Referral(ReferralEvent::Told { to, told } | ReferralEvent::PassedOn { to, told }) => {
            Some(Change::Hear { member: *to, told: Box::new(told.clone()) })
        }
        Event::Merge(event) => merged(entry, event),
        Event::Guest(GuestEvent::Left { to, order }) => Some(Change::TakeGuestOrder {
            member: *to,
            from: entry.member,
            entry: entry.id,
            order: order.clone(),
        }),
        _ => None,
    });
    change.map(|change| write(entry, change))
}

/// What the entry brings about on its own member when the other one does not exist.
pub fn undeliverable(entry: &EntryRow) -> Option<Write> {
    let change = entry.events.iter().find_map(|event| match event {
        Event::TransferSent { to, pieces } => Some(Change::ReturnTransfer {
            member: entry.member,
            to: *to,
            entry: entry.id,
            pieces: pieces.clone(),
        }),
        _ => None,
    });
    change.map(|change| write(entry, change))
}

fn merged(entry: &EntryRow, event: &MergeEvent) -> Option<Change> {
    let (member, step) = match event {
        MergeEvent::Left { into, belongings } => {
            let belongings = belongings.clone();
            (*into, MergeStep::Join { from: entry.member, entry: entry.id, belongings })
        }
        MergeEvent::Joined { from, closed, .. } => {
            (*from, MergeStep::Settle { into: entry.member, closed: *closed })
        }
        MergeEvent::ForgottenToo { members } => forget(entry.member, members)?,
        MergeEvent::Forgotten { with, then } => forget(*with, then)?,
        _ => return None,
    };
    Some(Change::MergeStep { member, step })
}

/// One after the other, each told by the one before.
fn forget(with: MemberId, members: &[MemberId]) -> Option<(MemberId, MergeStep)> {
    let (member, then) = members.split_first()?;
    Some((*member, MergeStep::Forget { with, then: then.to_vec() }))
}

fn write(entry: &EntryRow, change: Change) -> Write {
    Write {
        program: entry.program,
        scope: SCOPE.to_owned(),
        key: Some(entry.id.to_string()),
        input_hash: input_of(entry.id),
        operator: None,
        reason: None,
        change,
    }
}

/// An entry never changes, so its id stands for its content.
fn input_of(entry: EntryId) -> [u8; 16] {
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&entry.0.to_be_bytes());
    hash
}
