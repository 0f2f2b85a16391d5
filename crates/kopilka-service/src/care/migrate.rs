//! A whole installation moved from one database to another, with proof on both sides.
//!
//! Invariant: the goal was empty; the origin is read, never written. What is reported as moved was proved
//! there and here, and both proofs say the same.

use super::copies::CareError;
use crate::error::OpenError;
use crate::key_file;
use crate::secrets;
use crate::service::{DATABASE_FILE, create_dir, lock};
use crate::verify::verify_place;
use kopilka_store::verify::Verified;
use kopilka_store::{Copied, Reader, Store, copy};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longer than a beat of a living server: one whose beat stands still is not there any more.
const LISTEN_FOR: Duration = Duration::from_secs(1);

/// A database and the directory with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    pub dir: PathBuf,
    /// `None`: the file in the directory.
    pub database: Option<String>,
}

impl Installation {
    /// Reads a directory or an address; the key of an address lies in `key_dir`.
    pub fn of(text: &str, key_dir: &Path) -> Installation {
        match Store::is_address(text) {
            true => Installation { dir: key_dir.to_owned(), database: Some(text.to_owned()) },
            false => Installation { dir: PathBuf::from(text), database: None },
        }
    }
    fn store(&self) -> Result<Store, OpenError> {
        crate::service::store_of(&self.dir, self.database.as_deref())
    }
    fn proof(&self) -> Result<Verified, OpenError> {
        verify_place(&self.dir, self.database.as_deref(), &|_| {})
    }
}

/// A finished move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub tables: Vec<Copied>,
    pub proof: Verified,
}

/// Proves the origin, carries every row, proves the goal. `progress` is told the table and its rows so far.
pub fn migrate_database(
    from: &Installation,
    to: &Installation,
    progress: &dyn Fn(&str, u64),
) -> Result<Moved, CareError> {
    if from.database.is_none() && !from.dir.join(DATABASE_FILE).exists() {
        return Err(CareError::Missing(from.dir.join(DATABASE_FILE).display().to_string()));
    }
    let _from_lock = held(from)?;
    let source = from.store()?.reader()?;
    if from.database.is_some() && is_served(&source)? {
        return Err(CareError::Served);
    }
    let before = from.proof()?;
    if before.differences > 0 {
        return Err(CareError::NotProved(Box::new(before)));
    }
    create_dir(&to.dir)?;
    let _to_lock = if to.dir == from.dir { None } else { held(to)? };
    let goal = to.store()?.writer()?;
    carry_key(&from.dir, &to.dir)?;
    carry_secrets(&from.dir, &to.dir)?;
    let tables = copy(&source, &goal, progress)?;
    drop(goal);
    let proof = to.proof()?;
    if proof != before {
        return Err(CareError::NotProved(Box::new(proof)));
    }
    Ok(Moved { tables, proof })
}

/// A directory with its database must be nobody else's meanwhile.
fn held(place: &Installation) -> Result<Option<File>, OpenError> {
    match place.database {
        Some(_) => Ok(None),
        None => {
            create_dir(&place.dir)?;
            lock(&place.dir).map(Some)
        }
    }
}

fn is_served(reader: &Reader) -> Result<bool, CareError> {
    let before = reader.servers()?;
    if before.is_empty() {
        return Ok(false);
    }
    std::thread::sleep(LISTEN_FOR);
    let after = reader.servers()?;
    Ok(after.iter().any(|row| !before.iter().any(|b| (b.seal, b.beat) == (row.seal, row.beat))))
}

/// Stored secrets open with the same keys as before.
fn carry_secrets(from: &Path, to: &Path) -> Result<(), CareError> {
    let (from, to) = (secrets::path_in(from), secrets::path_in(to));
    let read = |path: &Path| match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CareError::File { path: path.display().to_string(), cause: error.to_string() }),
    };
    match (read(&from)?, read(&to)?) {
        (Some(keys), Some(known)) if keys != known => Err(CareError::KeyWrong(to.display().to_string())),
        (Some(keys), None) => key_file::write(&to, &keys)
            .map_err(|e| CareError::File { path: to.display().to_string(), cause: e.to_string() }),
        _ => Ok(()),
    }
}

/// Phones and e-mails are found by the same key as before.
fn carry_key(from: &Path, to: &Path) -> Result<(), CareError> {
    let (from, to) = (key_file::path_in(from), key_file::path_in(to));
    let Some(key) = key_file::read(&from)? else {
        return Err(CareError::Missing(from.display().to_string()));
    };
    match key_file::read(&to)? {
        Some(known) if known.bytes() == key.bytes() => Ok(()),
        Some(_) => Err(CareError::KeyWrong(to.display().to_string())),
        None => key_file::write(&to, key.bytes())
            .map_err(|e| CareError::File { path: to.display().to_string(), cause: e.to_string() }),
    }
}
