//! Messages to members: what one is, how it is queued, and how it becomes words on a channel.
//!
//! Invariant: a queued message keeps what it says sealed, and only while it waits; it is sent under one id,
//! however often it is tried; nothing that names a person is logged or left in its row.

pub(crate) mod chat_link;
pub(crate) mod compose;
mod gateway;
mod letter;
pub mod presets;
pub mod senders;
pub mod settings;
mod smtp;
pub(crate) mod telegram;
pub mod templates;
pub(crate) mod told;
pub mod unsubscribe;

pub(crate) use compose::{Composed, Uncomposed, send_composed};
use gateway::send_sms;
use letter::Letter;
use smtp::send_letter;
use telegram::send_chat;

use crate::error::ServiceError;
use crate::secrets::{SecretError, Secrets};
use crate::shared::Shared;
use kopilka_core::consent::Channel;
use kopilka_core::ids::{EntryId, MemberId, MessageId, ProgramId};
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_store::messages::{Class, MessageRow, MessageState};
use kopilka_store::rows::{HolderPerson, Person};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Channels that can be written to.
pub const CHANNELS: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Telegram];

/// No message waits longer than this: what is a week old is no news.
pub const LIFE_MAX_SECONDS: i64 = 7 * 24 * 3_600;
/// A message to an address that is no member's is not found when a person is erased, so it may not outlive
/// the hour; what is written to strangers, codes, is worth minutes.
pub const LIFE_TO_ADDRESS_MAX_SECONDS: i64 = 3_600;
/// Data of a template: names, amounts and a dozen rows.
pub const DATA_BYTES_MAX: usize = 16 << 10;

/// Whom a message goes to.
#[derive(Clone, PartialEq, Eq)]
pub enum Recipient {
    /// To where the member is reached by the channel when it is sent: the first e-mail or phone, the chat.
    Member(MemberId),
    /// To an address that may be nobody's yet: an e-mail, a phone in E.164, a chat's id.
    Address(String),
}

impl std::fmt::Debug for Recipient {
    /// An address is personal data: it gets into no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Recipient::Member(member) => write!(f, "Member({member})"),
            Recipient::Address(_) => f.write_str("Address(…)"),
        }
    }
}

/// A message to be queued.
#[derive(Clone)]
pub struct NewMessage {
    pub to: Recipient,
    pub channel: Channel,
    /// One of [`templates::EVENTS`]: which templates say it.
    pub event: String,
    pub class: Class,
    /// The member's own language when absent; of a stranger, that of the sender.
    pub language: Option<Language>,
    /// What the templates say, beside what they know of the program and the member.
    pub data: Map<String, Value>,
    /// From this moment on nobody wants it: it is dropped instead of sent.
    pub expires_at: Instant,
}

/// What a queued message keeps sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    pub source: Source,
}

/// Where what a message says comes from.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// Whoever queued it gave it along.
    Given(Map<String, Value>),
    /// An entry of the journal.
    Entry(EntryId),
    /// What burns within so many days when it is sent.
    Burning { within: i32 },
}

/// Makes the row of a message that waits from now on, to be written by
/// [`insert_message`](kopilka_store::Writer::insert_message) in any transaction: it is sent if and only if
/// that one commits. Call [`Shared::hurry_messenger`] after the commit.
///
/// Errors: `message_invalid` for an unknown event, a term that is over, too long or longer than an address
/// may be kept, and data that is too much; a secret that cannot be sealed.
pub(crate) fn queued(
    shared: &Shared,
    program: ProgramId,
    new: &NewMessage,
    now: Instant,
) -> Result<MessageRow, ServiceError> {
    let invalid = |what| Err(ServiceError::MessageInvalid(what));
    if !templates::is_event(&new.event) {
        return invalid("event");
    }
    let (member, life) = match &new.to {
        Recipient::Member(member) => (Some(*member), LIFE_MAX_SECONDS),
        Recipient::Address(_) => (None, LIFE_TO_ADDRESS_MAX_SECONDS),
    };
    if new.expires_at <= now || new.expires_at > now.plus_seconds(life) {
        return invalid("expires_at");
    }
    let content = Content { language: new.language, source: Source::Given(new.data.clone()) };
    let content = serde_json::to_vec(&content).map_err(|_| ServiceError::MessageInvalid("data"))?;
    if content.len() > DATA_BYTES_MAX {
        return invalid("data");
    }
    let id = MessageId(shared.ids.next());
    let address = match &new.to {
        Recipient::Member(_) => None,
        Recipient::Address(text) => {
            let address = address_of(new.channel, text).ok_or(ServiceError::MessageInvalid("address"))?;
            Some(shared.secrets.seal(&address_place(program, id), address.as_bytes())?)
        }
    };
    let data = shared.secrets.seal(&data_place(program, id), &content)?;
    let life = (now, new.expires_at);
    let row = waiting((program, member, new.channel), (&new.event, new.class), id, life);
    Ok(MessageRow { address, data: Some(data), ..row })
}

