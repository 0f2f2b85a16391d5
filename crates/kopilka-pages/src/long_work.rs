//! Work that takes longer than a request waits for, and what came of it.
//!
//! Invariant: nothing of it is on a disk; it is bounded in number and in time, and of one key only one runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Steady};

/// Whose work it is: a program, and a person where it is theirs alone (0 where it is everybody's).
pub type Key = (i64, i64);

/// How far it has come, in whatever it counts.
#[derive(Debug, Default)]
pub struct Way {
    done: AtomicU64,
    of: AtomicU64,
}

impl Way {
    pub fn is(&self, done: u64, of: u64) {
        self.of.store(of, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
    }
    pub fn add(&self, more: u64) {
        self.done.fetch_add(more, Ordering::Relaxed);
    }
}

enum State<T> {
    Running(Arc<Way>),
    Done(Arc<T>),
    /// It died: a bug, told by the log.
    Died,
}

struct Slot<T> {
    number: u64,
    since: Steady,
    state: State<T>,
    /// Nobody is to hear of it; while it runs its key stays taken.
    is_forgotten: bool,
}

/// What somebody who asks is told.
pub enum Seen<T> {
    Nothing,
    Running { done: u64, of: u64 },
    Done(Arc<T>),
    Died,
}

/// All work of one kind, of all programs.
pub struct LongWork<T> {
    /// How long what came of it is kept.
    kept: Duration,
    /// Of how many keys at most; the oldest that is done makes room.
    most: usize,
    slots: Mutex<(u64, BTreeMap<Key, Slot<T>>)>,
}

/// The right and the duty to finish what was begun; dropped without, the work has died.
pub struct Ticket<T: 'static> {
    work: &'static LongWork<T>,
    key: Key,
    number: u64,
    pub way: Arc<Way>,
    is_done: bool,
}

impl<T: 'static> LongWork<T> {
    pub const fn new(kept: Duration, most: usize) -> LongWork<T> {
        LongWork { kept, most, slots: Mutex::new((0, BTreeMap::new())) }
    }

    fn slots(&self) -> MutexGuard<'_, (u64, BTreeMap<Key, Slot<T>>)> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Steady::now();
        slots.1.retain(|_, slot| {
            matches!(slot.state, State::Running(_)) || now.duration_since(slot.since) < self.kept
        });
        slots
    }

    /// Begins, unless it runs already, or nothing that is done can make room.
    pub fn begin(&'static self, key: Key) -> Option<Ticket<T>> {
        let mut slots = self.slots();
        let (last, list) = &mut *slots;
        if list.get(&key).is_some_and(|slot| matches!(slot.state, State::Running(_))) {
            return None;
        }
        list.remove(&key);
        if list.len() >= self.most {
            let done = list.iter().filter(|(_, slot)| !matches!(slot.state, State::Running(_)));
            let oldest = done.min_by_key(|(_, slot)| slot.since).map(|(key, _)| *key)?;
            list.remove(&oldest);
        }
        *last += 1;
        let way = Arc::new(Way::default());
        let state = State::Running(way.clone());
        list.insert(key, Slot { number: *last, since: Steady::now(), state, is_forgotten: false });
        Some(Ticket { work: self, key, number: *last, way, is_done: false })
    }

    pub fn seen(&self, key: Key) -> Seen<T> {
        match self.slots().1.get(&key).filter(|slot| !slot.is_forgotten).map(|slot| &slot.state) {
            None => Seen::Nothing,
            Some(State::Running(way)) => {
                Seen::Running { done: way.done.load(Ordering::Relaxed), of: way.of.load(Ordering::Relaxed) }
            }
            Some(State::Done(what)) => Seen::Done(what.clone()),
            Some(State::Died) => Seen::Died,
        }
    }

    /// Forgets it at once. What runs for it still runs to its end, and nobody hears of it; until then nothing
    /// else begins, or somebody could have as much running as they like.
    pub fn forget(&self, key: Key) {
        let mut slots = self.slots();
        match slots.1.get_mut(&key) {
            Some(slot) if matches!(slot.state, State::Running(_)) => slot.is_forgotten = true,
            _ => {
                slots.1.remove(&key);
            }
        }
    }

    fn end(&self, key: Key, number: u64, state: State<T>) {
        let mut slots = self.slots();
        let Some(slot) = slots.1.get_mut(&key).filter(|slot| slot.number == number) else { return };
        if slot.is_forgotten {
            slots.1.remove(&key);
            return;
        }
        slot.since = Steady::now();
        slot.state = state;
    }
}

impl<T: 'static> Ticket<T> {
    pub fn finish(mut self, what: T) {
        self.is_done = true;
        self.work.end(self.key, self.number, State::Done(Arc::new(what)));
    }
}

impl<T: 'static> Drop for Ticket<T> {
    fn drop(&mut self) {
        if !self.is_done {
            self.work.end(self.key, self.number, State::Died);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn of_one_key_only_one_runs_and_what_came_of_it_is_kept() {
        static WORK: LongWork<u32> = LongWork::new(DAY, 8);
        let first = WORK.begin((1, 0)).unwrap();
        assert!(WORK.begin((1, 0)).is_none());
        first.way.is(3, 10);
        assert!(matches!(WORK.seen((1, 0)), Seen::Running { done: 3, of: 10 }));
        assert!(matches!(WORK.seen((2, 0)), Seen::Nothing));
        first.finish(7);
        assert!(matches!(WORK.seen((1, 0)), Seen::Done(what) if *what == 7));
        drop(WORK.begin((1, 0)).unwrap());
        assert!(matches!(WORK.seen((1, 0)), Seen::Died));
    }

    #[test]
    fn what_was_forgotten_meanwhile_does_not_come_back() {
        static WORK: LongWork<u32> = LongWork::new(DAY, 8);
        let first = WORK.begin((1, 0)).unwrap();
        WORK.forget((1, 0));
        assert!(matches!(WORK.seen((1, 0)), Seen::Nothing));
        assert!(WORK.begin((1, 0)).is_none(), "it still runs");
        first.finish(1);
        assert!(matches!(WORK.seen((1, 0)), Seen::Nothing));
        WORK.begin((1, 0)).unwrap().finish(2);
        assert!(matches!(WORK.seen((1, 0)), Seen::Done(what) if *what == 2));
    }

    #[test]
    fn the_oldest_makes_room_and_what_runs_does_not() {
        static WORK: LongWork<u32> = LongWork::new(DAY, 2);
        let running = WORK.begin((1, 0)).unwrap();
        WORK.begin((2, 0)).unwrap().finish(2);
        let third = WORK.begin((3, 0)).unwrap();
        assert!(matches!(WORK.seen((2, 0)), Seen::Nothing));
        assert!(WORK.begin((4, 0)).is_none());
        running.finish(1);
        third.finish(3);
        static SHORT: LongWork<u32> = LongWork::new(Duration::ZERO, 2);
        SHORT.begin((1, 0)).unwrap().finish(1);
        assert!(matches!(SHORT.seen((1, 0)), Seen::Nothing));
    }
}
