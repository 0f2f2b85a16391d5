//! Three threads beside the writer: one finds what is due, one keeps the projections close behind, one
//! copies the log back into the database.
//!
//! Invariant: none writes rows by itself; they hand their work to the writer, a small part at a time.

use crate::engine::due::{DUE_BATCH, PROJECT_BATCH};
use crate::error::ServiceError;
use crate::reference::ProgramState;
use crate::reference::REFERENCE_COUNT;
use crate::service::Service;
use crate::shared::Signal;
use kopilka_core::ids::EntryId;
use kopilka_store::{Batch, Reader};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Due times are looked up this often: a birthday comes within a second of midnight.
const DUE_EVERY: Duration = Duration::from_millis(500);
/// Projections lag half a second under load, so that a batch is large and touches each page once.
const PROJECT_EVERY: Duration = Duration::from_millis(400);
/// Entries of one batch for the sums by month; they wait while there is other work.
const LIABILITY_BATCH: usize = 2_048;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(200);
/// 64 MiB of log: half of where the writer would stop to copy it by itself.
const LOG_PAGES_MAX: i64 = 16_384;
/// What the writer may copy itself: a few milliseconds.
const LOG_PAGES_LAST: i64 = 1_024;
/// Each round finds what was written during the one before, always less.
const CHECKPOINT_ROUNDS: usize = 5;

/// The background threads; they end when this is stopped or dropped.
pub struct Background {
    service: Service,
    signals: Vec<SyncSender<Signal>>,
    threads: Vec<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start(service: Service) -> Background {
        let mut background =
            Background { service: service.clone(), signals: Vec::new(), threads: Vec::new() };
        let (scheduler, checkpointer) = (service.clone(), service.clone());
        background.spawn("kopilka-scheduler", move |signals| schedule(&scheduler, &signals));
        background.spawn("kopilka-checkpointer", move |signals| checkpoint(&checkpointer, &signals));
        background.spawn("kopilka-projector", move |signals| project(&service, &signals));
        background.set_projector(background.signals.last().cloned());
        background
    }

    fn set_projector(&self, signals: Option<SyncSender<Signal>>) {
        *self.service.shared.projector.lock().unwrap_or_else(PoisonError::into_inner) = signals;
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce(Receiver<Signal>) + Send + 'static) {
        let (sender, signals) = mpsc::sync_channel(2);
        match std::thread::Builder::new().name(name.to_owned()).spawn(move || run(signals)) {
            Ok(thread) => {
                self.signals.push(sender);
                self.threads.push(thread);
            }
            Err(error) => tracing::error!(%error, name, "a thread did not start"),
        }
    }

    /// Ends the threads and waits for them.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.set_projector(None);
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

/// Waits, or is told to look at once; `false` when it is time to end.
fn goes_on(signals: &Receiver<Signal>, pause: Duration) -> bool {
    matches!(signals.recv_timeout(pause), Ok(Signal::Look) | Err(RecvTimeoutError::Timeout))
}

fn schedule(service: &Service, signals: &Receiver<Signal>) {
    let mut reader: Option<Reader> = None;
    loop {
        match tick(service, &mut reader) {
            Ok(()) | Err(ServiceError::Busy) => {}
            Err(ServiceError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "what is due has to wait"),
        }
        if !goes_on(signals, DUE_EVERY) {
            return;
        }
    }
}

fn tick(service: &Service, reader: &mut Option<Reader>) -> Result<(), ServiceError> {
    let reader = opened(service, reader)?;
    if reader.setting(REFERENCE_COUNT)? != service.shared.reference().count {
        service.alone_blocking(|engine| engine.reload())??;
    }
    for state in service.shared.reference().programs.values() {
        let now = service.shared.now_of(state);
        if state.published.iter().any(|v| !v.armed && v.effective_from <= now) {
            arm(service, state)?;
        }
        let id = state.row.id;
        while !reader.due(id, service.shared.now_of(state), 1)?.is_empty() {
            let now = service.shared.now_of(state);
            let members = service.alone_blocking(move |engine| engine.run_due_batch(id, now))??;
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

fn project(service: &Service, signals: &Receiver<Signal>) {
    let mut reader: Option<Reader> = None;
    let mut sums_behind = true;
    while goes_on(signals, PROJECT_EVERY) {
        match project_once(service, &mut reader, &mut sums_behind) {
            Ok(()) | Err(ServiceError::Busy) => {}
            Err(ServiceError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "the projections stay behind"),
        }
    }
}

fn project_once(
    service: &Service,
    reader: &mut Option<Reader>,
    sums_behind: &mut bool,
) -> Result<(), ServiceError> {
    let reader = opened(service, reader)?;
    let newest = EntryId(service.shared.newest.load(Ordering::Acquire));
    if *service.shared.projected.borrow() < newest {
        *sums_behind = true;
        loop {
            let batch = reader.snapshot(|r| r.gather_pages(PROJECT_BATCH))?;
            let (cursor, entries) = (batch.cursor, batch.entries);
            hand_over(service, batch)?;
            service.shared.note_projected(cursor);
            if entries < PROJECT_BATCH {
                return Ok(());
            }
        }
    }
    if *sums_behind {
        let reference = service.shared.reference();
        let month_of = |program, ends| reference.month_of(program, ends);
        let batch = reader.snapshot(|r| r.gather_liability(LIABILITY_BATCH, &month_of))?;
        *sums_behind = batch.entries == LIABILITY_BATCH;
        hand_over(service, batch)?;
    }
    Ok(())
}

/// Gives the writer a batch part by part; the cursor moves with the last.
fn hand_over(service: &Service, batch: Batch) -> Result<(), ServiceError> {
    let Batch { consumer, cursor, parts, entries } = batch;
    if entries == 0 {
        return Ok(());
    }
    for part in parts {
        service.along_blocking(move |writer| writer.put_part(&part))?;
    }
    service.along_blocking(move |writer| writer.put_cursor(consumer, cursor))
}

fn opened<'r>(service: &Service, reader: &'r mut Option<Reader>) -> Result<&'r Reader, ServiceError> {
    match reader {
        Some(reader) => Ok(reader),
        None => Ok(reader.insert(service.shared.store.reader()?)),
    }
}

fn checkpoint(service: &Service, signals: &Receiver<Signal>) {
    let mut reader: Option<Reader> = None;
    while goes_on(signals, CHECKPOINT_EVERY) {
        match checkpoint_once(service, &mut reader) {
            Ok(()) | Err(ServiceError::Busy) => {}
            Err(ServiceError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "the log grows on"),
        }
    }
}

/// Copies the log while the writer goes on; the last pages, and so the log's new beginning, are the writer's.
fn checkpoint_once(service: &Service, reader: &mut Option<Reader>) -> Result<(), ServiceError> {
    let reader = opened(service, reader)?;
    let mut left = reader.log_pages()?;
    if left < LOG_PAGES_MAX {
        return Ok(());
    }
    for _ in 0..CHECKPOINT_ROUNDS {
        left = reader.checkpoint_some()?;
        if left < LOG_PAGES_LAST {
            break;
        }
    }
    if left < LOG_PAGES_MAX {
        service.alone_blocking(|engine| engine.writer.reads().checkpoint_some())??;
    }
    Ok(())
}
