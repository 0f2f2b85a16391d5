//! By whom members are written to, and messages on their way.
//!
//! Invariant: a sender's secrets are told once, when it is put, and stored sealed; a message is queued in a
//! transaction of its own or as part of another, never beside one.

use super::Service;
use crate::engine::Engine;
use crate::error::ServiceError;
use crate::messages::senders::{SenderSecrets, Settings, secrets_place};
use crate::messages::templates::{TEST, Template, event_of};
use crate::messages::{
    Composed, NewMessage, Recipient, Sent, address_of, queued, sealed_again, send_composed,
};
use crate::secrets::{SecretError, Secrets};
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MessageId, ProgramId};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::StoreError;
use kopilka_store::messages::{MessageRow, MessageState, MessagesAsked, SenderRow};
use kopilka_store::read::PAGE_MAX;

/// Why what waits for a sender that is gone is not sent.
const NO_SENDER: &str = "no_sender";

/// How a program writes by a channel, without the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub settings: Settings,
    pub changed_at: Instant,
}

/// What a test message has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestMessage {
    pub id: MessageId,
    /// The other side's own id for it, or why it did not take it.
    pub answer: Result<Option<String>, String>,
}

impl Service {
    /// Sets how a program writes by a channel from now on; what waits goes this way too.
    pub async fn put_sender(
        &self,
        program: ProgramId,
        settings: Settings,
        secrets: SenderSecrets,
    ) -> Result<Sender, ServiceError> {
        self.shared.program(program)?;
        settings.check(&secrets, &self.shared.outside).map_err(ServiceError::SenderInvalid)?;
        let channel = settings.channel();
        let text = |error: serde_json::Error| ServiceError::Storage(error.to_string());
        let plain = serde_json::to_vec(&secrets).map_err(text)?;
        let row = SenderRow {
            program,
            channel,
            settings: serde_json::to_string(&settings).map_err(text)?,
            secrets: self.shared.secrets.seal(&secrets_place(program, channel), &plain)?,
            changed_at: self.shared.system_now(),
        };
        let changed_at = row.changed_at;
        self.alone(move |engine| engine.transaction(|engine| engine.writer.put_sender(&row))).await??;
        self.shared.hurry_messenger();
        Ok(Sender { settings, changed_at })
    }

    /// One a channel at most.
    pub async fn senders(&self, program: ProgramId) -> Result<Vec<Sender>, ServiceError> {
        let rows = self.read(move |reader| reader.senders(program)).await?;
        rows.iter()
            .map(|row| Ok(Sender { settings: settings_of(row)?, changed_at: row.changed_at }))
            .collect()
    }
    pub async fn sender(&self, program: ProgramId, channel: Channel) -> Result<Sender, ServiceError> {
        let found = self.senders(program).await?.into_iter().find(|s| s.settings.channel() == channel);
        found.ok_or(ServiceError::SenderUnknown)
    }

    /// From here on nothing is sent by the channel; what waits for it is dropped.
    pub async fn delete_sender(&self, program: ProgramId, channel: Channel) -> Result<(), ServiceError> {
        let there = self.alone(move |engine| {
            let now = engine.shared.system_now();
            engine.transaction(|engine| engine.writer.delete_sender(program, channel, now, NO_SENDER))
        });
        if there.await?? { Ok(()) } else { Err(ServiceError::SenderUnknown) }
    }

    /// Sends a message that means nothing, now and once, and tells what came back.
    pub async fn test_sender(
        &self,
        program: ProgramId,
        channel: Channel,
        to: &str,
    ) -> Result<TestMessage, ServiceError> {
        let name = self.present(program)?.0.name.clone();
        let row = self.sender_row(program, channel).await?;
        let (settings, secrets) = opened(&self.shared.secrets, &row)?;
        let to = address_of(channel, to).ok_or(ServiceError::MessageInvalid("address"))?;
        let language = settings.language();
        let event = event_of(TEST).ok_or(ServiceError::MessageInvalid("event"))?;
        let mut values = event.blank();
        values.insert("program".to_owned(), language.of(&name).into());
        let said = Template::builtin(event, channel, language).render(channel, &values);
        let said = said.map_err(|_| ServiceError::MessageInvalid("event"))?;
        let id = MessageId(self.shared.ids.next());
        let composed = Composed { id, to, at: self.shared.system_now(), said, unsubscribe: None };
        let sent = send_composed(&self.shared.outside.separate(), &settings, &secrets, &composed).await;
        Ok(TestMessage { id, answer: answer_of(sent) })
    }

