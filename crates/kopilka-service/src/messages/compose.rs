//! A queued message becomes an address and words.
//!
//! Invariant: both are those of the moment of sending: an address that was changed meanwhile, a language that
//! was told meanwhile.

use super::senders::{SenderSecrets, Settings};
use super::templates::{Template, event_of};
use super::{Content, Letter, Said, Sent, address_in, address_in_row, content_of, language_of};
use super::{send_chat, send_letter, send_sms};
use crate::outside::Outside;
use crate::service::Service;
use kopilka_core::ids::MessageId;
use kopilka_core::program::Program;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_store::messages::MessageRow;
use kopilka_store::rows::Person;
use kopilka_store::{Reader, StoreError};
use serde_json::{Map, Value};

/// A message ready to be sent.
pub(crate) struct Composed {
    pub id: MessageId,
    pub to: String,
    pub at: Instant,
    pub said: Said,
}

/// Why a message is not composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Uncomposed {
    /// Not to be sent any more.
    Dropped(&'static str),
    /// Never to be sent as it is.
    Refused(&'static str),
    /// Perhaps later.
    Later(&'static str),
}

impl Service {
    /// What a message says and where it goes, by what is known now.
    pub(crate) fn compose(
        &self,
        reader: &Reader,
        settings: &Settings,
        row: &MessageRow,
        now: Instant,
    ) -> Result<Result<Composed, Uncomposed>, StoreError> {
        let Ok(program) = self.units_of(row.program) else { return Ok(Err(Uncomposed::Later("program"))) };
        let (Ok(content), Ok(own)) =
            (content_of(&self.shared.secrets, row), address_in_row(&self.shared.secrets, row))
        else {
            return Ok(Err(Uncomposed::Later("secret_unreadable")));
        };
        let person = match row.member {
            Some(member) => reader.person(row.program, member)?.unwrap_or_default(),
            None => Person::default(),
        };
        let to = own.or_else(|| address_in(&person, row.channel).map(str::to_owned));
        let Some(to) = to else { return Ok(Err(Uncomposed::Dropped("no_address"))) };
        let Some(event) = event_of(&row.event) else { return Ok(Err(Uncomposed::Refused("event_unknown"))) };
        let language = language_for(&content, &person, settings);
        let mut values = event.blank();
        values.extend(about(&program, &person, language));
        values.extend(content.data);
        let said = Template::builtin(event, row.channel, language).render(row.channel, &values);
        Ok(match said {
            Ok(said) => Ok(Composed { id: row.id, to, at: now, said }),
            Err(problem) => {
                tracing::warn!(event = event.name, ?problem, "a message cannot be said");
                Err(Uncomposed::Refused("template_failed"))
            }
        })
    }
}

fn language_for(content: &Content, person: &Person, settings: &Settings) -> Language {
    let told = || person.language.as_deref().and_then(language_of);
    content.language.or_else(told).unwrap_or_else(|| settings.language())
}

/// What every message may say.
fn about(program: &Program, person: &Person, language: Language) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("program".to_owned(), language.of(&program.name).into());
    values.insert("name".to_owned(), person.name.as_deref().into());
    values
}

/// Sends it by its channel.
pub(crate) async fn send_composed(
    outside: &Outside,
    settings: &Settings,
    secrets: &SenderSecrets,
    composed: &Composed,
) -> Sent {
    let Composed { id, to, at, said } = composed;
    match settings {
        Settings::Email(smtp) => match Letter::new(smtp, (*id, to, *at), said, None) {
            Some(letter) => send_letter(outside, smtp, secrets, &letter).await,
            None => Sent::Refused("address_invalid".to_owned()),
        },
        Settings::Sms(gateway) => send_sms(outside, gateway, secrets, (*id, to, said)).await,
        Settings::Telegram(bot) => send_chat(outside, bot, secrets, (to, said)).await,
    }
}
