//! The shell around the rules: one way for every write, reads beside it, and what is due.

mod accruals;
mod audit;
mod chats;
mod codes;
mod coupons;
mod gift_cards;
mod guests;
mod keys;
mod measures;
mod merges;
mod messages;
mod messaging;
mod open;
mod programs;
mod quote;
mod reads;
mod reports;
mod segments;
mod sessions;
mod sites;
mod standings;
mod team;
mod tokens;
mod totp;
mod webhooks;

pub use accruals::{
    ACCRUALS_MAX, AccrualAsked, AccrualProblem, AccrualStep, Acting, LIST_OF_FILE_MAX, LISTED_MAX, Recipients,
};
pub use chats::{CHATS_PATH, ConnectedBot, HeardFrom, Linked};
pub(crate) use codes::{
    AddressCode, KEPT_SECONDS, address_hash, confirmed_address, confirmed_points, has_address,
};
pub use codes::{AddressMark, CodeChannel, CodeConfirmed, CodeFor, CodeMade, CodeProblem, masked};
pub use coupons::{CODES_MAX, CampaignUses, CodeState, NewCodes};
pub use gift_cards::{GiftCardState, GiftCardsLeft};
pub use guests::GuestOrder;
pub(crate) use guests::{addresses_of, guest_addresses};
pub(crate) use measures::CUSTOMERS;
pub use measures::{CustomersReport, DaysReport, LiabilityReport};
pub use merges::MergePreview;
pub(crate) use merges::{given_to, heard_of_each_other};
pub(crate) use messages::opened;
pub use messages::{Sender, TestMessage};
pub use messaging::Words;
pub(crate) use messaging::settings_of;
pub use open::{DATABASE_FILE, LOCK_FILE, lock};
pub(crate) use open::{create_dir, store_of};
pub use programs::DRAFTS_MAX;
pub use quote::{NO_ORDER, Supposed};
pub use reports::{
    AsOf, ExpiringReport, FraudAsked, FraudReport, WITHIN_DAYS, WITHIN_DAYS_MAX, is_day_of_reports,
};
pub(crate) use segments::page_of as members_in;
pub use segments::{Belongs, SegmentPage};
pub(crate) use standings::STANDINGS;
pub use standings::StandingsReport;

pub(crate) use keys::secret_letters;
pub(crate) use reads::find;
pub use sites::{SITE_FILE, SITE_META, SITE_RECORD, SiteProblem};
pub use tokens::{TOKEN_LIVES_MAX_SECONDS, TOKEN_LIVES_MIN_SECONDS, TOKEN_LIVES_SECONDS, TOKEN_PREFIX};
pub(crate) use webhooks::{AGENT, secrets_of, signed};
pub use webhooks::{NewWebhook, ReplayFrom, StreamPage, TestSent, WEBHOOKS_MAX, WebhookChange};

use crate::background::Background;
use crate::crew::Crew;
use crate::engine::{Engine, Job};
use crate::error::ServiceError;
use crate::import::BUSY_WAIT;
use crate::prepare::{Prepared, prepare};
use crate::relay::relayed;
use crate::shared::Shared;
use crate::write::{Done, Write, WriteResult};
use kopilka_core::ids::ProgramId;
use kopilka_store::{StoreError, Writer};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The running engine; cloning shares it.
#[derive(Clone)]
pub struct Service {
    pub(crate) shared: Arc<Shared>,
    pub(crate) queue: Arc<Queue>,
}

/// The way to the writer's thread.
pub(crate) struct Queue {
    pub sender: SyncSender<Job>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    /// Held while this process serves the directory.
    _lock: Option<File>,
}

impl Service {
    /// Starts the scheduler and the projector.
    pub fn start_background(&self) -> Background {
        Background::start(self.clone())
    }

    /// The data directory, which is its owner's alone.
    pub fn data_dir(&self) -> &Path {
        &self.shared.dir
    }

