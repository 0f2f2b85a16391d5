//! Queued messages become letters and requests, and answers become what stands in the log.
//!
//! Invariant: whom a message reaches and what it says is decided when it is sent, by what is known of the
//! member then; a message that nobody wants any more is dropped and counted, never sent.

use super::{Messenger, Way, Written};
use crate::error::ServiceError;
use crate::faults::Step;
use crate::messages::senders::{SenderSecrets, Settings};
use crate::messages::{Composed, Sent, Uncomposed, send_composed};
use crate::retries::next_message_try;
use crate::service::opened;
use crate::shared::Signal;
use crate::write::{Change, MemberRef, PersonPatch, Write};
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, MessageId};
use kopilka_core::time::Instant;
use kopilka_store::messages::{Class, MessageRow, MessageState, SenderRow};
use std::collections::HashSet;
use std::sync::Arc;

/// Connections to one server at once: mail servers of shops' hosters close the fifth or tenth.
const UNDER_WAY_MAX: usize = 4;
/// Where nothing gets through, one message at a time finds out when something does again.
const UNDER_WAY_FAILING: usize = 1;

/// A message and what came back.
pub(super) struct Tried {
    row: MessageRow,
    /// Where it went.
    address: Option<String>,
    outcome: Outcome,
}

/// What has become of a try.
pub(super) enum Outcome {
    Sent(Sent),
    /// Not to be sent any more, and why.
    Dropped(&'static str),
    /// Not to be sent before this moment.
    Postponed(Instant),
}

impl Messenger {
    /// Sends what is due by a channel, as far as it has room. Whether anything was done.
    pub(super) fn send(&mut self, sender: &SenderRow) -> Result<bool, ServiceError> {
        let way = (sender.program, sender.channel);
        let under_way = self.under_way.get(&way).map_or(0, Vec::len);
        let room = if self.failing.contains(&way) { UNDER_WAY_FAILING } else { UNDER_WAY_MAX };
        if under_way >= room {
            return Ok(false);
        }
        let now = self.service.shared.system_now();
        // Those under way still wait by their rows.
        let due = self
            .reader
            .read(&self.service, |reader| reader.messages_due(way.0, way.1, now, room + under_way))?;
        let fresh = self.free(way, due, room - under_way);
        if fresh.is_empty() {
            return Ok(false);
        }
        let (settings, secrets) = match opened(&self.service.shared.secrets, sender) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(channel = way.1.name(), %error, "nothing can be sent; put the sender anew");
                return Ok(false);
            }
        };
        let with = Arc::new((settings, secrets));
        for row in fresh {
            self.under_way.entry(way).or_default().push((row.id, wooed(&row)));
            match self.composed(&with.0, &row, now)? {
                Ok(composed) => self.start(row, composed, with.clone()),
                Err(outcome) => self.tried.push(Tried { row, address: None, outcome }),
            }
        }
        Ok(true)
    }

    /// Of what is due that which is not under way, of marketing one message a member.
    fn free(&self, way: Way, due: Vec<MessageRow>, room: usize) -> Vec<MessageRow> {
        let under_way = || {
            self.under_way.iter().flat_map(|((program, _), list)| {
                list.iter().map(move |(id, member)| (*program, *id, *member))
            })
        };
        let known: HashSet<MessageId> = under_way().map(|(_, id, _)| id).collect();
        let mut busy: HashSet<MemberId> =
            under_way().filter(|(program, ..)| *program == way.0).filter_map(|(.., member)| member).collect();
        let free = |row: &MessageRow| {
            !known.contains(&row.id) && wooed(row).is_none_or(|member| busy.insert(member))
        };
        due.into_iter().filter(free).take(room).collect()
    }

    fn composed(
        &mut self,
        settings: &Settings,
        row: &MessageRow,
        now: Instant,
    ) -> Result<Result<Composed, Outcome>, ServiceError> {
        if now >= row.expires_at {
            return Ok(Err(Outcome::Dropped("too_late")));
        }
        let service = &self.service;
        let composed = self.reader.read(service, |reader| service.compose(reader, settings, row, now))?;
        Ok(composed.map_err(|why| match why {
            Uncomposed::Dropped(why) => Outcome::Dropped(why),
            Uncomposed::Refused(why) => Outcome::Sent(Sent::Refused(why.to_owned())),
            Uncomposed::Postponed(until) => Outcome::Postponed(until),
            Uncomposed::Later(why) => Outcome::Sent(Sent::Later(why.to_owned(), None)),
        }))
    }

    fn start(&self, row: MessageRow, composed: Composed, with: Arc<(Settings, SenderSecrets)>) {
        let (answers, outside) = (self.answers.0.clone(), self.outside.clone());
        let bell = self.service.shared.messengers_bell();
        let sending = async move {
            let sent = send_composed(&outside, &with.0, &with.1, &composed).await;
            let (address, outcome) = (Some(composed.to), Outcome::Sent(sent));
            // Nobody takes it where everything ends; it is sent again then.
            let _ = answers.send(Tried { row, address, outcome });
            if let Some(bell) = bell {
                let _ = bell.try_send(Signal::Look);
            }
        };
        if let Some(runtime) = &self.runtime {
            runtime.spawn(sending);
        }
    }

    /// Writes down what came back.
    pub(super) fn write_down(&mut self) -> Result<(), ServiceError> {
        if self.tried.is_empty() {
            return Ok(());
        }
        let shared = self.service.shared.clone();
        if shared.dies_at(Step::Messaged) {
            return Err(ServiceError::Stopping);
        }
        let now = shared.system_now();
        let mut rows = Vec::with_capacity(self.tried.len());
        for tried in &self.tried {
            let way = (tried.row.program, tried.row.channel);
            match &tried.outcome {
                Outcome::Sent(Sent::Later(..)) => _ = self.failing.insert(way),
                Outcome::Sent(_) => _ = self.failing.remove(&way),
                Outcome::Dropped(_) | Outcome::Postponed(_) => {}
            }
            let next = after(tried, now, chance()?);
            count(&next);
            rows.push((next, tried.row.tries));
        }
        self.service.along_blocking(move |writer| -> Written {
            rows.iter().try_for_each(|(row, before)| writer.put_message_tried(row, *before))
        })?;
        for tried in std::mem::take(&mut self.tried) {
            if let Some(messages) = self.under_way.get_mut(&(tried.row.program, tried.row.channel)) {
                messages.retain(|(id, _)| *id != tried.row.id);
            }
            self.forget_closed(&tried)?;
        }
        self.under_way.retain(|_, messages| !messages.is_empty());
        Ok(())
    }

    /// A chat that the person has closed is not written to again, unless another one is told of.
    fn forget_closed(&mut self, tried: &Tried) -> Result<(), ServiceError> {
        let (Outcome::Sent(Sent::Unreachable(_)), Some(member)) = (&tried.outcome, tried.row.member) else {
            return Ok(());
        };
        let program = tried.row.program;
        let person = self.reader.read(&self.service, |reader| reader.person(program, member))?;
        let is_the_same = person.is_some_and(|person| person.telegram == tried.address);
        if tried.row.channel != Channel::Telegram || !is_the_same {
            return Ok(());
        }
        let patch = PersonPatch { telegram: Some(None), ..PersonPatch::default() };
        let write = Write {
            program,
            scope: "messages".to_owned(),
            key: None,
            input_hash: [0; 16],
            operator: None,
            reason: None,
            change: Change::PatchMember { member: MemberRef::Id(member), patch },
        };
        // Nobody waits for it: where it fails, the next message finds out again.
        self.service.submit(write).map(|_| ())
    }
}

