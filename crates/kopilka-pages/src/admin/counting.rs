//! How often a page may have something counted that takes a walk over all rows.
//!
//! Invariant: whoever presses the button again too soon gets the count before, whoever pressed it.

use kopilka_web::app::Desk;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Steady};

/// A walk over all members, or all purchases, holds a reader for a second or two.
const EVERY: Duration = Duration::from_secs(20);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    Customers,
    Standings,
}

/// Of this installation: a process may serve several.
type Key = (usize, i64, Counted);

/// Whether it is to be counted now; then it is noted that it was.
pub fn is_due(desk: &Desk, what: Counted) -> bool {
    static COUNTED: Mutex<BTreeMap<Key, Steady>> = Mutex::new(BTreeMap::new());
    let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let (now, key) = (Steady::now(), (Arc::as_ptr(&desk.app) as usize, desk.program_id().0, what));
    let is_fresh = counted.get(&key).is_some_and(|at| now.duration_since(*at) < EVERY);
    if !is_fresh {
        counted.insert(key, now);
    }
    !is_fresh
}
