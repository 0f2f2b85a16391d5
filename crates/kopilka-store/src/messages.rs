//! Messages to members: by whom they are sent, what waits, and what has become of it.
//!
//! Invariant: what a message says and an address of its own are there while it waits and no longer; a row
//! that has ended says of whom, of what kind and with what result, and nothing that names a person.

use crate::error::StoreError;
use crate::read::page;
use crate::reader::Reader;
use crate::sql::messages;
use crate::value::{Columns, params};
use crate::writer::Writer;
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, MessageId, ProgramId};
use kopilka_core::time::Instant;

/// Stands in the key of messages to an address that is no member's.
const NOBODY: i64 = 0;

/// How a program writes by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRow {
    pub program: ProgramId,
    pub channel: Channel,
    /// JSON of the service; no secrets.
    pub settings: String,
    /// Sealed: the service alone can open them.
    pub secrets: Vec<u8>,
    pub changed_at: Instant,
}

/// What a message is for: whether the member has to have agreed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It tells of the member's own doings, or was asked for just now: a code, a booking.
    Service,
    /// It wants something of the member: only with a live consent for its channel.
    Marketing,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Class::Service => "service",
            Class::Marketing => "marketing",
        }
    }
    pub fn by_name(name: &str) -> Option<Class> {
        [Class::Service, Class::Marketing].into_iter().find(|class| class.name() == name)
    }
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    Waiting,
    /// The server of the channel has taken it.
    Sent,
    /// It was tried and did not get through.
    Failed,
    /// It was not to be sent any more.
    Dropped,
}

impl MessageState {
    pub const ALL: [MessageState; 4] =
        [MessageState::Waiting, MessageState::Sent, MessageState::Failed, MessageState::Dropped];

    pub fn name(self) -> &'static str {
        match self {
            MessageState::Waiting => "waiting",
            MessageState::Sent => "sent",
            MessageState::Failed => "failed",
            MessageState::Dropped => "dropped",
        }
    }
    pub fn by_name(name: &str) -> Option<MessageState> {
        MessageState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A message on its way, or what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub program: ProgramId,
    /// Nobody, where it goes to an address that is no member's yet.
    pub member: Option<MemberId>,
    pub id: MessageId,
    pub channel: Channel,
    /// What it is about: the name of its templates.
    pub event: String,
    pub class: Class,
    pub state: MessageState,
    pub tries: u32,
    /// When it is tried next while it waits, and when it ended afterwards.
    pub at: Instant,
    /// From here on nobody wants it any more.
    pub expires_at: Instant,
    pub created_at: Instant,
    /// Sealed: where it goes, when it is not to where the member is reached.
    pub address: Option<Vec<u8>>,
    /// Sealed: what it says.
    pub data: Option<Vec<u8>>,
    /// Why it did not get through so far, or was dropped.
    pub reason: Option<String>,
    /// The id under which the gateway knows it.
    pub receipt: Option<String>,
}

/// Which messages of the log are asked for; everything left out stands for all.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessagesAsked {
    pub state: Option<MessageState>,
    pub channel: Option<Channel>,
    pub member: Option<MemberId>,
    pub before: Option<MessageId>,
}

fn malformed(what: &str) -> StoreError {
    StoreError::Malformed(format!("{what} of a message"))
}

fn channel(row: &dyn Columns, at: usize) -> Result<Channel, StoreError> {
    Channel::by_name(row.text(at)?).ok_or_else(|| malformed("the channel"))
}

fn sender(row: &dyn Columns) -> Result<SenderRow, StoreError> {
    Ok(SenderRow {
        program: ProgramId(row.int(0)?),
        channel: channel(row, 1)?,
        settings: row.text(2)?.to_owned(),
        secrets: row.bytes(3)?.to_vec(),
        changed_at: Instant(row.int(4)?),
    })
}

fn message(row: &dyn Columns) -> Result<MessageRow, StoreError> {
    let member = row.int(0)?;
    Ok(MessageRow {
        member: (member != NOBODY).then_some(MemberId(member)),
        id: MessageId(row.int(1)?),
        program: ProgramId(row.int(2)?),
        channel: channel(row, 3)?,
        event: row.text(4)?.to_owned(),
        class: Class::by_name(row.text(5)?).ok_or_else(|| malformed("the class"))?,
        state: MessageState::by_name(row.text(6)?).ok_or_else(|| malformed("the state"))?,
        tries: u32::try_from(row.int(7)?).map_err(|_| malformed("a number"))?,
        at: Instant(row.int(8)?),
        expires_at: Instant(row.int(9)?),
        created_at: Instant(row.int(10)?),
        address: row.bytes_or_null(11)?.map(<[u8]>::to_vec),
        data: row.bytes_or_null(12)?.map(<[u8]>::to_vec),
        reason: row.text_or_null(13)?.map(str::to_owned),
        receipt: row.text_or_null(14)?.map(str::to_owned),
    })
}

