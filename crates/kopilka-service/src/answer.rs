//! The first answer of a command as its entry keeps it: ids and figures, no personal data. Figures that are
//! nothing are left out.

use crate::write::Done;
use kopilka_core::decide::Outcome;
use kopilka_core::member::Balance;
use kopilka_core::points::Points;
use kopilka_core::time::Instant;
use kopilka_store::StoreError;
use kopilka_store::rows::EntryRow;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Stored {
    seq: i64,
    now: Instant,
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pending: Points,
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    available: Points,
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    held: Points,
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    debt: Points,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    existed: bool,
    outcome: Outcome,
}

pub(crate) fn write(done: &Done) -> Result<String, StoreError> {
    let stored = Stored {
        seq: done.seq,
        now: done.now,
        pending: done.balance.pending,
        available: done.balance.available,
        held: done.balance.held,
        debt: done.balance.debt,
        existed: done.existed,
        outcome: done.outcome.clone(),
    };
    serde_json::to_string(&stored).map_err(|e| StoreError::Malformed(e.to_string()))
}

/// The answer that an entry gave, as it comes back.
pub(crate) fn read(entry: &EntryRow) -> Result<Done, StoreError> {
    let text = entry.answer.as_deref().unwrap_or_default();
    let stored: Stored = serde_json::from_str(text)
        .map_err(|e| StoreError::Malformed(format!("the answer of {}: {e}", entry.id)))?;
    Ok(Done {
        member: entry.member,
        seq: stored.seq,
        entry: Some(entry.id),
        replayed: true,
        existed: stored.existed,
        outcome: stored.outcome,
        balance: Balance {
            pending: stored.pending,
            available: stored.available,
            held: stored.held,
            debt: stored.debt,
        },
        order: None,
        now: stored.now,
        version: entry.version,
    })
}
