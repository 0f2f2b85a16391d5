//! Histories that were uploaded, each kept for the one who sent it.
//!
//! Invariant: a history is told to nobody but whoever uploaded it, and its file is gone after [`KEPT`], with
//! the next upload, or when its owner removes it: it holds who bought what.

use super::columns::Chosen;
use crate::long_work::Key;
use crate::upload::Uploaded;
use kopilka_service::sheet::Sheet;
use kopilka_sim::Map;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Steady};

/// Long enough to choose columns and to compare some versions.
pub const KEPT: Duration = Duration::from_secs(30 * 60);
/// Histories of all people at once: each is a file of a hundred megabytes at most.
const HISTORIES_MAX: usize = 8;
/// Rows that show what is in which column.
const ROWS_SHOWN: usize = 5;
/// Texts of a cell beyond this are cut where they are shown.
const CELL_CHARS: usize = 40;
/// A table of a shop has some dozens of columns; more are no table.
pub const COLUMNS_MAX: usize = 200;

/// One history and what its first rows look like.
pub struct History {
    file: Uploaded,
    pub sheet: Sheet,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// A log that is known by its header.
    pub known: Option<Map>,
    /// What was chosen last, to be chosen again.
    chosen: Mutex<Option<Chosen>>,
    since: Steady,
}

impl History {
    pub fn name(&self) -> &str {
        &self.file.name
    }
    pub fn bytes(&self) -> u64 {
        self.file.bytes
    }
    pub fn chosen(&self) -> Option<Chosen> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub fn remember(&self, chosen: Chosen) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(chosen);
    }
    /// Minutes for which it is still kept.
    pub fn minutes_left(&self) -> u64 {
        KEPT.saturating_sub(self.since.elapsed()).as_secs().div_ceil(60)
    }

    /// Looks at the beginning of a file; `None` where it is no table with a heading.
    pub fn of(file: Uploaded) -> Option<History> {
        let sheet = Sheet::open(file.path()).ok()?;
        let header: Vec<String> = sheet.heading.iter().map(|name| name.trim().to_owned()).collect();
        // Any bytes are text in some coding; those of a picture are control characters in all.
        let is_text = header.iter().all(|name| !name.chars().any(char::is_control));
        if !is_text || !(2..=COLUMNS_MAX).contains(&header.len()) {
            return None;
        }
        let cut = |cell: &str| cell.chars().take(CELL_CHARS).collect::<String>();
        let rows = sheet.rows().ok()?.filter_map(Result::ok).take(ROWS_SHOWN);
        let rows = rows.map(|(_, row)| row.iter().map(cut).collect()).collect();
        let known = Map::for_header(&header).filter(|_| sheet.delimiter() == ',');
        let (chosen, since) = (Mutex::new(None), Steady::now());
        Some(History { file, sheet, header, rows, known, chosen, since })
    }
}

static HISTORIES: Mutex<BTreeMap<Key, Arc<History>>> = Mutex::new(BTreeMap::new());

fn histories() -> MutexGuard<'static, BTreeMap<Key, Arc<History>>> {
    let mut all = HISTORIES.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|_, history| history.since.elapsed() < KEPT);
    all
}

/// Keeps it instead of the one before; where there are too many, instead of the oldest.
pub fn keep(key: Key, history: History) {
    let mut all = histories();
    all.remove(&key);
    if all.len() >= HISTORIES_MAX {
        let oldest = all.iter().min_by_key(|(_, history)| history.since).map(|(key, _)| *key);
        oldest.and_then(|key| all.remove(&key));
    }
    all.insert(key, Arc::new(history));
    drop(all);
    // It is gone in time even if nobody comes again.
    tokio::spawn(async {
        tokio::time::sleep(KEPT + Duration::from_secs(1)).await;
        drop(histories());
    });
}

pub fn kept(key: Key) -> Option<Arc<History>> {
    histories().get(&key).cloned()
}

pub fn forget(key: Key) {
    histories().remove(&key);
}
