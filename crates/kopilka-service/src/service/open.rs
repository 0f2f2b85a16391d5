//! Opening a data directory: its lock, its key, its database, its writer.

use super::{Queue, Service};
use crate::asks::OpenOptions;
use crate::engine::{Engine, QUEUE_MAX};
use crate::error::OpenError;
use crate::identifiers::IdentifierKey;
use crate::key_file;
use crate::reference::Reference;
use crate::shared::{Marks, Shared};
use kopilka_store::{Consumer, Store, Writer};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

/// The database's name in the data directory.
pub const DATABASE_FILE: &str = "kopilka.db";
/// Held locked by the process that serves the directory.
pub const LOCK_FILE: &str = "kopilka.lock";

impl Service {
    /// Creates the directory, the key file and the database where they are missing, migrates, and starts
    /// the writer. Needs no async runtime.
    pub fn open(options: OpenOptions) -> Result<Service, OpenError> {
        create_dir(&options.dir)?;
        let lock = lock(&options.dir)?;
        Service::start(options, Some(lock))
    }

    /// Opens a directory that another process may serve: keys and programs can be changed, members cannot.
    /// The serving process takes the change up within a second.
    pub fn open_beside(options: OpenOptions) -> Result<Service, OpenError> {
        create_dir(&options.dir)?;
        match lock(&options.dir) {
            Ok(lock) => Service::start(options, Some(lock)),
            Err(OpenError::Running { .. }) => Service::start(options, None),
            Err(other) => Err(other),
        }
    }

    fn start(options: OpenOptions, lock: Option<File>) -> Result<Service, OpenError> {
        let store = Store::at(options.dir.join(DATABASE_FILE));
        let is_new = !store.path().exists();
        let key = read_key(&options.dir, is_new)?;
        let writer = store.writer()?;
        check_key(&writer, &key, &options.dir)?;
        let reads = writer.reads();
        let reference = Reference::load(reads, &Reference::default())?;
        let newest_entry = reads.newest_entry()?;
        let newest_program = reference.programs.keys().map(|id| id.0).max().unwrap_or_default();
        let marks = Marks {
            newest_id: newest_entry.0.max(reads.newest_member()?.0).max(newest_program),
            newest_entry,
            projected: reads.cursor(Consumer::Pages)?,
        };
        let beside = lock.is_none();
        let connections = options.read_connections;
        let shared = Shared::new(store, key, reference, marks, connections, beside);
        let shared = Arc::new(shared);
        let (sender, jobs) = mpsc::sync_channel(QUEUE_MAX);
        let engine = Engine::new(writer, shared.clone());
        let thread = std::thread::Builder::new()
            .name("kopilka-writer".to_owned())
            .spawn(move || engine.run(jobs))
            .map_err(|e| OpenError::Directory { path: "a thread".to_owned(), cause: e.to_string() })?;
        let queue = Queue { sender, thread: Mutex::new(Some(thread)), _lock: lock };
        Ok(Service { shared, queue: Arc::new(queue) })
    }
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
fn read_key(dir: &Path, is_new: bool) -> Result<IdentifierKey, OpenError> {
    let path = key_file::path_in(dir);
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
