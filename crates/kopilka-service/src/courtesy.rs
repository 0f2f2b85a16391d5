//! What is done for many members at once steps aside for those who wait at a till.
//!
//! Invariant: it never waits while nobody else writes, and never for ever.

use crate::shared::Shared;
use kopilka_store::read::PAGE_MAX;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Steady};

/// After a page it rests so many times as long as the page took: commands have the writer and the disk for
/// three quarters of the time, and hardly feel the rest.
const RESTS: u32 = 3;
/// A page that took long because the disk did is no reason to stop.
const REST_MAX: Duration = Duration::from_millis(100);

/// Members of one page where others write: a till waits for one of them and no more.
pub(crate) const PAGE: usize = 256;
/// Where nobody does, as many share a commit as the store reads at once.
const PAGE_ALONE: usize = PAGE_MAX;

/// Whether others wrote since the page before.
pub(crate) struct Courtesy {
    served: u64,
    is_alone: bool,
    began: Steady,
}

impl Courtesy {
    pub fn new(shared: &Shared) -> Courtesy {
        Courtesy { served: shared.served.load(Ordering::Relaxed), is_alone: false, began: Steady::now() }
    }

    /// Nobody else wrote while the page before was made.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }
    /// How many members the next page has.
    pub fn page(&self) -> usize {
        if self.is_alone { PAGE_ALONE } else { PAGE }
    }

    /// How long to rest after a page; the next one begins when this was done.
    pub fn rest(&mut self, shared: &Shared) -> Duration {
        let served = shared.served.load(Ordering::Relaxed);
        self.is_alone = served == self.served;
        self.served = served;
        let rest = if self.is_alone { Duration::ZERO } else { (self.began.elapsed() * RESTS).min(REST_MAX) };
        self.began = Steady::now() + rest;
        rest
    }
}
