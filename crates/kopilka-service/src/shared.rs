//! What the writer thread and every clone of the service share.

use crate::clock::Clock;
use crate::crew::{Crew, Flights};
use crate::draws::Draws;
use crate::error::{OpenError, ServiceError};
use crate::faults::{Faults, Step};
use crate::identifiers::IdentifierKey;
use crate::ids::IdMaker;
use crate::outside::Outside;
use crate::reference::{ProgramState, Reference};
use crate::secrets::Secrets;
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::order::LineBody;
use kopilka_core::product::Product;
use kopilka_core::time::Instant;
use kopilka_store::{Reader, Store, StoreError};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{Semaphore, watch};

pub(crate) struct Shared {
    pub store: Store,
    pub secret: IdentifierKey,
    /// What opens secrets that were sealed.
    pub secrets: Secrets,
    pub outside: Outside,
    pub ids: IdMaker,
    pub clock: Clock,
    pub faults: Faults,
    pub draws: Draws,
    pub crew: Crew,
    pub flights: Flights,
    pub products: Products,
    pub reference: RwLock<Arc<Reference>>,
    /// The data directory.
    pub dir: PathBuf,
    pub readers: Readers,
    /// How far the projections for pages have come.
    pub projected: watch::Sender<EntryId>,
    /// The newest entry that is on disk.
    pub newest: AtomicI64,
    /// Commands that were answered, for whoever should step aside.
    pub served: AtomicU64,
    pub stopping: AtomicBool,
    /// What works beside the writers is told to end, also in the middle of what takes long.
    pub winding_down: AtomicBool,
    /// A trial let the process die: its threads end where they are.
    pub died: AtomicBool,
    /// The log beside the file may still hold what has been erased.
    pub log_holds_erased: AtomicBool,
    /// Another process serves the directory: this one changes reference data only.
    pub beside: bool,
    /// The way to wake the projector, the relay, who gives points to many and those who send, while they run.
    pub projector: Mutex<Option<SyncSender<Signal>>>,
    pub relay: Mutex<Option<SyncSender<Signal>>>,
    pub accruals: Mutex<Option<SyncSender<Signal>>>,
    pub deliverer: Mutex<Option<SyncSender<Signal>>>,
    pub messenger: Mutex<Option<SyncSender<Signal>>>,
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
    pub newest_entry: EntryId,
    pub projected: EntryId,
}

/// What a service is made of.
pub(crate) struct Parts {
    pub dir: PathBuf,
    pub store: Store,
    pub secret: IdentifierKey,
    pub secrets: Secrets,
    pub outside: Outside,
    pub reference: Reference,
    pub ids: IdMaker,
    pub clock: Clock,
    pub faults: Faults,
    pub draws: Draws,
    pub crew: Crew,
    pub writers: usize,
    pub read_connections: usize,
    pub beside: bool,
}

/// Products kept in memory: the whole table of most shops.
const PRODUCTS_KEPT: usize = 50_000;

/// Products that were asked for, also those that do not exist.
#[derive(Default)]
pub(crate) struct Products(RwLock<Kept>);

/// The product, or that there is none.
type Known = Option<Arc<Product>>;

#[derive(Default)]
struct Kept {
    by_program: HashMap<ProgramId, HashMap<String, Known>>,
    count: usize,
    /// How often all was forgotten.
    turn: u64,
}

/// A product read for a turn that is over may have been replaced meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn(u64);

