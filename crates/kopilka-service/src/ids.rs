//! Ids are 63-bit integers in time order, made here and by no database.
//!
//! Invariant: within one installation no id comes twice, also when the clock goes back or the process
//! starts again: the newest id on disk is the floor.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds stand above these bits: a million ids a millisecond, and room for 270 years. When several
/// servers write to one database, the upper half of the bits will be the server's number.
const COUNTER_BITS: u32 = 20;

/// Makes ids for every kind of row.
#[derive(Debug)]
pub struct IdMaker {
    last: AtomicI64,
}

impl IdMaker {
    /// `newest` is the largest id on disk, 0 when there is none.
    pub fn after(newest: i64) -> IdMaker {
        IdMaker { last: AtomicI64::new(newest) }
    }

    pub fn next(&self) -> i64 {
        let floor = milliseconds() << COUNTER_BITS;
        let step = |last: i64| Some(floor.max(last + 1));
        match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(last) | Err(last) => floor.max(last + 1),
        }
    }
}

fn milliseconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_start_above_what_is_on_disk() {
        let far_ahead = i64::MAX / 2;
        let ids = IdMaker::after(far_ahead);
        assert_eq!(ids.next(), far_ahead + 1);
        assert_eq!(ids.next(), far_ahead + 2);
        let fresh = IdMaker::after(0);
        let many: Vec<i64> = (0..10_000).map(|_| fresh.next()).collect();
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