fn key(member: Option<MemberId>) -> i64 {
    member.map_or(NOBODY, |member| member.0)
}

impl Reader {
    /// Every sender of the installation: one server sends for all programs.
    pub fn senders_of_all(&self) -> Result<Vec<SenderRow>, StoreError> {
        self.many(messages::SENDERS_OF_ALL, &[], sender)
    }
    /// A handful: one a channel.
    pub fn senders(&self, program: ProgramId) -> Result<Vec<SenderRow>, StoreError> {
        self.many(messages::SENDERS, params![program.0], sender)
    }
    /// What may be sent now, what waited longest first.
    pub fn messages_due(
        &self,
        program: ProgramId,
        channel: Channel,
        now: Instant,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        self.many(messages::MESSAGES_DUE, params![program.0, channel.name(), now.0, limit as i64], message)
    }
    pub fn message(&self, program: ProgramId, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        self.one(messages::MESSAGE, params![program.0, id.0], message)
    }
    /// The log, the newest first.
    pub fn messages(
        &self,
        program: ProgramId,
        asked: MessagesAsked,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let before = asked.before.map_or(i64::MAX, |id| id.0);
        let state = asked.state.map_or("", MessageState::name);
        let channel = asked.channel.map_or("", Channel::name);
        let member = asked.member.map_or(-1, |member| member.0);
        let asked = params![program.0, before, state, channel, member, page(limit)];
        self.many(messages::MESSAGES, asked, message)
    }
    /// Rows of the log that ended before `before`.
    pub fn messages_old(
        &self,
        program: ProgramId,
        channel: Channel,
        before: Instant,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let asked = params![program.0, channel.name(), before.0, limit as i64];
        self.many(messages::MESSAGES_OLD, asked, message)
    }
}

/// Each inside an open transaction.
impl Writer {
    pub fn put_sender(&self, row: &SenderRow) -> Result<(), StoreError> {
        let SenderRow { program, channel, settings, secrets, changed_at } = row;
        let columns = params![program.0, channel.name(), settings, secrets, changed_at.0];
        self.run(messages::SENDER_PUT, columns).map(|_| ())
    }
    /// Seals the same secrets anew; `false` where others have been put meanwhile.
    pub fn seal_sender(&self, row: &SenderRow, sealed: &[u8]) -> Result<bool, StoreError> {
        let columns = params![row.program.0, row.channel.name(), sealed, &row.secrets];
        Ok(self.run(messages::SENDER_SEALED, columns)? == 1)
    }
    /// Whether there was one. What waits for it is dropped.
    pub fn delete_sender(
        &self,
        program: ProgramId,
        channel: Channel,
        now: Instant,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let waiting = params![program.0, channel.name(), now.0, reason];
        self.run(messages::MESSAGES_OF_CHANNEL_DROP, waiting)?;
        Ok(self.run(messages::SENDER_DELETE, params![program.0, channel.name()])? == 1)
    }

    /// Queues a message: its state and tries are those of one that waits.
    pub fn insert_message(&self, row: &MessageRow) -> Result<(), StoreError> {
        let columns = params![
            key(row.member),
            row.id.0,
            row.program.0,
            row.channel.name(),
            &row.event,
            row.class.name(),
            row.at.0,
            row.expires_at.0,
            row.created_at.0,
            row.address.as_ref(),
            row.data.as_ref(),
        ];
        self.run(messages::MESSAGE_INSERT, columns).map(|_| ())
    }
    /// Writes what a try has come to; nothing where the message has ended since `tries_before`.
    pub fn put_message_tried(&self, row: &MessageRow, tries_before: u32) -> Result<(), StoreError> {
        let columns = params![
            key(row.member),
            row.id.0,
            row.program.0,
            row.state.name(),
            row.tries,
            row.at.0,
            row.reason.as_ref(),
            row.receipt.as_ref(),
            tries_before,
        ];
        self.run(messages::MESSAGE_TRIED, columns).map(|_| ())
    }
    /// Seals anew what a message that waits keeps; `false` where it has ended.
    pub fn seal_message(
        &self,
        row: &MessageRow,
        address: Option<&[u8]>,
        data: Option<&[u8]>,
    ) -> Result<bool, StoreError> {
        let columns = params![key(row.member), row.id.0, row.program.0, address, data];
        Ok(self.run(messages::MESSAGE_SEALED, columns)? == 1)
    }
    pub fn delete_message(&self, row: &MessageRow) -> Result<(), StoreError> {
        self.run(messages::MESSAGE_DELETE, params![key(row.member), row.id.0, row.program.0]).map(|_| ())
    }
}
