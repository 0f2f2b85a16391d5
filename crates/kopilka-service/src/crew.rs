//! The servers of one database: each tells the others that it lives and up to where it has written, and they
//! share out what one of them does for all.
//!
//! Invariant: `settled` is an entry up to which the journal is complete for ever. A server counts as dead
//! when its beat stood still for `OpenOptions::dead_after` by the observer's own steady clock; its row is
//! deleted, which shuts it out, before anybody takes over its work.

use crate::error::OpenError;
use crate::ids::IdMaker;
use kopilka_core::ids::EntryId;
use kopilka_core::time::Instant;
use kopilka_store::servers::ServerRow;
use kopilka_store::{Consumer, STRIPES, Seal, StoreError, Writer};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Steady};

/// How often a server tells that it lives: consumers on other servers lag by as much.
pub(crate) const BEAT_EVERY: Duration = Duration::from_millis(250);

/// What servers divide among themselves by stripes of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Divided {
    Due,
    Relay,
}

impl Divided {
    const ALL: [Divided; 2] = [Divided::Due, Divided::Relay];
    fn lease(self, stripe: u8) -> String {
        match self {
            Divided::Due => format!("due/{stripe}"),
            Divided::Relay => Consumer::Relay(stripe).name().to_owned(),
        }
    }
}

/// What one server does for all.
const SINGLE: [Consumer; 4] = [Consumer::Pages, Consumer::Liability, Consumer::Webhooks, Consumer::Messages];

/// Every stripe of members.
pub(crate) const ALL_STRIPES: u8 = u8::MAX;

/// Who else writes to the database.
pub(crate) enum Crew {
    /// Nobody can: the file is this process's.
    Alone,
    Joined(Box<Membership>),
}

/// This server among the others.
pub(crate) struct Membership {
    pub seal: Seal,
    dead_after: Duration,
    link: Mutex<Link>,
    due: AtomicU8,
    relay: AtomicU8,
    pages: AtomicBool,
    liability: AtomicBool,
    webhooks: AtomicBool,
    messages: AtomicBool,
    fenced: AtomicBool,
}

struct Link {
    writer: Writer,
    /// The last beat of each server and when it was first seen.
    seen: HashMap<i64, (ServerRow, Steady)>,
}

/// The smallest id that a writer's open transaction may still bring, per writer; nothing when it has none.
pub(crate) struct Flights(Vec<AtomicI64>);

impl Flights {
    pub fn new(writers: usize) -> Flights {
        Flights((0..writers).map(|_| AtomicI64::new(i64::MAX)).collect())
    }
    /// Called before the transaction makes its first id.
    pub fn open(&self, writer: usize, ids: &IdMaker) {
        if let Some(flight) = self.0.get(writer) {
            flight.store(ids.mark(), Ordering::SeqCst);
        }
    }
    pub fn close(&self, writer: usize) {
        if let Some(flight) = self.0.get(writer) {
            flight.store(i64::MAX, Ordering::SeqCst);
        }
    }
    /// No entry up to this id will come from this process any more.
    pub fn floor(&self, ids: &IdMaker) -> EntryId {
        // The mark first: a transaction that opens after it makes larger ids only.
        let mark = ids.mark();
        let open = self.0.iter().map(|flight| flight.load(Ordering::SeqCst)).min();
        EntryId(open.unwrap_or(i64::MAX).min(mark))
    }
}

impl Crew {
    pub fn seal(&self) -> Option<Seal> {
        match self {
            Crew::Alone => None,
            Crew::Joined(membership) => Some(membership.seal),
        }
    }
    /// The others took this server for dead.
    pub fn is_fenced(&self) -> bool {
        matches!(self, Crew::Joined(membership) if membership.fenced.load(Ordering::Acquire))
    }
    /// The stripes of members whose due commands, or whose effects on others, are this server's to see to.
    pub fn stripes(&self, of: Divided) -> u8 {
        match self {
            Crew::Alone => ALL_STRIPES,
            Crew::Joined(membership) => membership.mask(of).load(Ordering::Acquire),
        }
    }
    /// Whether a task that one server does for all is this one's.
    pub fn does(&self, consumer: Consumer) -> bool {
        match self {
            Crew::Alone => true,
            Crew::Joined(membership) => membership.single(consumer).load(Ordering::Acquire),
        }
    }
}

impl Membership {
    /// Takes a number among the others. The caller makes its ids with it, and beats before it writes.
    pub fn join(
        writer: Writer,
        token: i64,
        now: Instant,
        dead_after: Duration,
    ) -> Result<Membership, OpenError> {
        let seal = writer.join(token, now)?;
        for task in Divided::ALL {
            (0..STRIPES).try_for_each(|stripe| writer.make_lease(&task.lease(stripe)))?;
        }
        SINGLE.iter().try_for_each(|consumer| writer.make_lease(consumer.name()))?;
        Ok(Membership {
            seal,
            dead_after,
            link: Mutex::new(Link { writer, seen: HashMap::new() }),
            due: AtomicU8::new(0),
            relay: AtomicU8::new(0),
            pages: AtomicBool::new(false),
            liability: AtomicBool::new(false),
            webhooks: AtomicBool::new(false),
            messages: AtomicBool::new(false),
            fenced: AtomicBool::new(false),
        })
    }

