//! A database with one server or several on it: written to in bursts, worked on step by step, crashed and
//! opened again.
//!
//! Invariant: with one server the seed alone decides which commands form a group.

use super::trap::Trap;
use kopilka_core::ids::ProgramId;
use kopilka_core::time::Instant;
use kopilka_service::{
    Beat, Clock, Consumer, Draws, OpenOptions, Projector, Publish, Reader, Relay, STRIPES, Scheduler,
    Service, ServiceError, Step, StoreError, Verified, Write, WriteResult, verify_place,
};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// With one server whoever else is in the list has died; with several they beat in turn, and a busy machine
/// may keep one waiting.
const DEAD_AFTER_ALONE: Duration = Duration::ZERO;
const DEAD_AFTER_TOGETHER: Duration = Duration::from_millis(400);

/// What runs beside the writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Due,
    Projections,
    Relay,
}

pub const TASKS: [Task; 3] = [Task::Due, Task::Projections, Task::Relay];

/// One server, and its jobs that nobody but us starts.
pub struct Server {
    pub service: Service,
    scheduler: Scheduler,
    projector: Projector,
    relay: Relay,
    beat: Beat,
    pub trap: Arc<Trap>,
}

impl Server {
    fn new(service: Service, trap: Arc<Trap>) -> Server {
        Server {
            scheduler: Scheduler::new(service.clone()),
            projector: Projector::new(service.clone()),
            relay: Relay::new(service.clone()),
            beat: Beat::new(service.clone()),
            service,
            trap,
        }
    }
    fn is_over(&self) -> bool {
        self.trap.died_at().is_some() || self.service.is_fenced()
    }
}

pub struct Place {
    folder: TempDir,
    database: Option<String>,
    pub clock: Clock,
    /// One for all servers, also those that are started again.
    draws: Draws,
    runtime: Runtime,
    pub servers: Vec<Server>,
}

