//! A shop moves here from another system: its members with their points, and what they bought.
//!
//! Invariant: a row is one command under a key of its own, made of the import's name and of what the row says
//! whom it is about. So an import that was interrupted is run again from the beginning, and nothing of it is
//! there twice.

mod columns;
mod member_list;
mod members;
mod orders;
mod recipients;

pub use columns::ListKind;
pub use member_list::{MemberList, MemberListOptions, MemberRow, MemberRows, NO_DATE};
pub use members::{MONTH_OF_PROGRAM, MemberImport, MemberTally, Sum};
pub use orders::{Bought, OrderImport, OrderMonth, OrderRow, OrderStep, OrderTally, RefusedStep};
pub use recipients::RecipientList;

use crate::courtesy::Courtesy;
use crate::error::ServiceError;
use crate::prepare::prepare;
use crate::service::Service;
use crate::write::{Write, WriteResult};
use kopilka_core::program::{Program, Text};
use kopilka_core::refusal::Refusal;
use kopilka_core::words;
use std::time::Duration;
use tokio::sync::oneshot;

/// Rows that are handed over at once. Where nobody else writes they are one transaction: names lie anywhere
/// in the directory, and what many of them share is written once.
pub const IMPORT_PAGE: usize = 2_048;
/// How long to wait where the queue is full of what others ask.
pub(crate) const BUSY_WAIT: Duration = Duration::from_millis(5);

/// Whose import it is. The same name again is the same import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportAsked {
    pub name: String,
    pub operator: String,
}

/// Why a row is not taken: a stable code and words.
pub(crate) type Why = (&'static str, Text);

pub(crate) fn why(program: &Program, refusal: &Refusal) -> Why {
    (refusal.code(), words::refusal(program, refusal))
}

/// The answer to a row's command; what is no answer to this row alone stops the import.
pub(crate) fn judged<T>(
    program: &Program,
    result: Result<T, ServiceError>,
) -> Result<Result<T, Why>, ServiceError> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(ServiceError::Refused(refusal)) => Ok(Err(why(program, &refusal))),
        Err(ServiceError::IdempotencyConflict) => {
            let text = crate::sheet::both(
                "this row was imported before with other content",
                "эта строка уже загружена с другим содержанием",
            );
            Ok(Err(("idempotency_conflict", text)))
        }
        Err(error) => Err(error),
    }
}

impl Service {
    /// Hands all over and waits for each; answers come in the order of the writes.
    pub(crate) async fn write_all(&self, writes: Vec<Write>) -> Result<Vec<WriteResult>, ServiceError> {
        match self.shared.store.is_shared() {
            true => self.write_each(writes).await,
            false => self.write_pages(writes).await,
        }
    }

    /// A file has one writer: it takes as many at once as nobody has to wait for.
    async fn write_pages(&self, writes: Vec<Write>) -> Result<Vec<WriteResult>, ServiceError> {
        let mut courtesy = Courtesy::new(&self.shared);
        let mut answers = Vec::with_capacity(writes.len());
        let mut writes = writes.into_iter().peekable();
        while let Some(first) = writes.peek() {
            self.shared.program(first.program)?;
            let most = if courtesy.is_alone() { IMPORT_PAGE } else { courtesy.page() };
            let (mut commands, mut refused) = (Vec::with_capacity(most), Vec::new());
            for (at, write) in writes.by_ref().take(most).enumerate() {
                match prepare(&self.shared.secret, write) {
                    Ok(command) => commands.push(command),
                    Err(refusal) => refused.push((at, Err(ServiceError::Refused(refusal)))),
                }
            }
            let mut page = self.alone_patiently(|engine| engine.run_page(commands)).await?;
            refused.into_iter().for_each(|(at, refusal)| page.insert(at, refusal));
            answers.extend(page);
            let rest = courtesy.rest(&self.shared);
            if !rest.is_zero() {
                tokio::time::sleep(rest).await;
            }
        }
        Ok(answers)
    }

    /// A server's database has several writers, among whom the queue divides them.
    async fn write_each(&self, writes: Vec<Write>) -> Result<Vec<WriteResult>, ServiceError> {
        let mut waiting: Vec<Result<oneshot::Receiver<WriteResult>, ServiceError>> =
            Vec::with_capacity(writes.len());
        for write in writes {
            loop {
                match self.submit(write.clone()) {
                    Err(ServiceError::Busy) => tokio::time::sleep(BUSY_WAIT).await,
                    Err(error @ (ServiceError::Stopping | ServiceError::ProgramUnknown)) => {
                        return Err(error);
                    }
                    handed => break waiting.push(handed),
                }
            }
        }
        let mut answers = Vec::with_capacity(waiting.len());
        for handed in waiting {
            answers.push(match handed {
                Ok(answer) => answer.await.unwrap_or(Err(ServiceError::Stopping)),
                Err(error) => Err(error),
            });
        }
        Ok(answers)
    }
}