    /// Refuses new writes, answers those that wait, and writes the log back into the database.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        // A full queue drains; an ended thread has nothing to be told.
        let _ = self.queue.sender.send(Job::Stop);
        let writers = std::mem::take(&mut *self.queue.writers.lock().unwrap_or_else(PoisonError::into_inner));
        for writer in writers {
            if writer.join().is_err() {
                tracing::error!("a writer ended with a panic");
            }
        }
        if let Crew::Joined(membership) = &self.shared.crew
            && !self.shared.died.load(Ordering::Acquire)
        {
            membership.leave();
        }
    }

    /// The other servers of the database took this one for dead: it must be started again.
    pub fn is_fenced(&self) -> bool {
        self.shared.crew.is_fenced()
    }

    /// The one way for every write: answered when it is on disk.
    pub async fn write(&self, write: Write) -> Result<Done, ServiceError> {
        if self.shared.beside {
            return Err(ServiceError::Stopping);
        }
        self.submit(write)?.await.unwrap_or(Err(ServiceError::Stopping))
    }

    /// Does at once what the relay would do in a moment of a merge or a claim, so that nobody meets accounts
    /// or orders on their way. Where it does not get through, the relay will.
    pub async fn carry(&self, program: ProgramId, merged: &Done) {
        let mut next = merged.entry;
        while let Some(id) = next.take() {
            let Ok(Some(row)) = self.read(move |r| r.entry(program, id)).await else { return };
            let Some(answer) = relayed(&row).and_then(|write| self.submit(write).ok()) else { return };
            next = match answer.await {
                Ok(Ok(done)) => done.entry,
                _ => None,
            };
        }
    }

    /// Hands a write over; its answer comes when it is on disk.
    pub(crate) fn submit(&self, write: Write) -> Result<oneshot::Receiver<WriteResult>, ServiceError> {
        // What depends on nothing stored is refused before it waits.
        self.shared.program(write.program)?;
        let prepared = Box::new(prepare(&self.shared.secret, write)?);
        let (reply, answer) = oneshot::channel();
        self.send(Job::Write(prepared, reply))?;
        Ok(answer)
    }

    /// Hands over what was made ready before, and waits for a place in the queue.
    pub(crate) async fn submit_patiently(
        &self,
        command: Prepared,
    ) -> Result<oneshot::Receiver<WriteResult>, ServiceError> {
        let (reply, answer) = oneshot::channel();
        self.send_patiently(Job::Write(Box::new(command), reply)).await?;
        Ok(answer)
    }

    fn send(&self, job: Job) -> Result<(), ServiceError> {
        if self.shared.stopping.load(Ordering::Acquire) {
            return Err(ServiceError::Stopping);
        }
        self.queue.sender.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => ServiceError::Busy,
            TrySendError::Disconnected(_) => ServiceError::Stopping,
        })
    }

    /// Runs work on the writer's thread, between two groups.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Alone(Box::new(move |engine| {
            let _ = reply.send(work(engine));
        })))?;
        answer.await.map_err(|_| ServiceError::Stopping)
    }

    /// Like `alone`, where the queue is full too: whoever does much at once waits for a place in it. The
    /// answer may be awaited later.
    pub(crate) async fn alone_patiently<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, ServiceError> {
        let (reply, answer) = oneshot::channel();
        self.send_patiently(Job::Alone(Box::new(move |engine| {
            let _ = reply.send(work(engine));
        })))
        .await?;
        Ok(answer)
    }

    /// Waits for a place in the queue.
    pub(crate) async fn send_patiently(&self, mut job: Job) -> Result<(), ServiceError> {
        loop {
            if self.shared.stopping.load(Ordering::Acquire) {
                return Err(ServiceError::Stopping);
            }
            job = match self.queue.sender.try_send(job) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(job)) => job,
                Err(TrySendError::Disconnected(_)) => return Err(ServiceError::Stopping),
            };
            tokio::time::sleep(BUSY_WAIT).await;
        }
    }

    /// Writes as part of the next group's transaction, after its commands; for threads that may wait.
    pub(crate) fn along_blocking(
        &self,
        work: impl FnOnce(&Writer) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), ServiceError> {
        let (reply, answer) = std::sync::mpsc::channel();
        self.send(Job::Along(Box::new(work), reply))?;
        answer.recv().map_err(|_| ServiceError::Stopping)?.map_err(ServiceError::from)
    }

    /// Like `alone`, for threads that may wait.
    pub(crate) fn alone_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let answer = self.alone_meanwhile(work)?;
        answer.recv().map_err(|_| ServiceError::Stopping)
    }

    /// Like `alone_blocking`, where there is something to do until the answer comes.
    pub(crate) fn alone_meanwhile<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<std::sync::mpsc::Receiver<T>, ServiceError> {
        let (reply, answer) = std::sync::mpsc::channel();
        self.send(Job::Alone(Box::new(move |engine| {
            let _ = reply.send(work(engine));
        })))?;
        Ok(answer)
    }
}