    fn mask(&self, of: Divided) -> &AtomicU8 {
        match of {
            Divided::Due => &self.due,
            Divided::Relay => &self.relay,
        }
    }
    fn single(&self, consumer: Consumer) -> &AtomicBool {
        match consumer {
            Consumer::Liability => &self.liability,
            Consumer::Webhooks => &self.webhooks,
            Consumer::Messages => &self.messages,
            _ => &self.pages,
        }
    }
    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest id that the others have told of: a new server's ids begin above it.
    pub fn newest_told(&self) -> Result<i64, StoreError> {
        let rows = self.link().writer.reads().servers()?;
        Ok(rows.iter().map(|row| row.floor.0).max().unwrap_or_default())
    }

    /// Tells the others where this server stands and answers up to where all of them do.
    pub fn settled(&self, floor: EntryId) -> Result<EntryId, StoreError> {
        self.with_link(|link| {
            self.tell(link, floor)?;
            Ok(lowest(&link.writer.reads().servers()?))
        })
    }

    /// One beat: tells, looks who has died, and takes or gives up tasks. The newest id the others told of.
    pub fn beat(&self, floor: EntryId) -> Result<i64, StoreError> {
        self.with_link(|link| {
            self.tell(link, floor)?;
            let mut rows = link.writer.reads().servers()?;
            for dead in link.silent(&rows, self.seal, self.dead_after) {
                if link.writer.remove_server(dead)? {
                    tracing::warn!(server = dead.server, "a server is silent: its work is taken over");
                }
                rows.retain(|row| row.seal != dead);
            }
            self.share(link, &rows)?;
            Ok(rows.iter().map(|row| row.floor.0).max().unwrap_or_default())
        })
    }

    /// Leaves: nothing of this server is under way any more, and its tasks are free at once.
    pub fn leave(&self) {
        let link = self.link();
        if let Err(error) = link.writer.remove_server(self.seal) {
            tracing::warn!(%error, "the other servers will find out by themselves that this one has left");
        }
        self.due.store(0, Ordering::Release);
        self.relay.store(0, Ordering::Release);
    }

    /// Runs on the one connection; after an error it is made anew, and what was seen of the others begins
    /// anew too: a time in which nobody could be heard is nobody's silence.
    fn with_link<T>(&self, run: impl FnOnce(&mut Link) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut link = self.link();
        let result = run(&mut link);
        if let Err(error) = &result {
            link.seen.clear();
            if matches!(error, StoreError::Lost(_)) {
                link.writer.reconnect()?;
            }
        }
        result
    }

    fn tell(&self, link: &Link, floor: EntryId) -> Result<(), StoreError> {
        if link.writer.beat(self.seal, floor)? {
            return Ok(());
        }
        self.fenced.store(true, Ordering::Release);
        self.due.store(0, Ordering::Release);
        self.relay.store(0, Ordering::Release);
        self.pages.store(false, Ordering::Release);
        self.liability.store(false, Ordering::Release);
        self.webhooks.store(false, Ordering::Release);
        self.messages.store(false, Ordering::Release);
        Err(StoreError::Fenced)
    }

    /// Claims what is free up to a fair share, and gives up what is above it.
    fn share(&self, link: &Link, servers: &[ServerRow]) -> Result<(), StoreError> {
        let leases = link.writer.reads().leases()?;
        let alive = |seal: Seal| servers.iter().any(|row| row.seal == seal);
        let holder = |name: &str| leases.iter().find(|lease| lease.name == name).map(|lease| lease.holder);
        for consumer in SINGLE {
            let mut own = holder(consumer.name()) == Some(self.seal);
            if !own && holder(consumer.name()).is_some_and(|h| !alive(h)) {
                own = link.writer.claim(consumer.name(), self.seal)?;
            }
            self.single(consumer).store(own, Ordering::Release);
        }
        let fair = usize::from(STRIPES).div_ceil(servers.len().max(1));
        for task in Divided::ALL {
            let mut own: Vec<u8> =
                (0..STRIPES).filter(|stripe| holder(&task.lease(*stripe)) == Some(self.seal)).collect();
            for stripe in 0..STRIPES {
                let name = task.lease(stripe);
                if own.len() < fair && holder(&name).is_some_and(|h| !alive(h)) {
                    if link.writer.claim(&name, self.seal)? {
                        own.push(stripe);
                    }
                } else if own.len() > fair && own.contains(&stripe) {
                    // Not touched any more before it is told that it is free.
                    own.retain(|kept| *kept != stripe);
                    self.mask(task).store(mask_of(&own), Ordering::Release);
                    link.writer.release(&name, self.seal)?;
                }
            }
            self.mask(task).store(mask_of(&own), Ordering::Release);
        }
        Ok(())
    }
}

impl Link {
    /// Those whose beat stood still too long by our own clock.
    fn silent(&mut self, rows: &[ServerRow], own: Seal, dead_after: Duration) -> Vec<Seal> {
        self.seen.retain(|server, _| rows.iter().any(|row| row.seal.server == *server));
        let mut dead = Vec::new();
        for row in rows.iter().filter(|row| row.seal != own) {
            let (known, since) = self.seen.entry(row.seal.server).or_insert((*row, Steady::now()));
            if (known.seal, known.beat) != (row.seal, row.beat) {
                (*known, *since) = (*row, Steady::now());
            } else if since.elapsed() > dead_after {
                dead.push(row.seal);
            }
        }
        dead
    }
}

fn lowest(rows: &[ServerRow]) -> EntryId {
    EntryId(rows.iter().map(|row| row.floor.0).min().unwrap_or_default())
}

fn mask_of(stripes: &[u8]) -> u8 {
    stripes.iter().fold(0, |mask, stripe| mask | (1 << stripe))
}
