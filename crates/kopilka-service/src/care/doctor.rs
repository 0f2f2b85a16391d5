//! What is wrong with a set-up, each with its remedy. Nothing is changed.

use crate::key_file;
use crate::reference::Reference;
use crate::secrets::{self, Secrets};
use crate::service::{DATABASE_FILE, lock, secrets_of, store_of};
use kopilka_core::time::Instant;
use kopilka_store::{Health, Reader, SCHEMA_VERSION, Store};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Below this the next busy day may not fit.
const SPACE_LOW: u64 = 1 << 30;
/// Below this the log alone may fill the disk.
const SPACE_OUT: u64 = 64 << 20;
/// Four checkpoints' worth: a log that long means that something holds it open.
const LOG_LONG: u64 = 512 << 20;
/// Projections are a second behind at most while a server runs.
const CLOCK_START: Instant = Instant(1_767_225_600_000_000);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Ok,
    Warn,
    Fail,
}

/// One line of the doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    pub what: String,
    /// Empty where all is well.
    pub remedy: String,
}

fn ok(what: impl Into<String>) -> Finding {
    Finding { level: Level::Ok, what: what.into(), remedy: String::new() }
}
fn warn(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { level: Level::Warn, what: what.into(), remedy: remedy.into() }
}
fn fail(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { level: Level::Fail, what: what.into(), remedy: remedy.into() }
}

/// Examines an installation, served or not.
pub fn doctor(dir: &Path, database: Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !dir.is_dir() {
        let remedy = "`kopilka serve --data DIR` or `kopilka demo --data DIR` makes it";
        findings.push(fail(format!("{} is no directory", dir.display()), remedy));
        return findings;
    }
    if database.is_none() {
        findings.push(directory(dir));
        findings.push(space(dir));
    }
    findings.push(system_clock());
    findings.push(key(dir));
    findings.push(secrets_file(dir));
    let file = dir.join(DATABASE_FILE);
    if database.is_none() && !file.exists() {
        let remedy = "start the server once, or restore a backup";
        findings.push(fail(format!("there is no {DATABASE_FILE}"), remedy));
        return findings;
    }
    let store = match store_of(dir, database) {
        Ok(store) => store,
        Err(error) => {
            findings.push(fail(error.to_string(), "name it as postgres://user@host:5432/name"));
            return findings;
        }
    };
    match store.reader() {
        Ok(reader) => examine(&store, &reader, dir, &mut findings),
        Err(error) if database.is_some() => {
            let remedy = "is the server up, and may this user connect? pg_isready tells";
            findings.push(fail(format!("{}: {error}", store.told()), remedy));
        }
        Err(error) => findings.push(fail(format!("the database: {error}"), "restore the newest backup")),
    }
    findings
}

fn directory(dir: &Path) -> Finding {
    match lock(dir) {
        Ok(_) => ok(format!("{} can be written; no server is running", dir.display())),
        Err(crate::error::OpenError::Running { .. }) => ok(format!("{} is being served", dir.display())),
        Err(error) => {
            let remedy = "let the user that runs the server own the directory";
            fail(format!("the directory cannot be written: {error}"), remedy)
        }
    }
}

fn space(dir: &Path) -> Finding {
    let Ok(stat) = rustix::fs::statvfs(dir) else {
        return warn("the free space is not known", "look with `df`");
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{} MiB are free", free >> 20);
    match free {
        0..SPACE_OUT => fail(text, "free space now: writes will soon be refused"),
        SPACE_OUT..SPACE_LOW => warn(text, "free some space, or move the directory to a larger disk"),
        _ => ok(text),
    }
}

fn system_time() -> Instant {
    Instant(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64))
}

fn system_clock() -> Finding {
    let now = system_time();
    let text = format!("the system's clock says {now}");
    if now < CLOCK_START {
        return fail(text, "set the clock: points get their dates from it");
    }
    ok(text)
}

fn key(dir: &Path) -> Finding {
    let path = key_file::path_in(dir);
    let name = key_file::KEY_FILE;
    match key_file::read(&path) {
        Ok(Some(_)) if is_private(&path) => ok(format!("{name} is its owner's alone")),
        Ok(Some(_)) => warn(format!("{name} can be read by others"), format!("chmod 600 {}", path.display())),
        Ok(None) => {
            let remedy = "put back the key that was made with this database";
            fail(format!("there is no {name}"), remedy)
        }
        Err(error) => fail(error.to_string(), "put back the key that was made with this database"),
    }
}