impl Products {
    /// Asked before what is to be kept is read.
    pub fn turn(&self) -> Turn {
        Turn(self.0.read().unwrap_or_else(PoisonError::into_inner).turn)
    }
    pub fn known(&self, program: ProgramId, sku: &str) -> Option<Known> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.by_program.get(&program)?.get(sku).cloned()
    }
    /// Fills the lines, where all their products are known.
    pub fn fill(&self, program: ProgramId, lines: &mut [LineBody]) -> bool {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(products) = kept.by_program.get(&program) else { return false };
        if !lines.iter().all(|line| products.contains_key(line.sku.as_str())) {
            return false;
        }
        for line in lines {
            if let Some(Some(product)) = products.get(line.sku.as_str()) {
                line.fill_from(product);
            }
        }
        true
    }
    pub fn keep(&self, turn: Turn, program: ProgramId, sku: &str, found: Known) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.turn != turn.0 {
            return;
        }
        if kept.count >= PRODUCTS_KEPT {
            kept.by_program.clear();
            kept.count = 0;
        }
        let before = kept.by_program.entry(program).or_default().insert(sku.to_owned(), found);
        kept.count += usize::from(before.is_none());
    }
    pub fn forget(&self) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let turn = kept.turn + 1;
        *kept = Kept { turn, ..Kept::default() };
    }
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
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(reader) if reader.is_alive() => return Ok(reader),
                // One that leads nowhere any more is let go.
                Some(_) => {}
                None => return store.reader(),
            }
        }
    }
    pub fn give_back(&self, reader: Reader) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
    /// Lets go of all that wait: whatever broke one has broken them too.
    pub fn drop_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Shared {
    pub fn new(parts: Parts, marks: Marks) -> Shared {
        Shared {
            dir: parts.dir,
            store: parts.store,
            secret: parts.secret,
            secrets: parts.secrets,
            outside: parts.outside,
            ids: parts.ids,
            clock: parts.clock,
            faults: parts.faults,
            draws: parts.draws,
            crew: parts.crew,
            flights: Flights::new(parts.writers),
            products: Products::default(),
            reference: RwLock::new(Arc::new(parts.reference)),
            readers: Readers::new(parts.read_connections),
            projected: watch::Sender::new(marks.projected),
            newest: AtomicI64::new(marks.newest_entry.0),
            served: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            winding_down: AtomicBool::new(false),
            died: AtomicBool::new(false),
            // A process before this one may have died between an erasure and the emptying of the log.
            log_holds_erased: AtomicBool::new(true),
            beside: parts.beside,
            projector: Mutex::new(None),
            relay: Mutex::new(None),
            accruals: Mutex::new(None),
            deliverer: Mutex::new(None),
            messenger: Mutex::new(None),
            last_now: AtomicI64::new(i64::MIN),
        }
    }

    /// An entry up to which the journal is complete for ever, asked before it is read.
    pub fn settled(&self) -> Result<EntryId, StoreError> {
        match &self.crew {
            Crew::Alone => Ok(EntryId(self.newest.load(Ordering::Acquire))),
            Crew::Joined(membership) => membership.settled(self.flights.floor(&self.ids)),
        }
    }
    /// Asked between the parts of what takes long: `Stopping` where the rest is for after the next start.
    pub fn goes_on(&self) -> Result<(), ServiceError> {
        match self.winding_down.load(Ordering::Acquire) {
            true => Err(ServiceError::Stopping),
            false => Ok(()),
        }
    }
    /// Tells the other servers that this one lives, and learns from them.
    pub fn beat(&self) -> Result<(), StoreError> {
        let Crew::Joined(membership) = &self.crew else { return Ok(()) };
        self.ids.pass(membership.beat(self.flights.floor(&self.ids))?);
        Ok(())
    }
    /// Whether a trial lets the process die here; if so, nothing is written any more.
    pub fn dies_at(&self, step: Step) -> bool {
        let dies = self.faults.strike(step);
        if dies {
            self.died.store(true, Ordering::Release);
            self.stopping.store(true, Ordering::Release);
        }
        dies
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
        wake(&self.projector);
    }
    /// Tells the deliverer that there is something to do.
    pub fn hurry_deliverer(&self) {
        wake(&self.deliverer);
    }
    /// The same for whoever must not hold on to all of this.
    pub fn deliverers_bell(&self) -> Option<SyncSender<Signal>> {
        self.deliverer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Tells the messenger that a message waits.
    pub fn hurry_messenger(&self) {
        wake(&self.messenger);
    }
    /// The same for whoever must not hold on to all of this.
    pub fn messengers_bell(&self) -> Option<SyncSender<Signal>> {
        self.messenger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Tells whoever gives points to many that an operator has let it go on.
    pub fn hurry_accruals(&self) {
        wake(&self.accruals);
    }
    /// Tells the relay that something waits for it.
    pub fn hurry_relay(&self) {
        wake(&self.relay);
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
        let now = self.clock.now();
        let before = self.last_now.fetch_max(now.0, Ordering::Relaxed);
        Instant(now.0.max(before))
    }
    /// A sandbox's clock once it is set, else the system's.
    pub fn now_of(&self, program: &ProgramState) -> Instant {
        program.row.clock.unwrap_or_else(|| self.system_now())
    }
}

fn wake(thread: &Mutex<Option<SyncSender<Signal>>>) {
    if let Some(thread) = &*thread.lock().unwrap_or_else(PoisonError::into_inner) {
        // One word that waits is enough.
        let _ = thread.try_send(Signal::Look);
    }
}
