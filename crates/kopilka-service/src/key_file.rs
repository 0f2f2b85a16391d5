//! The file that holds the identifiers' key: made at the first start, readable by its owner alone.
//!
//! Invariant: a database is opened only with the key it was made with; `key_check` in its settings tells.

use crate::error::OpenError;
use crate::identifiers::IdentifierKey;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file's name in the data directory.
pub const KEY_FILE: &str = "identifiers.key";
/// The setting that proves a key: its hash of nothing but this word.
pub const KEY_CHECK: &str = "key_check";

pub fn path_in(dir: &Path) -> PathBuf {
    dir.join(KEY_FILE)
}

/// Reads the key; `None` when there is no file.
pub fn read(path: &Path) -> Result<Option<IdentifierKey>, OpenError> {
    match fs::read(path) {
        Ok(bytes) => match <[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(key) => Ok(Some(IdentifierKey::new(key))),
            Err(_) => Err(OpenError::KeyWrong { path: path.display().to_string() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(directory_error(path, &error)),
    }
}

/// Makes a key of 32 random bytes and writes it for its owner alone.
pub fn create(path: &Path) -> Result<IdentifierKey, OpenError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|e| OpenError::Directory { path: path.display().to_string(), cause: e.to_string() })?;
    match write(path, &bytes) {
        Ok(()) => Ok(IdentifierKey::new(bytes)),
        // Another server that shares the directory was faster: its key is the key.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let made = read(path)?;
            made.ok_or_else(|| OpenError::KeyMissing { path: path.display().to_string() })
        }
        Err(error) => Err(directory_error(path, &error)),
    }
}

/// Writes a new file with mode 0600 and makes sure it is on disk before a database depends on it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What the settings keep to recognise the key.
pub fn check_value(key: &IdentifierKey) -> String {
    key.hash(&[KEY_CHECK.as_bytes()]).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn directory_error(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Directory { path: path.display().to_string(), cause: error.to_string() }
}
