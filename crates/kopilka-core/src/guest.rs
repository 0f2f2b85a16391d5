//! Orders that nobody was named for, and how one comes to the member who turns out to have made it.
//!
//! Invariant: an order leaves a guest's row once, whole, in the entry that hands it over; whose it is by then
//! takes it from there, and its returns are that member's.

use crate::ids::{EntryId, MemberId};
use crate::order::{OrderKey, OrderState};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Of an order that was a guest's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The guest's row, which has answered the order's keys so far.
    pub from: MemberId,
    /// What it earned waits since then.
    pub at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum GuestEvent {
    /// On the guest's row: read by the relay, the member takes it.
    Left { to: MemberId, order: Box<OrderState> },
    /// On the member's. `completes_at` is when it counts as completed by itself, where it waits for that.
    Claimed {
        from: MemberId,
        entry: EntryId,
        at: Instant,
        order: Box<OrderState>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        completes_at: Option<Instant>,
    },
}

impl GuestEvent {
    pub fn order(&self) -> &OrderState {
        match self {
            GuestEvent::Left { order, .. } | GuestEvent::Claimed { order, .. } => order,
        }
    }
    pub fn key(&self) -> &OrderKey {
        &self.order().key
    }
}
