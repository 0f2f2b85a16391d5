//! Opening an installation: its lock, its key, its database, its writers.

use super::{Queue, Service};
use crate::asks::OpenOptions;
use crate::crew::{Crew, Membership};
use crate::engine::{Engine, JobQueue, QUEUE_MAX};
use crate::error::OpenError;
use crate::identifiers::IdentifierKey;
use crate::ids::IdMaker;
use crate::key_file;
use crate::outside::Outside;
use crate::reference::Reference;
use crate::secrets::Secrets;
use crate::shared::{Marks, Parts, Shared};
use kopilka_store::servers::SERVERS_MAX;
use kopilka_store::{Consumer, Reader, Store, Writer};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

/// The database's name in the data directory.
pub const DATABASE_FILE: &str = "kopilka.db";
/// Held locked by the process that serves the directory.
pub const LOCK_FILE: &str = "kopilka.lock";

/// The database of an installation: the one named, or the file in its directory.
pub(crate) fn store_of(dir: &Path, database: Option<&str>) -> Result<Store, OpenError> {
    match database {
        Some(url) => Ok(Store::on_server(url)?),
        None => Ok(Store::at(dir.join(DATABASE_FILE))),
    }
}

impl Service {
    /// Creates the directory, the key file and the database where they are missing, migrates, and starts
    /// the writers. A directory with its database is this process's alone; a server's database may have
    /// several. Needs no async runtime.
    pub fn open(options: OpenOptions) -> Result<Service, OpenError> {
        create_dir(&options.dir)?;
        let lock = if options.database.is_none() { Some(lock(&options.dir)?) } else { None };
        Service::start(options, lock, false)
    }

    /// Opens an installation that another process may serve: keys and programs can be changed, members
    /// cannot. The serving process takes the change up within a second.
    pub fn open_beside(options: OpenOptions) -> Result<Service, OpenError> {
        create_dir(&options.dir)?;
        if options.database.is_some() {
            return Service::start(options, None, true);
        }
        match lock(&options.dir) {
            Ok(lock) => Service::start(options, Some(lock), false),
            Err(OpenError::Running { .. }) => Service::start(options, None, true),
            Err(other) => Err(other),
        }
    }

    fn start(options: OpenOptions, lock: Option<File>, beside: bool) -> Result<Service, OpenError> {
        let store = store_of(&options.dir, options.database.as_deref())?;
        let mut first = store.writer()?;
        let key = read_key(&options.dir, first.reads())?;
        check_key(&first, &key, &options.dir)?;
        let secrets = Secrets::open(&options.dir)?;
        let crew = crew(&store, beside, &options)?;
        let reference = Reference::load(first.reads(), &Reference::default())?;
        let ids = id_maker(&options, (&crew, beside), first.reads(), &reference)?;
        let writers = if store.is_shared() && !beside { options.writers.max(1) } else { 1 };
        let marks = Marks {
            newest_entry: first.reads().newest_entry()?,
            projected: first.reads().cursor(Consumer::Pages)?,
        };
        let seal = crew.seal();
        let shared = Arc::new(Shared::new(
            Parts {
                dir: options.dir,
                store,
                secret: key,
                secrets,
                outside: Outside::new(options.outside),
                reference,
                ids,
                clock: options.clock,
                faults: options.faults,
                draws: options.draws,
                crew,
                writers,
                read_connections: options.read_connections,
                beside,
            },
            marks,
        ));
        let mut all = Vec::with_capacity(writers);
        if let Some(seal) = seal {
            first.fence_with(seal);
        }
        all.push(first);
        while all.len() < writers {
            let mut writer = shared.store.writer()?;
            if let Some(seal) = seal {
                writer.fence_with(seal);
            }
            all.push(writer);
        }
        shared.beat()?;
        let (sender, jobs) = mpsc::sync_channel(QUEUE_MAX);
        let threads = start_writers(&shared, all, &JobQueue::new(jobs))?;
        let queue = Queue { sender, writers: Mutex::new(threads), _lock: lock };
        Ok(Service { shared, queue: Arc::new(queue) })
    }
}

