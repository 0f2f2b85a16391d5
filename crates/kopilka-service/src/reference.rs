//! What every command needs and few change: programs with their versions and clocks, and keys.
//!
//! Invariant: a value here was committed before; readers take it whole, so a command sees one version.

use crate::asks::{Caller, KeyInfo};
use crate::compile::compile;
use crate::error::OpenError;
use kopilka_core::ids::ProgramId;
use kopilka_core::program::Versions;
use kopilka_core::time::{Day, Instant};
use kopilka_store::rows::{KeyRow, ProgramRow, VersionRow};
use kopilka_store::{MONTH_NEVER, Reader};
use std::collections::HashMap;
use std::sync::Arc;

/// The setting that counts changes of programs and keys, for other processes.
pub const REFERENCE_COUNT: &str = "reference_count";

/// One program as the service runs it.
#[derive(Debug, Clone)]
pub struct ProgramState {
    pub row: ProgramRow,
    pub versions: Arc<Versions>,
    /// The stored versions, ascending.
    pub published: Vec<PublishedVersion>,
    /// Where the clock stood before it was moved: what became due since happens at its own time. Unknown
    /// after a start, when what is due is late.
    pub moved_from: Option<Instant>,
}

/// What is kept of a stored version beside its compiled form.
#[derive(Debug, Clone)]
pub struct PublishedVersion {
    pub version: u32,
    pub effective_from: Instant,
    pub armed: bool,
    pub text: Arc<str>,
}

/// All of it, replaced as a whole.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub programs: HashMap<ProgramId, Arc<ProgramState>>,
    pub callers: HashMap<[u8; 32], Arc<Caller>>,
    pub keys: Vec<KeyInfo>,
    /// The value of [`REFERENCE_COUNT`] that this was read at.
    pub count: Option<String>,
}

impl Reference {
    /// Reads everything; versions that `before` has compiled are not compiled again.
    pub fn load(reader: &Reader, before: &Reference) -> Result<Reference, OpenError> {
        let mut reference = Reference { count: reader.setting(REFERENCE_COUNT)?, ..Reference::default() };
        for row in reader.programs()? {
            let stored = reader.versions(row.id)?;
            let known = before.programs.get(&row.id).filter(|p| p.published.len() == stored.len());
            let versions = match known {
                Some(state) => state.versions.clone(),
                None => Arc::new(compile_all(&row, &stored)?),
            };
            let published = stored.into_iter().map(PublishedVersion::from).collect();
            // Only who moves a clock knows where it stood; a clock that another has set is late at once.
            let moved_from = before.programs.get(&row.id).filter(|p| p.row.clock == row.clock);
            let moved_from = moved_from.and_then(|p| p.moved_from);
            let state = ProgramState { row, versions, published, moved_from };
            reference.programs.insert(state.row.id, Arc::new(state));
        }
        reference.take_keys(reader.api_keys()?);
        Ok(reference)
    }

    fn take_keys(&mut self, rows: Vec<KeyRow>) {
        for row in rows {
            if row.revoked_at.is_none() {
                self.callers.insert(row.secret_hash, Arc::new(caller(&row)));
            }
            self.keys.push(key_info(row));
        }
    }

    /// The month of a lot's last moment, as year × 100 + month, in the zone that the program began with: what
    /// is kept by month need not be counted anew when a version moves to another zone.
    pub fn month_of(&self, program: ProgramId, ends: Option<Instant>) -> i64 {
        let zone = self.programs.get(&program).and_then(|p| p.versions.all().next()).map(|p| &p.zone);
        let (Some(zone), Some(ends)) = (zone, ends) else { return MONTH_NEVER };
        let day = zone.day_of(Instant(ends.0.saturating_sub(1)));
        i64::from(day.year()) * 100 + i64::from(day.month())
    }

    /// The day of an instant, in the same zone.
    pub fn day_of(&self, program: ProgramId, at: Instant) -> Day {
        let zone = self.programs.get(&program).and_then(|p| p.versions.all().next()).map(|p| &p.zone);
        zone.map_or(Day::EPOCH, |zone| zone.day_of(at))
    }

    /// A copy in which one program is another.
    pub fn with_program(&self, state: ProgramState) -> Reference {
        let mut next = self.clone();
        next.programs.insert(state.row.id, Arc::new(state));
        next
    }
}

impl From<VersionRow> for PublishedVersion {
    fn from(row: VersionRow) -> PublishedVersion {
        PublishedVersion {
            version: row.version,
            effective_from: row.effective_from,
            armed: row.armed,
            text: row.text.into(),
        }
    }
}

fn compile_all(row: &ProgramRow, stored: &[VersionRow]) -> Result<Versions, OpenError> {
    let mut versions = Versions::default();
    for version in stored {
        let mut program = compile(&version.text).map_err(|diagnostics| OpenError::Program {
            slug: row.slug.clone(),
            version: version.version,
            cause: format!("{} errors; it was published by another release", diagnostics.len()),
        })?;
        program.version = version.version;
        versions.push(version.effective_from, program);
    }
    Ok(versions)
}

fn caller(row: &KeyRow) -> Caller {
    Caller {
        program: row.program,
        shop: row.shop.clone(),
        scopes: row.scopes.clone(),
        key_id: row.id.clone(),
        name: row.name.clone(),
        member: None,
        holder: None,
    }
}

pub fn key_info(row: KeyRow) -> KeyInfo {
    KeyInfo {
        id: row.id,
        program: row.program,
        shop: row.shop,
        name: row.name,
        scopes: row.scopes,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
    }
}
