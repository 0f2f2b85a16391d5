//! What a program tells its members by itself, and in which words.
//!
//! Invariant: the place in the journal moves in the transaction that queues what was read up to it, so each
//! entry is told once.

use crate::error::StoreError;
use crate::messages::Class;
use crate::reader::Reader;
use crate::sql::messages;
use crate::value::{Columns, params};
use crate::writer::Writer;
use kopilka_core::consent::Channel;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::time::{Day, Instant};

/// What a program tells by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagingRow {
    pub program: ProgramId,
    /// JSON of the service.
    pub settings: String,
    /// Every entry of the journal up to this one has become messages.
    pub reached: EntryId,
    /// Members have been warned of all that comes near by this day.
    pub warned_on: Day,
    pub changed_at: Instant,
}

/// What a shop's own words stand under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateKey {
    pub event: String,
    pub channel: Channel,
    /// `en` or `ru`.
    pub language: String,
}

/// A shop's own words for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRow {
    pub key: TemplateKey,
    pub subject: String,
    pub body: String,
    pub html: Option<String>,
    pub changed_at: Instant,
}

fn messaging(row: &dyn Columns) -> Result<MessagingRow, StoreError> {
    let day = Day::parse(row.text(3)?);
    Ok(MessagingRow {
        program: ProgramId(row.int(0)?),
        settings: row.text(1)?.to_owned(),
        reached: EntryId(row.int(2)?),
        warned_on: day.ok_or_else(|| StoreError::Malformed("the day of warnings".to_owned()))?,
        changed_at: Instant(row.int(4)?),
    })
}

fn template(row: &dyn Columns) -> Result<TemplateRow, StoreError> {
    let channel = Channel::by_name(row.text(1)?);
    Ok(TemplateRow {
        key: TemplateKey {
            event: row.text(0)?.to_owned(),
            channel: channel.ok_or_else(|| StoreError::Malformed("the channel of a template".to_owned()))?,
            language: row.text(2)?.to_owned(),
        },
        subject: row.text(3)?.to_owned(),
        body: row.text(4)?.to_owned(),
        html: row.text_or_null(5)?.map(str::to_owned),
        changed_at: Instant(row.int(6)?),
    })
}

impl Reader {
    /// Of every program of the installation: one server writes for all.
    pub fn messaging_of_all(&self) -> Result<Vec<MessagingRow>, StoreError> {
        self.many(messages::MESSAGING_OF_ALL, &[], messaging)
    }
    pub fn messaging(&self, program: ProgramId) -> Result<Option<MessagingRow>, StoreError> {
        self.one(messages::MESSAGING, params![program.0], messaging)
    }
    /// A few dozen at most: one an event, channel and language.
    pub fn templates(&self, program: ProgramId) -> Result<Vec<TemplateRow>, StoreError> {
        self.many(messages::TEMPLATES, params![program.0], template)
    }
    pub fn template(&self, program: ProgramId, key: &TemplateKey) -> Result<Option<TemplateRow>, StoreError> {
        let TemplateKey { event, channel, language } = key;
        self.one(messages::TEMPLATE, params![program.0, event, channel.name(), language], template)
    }
    pub fn messages_waiting(&self, program: ProgramId, channel: Channel) -> Result<usize, StoreError> {
        let waiting = self.number(messages::MESSAGES_WAITING, params![program.0, channel.name()])?;
        Ok(usize::try_from(waiting.unwrap_or_default()).unwrap_or_default())
    }
    /// How many messages of a class reached the member since, as far as the log goes back.
    pub fn messages_sent_since(
        &self,
        program: ProgramId,
        member: MemberId,
        class: Class,
        since: Instant,
    ) -> Result<i64, StoreError> {
        let asked = params![member.0, program.0, class.name(), since.0];
        Ok(self.number(messages::MESSAGES_SENT_SINCE, asked)?.unwrap_or_default())
    }
    /// Whether a message of this event was queued for the member since.
    pub fn was_written_since(
        &self,
        program: ProgramId,
        member: MemberId,
        event: &str,
        since: Instant,
    ) -> Result<bool, StoreError> {
        let asked = params![member.0, program.0, event, since.0];
        Ok(self.number(messages::MESSAGE_QUEUED_SINCE, asked)?.unwrap_or_default() > 0)
    }
}

/// Each inside an open transaction.
impl Writer {
    /// The first time it begins where `row` says; later how far it has come stays.
    pub fn put_messaging(&self, row: &MessagingRow) -> Result<(), StoreError> {
        let day = row.warned_on.to_string();
        let columns = params![row.program.0, &row.settings, row.reached.0, &day, row.changed_at.0];
        self.run(messages::MESSAGING_PUT, columns).map(|_| ())
    }
    /// Moves the place in the journal from where it was read; `false` where it is another by now.
    pub fn reach_messaging(
        &self,
        program: ProgramId,
        from: EntryId,
        to: EntryId,
    ) -> Result<bool, StoreError> {
        Ok(self.run(messages::MESSAGING_REACHED, params![program.0, to.0, from.0])? == 1)
    }
    pub fn warned_messaging(&self, program: ProgramId, from: Day, to: Day) -> Result<(), StoreError> {
        let (from, to) = (from.to_string(), to.to_string());
        self.run(messages::MESSAGING_WARNED, params![program.0, &to, &from]).map(|_| ())
    }
    pub fn put_template(&self, program: ProgramId, row: &TemplateRow) -> Result<(), StoreError> {
        let TemplateKey { event, channel, language } = &row.key;
        let html = row.html.as_ref();
        let columns = params![
            program.0,
            event,
            channel.name(),
            language,
            &row.subject,
            &row.body,
            html,
            row.changed_at.0
        ];
        self.run(messages::TEMPLATE_PUT, columns).map(|_| ())
    }
    /// Whether there was one.
    pub fn delete_template(&self, program: ProgramId, key: &TemplateKey) -> Result<bool, StoreError> {
        let TemplateKey { event, channel, language } = key;
        Ok(self.run(messages::TEMPLATE_DELETE, params![program.0, event, channel.name(), language])? == 1)
    }
}