fn crew(store: &Store, beside: bool, options: &OpenOptions) -> Result<Crew, OpenError> {
    if !store.is_shared() || beside {
        return Ok(Crew::Alone);
    }
    let mut token = [0_u8; 8];
    getrandom::fill(&mut token)
        .map_err(|e| OpenError::Directory { path: "the random source".to_owned(), cause: e.to_string() })?;
    let token = i64::from_be_bytes(token) & i64::MAX;
    let membership = Membership::join(store.writer()?, token, options.clock.now(), options.dead_after)?;
    Ok(Crew::Joined(Box::new(membership)))
}

/// The number in the ids of programs and keys that are made beside a running server: no server has it.
const NUMBER_BESIDE: i64 = SERVERS_MAX;

/// Ids begin above everything on disk and everything that the other servers have told of.
fn id_maker(
    options: &OpenOptions,
    (crew, beside): (&Crew, bool),
    reads: &Reader,
    reference: &Reference,
) -> Result<IdMaker, OpenError> {
    let newest_program = reference.programs.keys().map(|id| id.0).max().unwrap_or_default();
    let told = match crew {
        Crew::Alone => 0,
        Crew::Joined(membership) => membership.newest_told()?,
    };
    let cursor = reads.cursor(Consumer::Pages)?.0;
    let newest =
        reads.newest_entry()?.0.max(reads.newest_member()?.0).max(newest_program).max(told).max(cursor);
    let nobody = if beside { NUMBER_BESIDE } else { 0 };
    let server = crew.seal().map_or(nobody, |seal| seal.server);
    Ok(IdMaker::new(options.clock.clone(), server, newest))
}

fn start_writers(
    shared: &Arc<Shared>,
    writers: Vec<Writer>,
    jobs: &JobQueue,
) -> Result<Vec<JoinHandle<()>>, OpenError> {
    let mut threads = Vec::with_capacity(writers.len());
    for (number, writer) in writers.into_iter().enumerate() {
        let engine = Engine::new(writer, shared.clone(), number);
        let jobs = jobs.clone();
        let started = std::thread::Builder::new()
            .name(format!("kopilka-writer-{number}"))
            .spawn(move || engine.run(&jobs));
        let thread = started
            .map_err(|e| OpenError::Directory { path: "a thread".to_owned(), cause: e.to_string() })?;
        threads.push(thread);
    }
    Ok(threads)
}

/// A new directory is its owner's alone: personal data lies in it.
pub(crate) fn create_dir(dir: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|e| directory_error(dir, &e))
}

/// Takes the directory for this process; the system lets go of it when the process ends, however it ends.
pub fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK_FILE);
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| directory_error(&path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Running { path: dir.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(directory_error(&path, &error)),
    }
}

/// A new database gets a new key unless there is one; an old one is not opened without its own.
fn read_key(dir: &Path, reads: &Reader) -> Result<IdentifierKey, OpenError> {
    let path = key_file::path_in(dir);
    let is_new = reads.setting(key_file::KEY_CHECK)?.is_none();
    match key_file::read(&path)? {
        Some(key) => Ok(key),
        None if is_new => key_file::create(&path),
        None => Err(OpenError::KeyMissing { path: path.display().to_string() }),
    }
}

fn check_key(writer: &Writer, key: &IdentifierKey, dir: &Path) -> Result<(), OpenError> {
    let expected = key_file::check_value(key);
    match writer.reads().setting(key_file::KEY_CHECK)? {
        Some(found) if found == expected => Ok(()),
        Some(_) => Err(OpenError::KeyWrong { path: key_file::path_in(dir).display().to_string() }),
        None => {
            writer.begin()?;
            let put = writer.put_setting(key_file::KEY_CHECK, &expected);
            let ended = put.and_then(|()| writer.commit());
            if ended.is_err() {
                writer.rollback()?;
            }
            Ok(ended?)
        }
    }
}

fn directory_error(path: &Path, error: &std::io::Error) -> OpenError {
    OpenError::Directory { path: path.display().to_string(), cause: error.to_string() }
}
