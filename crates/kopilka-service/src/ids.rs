//! Ids are 63-bit integers in time order, made here and by no database.
//!
//! Invariant: no id comes twice, also when the clock goes back or the process starts again (the newest id on
//! disk is the floor), nor from two servers (each has a number of its own in its ids). An id made after
//! another was seen is larger than that one, whatever the clocks say.

use crate::clock::Clock;
use kopilka_core::ids::EntryId;
use kopilka_core::time::Instant;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds stand above these bits: room for 270 years.
const LOW_BITS: u32 = 20;
/// Of the low bits the upper half is the server's number, the lower counts: a thousand ids a millisecond and
/// server.
const COUNTER_BITS: u32 = 10;
const COUNTER_MASK: i64 = (1 << COUNTER_BITS) - 1;

/// The first id that can have been made at an instant.
pub fn first_at(at: Instant) -> i64 {
    (at.0.max(0) / 1_000) << LOW_BITS
}

/// When an entry's id was made, to the millisecond.
pub fn time_of(id: EntryId) -> Instant {
    Instant((id.0 >> LOW_BITS) * 1_000)
}

/// Makes ids for every kind of row.
#[derive(Debug)]
pub struct IdMaker {
    clock: Clock,
    server: i64,
    /// The newest step: milliseconds and counter, without the server's number.
    last: AtomicI64,
}

impl IdMaker {
    /// `newest` is the largest id on disk, 0 when there is none; `server` is below 1,024.
    pub fn new(clock: Clock, server: i64, newest: i64) -> IdMaker {
        let server = server & COUNTER_MASK;
        IdMaker { clock, server, last: AtomicI64::new(step_past(server, newest)) }
    }

    pub fn next(&self) -> i64 {
        self.next_after(0)
    }
    /// Larger than `seen` too, which another server may have made by another clock.
    pub fn next_after(&self, seen: i64) -> i64 {
        let least = self.now().max(step_past(self.server, seen));
        let step = |last: i64| Some(least.max(last) + 1);
        match self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, step) {
            Ok(last) | Err(last) => self.id_of(least.max(last) + 1),
        }
    }
    /// Every id made from here on is larger than `seen`.
    pub fn pass(&self, seen: i64) {
        self.last.fetch_max(step_past(self.server, seen), Ordering::AcqRel);
    }
    /// No id made from here on is smaller than or equal to this one.
    pub fn mark(&self) -> i64 {
        let now = self.now();
        self.id_of(self.last.fetch_max(now, Ordering::AcqRel).max(now))
    }

    fn now(&self) -> i64 {
        (self.clock.now().0 / 1_000) << COUNTER_BITS
    }
    fn id_of(&self, step: i64) -> i64 {
        ((step >> COUNTER_BITS) << LOW_BITS) | (self.server << COUNTER_BITS) | (step & COUNTER_MASK)
    }
}

/// The newest step of which an id may be at or below `id`: of the same server exactly, of another the last of
/// its millisecond.
fn step_past(server: i64, id: i64) -> i64 {
    let milliseconds = (id >> LOW_BITS) << COUNTER_BITS;
    let own = (id >> COUNTER_BITS) & COUNTER_MASK == server;
    milliseconds | if own { id & COUNTER_MASK } else { COUNTER_MASK }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::time::Instant;

    #[test]
    fn ids_grow_and_start_above_what_is_on_disk() {
        let far_ahead = i64::MAX / 2;
        let ids = IdMaker::new(Clock::System, 0, far_ahead);
        assert!(ids.next() > far_ahead);
        let fresh = IdMaker::new(Clock::System, 0, 0);
        let many: Vec<i64> = (0..10_000).map(|_| fresh.next()).collect();
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn two_servers_never_make_the_same_id_and_each_passes_what_it_has_seen() {
        let clocks = [1_000_000, 5_000_000].map(|at| Clock::manual(Instant(at)));
        let behind = IdMaker::new(clocks[0].clone(), 1, 0);
        let ahead = IdMaker::new(clocks[1].clone(), 2, 0);
        let mut seen: Vec<i64> = (0..3_000).flat_map(|_| [behind.next(), ahead.next()]).collect();
        let newest = ahead.next();
        assert!(behind.next() < newest, "its clock is behind");
        assert!(behind.next_after(newest) > newest);
        assert!(behind.next() > newest);
        seen.sort_unstable();
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn no_id_comes_at_or_below_a_mark() {
        let clock = Clock::manual(Instant(7_000_000));
        let ids = IdMaker::new(clock.clone(), 3, 0);
        for turn in [7_000_000, 6_000_000, 7_000_999, 8_000_000] {
            clock.turn_to(Instant(turn));
            let mark = ids.mark();
            assert!(ids.next() > mark);
        }
    }
}
