//! Secrets that the server must be able to read again, such as those that sign webhooks: sealed at rest.
//!
//! Invariant: what is stored is sealed with AES-256-GCM under a key of a file that is its owner's alone, and
//! bound to the row it stands in: moved to another row it does not open. Keys have numbers; the newest seals,
//! all of them open, so that a new key needs no moment at which everything is sealed anew.

use crate::error::OpenError;
use crate::key_file;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use thiserror::Error;

/// The file's name in the data directory: a line a key, its number and 64 hexadecimal digits.
pub const SECRETS_FILE: &str = "secrets.key";
const KEY_BYTES: usize = 32;
/// Where the number of the key stands before what is sealed.
const NUMBER_BYTES: usize = 4;

/// The keys of an installation.
#[derive(Debug)]
pub struct Secrets {
    path: PathBuf,
    keys: RwLock<Vec<Key>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    number: u32,
    bytes: [u8; KEY_BYTES],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.number)
    }
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SecretError {
    #[error("{SECRETS_FILE} has no key {0}: copy the file that belongs to this database")]
    KeyMissing(u32),
    #[error("a stored secret does not open: {SECRETS_FILE} is of another database, or the row is damaged")]
    Closed,
    #[error("{SECRETS_FILE}: {0}")]
    File(String),
}

pub fn path_in(dir: &Path) -> PathBuf {
    dir.join(SECRETS_FILE)
}

impl Secrets {
    /// Reads the directory's keys; makes the first one where there is no file.
    pub fn open(dir: &Path) -> Result<Secrets, OpenError> {
        let path = path_in(dir);
        let failed = |cause: String| OpenError::Directory { path: path.display().to_string(), cause };
        let keys = match read(&path).map_err(failed)? {
            Some(keys) => keys,
            None => {
                let first = vec![Key { number: 1, bytes: draw().map_err(failed)? }];
                match key_file::write(&path, text_of(&first).as_bytes()) {
                    Ok(()) => first,
                    // Another server that shares the directory was faster: its key is the key.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        read(&path).map_err(failed)?.unwrap_or_default()
                    }
                    Err(error) => return Err(failed(error.to_string())),
                }
            }
        };
        Ok(Secrets { path, keys: RwLock::new(keys) })
    }

    /// The keys of a directory, without making any; `None` when there is no file.
    pub fn existing(dir: &Path) -> Result<Option<Secrets>, String> {
        let path = path_in(dir);
        Ok(read(&path)?.map(|keys| Secrets { path, keys: RwLock::new(keys) }))
    }

    /// Seals with the newest key; `place` is the row that it will stand in.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, SecretError> {
        // Another process may have made a newer key.
        self.read_again()?;
        let newest = self.keys().last().copied().ok_or(SecretError::KeyMissing(1))?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|e| SecretError::File(e.to_string()))?;
        let mut sealed = secret.to_vec();
        let key = aead(&newest)?;
        let nonce_of = Nonce::assume_unique_for_key(nonce);
        let done = key.seal_in_place_append_tag(nonce_of, Aad::from(place.as_bytes()), &mut sealed);
        done.map_err(|_| SecretError::Closed)?;
        Ok([&newest.number.to_be_bytes()[..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for that row, by whichever key.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let (number, rest) = sealed.split_first_chunk::<NUMBER_BYTES>().ok_or(SecretError::Closed)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SecretError::Closed)?;
        let number = u32::from_be_bytes(*number);
        let key = match self.key(number) {
            Some(key) => key,
            None => {
                self.read_again()?;
                self.key(number).ok_or(SecretError::KeyMissing(number))?
            }
        };
        let mut opened = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = aead(&key)?.open_in_place(nonce, Aad::from(place.as_bytes()), &mut opened);
        plain.map(|plain| plain.to_vec()).map_err(|_| SecretError::Closed)
    }

    /// Makes a newer key; what is stored stays under its own until it is sealed again. The number of the new
    /// one.
    pub fn make_key(&self) -> Result<u32, SecretError> {
        self.read_again()?;
        let mut keys = self.keys();
        let number = keys.last().map_or(0, |key| key.number) + 1;
        keys.push(Key { number, bytes: draw().map_err(SecretError::File)? });
        replace(&self.path, text_of(&keys).as_bytes()).map_err(|e| SecretError::File(e.to_string()))?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(number)
    }

    fn keys(&self) -> Vec<Key> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn key(&self, number: u32) -> Option<Key> {
        self.keys().into_iter().find(|key| key.number == number)
    }
    fn read_again(&self) -> Result<(), SecretError> {
        let keys = read(&self.path).map_err(SecretError::File)?;
        let keys = keys.ok_or_else(|| SecretError::File("the file is gone: put it back".to_owned()))?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }
}

