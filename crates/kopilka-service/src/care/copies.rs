//! Backup and restore.
//!
//! Invariant: a copy that is reported is whole and proved; nothing that exists is overwritten unasked.

use crate::error::OpenError;
use crate::identifiers::IdentifierKey;
use crate::key_file;
use crate::secrets;
use crate::service::{DATABASE_FILE, create_dir, lock};
use crate::verify::verify_place;
use kopilka_store::verify::Verified;
use kopilka_store::{Store, StoreError, back_up as copy_database, check_file};
use std::fs;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How the copy of the file that opens stored secrets ends.
const SECRETS_ENDING: &str = "secrets";

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum CareError {
    #[error("{0} exists already; name another file")]
    Exists(String),
    #[error("{0} holds a database already; --force replaces it (and its key)")]
    WouldReplace(String),
    #[error("there is no {0}")]
    Missing(String),
    /// A database without its key has lost every phone and e-mail.
    #[error(
        "the key file of this backup is needed: name it with --key (backup told where it was, as \
         identifiers.key in the data directory)"
    )]
    KeyNeeded,
    #[error("{0} is not the key of this backup")]
    KeyWrong(String),
    #[error("a server works on this database: stop it first")]
    Served,
    /// The proof found differences, or the goal's is not the origin's.
    #[error("the books are not proved: {} differences", .0.differences)]
    NotProved(Box<Verified>),
    #[error("{path}: {cause}")]
    File { path: String, cause: String },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A finished copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupMade {
    pub bytes: u64,
    /// The key that a restore will ask for.
    pub key_file: PathBuf,
    /// Where the key was copied to, if that was asked for.
    pub key_copy: Option<PathBuf>,
    /// The same of the file that opens stored secrets, where there is one.
    pub secrets_copy: Option<PathBuf>,
}

/// Copies a directory's database, live or not, into a new file. The key is copied only when asked: a copy
/// and its key in one place are one theft.
pub fn back_up(dir: &Path, to: &Path, with_key: bool) -> Result<BackupMade, CareError> {
    let key_path = key_file::path_in(dir);
    let secrets = secrets::path_in(dir);
    let key_copy = with_key.then(|| to.with_extension("key"));
    let secrets_copy = (with_key && secrets.exists()).then(|| to.with_extension(SECRETS_ENDING));
    for target in [Some(to), key_copy.as_deref(), secrets_copy.as_deref()].into_iter().flatten() {
        if target.exists() {
            return Err(CareError::Exists(target.display().to_string()));
        }
    }
    let database = dir.join(DATABASE_FILE);
    if !database.exists() {
        return Err(CareError::Missing(database.display().to_string()));
    }
    let reader = Store::at(database).reader()?;
    // Made for its owner alone before anything is in it.
    key_file::write(to, &[]).map_err(|e| file_error(to, &e))?;
    let copied = copy_database(&reader, to);
    if copied.is_err() {
        // Half a copy is worse than none; what cannot be removed was told by the error.
        let _ = fs::remove_file(to);
    }
    copied?;
    for (path, copy) in [(&key_path, &key_copy), (&secrets, &secrets_copy)] {
        let Some(copy) = copy else { continue };
        let bytes = fs::read(path).map_err(|e| file_error(path, &e))?;
        key_file::write(copy, &bytes).map_err(|e| file_error(copy, &e))?;
    }
    let bytes = fs::metadata(to).map_err(|e| file_error(to, &e))?.len();
    Ok(BackupMade { bytes, key_file: key_path, key_copy, secrets_copy })
}

/// Puts a copy into a directory and proves its books. The key is the one named, or lies beside the copy (same
/// name, `.key`), or is the directory's own. What opens stored secrets comes along from beside either.
pub fn restore(from: &Path, dir: &Path, named: Option<&Path>, force: bool) -> Result<Verified, CareError> {
    if !from.exists() {
        return Err(CareError::Missing(from.display().to_string()));
    }
    check_file(from)?;
    create_dir(dir)?;
    let _lock = lock(dir)?;
    let database = dir.join(DATABASE_FILE);
    if database.exists() && !force {
        return Err(CareError::WouldReplace(dir.display().to_string()));
    }
    let key = find_key(from, dir, named)?;
    let incoming = dir.join("restoring.db");
    fs::copy(from, &incoming).map_err(|e| file_error(&incoming, &e))?;
    let synced = fs::File::open(&incoming).and_then(|file| file.sync_all());
    synced.map_err(|e| file_error(&incoming, &e))?;
    // The old log belongs to the old database.
    for suffix in ["-wal", "-shm"] {
        let mut log = database.clone().into_os_string();
        log.push(suffix);
        remove(Path::new(&log))?;
    }
    fs::rename(&incoming, &database).map_err(|e| file_error(&database, &e))?;
    let key_path = key_file::path_in(dir);
    remove(&key_path)?;
    key_file::write(&key_path, key.bytes()).map_err(|e| file_error(&key_path, &e))?;
    if let Some(found) = secrets_beside(from, named) {
        let bytes = fs::read(&found).map_err(|e| file_error(&found, &e))?;
        let path = secrets::path_in(dir);
        secrets::replace(&path, &bytes).map_err(|e| file_error(&path, &e))?;
    }
    Ok(verify_place(dir, None, &|_| {})?)
}

/// Without it the books are whole: an endpoint whose secret does not open any more is given a new one.
fn secrets_beside(from: &Path, key: Option<&Path>) -> Option<PathBuf> {
    let beside_key = key.and_then(Path::parent).map(secrets::path_in);
    [Some(from.with_extension(SECRETS_ENDING)), beside_key].into_iter().flatten().find(|path| path.exists())
}

fn find_key(from: &Path, dir: &Path, named: Option<&Path>) -> Result<IdentifierKey, CareError> {
    let candidates = match named {
        Some(path) => vec![path.to_owned()],
        None => vec![from.with_extension("key"), key_file::path_in(dir)],
    };
    let expected = expected_check(from)?;
    for path in candidates {
        let Some(key) = key_file::read(&path)? else { continue };
        if expected.as_deref().is_none_or(|check| check == key_file::check_value(&key)) {
            return Ok(key);
        }
        if named.is_some() {
            return Err(CareError::KeyWrong(path.display().to_string()));
        }
    }
    Err(CareError::KeyNeeded)
}

fn expected_check(from: &Path) -> Result<Option<String>, CareError> {
    Ok(Store::at(from).reader()?.setting(key_file::KEY_CHECK)?)
}

fn remove(path: &Path) -> Result<(), CareError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error(path, &error)),
        _ => Ok(()),
    }
}

fn file_error(path: &Path, error: &std::io::Error) -> CareError {
    CareError::File { path: path.display().to_string(), cause: error.to_string() }
}
