//! The rows of a list, read and made ready on a thread of their own while those before them are written.
//!
//! Invariant: they come in the order of the file, each once; a reader that ends before the file does is an
//! error, never a shorter file.

use super::members::Row;
use super::{MemberRow, UnreadRow};
use crate::error::ServiceError;
use crate::prepare::Prepared;
use kopilka_core::refusal::Refusal;
use std::thread::{self, JoinHandle};
use tokio::sync::mpsc;

/// Pages that wait: whoever writes never waits for the next one, and no more of the file is held.
const PAGES_AHEAD: usize = 1;

/// Rows of a file that follow one another.
#[derive(Default)]
pub(super) struct Page {
    pub rows: Vec<Row>,
    /// A command for each of them.
    pub ready: Vec<Result<Prepared, Refusal>>,
    /// Those between them that cannot be read.
    pub unread: Vec<UnreadRow>,
}

/// The reader's end of the file.
pub(super) struct ReadAhead {
    pages: mpsc::Receiver<Page>,
    thread: Option<JoinHandle<()>>,
}

impl ReadAhead {
    /// `most` rows are a page.
    pub fn start(
        most: usize,
        rows: impl Iterator<Item = Result<MemberRow, UnreadRow>> + Send + 'static,
        make_ready: impl Fn(MemberRow) -> (Row, Result<Prepared, Refusal>) + Send + 'static,
    ) -> Result<ReadAhead, ServiceError> {
        let (to, pages) = mpsc::channel(PAGES_AHEAD);
        let read = move || {
            let mut page = Page::default();
            for row in rows {
                match row {
                    Ok(row) => {
                        let (row, ready) = make_ready(row);
                        page.rows.push(row);
                        page.ready.push(ready);
                    }
                    Err(unread) => page.unread.push(unread),
                }
                if page.rows.len() == most || page.unread.len() == most {
                    // Nobody listens any more: the import has stopped.
                    if to.blocking_send(std::mem::take(&mut page)).is_err() {
                        return;
                    }
                }
            }
            let _ = to.blocking_send(page);
        };
        let thread = thread::Builder::new().name("import-reader".to_owned()).spawn(read);
        let thread = thread.map_err(|error| ServiceError::Storage(format!("no thread to read: {error}")))?;
        Ok(ReadAhead { pages, thread: Some(thread) })
    }

    /// The next page; none at the end of the file.
    pub async fn next(&mut self) -> Result<Option<Page>, ServiceError> {
        if let Some(page) = self.pages.recv().await {
            return Ok(Some(page));
        }
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(ServiceError::Storage("the list was not read to its end".to_owned())),
            _ => Ok(None),
        }
    }
}
