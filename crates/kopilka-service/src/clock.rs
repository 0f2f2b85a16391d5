//! Where the shell's time comes from: the system, or a hand that turns it.

use kopilka_core::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of instants.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands where it was put: for trials in which a seed decides everything.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that is turned by hand; it stands at `at`.
    pub fn manual(at: Instant) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(at.0)))
    }
    pub fn turn_to(&self, at: Instant) {
        if let Clock::Manual(stands) = self {
            stands.store(at.0, Ordering::Release);
        }
    }
    /// As it says now; the system's may go back.
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                Instant(since.map_or(0, |d| d.as_micros() as i64))
            }
            Clock::Manual(stands) => Instant(stands.load(Ordering::Acquire)),
        }
    }
}
