//! Hashes of what was asked, for telling the same request from another one under the same key.

use sha2::{Digest, Sha256};

/// The first half of SHA-256 over the parts, each with its length, so that parts never run together.
pub fn of(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hasher.finalize()[..16]);
    half
}