fn aead(key: &Key) -> Result<LessSafeKey, SecretError> {
    UnboundKey::new(&AES_256_GCM, &key.bytes).map(LessSafeKey::new).map_err(|_| SecretError::Closed)
}

fn draw() -> Result<[u8; KEY_BYTES], String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|e| format!("no randomness: {e}"))?;
    Ok(bytes)
}

fn text_of(keys: &[Key]) -> String {
    keys.iter()
        .map(|key| {
            let digits: String = key.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{} {digits}\n", key.number)
        })
        .collect()
}

/// The keys in order of number; `None` when there is no file.
fn read(path: &Path) -> Result<Option<Vec<Key>>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut keys: Vec<Key> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        keys.push(key_of(line).ok_or("a line is no key: put back the file that the server made")?);
    }
    keys.sort_by_key(|key| key.number);
    if keys.is_empty() {
        Err("it is empty: put back the file that the server made".into())
    } else {
        Ok(Some(keys))
    }
}

fn key_of(line: &str) -> Option<Key> {
    let (number, digits) = line.trim().split_once(' ')?;
    if digits.len() != 2 * KEY_BYTES || !digits.is_ascii() {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(0..) {
        *byte = u8::from_str_radix(&digits[2 * pair..2 * pair + 2], 16).ok()?;
    }
    Some(Key { number: number.parse().ok()?, bytes })
}

/// Puts a whole new file in the old one's place: whoever reads sees the one or the other.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    key_file::write(&new, bytes)?;
    fs::rename(&new, path)?;
    match path.parent() {
        Some(dir) => fs::File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_row_alone() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        let sealed = secrets.seal("webhook/1/2", b"a secret").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        assert_eq!(secrets.unseal("webhook/1/2", &sealed).unwrap(), b"a secret");
        assert_ne!(secrets.seal("webhook/1/2", b"a secret").unwrap(), sealed, "the same is sealed anew");
        assert_eq!(secrets.unseal("webhook/1/3", &sealed), Err(SecretError::Closed));
        for at in 4..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(secrets.unseal("webhook/1/2", &changed), Err(SecretError::Closed), "byte {at}");
        }
        assert_eq!(secrets.unseal("webhook/1/2", &sealed[..15]), Err(SecretError::Closed));
    }

    #[test]
    fn a_newer_key_seals_and_the_older_ones_still_open() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Secrets::open(dir.path()).unwrap(), Secrets::open(dir.path()).unwrap());
        let before = ours.seal("x", b"one").unwrap();
        assert_eq!(ours.make_key(), Ok(2));
        let after = ours.seal("x", b"two").unwrap();
        assert_eq!((before[3], after[3]), (1, 2));
        assert_eq!(ours.unseal("x", &before).unwrap(), b"one");
        // Another process learns of the new key when it meets it, and seals with it at once.
        assert_eq!(theirs.unseal("x", &after).unwrap(), b"two");
        assert_eq!(theirs.seal("x", b"three").unwrap()[3], 2);
        assert_eq!(Secrets::existing(dir.path()).unwrap().unwrap().keys().len(), 2);
        let other = tempfile::tempdir().unwrap();
        let stranger = Secrets::open(other.path()).unwrap();
        assert_eq!(stranger.unseal("x", &before), Err(SecretError::Closed));
        assert_eq!(stranger.unseal("x", &after), Err(SecretError::KeyMissing(2)));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone_also_after_a_new_key() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        let mode = || fs::metadata(path_in(dir.path())).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        secrets.make_key().unwrap();
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn a_file_that_is_damaged_is_told_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["", "1 00\n", "x\n", &format!("1 {}\n", "g".repeat(64))] {
            fs::write(path_in(dir.path()), text).unwrap();
            assert!(Secrets::open(dir.path()).is_err(), "{text}");
            assert_eq!(fs::read_to_string(path_in(dir.path())).unwrap(), *text);
        }
    }
}
