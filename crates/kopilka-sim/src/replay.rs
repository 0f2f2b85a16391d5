//! The whole replay: rows grouped by member, members shared out over threads, totals added up.

use crate::drive::{Driver, Scene};
use crate::error::SimError;
use crate::log::Log;
use crate::totals::{Calendar, Totals};
use flate2::read::MultiGzDecoder;
use kopilka_core::ShortText;
use kopilka_core::program::{Program, Versions};
use kopilka_core::time::{INSTANT_MIN, Instant, Zone};
use std::fs::File;
use std::io::{Chain, Cursor, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How the members of the log spend, which it does not tell: it knew no points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spend {
    Never,
    /// All that may be spent, at every order: the dearest case for the shop.
    #[default]
    Max,
    /// Half of what may be spent, at every order.
    Half,
}

/// How to replay.
#[derive(Debug, Clone)]
pub struct Options {
    pub program: Arc<Program>,
    pub spend: Spend,
    /// Rules of registration fire at a member's first order.
    pub welcome: bool,
    /// At least one.
    pub threads: usize,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of the file as it lies on the disk.
    Reading { done: u64, of: u64 },
    /// Rows of the members replayed.
    Replaying { done: u64, of: u64 },
}

/// A finished replay: the log, what was asked, and what it came to. See [`crate::Report`].
#[derive(Debug)]
pub struct Replay<'a> {
    pub(crate) log: &'a Log,
    pub(crate) options: &'a Options,
    pub(crate) calendar: Calendar,
    pub(crate) totals: Totals,
}

/// Opens an order history, unpacking it when it is gzip (told by its first bytes, not its name).
/// `progress` hears of the bytes read.
pub fn open<'a>(path: &Path, progress: &'a dyn Fn(Progress)) -> Result<Box<dyn Read + 'a>, SimError> {
    let mut file = File::open(path).map_err(SimError::Open)?;
    let of = file.metadata().map_err(SimError::Open)?.len();
    let mut magic = Vec::with_capacity(2);
    file.by_ref().take(2).read_to_end(&mut magic).map_err(SimError::Open)?;
    let is_gzip = magic == [0x1f, 0x8b];
    let counted = Counted { source: Cursor::new(magic).chain(file), done: 0, of, progress };
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(counted)) } else { Box::new(counted) })
}

struct Counted<'a> {
    source: Chain<Cursor<Vec<u8>>, File>,
    done: u64,
    of: u64,
    progress: &'a dyn Fn(Progress),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.done += count as u64;
        (self.progress)(Progress::Reading { done: self.done, of: self.of });
        Ok(count)
    }
}

/// Replays a log. The same log and options give the same result on any number of threads.
pub fn replay<'a>(log: &'a Log, options: &'a Options, progress: &(dyn Fn(Progress) + Sync)) -> Replay<'a> {
    let (calendar, totals) = run(log, options, None, progress);
    Replay { log, options, calendar, totals }
}

/// Replays a log; `habits`: also how members buy is gathered, by days of this zone.
pub(crate) fn run(
    log: &Log,
    options: &Options,
    habits: Option<&Zone>,
    progress: &(dyn Fn(Progress) + Sync),
) -> (Calendar, Totals) {
    let program = &options.program;
    let calendar = Calendar::new(&program.zone, log.first, log.last);
    let mut versions = Versions::default();
    versions.push(INSTANT_MIN, (**program).clone());
    let skus: Vec<ShortText> = (0..log.articles.len() as u32).map(|sku| log.skus.text(sku).into()).collect();
    let scene = Scene {
        log,
        skus: &skus,
        versions: &versions,
        calendar: &calendar,
        exponent: program.currency.exponent,
        spend: options.spend,
        welcome: options.welcome,
        habits,
    };
    let (starts, mut rows) = by_member(log);
    let shares = Mutex::new(shares(&starts, &mut rows));
    let done = AtomicU64::new(0);
    let of = log.rows.len() as u64;
    let work = || {
        let mut driver = Driver::new(scene);
        loop {
            let share = shares.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(Share { first, starts, mut rows }) = share else { return driver.totals };
            for (number, pair) in (first..).zip(starts.windows(2)) {
                let (own, rest) = rows.split_at_mut(pair[1] - pair[0]);
                driver.member(number, own);
                rows = rest;
            }
            let rows = (starts[starts.len() - 1] - starts[0]) as u64;
            progress(Progress::Replaying { done: done.fetch_add(rows, Ordering::Relaxed) + rows, of });
        }
    };
    let mut totals = Totals::new(calendar.names.len());
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..options.threads).map(|_| scope.spawn(work)).collect();
        totals.merge(work());
        for helper in helpers {
            match helper.join() {
                Ok(part) => totals.merge(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    totals.reasons.merge(&log.reasons);
    (calendar, totals)
}

/// Members that follow each other, and their rows.
struct Share<'a> {
    first: u32,
    /// Where each member's rows start, and where the last one's end.
    starts: &'a [usize],
    rows: &'a mut [u32],
}

/// Rows a share has at least: enough that fetching one costs nothing, few enough for a moving progress bar.
const SHARE_ROWS: usize = 4_096;

fn shares<'a>(starts: &'a [usize], mut rows: &'a mut [u32]) -> Vec<Share<'a>> {
    let mut shares = Vec::new();
    let mut first = 0;
    while first + 1 < starts.len() {
        let mut end = first + 1;
        while end + 1 < starts.len() && starts[end] - starts[first] < SHARE_ROWS {
            end += 1;
        }
        let (own, rest) = rows.split_at_mut(starts[end] - starts[first]);
        shares.push(Share { first: first as u32, starts: &starts[first..=end], rows: own });
        rows = rest;
        first = end;
    }
    shares
}

/// Positions of the rows, by member, in the order of the file.
pub(crate) fn by_member(log: &Log) -> (Vec<usize>, Vec<u32>) {
    let mut starts = vec![0_usize; log.members.len() + 1];
    for row in &log.rows {
        starts[row.member as usize + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut next = starts.clone();
    let mut rows = vec![0_u32; log.rows.len()];
    for (i, row) in log.rows.iter().enumerate() {
        let at = &mut next[row.member as usize];
        rows[*at] = i as u32;
        *at += 1;
    }
    (starts, rows)
}

impl Replay<'_> {
    /// The last instant of the log: the replay ends there and runs no further.
    pub fn ends_at(&self) -> Instant {
        self.log.last
    }
}
