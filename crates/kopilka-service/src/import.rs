//! A shop moves here from another system: its members with their points, and what they bought.
//!
//! Invariant: a row is one command under a key of its own, made of the import's name and of what the row says
//! whom it is about. So an import that was interrupted is run again from the beginning, and nothing of it is
//! there twice.

mod ahead;
mod columns;
mod member_list;
mod members;
mod orders;
mod recipients;

pub use columns::ListKind;
pub use member_list::{MemberList, MemberListOptions, MemberRow, MemberRows, NO_DATE, UnreadRow};
pub use members::{MONTH_OF_PROGRAM, MemberImport, MemberTally, Sum};
pub use orders::{Bought, OrderImport, OrderMonth, OrderRow, OrderStep, OrderTally, RefusedStep};
pub use recipients::RecipientList;

use crate::courtesy::{Courtesy, PAGE};
use crate::error::ServiceError;
use crate::prepare::Prepared;
use crate::service::Service;
use crate::write::WriteResult;
use kopilka_core::program::{Program, Text};
use kopilka_core::refusal::Refusal;
use kopilka_core::words;
use std::time::Duration;
use tokio::sync::oneshot;

/// Rows that are handed over at once where several writers share them: all have work until the next come.
const PAGE_OF_MANY: usize = 2_048;
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

/// Rows of an import on their way to whoever writes.
pub(crate) struct Hands {
    service: Service,
    courtesy: Courtesy,
}

/// Rows that were handed over, and where their answers will be.
pub(crate) enum Handed {
    Answered(Vec<WriteResult>),
    /// One page of the writer's, and the places in it of rows that were refused before.
    Waiting(oneshot::Receiver<Vec<WriteResult>>, Vec<(usize, Refusal)>),
}

impl Hands {
    pub fn new(service: &Service) -> Hands {
        Hands { service: service.clone(), courtesy: Courtesy::new(&service.shared) }
    }

    /// Rows that are handed over at once. On a file they are one transaction; were they more, what is decided
    /// of them would leave the processor's cache before it is written, which costs more than their commits.
    pub fn page(&self) -> usize {
        if self.service.shared.store.is_shared() { PAGE_OF_MANY } else { PAGE }
    }

    /// Whether the next rows may be handed over before those before them are answered: a file has one writer,
    /// who takes them in their order, and nobody else waits for it.
    pub fn may_go_ahead(&self) -> bool {
        !self.service.shared.store.is_shared() && self.courtesy.is_alone()
    }

    /// Hands a page of rows over in their order. Of a server's database the writers are
    /// many: there a row waits for all rows of a lower wave.
    pub async fn hand_over(
        &mut self,
        rows: Vec<Result<Prepared, Refusal>>,
        waves: impl FnOnce(&[Result<Prepared, Refusal>]) -> Vec<usize>,
    ) -> Result<Handed, ServiceError> {
        if self.service.shared.store.is_shared() {
            let waves = waves(&rows);
            return self.write_each(rows, &waves).await.map(Handed::Answered);
        }
        self.one_page(rows).await
    }

    /// One transaction of the writer's.
    async fn one_page(&self, rows: Vec<Result<Prepared, Refusal>>) -> Result<Handed, ServiceError> {
        let (mut commands, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
        for (at, row) in rows.into_iter().enumerate() {
            match row {
                Ok(command) => commands.push(command),
                Err(refusal) => refused.push((at, refusal)),
            }
        }
        let answer = self.service.alone_patiently(|engine| engine.run_page(commands)).await?;
        Ok(Handed::Waiting(answer, refused))
    }

    /// Waits for the answers, in the order of the rows, and then for others who write.
    pub async fn answers(&mut self, handed: Handed) -> Result<Vec<WriteResult>, ServiceError> {
        let (answer, refused) = match handed {
            Handed::Answered(answers) => return Ok(answers),
            Handed::Waiting(answer, refused) => (answer, refused),
        };
        let mut answers = answer.await.map_err(|_| ServiceError::Stopping)?;
        for (at, refusal) in refused {
            answers.insert(at, Err(ServiceError::Refused(refusal)));
        }
        let rest = self.courtesy.rest(&self.service.shared);
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
        Ok(answers)
    }

    /// The queue divides them among the writers, a wave after another.
    async fn write_each(
        &self,
        rows: Vec<Result<Prepared, Refusal>>,
        waves: &[usize],
    ) -> Result<Vec<WriteResult>, ServiceError> {
        let mut answers: Vec<WriteResult> = rows.iter().map(|_| Err(ServiceError::Stopping)).collect();
        let last = waves.iter().copied().max().unwrap_or_default();
        let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
        for wave in 0..=last {
            let mut waiting = Vec::new();
            for at in (0..rows.len()).filter(|at| waves[*at] == wave) {
                match rows[at].take() {
                    Some(Ok(command)) => waiting.push((at, self.service.submit_patiently(command).await?)),
                    Some(Err(refusal)) => answers[at] = Err(ServiceError::Refused(refusal)),
                    None => {}
                }
            }
            for (at, answer) in waiting {
                answers[at] = answer.await.unwrap_or(Err(ServiceError::Stopping));
            }
        }
        Ok(answers)
    }
}
