//! Copies a file's write-ahead log back into it, so that the writer need not, and empties it after an
//! erasure.

use super::{Job, OwnReader};
use crate::error::ServiceError;
use crate::service::Service;
use kopilka_store::Reader;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// 64 MiB of log: half of where the writer would stop to copy it by itself.
const LOG_PAGES_MAX: i64 = 16_384;
/// What the writer may copy itself: a few milliseconds.
const LOG_PAGES_LAST: i64 = 1_024;
/// Each round finds what was written during the one before, always less.
const ROUNDS: usize = 5;

pub(crate) struct Checkpointer {
    service: Service,
    reader: OwnReader,
}

impl Checkpointer {
    pub fn new(service: Service) -> Checkpointer {
        Checkpointer { service, reader: OwnReader::default() }
    }
}

impl Checkpointer {
    /// Pages of the log are written over only when it begins anew, so what was erased is cut off with it. A
    /// reader that still needs the log keeps it: then it is tried again.
    fn empty_erased(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        if !shared.log_holds_erased.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let emptied = self.reader.read(&self.service, Reader::empty_log);
        if !matches!(emptied, Ok(true)) {
            shared.log_holds_erased.store(true, Ordering::Release);
        }
        emptied.map(|_| ())
    }
}

impl Job for Checkpointer {
    const NAME: &'static str = "checkpointer";
    const EVERY: Duration = Duration::from_millis(200);
    const FAILED: &'static str = "the log grows on";

    /// The writer goes on meanwhile; the last pages, and so the log's new beginning, are the writer's.
    fn once(&mut self) -> Result<(), ServiceError> {
        self.empty_erased()?;
        let left = self.reader.read(&self.service, |reader| {
            let mut left = reader.log_pages()?;
            if left < LOG_PAGES_MAX {
                return Ok(None);
            }
            for _ in 0..ROUNDS {
                left = reader.checkpoint_some()?;
                if left < LOG_PAGES_LAST {
                    break;
                }
            }
            Ok(Some(left))
        })?;
        if left.is_some_and(|left| left < LOG_PAGES_MAX) {
            self.service.alone_blocking(|engine| engine.writer.reads().checkpoint_some())??;
        }
        Ok(())
    }
}
