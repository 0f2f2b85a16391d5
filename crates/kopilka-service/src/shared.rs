//! What the writer thread and every clone of the service share.

use crate::error::{OpenError, ServiceError};
use crate::identifiers::IdentifierKey;
use crate::ids::IdMaker;
use crate::reference::{ProgramState, Reference};
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::time::Instant;
use kopilka_store::{Reader, Store, StoreError};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, watch};

pub(crate) struct Shared {
    pub store: Store,
    pub secret: IdentifierKey,
    pub ids: IdMaker,
    pub reference: RwLock<Arc<Reference>>,
    pub readers: Readers,
    /// How far the projections for pages have come.
    pub projected: watch::Sender<EntryId>,
    /// The newest entry that is on disk.
    pub newest: AtomicI64,
    pub stopping: AtomicBool,
    /// Another process serves the directory: this one changes reference data only.
    pub beside: bool,
    /// The way to wake the projector, while it runs.
    pub projector: Mutex<Option<SyncSender<Signal>>>,
    last_now: AtomicI64,
}

/// A word to a background thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Look,
    Stop,
}

/// How far a database had come when it was opened.
pub(crate) struct Marks {
    pub newest_id: i64,
    pub newest_entry: EntryId,
    pub projected: EntryId,
}

/// Read connections, opened when first needed and kept.
pub(crate) struct Readers {
    idle: Mutex<Vec<Reader>>,
    pub permits: Semaphore,
}

impl Readers {
    pub fn new(connections: usize) -> Readers {
        Readers { idle: Mutex::new(Vec::new()), permits: Semaphore::new(connections.max(1)) }
    }
    pub fn take(&self, store: &Store) -> Result<Reader, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| store.reader(), Ok)
    }
    pub fn give_back(&self, reader: Reader) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
}

impl Shared {
    pub fn new(
        store: Store,
        secret: IdentifierKey,
        reference: Reference,
        marks: Marks,
        read_connections: usize,
        beside: bool,
    ) -> Shared {
        Shared {
            store,
            secret,
            ids: IdMaker::after(marks.newest_id),
            reference: RwLock::new(Arc::new(reference)),
            readers: Readers::new(read_connections),
            projected: watch::Sender::new(marks.projected),
            newest: AtomicI64::new(marks.newest_entry.0),
            stopping: AtomicBool::new(false),
            beside,
            projector: Mutex::new(None),
            last_now: AtomicI64::new(i64::MIN),
        }
    }

    pub fn note_projected(&self, cursor: EntryId) {
        self.projected.send_if_modified(|known| {
            let moves = cursor > *known;
            *known = (*known).max(cursor);
            moves
        });
    }
    /// Tells the projector not to wait for its time.
    pub fn hurry(&self) {
        if let Some(projector) = &*self.projector.lock().unwrap_or_else(PoisonError::into_inner) {
            // One word that waits is enough.
            let _ = projector.try_send(Signal::Look);
        }
    }

    pub fn reference(&self) -> Arc<Reference> {
        self.reference.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub fn replace_reference(&self, reference: Reference) {
        *self.reference.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(reference);
    }
    pub fn reload_reference(&self, reader: &Reader) -> Result<(), OpenError> {
        let before = self.reference();
        self.replace_reference(Reference::load(reader, &before)?);
        Ok(())
    }
    pub fn program(&self, id: ProgramId) -> Result<Arc<ProgramState>, ServiceError> {
        self.reference().programs.get(&id).cloned().ok_or(ServiceError::ProgramUnknown)
    }

    /// The system's time; it never goes back within the process.
    pub fn system_now(&self) -> Instant {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64);
        let before = self.last_now.fetch_max(now, Ordering::Relaxed);
        Instant(now.max(before))
    }
    /// A sandbox's clock once it is set, else the system's.
    pub fn now_of(&self, program: &ProgramState) -> Instant {
        program.row.clock.unwrap_or_else(|| self.system_now())
    }
}
