//! The proof of a data directory's books, beside whoever serves it.

use crate::error::OpenError;
use crate::identifiers::IdentifierKey;
use crate::key_file;
use crate::reference::Reference;
use crate::service::store_of;
use kopilka_core::decide;
use kopilka_core::ids::ProgramId;
use kopilka_core::member::{Member, PersonFacts};
use kopilka_core::time::Instant;
use kopilka_store::Reader;
use kopilka_store::verify::{Expectations, Verified, verify};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Proves the books of an installation as of one moment; `progress` is told how many members have been seen.
pub fn verify_place(
    dir: &Path,
    database: Option<&str>,
    progress: &dyn Fn(u64),
) -> Result<Verified, OpenError> {
    let key_path = key_file::path_in(dir);
    let missing = || OpenError::KeyMissing { path: key_path.display().to_string() };
    let key = key_file::read(&key_path)?.ok_or_else(missing)?;
    let reader = store_of(dir, database)?.reader()?;
    if reader.setting(key_file::KEY_CHECK)? != Some(key_file::check_value(&key)) {
        return Err(OpenError::KeyWrong { path: key_path.display().to_string() });
    }
    verify_reader(&reader, &key, progress)
}

/// The proof over an open connection.
pub(crate) fn verify_reader(
    reader: &Reader,
    key: &IdentifierKey,
    progress: &dyn Fn(u64),
) -> Result<Verified, OpenError> {
    // Programs are compiled inside the snapshot: a version published meanwhile is not in it.
    let mut reference = Ok(Reference::default());
    let verified = reader.snapshot(|reader: &Reader| {
        reference = Reference::load(reader, &Reference::default());
        let Ok(reference) = &reference else { return Ok(Verified::default()) };
        let expectations = Expectations {
            names: &|person| key.names(person),
            next_due: &|program, member, facts| next_due(reference, program, member, facts),
            month_of: &|program, ends| reference.month_of(program, ends),
            progress,
        };
        verify(reader, &expectations)
    })?;
    reference.map(|_| verified)
}

/// `None` while a version in force has not been armed: its members' due times are on their way.
fn next_due(
    reference: &Reference,
    program: ProgramId,
    member: &Member,
    facts: &PersonFacts,
) -> Option<Option<Instant>> {
    let state = reference.programs.get(&program)?;
    let now = state.row.clock.unwrap_or_else(system_now);
    if state.published.iter().any(|v| !v.armed && v.effective_from <= now) {
        return None;
    }
    Some(decide::next_due(state.versions.at(now)?, member, facts))
}

fn system_now() -> Instant {
    Instant(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64))
}
