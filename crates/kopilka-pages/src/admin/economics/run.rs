//! One history under one program, or under two.
//!
//! Invariant: it is the replay of the command line, and of all that were asked for one runs at a time: a log
//! stands in memory while it does.

use super::history::History;
use crate::long_work::Way;
use kopilka_core::program::Program;
use kopilka_service::sheet::SheetError;
use kopilka_sim::{Drawn, Lang, Map, Options, Progress, Replay, Report, SimError, Spend, read, replay};
use std::cell::Cell;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// Rows of a history that a server takes beside its requests: some hundred megabytes of memory. Larger ones
/// are for the command line.
pub const ROWS_MAX: u64 = 2_000_000;
/// Of the steps of a page's bar, reading is the first half; each replay is one more.
const READING: u64 = 1_000;
const LANGUAGES: [Lang; 2] = [Lang::En, Lang::Ru];

static ONE: Semaphore = Semaphore::const_new(1);

/// A version under a name that says which.
pub struct Named {
    pub value: String,
    pub program: Arc<Program>,
}

pub struct Asked {
    pub history: Arc<History>,
    pub map: Map,
    pub spend: Spend,
    pub welcome: bool,
    /// One or two.
    pub programs: Vec<Named>,
}

/// One program's report in both languages.
pub struct Reported {
    /// `now`, `draft` or the number of a version.
    pub value: String,
    pub program: Arc<Program>,
    reports: [Report; 2],
}

impl Reported {
    pub fn report(&self, lang: Lang) -> &Report {
        &self.reports[usize::from(lang != Lang::En)]
    }
}

pub struct Economics {
    pub name: String,
    pub reported: Vec<Reported>,
}

impl Economics {
    pub fn drawn(&self, names: &[String], lang: Lang) -> Vec<Drawn> {
        match (&self.reported[..], names) {
            ([one, other], [a, b]) => one.report(lang).drawn_beside(other.report(lang), [a, b], lang),
            (all, _) => all.iter().flat_map(|one| one.report(lang).drawn(lang)).collect(),
        }
    }
}

/// What was wrong with the history.
pub enum Wrong {
    TooManyRows,
    /// The file is gone, or cannot be unpacked.
    Lost(SheetError),
    /// What the reader said of it.
    Unreadable(SimError),
}

/// Reads no more rows than are taken.
struct Bounded<'a, R> {
    source: R,
    left: u64,
    is_over: &'a AtomicBool,
    read: &'a dyn Fn(u64),
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        (self.read)(count as u64);
        let rows = buffer[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
        match self.left.checked_sub(rows) {
            Some(left) => self.left = left,
            None => {
                self.is_over.store(true, Ordering::Relaxed);
                return Err(io::Error::other("too many rows"));
            }
        }
        Ok(count)
    }
}

pub async fn run(asked: Asked, way: Arc<Way>) -> Option<Result<Economics, Wrong>> {
    let turn = ONE.acquire().await.ok()?;
    let done = tokio::task::spawn_blocking(move || economics(&asked, &way)).await;
    drop(turn);
    if let Err(error) = &done {
        tracing::error!(%error, "a replay of an uploaded history died");
    }
    done.ok()
}

fn economics(asked: &Asked, way: &Way) -> Result<Economics, Wrong> {
    let of = READING * (1 + asked.programs.len() as u64);
    let step = |steps: u64, done: u64, all: u64| way.is(steps * READING + done * READING / all.max(1), of);
    let is_over = AtomicBool::new(false);
    let source = asked.history.sheet.text().map_err(Wrong::Lost)?;
    let (bytes, all) = (Cell::new(0), asked.history.bytes());
    // Of a packed file nobody knows how much is left.
    let reading = |more| {
        bytes.set(bytes.get() + more);
        step(0, bytes.get().min(all), all);
    };
    // The heading, and the end of the last row, are lines too.
    let source = Bounded { source, left: ROWS_MAX + 2, is_over: &is_over, read: &reading };
    let log =
        read(source, Some(asked.map.clone())).map_err(|error| match is_over.load(Ordering::Relaxed) {
            true => Wrong::TooManyRows,
            false => Wrong::Unreadable(error),
        })?;
    // The other half is for those who shop meanwhile.
    let threads = std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1));
    let mut reported = Vec::new();
    for (number, Named { value, program }) in (1..).zip(&asked.programs) {
        let Asked { spend, welcome, .. } = *asked;
        let options = Options { program: program.clone(), spend, welcome, threads };
        let replayed: Replay<'_> = replay(&log, &options, &|progress| {
            if let Progress::Replaying { done, of } = progress {
                step(number, done, of);
            }
        });
        let reports = LANGUAGES.map(|lang| replayed.report(lang));
        reported.push(Reported { value: value.clone(), program: program.clone(), reports });
    }
    Ok(Economics { name: asked.history.name().to_owned(), reported })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_of_too_many_rows_is_not_read_to_its_end() {
        let is_over = AtomicBool::new(false);
        let rows = "a\n".repeat(10);
        let mut bounded = Bounded { source: rows.as_bytes(), left: 10, is_over: &is_over, read: &|_| () };
        assert_eq!(bounded.read_to_end(&mut Vec::new()).unwrap(), 20);
        let mut bounded = Bounded { source: rows.as_bytes(), left: 9, is_over: &is_over, read: &|_| () };
        assert!(bounded.read_to_end(&mut Vec::new()).is_err() && is_over.load(Ordering::Relaxed));
    }
}