impl Place {
    pub fn new(database: Option<String>, servers: usize, now: Instant) -> Result<Place, String> {
        let folder = tempfile::tempdir().map_err(|e| format!("a folder for the data: {e}"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| format!("a runtime: {e}"))?;
        let mut place = Place {
            folder,
            database,
            clock: Clock::manual(now),
            draws: Draws::of_trial(1),
            runtime,
            servers: Vec::new(),
        };
        for _ in 0..servers {
            let server = place.open(servers)?;
            place.servers.push(server);
        }
        Ok(place)
    }

    fn open(&self, servers: usize) -> Result<Server, String> {
        let trap = Arc::new(Trap::default());
        let alone = servers == 1;
        let options = OpenOptions {
            read_connections: 2,
            writers: if alone { 1 } else { 2 },
            clock: self.clock.clone(),
            faults: trap.faults(),
            draws: self.draws,
            dead_after: if alone { DEAD_AFTER_ALONE } else { DEAD_AFTER_TOGETHER },
            ..OpenOptions::in_dir(self.folder.path()).on(self.database.clone())
        };
        let service = Service::open(options).map_err(|e| format!("opening: {e}"))?;
        Ok(Server::new(service, trap))
    }

    pub fn is_shared(&self) -> bool {
        self.servers.len() > 1
    }

    /// Opens again every server that died; where each did.
    pub fn revive(&mut self) -> Result<Vec<Step>, String> {
        let mut died = Vec::new();
        let count = self.servers.len();
        for at in 0..count {
            if !self.servers[at].is_over() {
                continue;
            }
            let dead = self.servers.swap_remove(at);
            died.extend(dead.trap.died_at());
            // Of a dead process this only waits until its threads are gone; nothing is written any more.
            dead.service.stop();
            drop(dead);
            let server = self.open(count)?;
            self.servers.push(server);
            let last = self.servers.len() - 1;
            self.servers.swap(at, last);
        }
        Ok(died)
    }

    /// An orderly end and a new beginning.
    pub fn restart(&mut self, at: usize) -> Result<(), String> {
        let count = self.servers.len();
        let old = self.servers.swap_remove(at);
        old.service.stop();
        drop(old);
        let server = self.open(count)?;
        self.servers.push(server);
        self.servers.swap(at, count - 1);
        Ok(())
    }

    pub fn publish(&mut self, text: &str, from: Option<Instant>) -> Result<ProgramId, String> {
        let publish = Publish {
            text: text.to_owned(),
            author: "simulation".to_owned(),
            note: String::new(),
            sandbox: false,
            effective_from: from,
        };
        let published = self.runtime.block_on(self.servers[0].service.publish(publish));
        let program = published.map_err(|e| format!("publishing: {e:?}\n{text}"))?.program;
        // The others learn of it as they do in life.
        for server in &mut self.servers[1..] {
            server.scheduler.run().map_err(|e| format!("taking up a version: {e}"))?;
        }
        Ok(program)
    }

    /// Hands all over at once. With one server the first is taken alone and the rest as one group; with
    /// several each takes what chance gives it.
    pub fn submit(&self, writes: &[Write]) -> Result<Vec<WriteResult>, String> {
        if self.is_shared() {
            return Ok(self.submit_spread(writes));
        }
        let server = &self.servers[0];
        server.trap.close();
        let mut context = Context::from_waker(Waker::noop());
        let mut asked = Vec::with_capacity(writes.len());
        let mut reached = Ok(());
        for write in writes {
            let mut answer = Box::pin(server.service.write(write.clone()));
            match answer.as_mut().poll(&mut context) {
                Poll::Ready(result) => asked.push(Asked::Answered(Box::new(result))),
                Poll::Pending => {
                    if !asked.iter().any(|a| matches!(a, Asked::Waits(_))) {
                        reached = server.trap.wait_until_reached();
                    }
                    asked.push(Asked::Waits(answer));
                }
            }
        }
        server.trap.open();
        reached?;
        let answers = asked.into_iter().map(|asked| match asked {
            Asked::Answered(result) => *result,
            Asked::Waits(answer) => self.runtime.block_on(answer),
        });
        Ok(answers.collect())
    }

    fn submit_spread(&self, writes: &[Write]) -> Vec<WriteResult> {
        self.runtime.block_on(async {
            let spread = writes.iter().zip(self.servers.iter().cycle());
            let tasks: Vec<_> = spread
                .map(|(write, server)| {
                    let (service, write) = (server.service.clone(), write.clone());
                    tokio::spawn(async move { service.write(write).await })
                })
                .collect();
            let mut answers = Vec::with_capacity(tasks.len());
            for task in tasks {
                answers.push(task.await.unwrap_or(Err(ServiceError::Stopping)));
            }
            answers
        })
    }

    /// One round of a job on one server. Whether it could be done; a dead server's could not.
    pub fn work(&mut self, at: usize, task: Task) -> Result<bool, String> {
        self.beat()?;
        let server = &mut self.servers[at];
        let done = match task {
            Task::Due => server.scheduler.run(),
            Task::Projections => server.projector.run(),
            Task::Relay => server.relay.run(),
        };
        match done {
            Ok(()) => Ok(true),
            Err(ServiceError::Stopping) if server.is_over() => Ok(false),
            Err(ServiceError::Stopping | ServiceError::Busy) if self.is_shared() => Ok(false),
            Err(_) if self.servers[at].is_over() => Ok(false),
            Err(error) => Err(format!("{task:?}: {error}")),
        }
    }

    /// Every server tells that it lives and takes up what is free.
    fn beat(&mut self) -> Result<(), String> {
        if self.database.is_none() {
            return Ok(());
        }
        for server in &mut self.servers {
            match server.beat.run() {
                Ok(()) | Err(ServiceError::Stopping) => {}
                Err(error) => return Err(format!("a beat: {error}")),
            }
        }
        Ok(())
    }

    /// A round of every job on every server. Whether nothing is due, nothing is on its way and the
    /// projections are at the journal's end.
    pub fn settle(&mut self, program: ProgramId, now: Instant) -> Result<bool, String> {
        for at in 0..self.servers.len() {
            for task in TASKS {
                self.work(at, task)?;
            }
        }
        self.revive()?;
        self.is_settled(program, now)
    }

    fn is_settled(&self, program: ProgramId, now: Instant) -> Result<bool, String> {
        let settled = self.read(move |r| {
            let newest = r.newest_entry()?;
            let mut settled = r.due(program, now, u8::MAX, 1)?.is_empty();
            settled &= r.cursor(Consumer::Pages)? >= newest && r.cursor(Consumer::Liability)? >= newest;
            for stripe in 0..STRIPES {
                let cursor = r.cursor(Consumer::Relay(stripe))?;
                settled &= r.relayed(cursor, newest, 1 << stripe, 1)?.is_empty();
            }
            Ok(settled)
        });
        settled.map_err(|e| format!("looking what is left: {e}"))
    }

    pub fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        self.runtime.block_on(self.servers[0].service.read(query))
    }
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
    pub fn verify(&self) -> Result<Verified, String> {
        verify_place(self.folder.path(), self.database.as_deref(), &|_| {})
            .map_err(|e| format!("verify: {e}"))
    }
}

enum Asked<F> {
    Answered(Box<WriteResult>),
    Waits(Pin<Box<F>>),
}