/// Whom a message wants something of.
fn wooed(row: &MessageRow) -> Option<MemberId> {
    row.member.filter(|_| row.class == Class::Marketing)
}

/// The message as it is after the try.
fn after(tried: &Tried, now: Instant, chance: u32) -> MessageRow {
    let before = &tried.row;
    let tries = before.tries + 1;
    let ended = |state, reason: Option<String>, receipt| MessageRow {
        state,
        tries,
        at: now,
        reason,
        receipt,
        ..before.clone()
    };
    match &tried.outcome {
        Outcome::Dropped(why) => {
            MessageRow { tries: before.tries, ..ended(MessageState::Dropped, Some((*why).to_owned()), None) }
        }
        Outcome::Postponed(until) => MessageRow { at: *until, ..before.clone() },
        Outcome::Sent(Sent::Taken(receipt)) => ended(MessageState::Sent, None, receipt.clone()),
        Outcome::Sent(Sent::Refused(why) | Sent::Unreachable(why)) => {
            ended(MessageState::Failed, Some(why.clone()), None)
        }
        Outcome::Sent(Sent::Later(why, wanted)) => {
            let row = ended(MessageState::Failed, Some(why.clone()), None);
            match next_message_try(tries, *wanted, (now, before.expires_at), chance) {
                Some(next) => MessageRow { state: MessageState::Waiting, at: next, ..row },
                None => row,
            }
        }
    }
}

fn chance() -> Result<u32, ServiceError> {
    getrandom::u32().map_err(|e| ServiceError::Storage(format!("no randomness: {e}")))
}

fn count(row: &MessageRow) {
    let result = match row.state {
        MessageState::Waiting => "delayed",
        ended => ended.name(),
    };
    metrics::counter!("kopilka_messages_total", "channel" => row.channel.name(), "result" => result)
        .increment(1);
}