    /// Queues a message that goes out at once, such as a one-time code, and answers when it is on disk. From
    /// then on it is sent, tried again while it fails, and dropped when its term is over, whatever dies
    /// meanwhile; `message` tells what has become of it.
    ///
    /// What it says stands sealed in its row while it waits, and in no row, answer or log afterwards. A code
    /// that is looked up again must be kept by whoever made it, as a hash.
    ///
    /// Errors: `SenderUnknown` where the program does not write by the channel; `member_unknown`;
    /// `MessageInvalid` as [`queued`] says.
    pub async fn queue_message(
        &self,
        program: ProgramId,
        new: NewMessage,
    ) -> Result<MessageId, ServiceError> {
        self.shared.program(program)?;
        self.sender_row(program, new.channel).await?;
        let row = queued(&self.shared, program, &new, self.shared.system_now())?;
        let id = row.id;
        let to = new.to.clone();
        self.alone(move |engine| engine.insert_message(&row, &to)).await??;
        self.shared.hurry_messenger();
        Ok(id)
    }

    /// A page of what was written to members, the newest first.
    pub async fn messages(
        &self,
        program: ProgramId,
        asked: MessagesAsked,
        limit: usize,
    ) -> Result<Vec<MessageRow>, ServiceError> {
        self.read(move |reader| reader.messages(program, asked, limit)).await
    }
    pub async fn message(&self, program: ProgramId, id: MessageId) -> Result<MessageRow, ServiceError> {
        let found = self.read(move |reader| reader.message(program, id)).await?;
        found.ok_or(ServiceError::MessageUnknown)
    }

    pub(super) async fn sender_row(
        &self,
        program: ProgramId,
        channel: Channel,
    ) -> Result<SenderRow, ServiceError> {
        let rows = self.read(move |reader| reader.senders(program)).await?;
        rows.into_iter().find(|row| row.channel == channel).ok_or(ServiceError::SenderUnknown)
    }
}

impl Engine {
    /// The member stays as it is until the commit: one that leaves at the same time takes the message along.
    fn insert_message(&mut self, row: &MessageRow, to: &Recipient) -> Result<(), ServiceError> {
        let known = self.transaction(|engine| {
            let known = match to {
                Recipient::Member(member) => engine.writer.member(row.program, *member)?.is_some(),
                Recipient::Address(_) => true,
            };
            if known {
                engine.writer.insert_message(row)?;
            }
            Ok::<_, StoreError>(known)
        })?;
        if known { Ok(()) } else { Err(Refusal::MemberUnknown.into()) }
    }

    /// Seals what senders keep with the newest key; how many there were.
    pub(super) fn seal_senders_again(&mut self) -> Result<usize, ServiceError> {
        let rows = self.writer.reads().senders_of_all()?;
        for row in &rows {
            let place = secrets_place(row.program, row.channel);
            let secrets = &self.shared.secrets;
            let again = secrets.seal(&place, &secrets.unseal(&place, &row.secrets)?)?;
            // One that was put meanwhile was sealed with the new key.
            self.transaction(|engine| engine.writer.seal_sender(row, &again))?;
        }
        Ok(rows.len())
    }

    /// What messages say that wait; how many those were.
    pub(super) fn seal_messages_again(&mut self) -> Result<usize, ServiceError> {
        let shared = self.shared.clone();
        let mut sealed = 0;
        for program in shared.reference().programs.keys().copied() {
            let mut asked = MessagesAsked { state: Some(MessageState::Waiting), ..MessagesAsked::default() };
            loop {
                let rows = self.writer.reads().messages(program, asked, PAGE_MAX)?;
                let Some(last) = rows.last() else { break };
                asked.before = Some(last.id);
                let mut again = Vec::with_capacity(rows.len());
                for row in &rows {
                    match sealed_again(&shared.secrets, row) {
                        Ok(parts) => again.push((row, parts)),
                        Err(SecretError::File(why)) => return Err(SecretError::File(why).into()),
                        // One that does not open is sent to nobody, and holds up none of the others.
                        Err(_) => {}
                    }
                }
                sealed += self.transaction(|engine| {
                    again.iter().try_fold(0, |sealed, (row, (address, data))| {
                        let done = engine.writer.seal_message(row, address.as_deref(), data.as_deref())?;
                        Ok(sealed + usize::from(done))
                    })
                })?;
            }
        }
        Ok(sealed)
    }
}

pub(super) fn answer_of(sent: Sent) -> Result<Option<String>, String> {
    match sent {
        Sent::Taken(receipt) => Ok(receipt),
        Sent::Later(why, _) | Sent::Refused(why) | Sent::Unreachable(why) => Err(why),
    }
}

fn settings_of(row: &SenderRow) -> Result<Settings, ServiceError> {
    serde_json::from_str(&row.settings).map_err(|error| ServiceError::Storage(format!("a sender: {error}")))
}

/// A sender with its secrets, ready to send.
pub(crate) fn opened(secrets: &Secrets, row: &SenderRow) -> Result<(Settings, SenderSecrets), ServiceError> {
    let plain = secrets.unseal(&secrets_place(row.program, row.channel), &row.secrets)?;
    let own = serde_json::from_slice(&plain).map_err(|_| SecretError::Closed)?;
    Ok((settings_of(row)?, own))
}
