//! API keys: the secret is shown once, its hash is what stays.

use super::Service;
use super::tokens::TOKEN_PREFIX;
use crate::asks::{Caller, KeyInfo, NewKey};
use crate::engine::Engine;
use crate::error::ServiceError;
use crate::reference::{REFERENCE_COUNT, key_info};
use kopilka_core::ids::ProgramId;
use kopilka_core::time::Instant;
use kopilka_store::StoreError;
use kopilka_store::rows::KeyRow;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// 160 bits, in letters and digits that no one mistakes for each other.
const SECRET_LETTERS: usize = 32;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Service {
    /// Makes a key; the secret is told once.
    pub async fn create_key(&self, key: NewKey) -> Result<(KeyInfo, String), ServiceError> {
        let sandbox = self.shared.program(key.program)?.row.sandbox;
        let secret = new_secret(sandbox)?;
        let secret_hash = hash(&secret);
        self.alone(move |engine| {
            let id = engine.shared.ids.next();
            let row = KeyRow {
                id: format!("k_{id:x}"),
                program: key.program,
                shop: key.shop,
                name: key.name,
                scopes: key.scopes,
                secret_hash,
                created_at: engine.shared.system_now(),
                revoked_at: None,
            };
            engine.transaction(|engine| {
                engine.writer.insert_api_key(&row)?;
                engine.bump_reference()
            })?;
            engine.reload()?;
            Ok((key_info(row), secret))
        })
        .await?
    }

    /// Who holds this secret or shows this token; `None` where the key is unknown or revoked, or the token
    /// over.
    pub fn authenticate(&self, secret: &str) -> Option<Arc<Caller>> {
        if secret.starts_with(TOKEN_PREFIX) {
            return self.caller_of_token(secret);
        }
        // Looked up by hash: what a timing could tell is about the hash, which helps nobody.
        self.shared.reference().callers.get(&hash(secret)).cloned()
    }

    /// From here on the key is nobody's.
    pub async fn revoke_key(&self, id: &str) -> Result<KeyInfo, ServiceError> {
        let id = id.to_owned();
        self.alone(move |engine| {
            let now = engine.shared.system_now();
            engine.revoke(&id, now)?;
            engine.reload()?;
            let reference = engine.shared.reference();
            reference.keys.iter().find(|key| key.id == id).cloned().ok_or(ServiceError::KeyUnknown)
        })
        .await?
    }

    pub fn keys(&self, program: Option<ProgramId>) -> Vec<KeyInfo> {
        let reference = self.shared.reference();
        let wanted = |key: &&KeyInfo| program.is_none_or(|id| id == key.program);
        reference.keys.iter().filter(wanted).cloned().collect()
    }
}

impl Engine {
    fn revoke(&mut self, id: &str, now: Instant) -> Result<(), ServiceError> {
        Ok(self.transaction(|engine| {
            engine.writer.revoke_api_key(id, now)?;
            engine.bump_reference()
        })?)
    }

    /// Tells other processes that programs or keys have changed.
    pub(crate) fn bump_reference(&mut self) -> Result<(), StoreError> {
        let before = self.writer.reads().setting(REFERENCE_COUNT)?;
        let count = before.and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
        self.writer.put_setting(REFERENCE_COUNT, &(count + 1).to_string())
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn new_secret(sandbox: bool) -> Result<String, ServiceError> {
    let letters = secret_letters::<SECRET_LETTERS>()?;
    Ok(format!("kop_{}_{letters}", if sandbox { "test" } else { "live" }))
}

/// So many letters by the system's randomness, five bits each.
pub(crate) fn secret_letters<const COUNT: usize>() -> Result<String, StoreError> {
    let mut random = [0_u8; COUNT];
    getrandom::fill(&mut random).map_err(|e| StoreError::Engine(format!("no randomness: {e}")))?;
    Ok(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}
