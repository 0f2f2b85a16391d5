//! Two threads beside the writer: one finds what is due, one keeps the projections close behind.
//!
//! Invariant: neither writes by itself; both hand their work to the writer, a small batch at a time.

use crate::engine::due::{DUE_BATCH, Pace};
use crate::error::ServiceError;
use crate::reference::ProgramState;
use crate::service::{PROJECT_BATCH, REFERENCE_COUNT, Service};
use kopilka_core::ids::EntryId;
use kopilka_store::Reader;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Due times are looked up this often: a birthday comes within a second of midnight.
const DUE_EVERY: Duration = Duration::from_millis(500);
/// Projections stay this close behind a steady load.
const PROJECT_EVERY: Duration = Duration::from_millis(50);
/// Entries of one batch for the sums by month; they wait while there is other work.
const LIABILITY_BATCH: usize = 256;

/// The scheduler and the projector; they end when this is stopped or dropped.
pub struct Background {
    stop: Vec<SyncSender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start(service: Service) -> Background {
        let mut background = Background { stop: Vec::new(), threads: Vec::new() };
        let scheduler = service.clone();
        background.spawn("kopilka-scheduler", move |stopped| schedule(&scheduler, &stopped));
        background.spawn("kopilka-projector", move |stopped| project(&service, &stopped));
        background
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce(Receiver<()>) + Send + 'static) {
        let (stop, stopped) = mpsc::sync_channel(1);
        match std::thread::Builder::new().name(name.to_owned()).spawn(move || run(stopped)) {
            Ok(thread) => {
                self.stop.push(stop);
                self.threads.push(thread);
            }
            Err(error) => tracing::error!(%error, name, "a thread did not start"),
        }
    }

    /// Ends both threads and waits for them.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        for stop in self.stop.drain(..) {
            let _ = stop.try_send(());
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

/// Waits; `false` when it is time to end.
fn goes_on(stopped: &Receiver<()>, pause: Duration) -> bool {
    matches!(stopped.recv_timeout(pause), Err(RecvTimeoutError::Timeout))
}

fn schedule(service: &Service, stopped: &Receiver<()>) {
    let mut reader: Option<Reader> = None;
    let mut known_count = None;
    loop {
        match tick(service, &mut reader, &mut known_count) {
            Ok(()) | Err(ServiceError::Busy) => {}
            Err(ServiceError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "what is due has to wait"),
        }
        if !goes_on(stopped, DUE_EVERY) {
            return;
        }
    }
}

fn tick(
    service: &Service,
    reader: &mut Option<Reader>,
    known_count: &mut Option<Option<String>>,
) -> Result<(), ServiceError> {
    if reader.is_none() {
        *reader = Some(service.shared.store.reader()?);
    }
    let Some(reader) = reader else { return Ok(()) };
    let count = reader.setting(REFERENCE_COUNT)?;
    if known_count.as_ref().is_some_and(|known| *known != count) {
        service.alone_blocking(|engine| engine.reload())??;
    }
    *known_count = Some(count);
    for state in service.shared.reference().programs.values() {
        let now = service.shared.now_of(state);
        if state.published.iter().any(|v| !v.armed && v.effective_from <= now) {
            arm(service, state)?;
        }
        let id = state.row.id;
        while !reader.due(id, service.shared.now_of(state), 1)?.is_empty() {
            let now = service.shared.now_of(state);
            let members =
                service.alone_blocking(move |engine| engine.run_due_batch(id, now, Pace::AtOnce))??;
            metrics::counter!("kopilka_due_members_total").increment(members as u64);
            if members < DUE_BATCH {
                break;
            }
        }
    }
    Ok(())
}

fn arm(service: &Service, state: &ProgramState) -> Result<(), ServiceError> {
    let id = state.row.id;
    let now = service.shared.now_of(state);
    let mut after = None;
    while let Some(last) = service.alone_blocking(move |engine| engine.arm_batch(id, now, after))?? {
        after = Some(last);
    }
    service.alone_blocking(move |engine| engine.finish_arming(id, now))?
}

fn project(service: &Service, stopped: &Receiver<()>) {
    let mut sums_behind = true;
    while goes_on(stopped, PROJECT_EVERY) {
        match project_once(service, &mut sums_behind) {
            Ok(()) | Err(ServiceError::Busy) => {}
            Err(ServiceError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "the projections stay behind"),
        }
    }
}

fn project_once(service: &Service, sums_behind: &mut bool) -> Result<(), ServiceError> {
    let newest = EntryId(service.shared.newest.load(Ordering::Acquire));
    let behind = *service.shared.projected.borrow() < newest;
    if behind {
        *sums_behind = true;
        while !service.alone_blocking(|engine| engine.project_pages(PROJECT_BATCH))?? {}
    } else if *sums_behind {
        *sums_behind = !service.alone_blocking(|engine| engine.project_liability(LIABILITY_BATCH))??;
    }
    Ok(())
}
