//! Sends what is queued for members.
//!
//! Invariant: a message waits by its row until what came back is on disk, so it is never sent twice at once,
//! and what is sent again after a death is sent under the same id. One server of a database sends for all.

mod queue;
mod send;
mod warn;

use super::{Job, OwnReader};
use crate::error::ServiceError;
use crate::messages::CHANNELS;
use crate::outside::Outside;
use crate::service::{Service, settings_of};
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, MessageId, ProgramId};
use kopilka_core::time::Instant;
use kopilka_store::messages::SenderRow;
use kopilka_store::{Consumer, StoreError};
use send::Tried;
use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use tokio::runtime::Runtime;

/// What was written to members is kept for so long, without its words: a month's bill can be looked into.
const LOG_KEPT_SECONDS: i64 = 30 * 24 * 3_600;
/// The log is looked through for old rows so often.
const TRIM_EVERY_SECONDS: i64 = 3_600;
/// Rows of the log that are deleted in one transaction.
const TRIM_BATCH: usize = 256;

/// A program's way by one channel.
type Way = (ProgramId, Channel);

/// Sends messages.
pub struct Messenger {
    service: Service,
    reader: OwnReader,
    /// Drives the sending; ends with this, without waiting for it.
    runtime: Option<Runtime>,
    outside: Outside,
    answers: (Sender<Tried>, Receiver<Tried>),
    /// What came back and is not written down yet.
    tried: Vec<Tried>,
    /// Those of marketing with whom they are for: one to a member at a time, so that each finds the one
    /// before it counted.
    under_way: HashMap<Way, Vec<(MessageId, Option<MemberId>)>>,
    /// Ways by which the last message did not get through.
    failing: HashSet<Way>,
    trimmed_at: Instant,
}

impl Messenger {
    pub fn new(service: Service) -> Result<Messenger, ServiceError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("kopilka-messenger")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|e| ServiceError::Storage(format!("no async runtime: {e}")))?;
        Ok(Messenger {
            outside: service.shared.outside.separate(),
            service,
            reader: OwnReader::default(),
            runtime: Some(runtime),
            answers: mpsc::channel(),
            tried: Vec::new(),
            under_way: HashMap::new(),
            failing: HashSet::new(),
            trimmed_at: Instant(0),
        })
    }

    /// Sends all that can be sent now, and waits for the answers.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        loop {
            let moved = self.step()?;
            // What was dropped without being sent needs no answer.
            let answers = self.tried.is_empty() && !self.under_way.is_empty();
            if answers {
                let answer = self.answers.1.recv().map_err(|_| ServiceError::Stopping)?;
                self.tried.push(answer);
            } else if !moved && self.tried.is_empty() {
                return Ok(());
            }
        }
    }

    /// Whether there is more to do at once.
    fn step(&mut self) -> Result<bool, ServiceError> {
        self.tried.extend(self.answers.1.try_iter());
        self.write_down()?;
        if !self.service.shared.crew.does(Consumer::Messages) {
            return Ok(false);
        }
        let senders = self.reader.read(&self.service, |reader| reader.senders_of_all())?;
        self.trim()?;
        // Another server may have published a program that this one has not read yet.
        let reference = self.service.shared.reference();
        let mut sent = self.tell(&senders)?;
        for row in senders.iter().filter(|row| reference.programs.contains_key(&row.program)) {
            sent |= self.send(row)?;
        }
        Ok(sent)
    }

    /// What happened, and what comes near, becomes messages. Whether anything was read.
    fn tell(&mut self, senders: &[SenderRow]) -> Result<bool, ServiceError> {
        let rows = self.reader.read(&self.service, |reader| reader.messaging_of_all())?;
        let reference = self.service.shared.reference();
        let mut read = false;
        for row in rows.iter().filter(|row| reference.programs.contains_key(&row.program)) {
            let Ok(settings) = settings_of(row) else {
                tracing::error!(program = %row.program, "what members are told cannot be read; put it anew");
                continue;
            };
            let own = senders.iter().filter(|sender| sender.program == row.program);
            let channels: Vec<Channel> = own.map(|sender| sender.channel).collect();
            self.warn(row, &settings, &channels)?;
            read |= self.queue(row, &settings, &channels)?;
        }
        Ok(read)
    }

    /// Old rows of the log go.
    fn trim(&mut self) -> Result<(), ServiceError> {
        let now = self.service.shared.system_now();
        if now < self.trimmed_at.plus_seconds(TRIM_EVERY_SECONDS) {
            return Ok(());
        }
        let before = now.plus_seconds(-LOG_KEPT_SECONDS);
        // Also of channels that nothing is sent by any more.
        let programs: Vec<ProgramId> = self.service.shared.reference().programs.keys().copied().collect();
        let of = |program: &ProgramId| CHANNELS.map(|channel| (*program, channel));
        for (program, channel) in programs.iter().flat_map(of) {
            loop {
                let old = self.reader.read(&self.service, |reader| {
                    reader.messages_old(program, channel, before, TRIM_BATCH)
                })?;
                let more = old.len() == TRIM_BATCH;
                if !old.is_empty() {
                    self.service.along_blocking(move |writer| {
                        old.iter().try_for_each(|row| writer.delete_message(row))
                    })?;
                }
                if !more {
                    break;
                }
            }
        }
        self.trimmed_at = now;
        Ok(())
    }
}

impl Job for Messenger {
    const NAME: &'static str = "messenger";
    /// A code is on its way within a moment.
    const EVERY: Duration = Duration::from_millis(500);
    const FAILED: &'static str = "members have to wait for their messages";

    fn once(&mut self) -> Result<(), ServiceError> {
        if self.step()? {
            self.service.shared.hurry_messenger();
        }
        Ok(())
    }
}

impl Drop for Messenger {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A message whose reason had passed before it was queued.
fn count_dropped(channel: &'static str) {
    metrics::counter!("kopilka_messages_total", "channel" => channel, "result" => "dropped").increment(1);
}

/// Errors of the store in closures that a writer runs.
type Written = Result<(), StoreError>;