/// Makes the row of a message to a member whose words come from elsewhere than a caller.
pub(crate) fn queued_of(
    shared: &Shared,
    (program, member, channel): (ProgramId, MemberId, Channel),
    about: (&str, Class),
    source: Source,
    life: (Instant, Instant),
) -> Result<MessageRow, ServiceError> {
    let content = serde_json::to_vec(&Content { language: None, source });
    let content = content.map_err(|_| ServiceError::MessageInvalid("data"))?;
    let id = MessageId(shared.ids.next());
    let data = shared.secrets.seal(&data_place(program, id), &content)?;
    let row = waiting((program, Some(member), channel), about, id, life);
    Ok(MessageRow { data: Some(data), ..row })
}

fn waiting(
    (program, member, channel): (ProgramId, Option<MemberId>, Channel),
    (event, class): (&str, Class),
    id: MessageId,
    (now, expires_at): (Instant, Instant),
) -> MessageRow {
    MessageRow {
        program,
        member,
        id,
        channel,
        event: event.to_owned(),
        class,
        state: MessageState::Waiting,
        tries: 0,
        at: now,
        expires_at,
        created_at: now,
        address: None,
        data: None,
        reason: None,
        receipt: None,
    }
}

/// An address in its one spelling, by which nothing but one person is reached.
pub(crate) fn address_of(channel: Channel, text: &str) -> Option<String> {
    match channel {
        Channel::Email => crate::identifiers::email(text).ok(),
        Channel::Sms => crate::identifiers::phone(text).ok(),
        Channel::Telegram => text.parse::<i64>().ok().map(|chat| chat.to_string()),
        Channel::Push | Channel::Call => None,
    }
}

/// Where a member is reached: others who use the account have not agreed to its messages.
pub(crate) fn address_in(person: &Person, channel: Channel) -> Option<&str> {
    let own = |all: &[String], of: fn(&HolderPerson) -> &Vec<String>| {
        all.iter().position(|text| !person.holders.iter().any(|holder| of(holder).contains(text)))
    };
    match channel {
        Channel::Email => own(&person.emails, |holder| &holder.emails).map(|at| person.emails[at].as_str()),
        Channel::Sms => own(&person.phones, |holder| &holder.phones).map(|at| person.phones[at].as_str()),
        Channel::Telegram => person.telegram.as_deref(),
        Channel::Push | Channel::Call => None,
    }
}

/// What a message keeps, opened.
pub(crate) fn content_of(secrets: &Secrets, row: &MessageRow) -> Result<Content, SecretError> {
    let sealed = row.data.as_deref().ok_or(SecretError::Closed)?;
    let plain = secrets.unseal(&data_place(row.program, row.id), sealed)?;
    serde_json::from_slice(&plain).map_err(|_| SecretError::Closed)
}

/// The address that stands in the row, opened.
pub(crate) fn address_in_row(secrets: &Secrets, row: &MessageRow) -> Result<Option<String>, SecretError> {
    let Some(sealed) = row.address.as_deref() else { return Ok(None) };
    let plain = secrets.unseal(&address_place(row.program, row.id), sealed)?;
    String::from_utf8(plain).map(Some).map_err(|_| SecretError::Closed)
}

/// Address and content of a row.
type SealedAgain = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Both, sealed with the newest key.
pub(crate) fn sealed_again(secrets: &Secrets, row: &MessageRow) -> Result<SealedAgain, SecretError> {
    let again = |place: String, sealed: &Option<Vec<u8>>| {
        let sealed = sealed.as_deref();
        sealed.map(|sealed| secrets.seal(&place, &secrets.unseal(&place, sealed)?)).transpose()
    };
    let address = again(address_place(row.program, row.id), &row.address)?;
    Ok((address, again(data_place(row.program, row.id), &row.data)?))
}

fn data_place(program: ProgramId, id: MessageId) -> String {
    format!("message/{program}/{id}/data")
}
fn address_place(program: ProgramId, id: MessageId) -> String {
    format!("message/{program}/{id}/address")
}

/// The engine's language that a tag such as `ru-RU` stands for.
pub fn language_of(tag: &str) -> Option<Language> {
    let main = tag.split(['-', '_']).next().unwrap_or_default();
    kopilka_core::words::LANGUAGES.into_iter().find(|language| main.eq_ignore_ascii_case(language.tag()))
}

/// Words ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Of letters alone.
    pub subject: String,
    pub text: String,
    /// Of letters that have one.
    pub html: Option<String>,
}

/// What has become of a try to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Taken, and under which id the other side knows it.
    Taken(Option<String>),
    /// May get through later: why, and after how many seconds at the earliest.
    Later(String, Option<i64>),
    /// Will never get through.
    Refused(String),
    /// The person does not want to be written to by this channel any more.
    Unreachable(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling_and_a_channel() {
        for (channel, text, address) in [
            (Channel::Email, " Anna@Shop.Example ", Some("anna@shop.example")),
            (Channel::Email, "anna", None),
            (Channel::Sms, "8 (912) 345-67-89", Some("+79123456789")),
            (Channel::Sms, "anna@shop.example", None),
            (Channel::Telegram, "-1001", Some("-1001")),
            (Channel::Telegram, "@anna", None),
            (Channel::Push, "x", None),
        ] {
            assert_eq!(address_of(channel, text).as_deref(), address, "{text}");
        }
        assert_eq!(language_of("ru-RU"), Some(Language::Ru));
        assert_eq!(language_of("EN"), Some(Language::En));
        assert_eq!(language_of("rue"), None);
    }
}