/// The file that opens stored secrets; a database without any needs none.
fn secrets_file(dir: &Path) -> Finding {
    let path = secrets::path_in(dir);
    let name = secrets::SECRETS_FILE;
    match Secrets::existing(dir) {
        Ok(Some(_)) if is_private(&path) => ok(format!("{name} is its owner's alone")),
        Ok(Some(_)) => warn(format!("{name} can be read by others"), format!("chmod 600 {}", path.display())),
        Ok(None) => {
            warn(format!("there is no {name}"), "put it back; a new database gets one when it is served")
        }
        Err(error) => fail(format!("{name}: {error}"), "put back the file that the server made"),
    }
}

/// Whether what is stored can be opened.
fn secrets_open(reader: &Reader, dir: &Path, now: Instant) -> Option<Finding> {
    let (Ok(rows), Ok(Some(keys))) = (reader.webhooks_of_all(), Secrets::existing(dir)) else { return None };
    let closed = rows.iter().filter(|row| secrets_of(&keys, row, now).is_err()).count();
    match (rows.len(), closed) {
        (0, _) => None,
        (all, 0) => Some(ok(format!("the secrets of {all} webhook endpoints can be read"))),
        (all, closed) => {
            let what = format!("the secrets of {closed} of {all} webhook endpoints cannot be read");
            let remedy =
                format!("put back the {} that they were sealed with, or rotate them", secrets::SECRETS_FILE);
            Some(fail(what, remedy))
        }
    }
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 == 0)
}
#[cfg(not(unix))]
fn is_private(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

fn examine(store: &Store, reader: &Reader, dir: &Path, findings: &mut Vec<Finding>) {
    match store.health(reader) {
        Ok(health) => figures(&health, findings),
        Err(error) => findings.push(fail(format!("the database: {error}"), "restore the newest backup")),
    }
    let check = reader.setting(key_file::KEY_CHECK).ok().flatten();
    let own = key_file::read(&key_file::path_in(dir)).ok().flatten();
    if let (Some(check), Some(own)) = (check, own) {
        findings.push(if check == key_file::check_value(&own) {
            ok("the key belongs to the database")
        } else {
            fail("the key is of another database", "put back the key that was made with this database")
        });
    }
    findings.extend(secrets_open(reader, dir, system_time()));
    match Reference::load(reader, &Reference::default()) {
        Ok(reference) => programs(&reference, findings),
        Err(error) => findings.push(fail(error.to_string(), "run the release that published it")),
    }
}

fn figures(health: &Health, findings: &mut Vec<Finding>) {
    let engine = &health.engine;
    findings.push(match (&engine.damage, &engine.server) {
        (Some(damage), _) => fail(format!("the database is damaged: {damage}"), "restore the newest backup"),
        (None, Some(version)) => {
            ok(format!("PostgreSQL {version} holds the database ({} MiB)", engine.bytes >> 20))
        }
        (None, None) => ok(format!("the database is whole ({} MiB)", engine.bytes >> 20)),
    });
    for what in &engine.careless {
        let remedy = "set it on: an answered write may be lost with the machine otherwise";
        findings.push(fail(format!("the database server's {what}"), remedy));
    }
    findings.push(if engine.schema_version == SCHEMA_VERSION {
        ok(format!("its schema is version {SCHEMA_VERSION}"))
    } else {
        let what =
            format!("its schema is version {}, this program's {SCHEMA_VERSION}", engine.schema_version);
        warn(what, "it is brought up to date at the next start; make a backup before")
    });
    if engine.server.is_none() {
        findings.push(if engine.log_bytes < LOG_LONG {
            ok(format!("the write-ahead log has {} MiB", engine.log_bytes >> 20))
        } else {
            let what = format!("the write-ahead log has {} MiB", engine.log_bytes >> 20);
            warn(what, "a reader holds it open: end long-running reads, or restart the server")
        });
    }
    findings.push(if health.projected >= health.newest_entry {
        ok("lists and look-ups are up to date")
    } else {
        warn("lists and look-ups are behind the journal", "a running server catches up by itself")
    });
}

fn programs(reference: &Reference, findings: &mut Vec<Finding>) {
    if reference.programs.is_empty() {
        findings.push(warn("no program is published", "kopilka program publish FILE"));
    }
    for state in reference.programs.values() {
        let slug = &state.row.slug;
        let newest = state.published.last().map_or(0, |v| v.version);
        findings.push(match state.row.clock {
            Some(clock) => {
                ok(format!("sandbox program {slug}, version {newest}; its clock stands at {clock}"))
            }
            None => ok(format!("program {slug}, version {newest}")),
        });
        let usable = reference.keys.iter().any(|k| k.program == state.row.id && k.revoked_at.is_none());
        if !usable {
            let remedy = format!("kopilka keys create --program {slug}");
            findings.push(warn(format!("program {slug} has no key, so nobody can call it"), remedy));
        }
    }
}
