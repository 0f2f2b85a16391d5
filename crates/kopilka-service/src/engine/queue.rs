//! The queue before the writers: who comes first is taken first, as many at a time as wait.
//!
//! Invariant: one writer at a time takes a group; while it decides and writes, the next one may take the
//! next.

use super::{AloneWork, Alongside, Asked, Engine, GROUP_MAX, Job};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A writer that had this many to serve waits a moment for the next group to fill: a commit shared by more
/// costs each of them less, and who sends them needs the processor to do so.
const BUSY_FROM: usize = 8;
/// A fraction of what a commit takes.
const GATHER_FOR: Duration = Duration::from_micros(200);

/// The end of the queue that the writers share.
#[derive(Clone)]
pub(crate) struct JobQueue {
    jobs: Arc<Mutex<Receiver<Job>>>,
    /// One writer was told to stop: all go on until nothing waits.
    stopping: Arc<AtomicBool>,
}

/// What a writer took at once.
#[derive(Default)]
struct Taken {
    group: Asked,
    along: Alongside,
    alone: Option<AloneWork>,
}

impl JobQueue {
    pub fn new(jobs: Receiver<Job>) -> JobQueue {
        JobQueue { jobs: Arc::new(Mutex::new(jobs)), stopping: Arc::default() }
    }

    /// Waits for work (`None` when nobody is left to ask, or when stopping and nothing waits), then takes all
    /// that waits, up to a full group, in its order. `before` is how many came the last time.
    fn take(&self, before: usize) -> Option<Taken> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let stopping = self.stopping.load(Ordering::Acquire);
        let first = if stopping { jobs.try_recv().ok()? } else { jobs.recv().ok()? };
        let mut taken = Taken::default();
        let gather_until = Instant::now() + GATHER_FOR;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Write(write, reply) => taken.group.push((*write, reply)),
                Job::Along(work, reply) => taken.along.push((work, reply)),
                Job::Alone(work) => {
                    taken.alone = Some(work);
                    break;
                }
                Job::Stop => self.stopping.store(true, Ordering::Release),
            }
            if taken.group.len() < GROUP_MAX {
                next = jobs.try_recv().ok();
            }
            if next.is_none() && before >= BUSY_FROM && taken.group.len() < before && !stopping {
                let left = gather_until.saturating_duration_since(Instant::now());
                next = if left.is_zero() { None } else { jobs.recv_timeout(left).ok() };
            }
        }
        Some(taken)
    }
}

impl Engine {
    /// Serves the queue until it is told to stop or nobody is left to ask.
    pub fn run(mut self, jobs: &JobQueue) {
        let mut before = 0;
        while let Some(taken) = jobs.take(before) {
            before = taken.group.len();
            self.run_group(taken.group, taken.along);
            if let Some(work) = taken.alone {
                // A panic in one piece of work must not end the writing of all.
                if catch_unwind(AssertUnwindSafe(|| work(&mut self))).is_err() {
                    tracing::error!("a piece of work of the writer panicked");
                    let _ = self.writer.rollback();
                }
            }
            if self.shared.died.load(Ordering::Acquire) {
                return;
            }
        }
        if let Err(error) = self.writer.checkpoint() {
            tracing::warn!(%error, "the log was not written back; the next start reads it");
        }
    }
}
