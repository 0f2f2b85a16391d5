//! Threads beside the writers: what is due, projections, effects on other members, events for the outside,
//! messages to members, the log, the beat.
//!
//! Invariant: none writes rows of members by itself; they hand their work to the writers, a small part at a
//! time. Each is a job whose `once` does what there is to do now, so that a trial can run them step by step.

mod accruals;
mod beat;
mod checkpoint;
mod deliver;
mod messenger;
mod project;
mod relay;
mod reporter;
mod schedule;

use crate::error::ServiceError;
use crate::service::Service;
use crate::shared::Signal;
use kopilka_store::{Reader, StoreError};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

pub use accruals::Accruals;
pub use beat::Beat;
pub use deliver::Deliverer;
pub use messenger::Messenger;
pub use project::Projector;
pub use relay::Relay;
pub use reporter::Reporter;
pub use schedule::Scheduler;

/// The background threads; they end when this is stopped or dropped.
pub struct Background {
    service: Service,
    signals: Vec<SyncSender<Signal>>,
    threads: Vec<JoinHandle<()>>,
}

/// A piece of work that comes again and again.
pub(crate) trait Job {
    const NAME: &'static str;
    const EVERY: Duration;
    /// What is logged when it fails; it is tried again the next time.
    const FAILED: &'static str;
    /// Does what there is to do now.
    fn once(&mut self) -> Result<(), ServiceError>;
}

impl Background {
    pub(crate) fn start(service: Service) -> Background {
        let shared = service.shared.clone();
        shared.winding_down.store(false, Ordering::Release);
        let mut background =
            Background { service: service.clone(), signals: Vec::new(), threads: Vec::new() };
        background.spawn(Scheduler::new(service.clone()));
        if shared.store.is_shared() {
            background.spawn(Beat::new(service.clone()));
        } else {
            background.spawn(checkpoint::Checkpointer::new(service.clone()));
        }
        set(&shared.accruals, background.spawn(Accruals::new(service.clone())));
        set(&shared.projector, background.spawn(Projector::new(service.clone())));
        match Deliverer::new(service.clone()) {
            Ok(deliverer) => set(&shared.deliverer, background.spawn(deliverer)),
            Err(error) => tracing::error!(%error, "events are told to nobody"),
        }
        match Messenger::new(service.clone()) {
            Ok(messenger) => set(&shared.messenger, background.spawn(messenger)),
            Err(error) => tracing::error!(%error, "no messages are sent"),
        }
        background.spawn(Reporter::new(service.clone()));
        set(&shared.relay, background.spawn(Relay::new(service)));
        background
    }

    fn spawn<J: Job + Send + 'static>(&mut self, mut job: J) -> Option<SyncSender<Signal>> {
        let (sender, signals) = mpsc::sync_channel(2);
        let service = self.service.clone();
        let run = move || run(&mut job, &service, &signals);
        match std::thread::Builder::new().name(format!("kopilka-{}", J::NAME)).spawn(run) {
            Ok(thread) => {
                self.signals.push(sender.clone());
                self.threads.push(thread);
                Some(sender)
            }
            Err(error) => {
                tracing::error!(%error, name = J::NAME, "a thread did not start");
                None
            }
        }
    }

    /// Ends the threads and waits for them: no longer than one part of what they do, however much is left.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.service.shared.winding_down.store(true, Ordering::Release);
        set(&self.service.shared.projector, None);
        set(&self.service.shared.relay, None);
        set(&self.service.shared.accruals, None);
        set(&self.service.shared.deliverer, None);
        set(&self.service.shared.messenger, None);
        for signals in self.signals.drain(..) {
            // A thread that has ended already has nothing to be told.
            let _ = signals.send(Signal::Stop);
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a background thread panicked");
            }
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.end();
    }
}

fn set(place: &Mutex<Option<SyncSender<Signal>>>, signals: Option<SyncSender<Signal>>) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = signals;
}

fn run<J: Job>(job: &mut J, service: &Service, signals: &Receiver<Signal>) {
    loop {
        match job.once() {
            Ok(()) | Err(ServiceError::Busy) => {}
            Err(ServiceError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "{}", J::FAILED),
        }
        let waited = signals.recv_timeout(J::EVERY);
        let goes_on = matches!(waited, Ok(Signal::Look) | Err(RecvTimeoutError::Timeout));
        if !goes_on || service.shared.died.load(Ordering::Acquire) {
            return;
        }
    }
}

/// A read connection that is opened when first needed, and anew after it broke.
#[derive(Default)]
pub(crate) struct OwnReader(Option<Reader>);

impl OwnReader {
    pub fn read<T>(
        &mut self,
        service: &Service,
        query: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, ServiceError> {
        let reader = match &self.0 {
            Some(reader) => reader,
            None => self.0.insert(service.shared.store.reader()?),
        };
        let answer = query(reader);
        if matches!(answer, Err(StoreError::Lost(_))) {
            self.0 = None;
        }
        Ok(answer?)
    }
}
