//! A queued message becomes an address and words.
//!
//! Invariant: both are those of the moment of sending: an address that was changed meanwhile, a language that
//! was told meanwhile; and whether it may be sent is asked then, of the consents as they are then.

use super::senders::{SenderSecrets, Settings};
use super::settings::Messaging;
use super::templates::{Template, event_of, is_of_rule};
use super::told::{expiring, values_of};
use super::unsubscribe::{Unsubscribing, token};
use super::{Content, Letter, Said, Sent, Source, address_in, address_in_row, content_of, language_of};
use super::{send_chat, send_letter, send_sms};
use crate::outside::Outside;
use crate::service::{Service, settings_of};
use kopilka_core::ids::MessageId;
use kopilka_core::member::Member;
use kopilka_core::program::Program;
use kopilka_core::time::Instant;
use kopilka_core::words::{LANGUAGES, Language, Speaker};
use kopilka_store::messages::{Class, MessageRow};
use kopilka_store::messaging::TemplateKey;
use kopilka_store::rows::{Person, subscribed};
use kopilka_store::{Reader, StoreError};
use serde_json::{Map, Value};

/// A message ready to be sent.
pub(crate) struct Composed {
    pub id: MessageId,
    pub to: String,
    pub at: Instant,
    pub said: Said,
    /// Of marketing: where the consent is taken back.
    pub unsubscribe: Option<String>,
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
    /// Not before this moment, by the quiet hours.
    Postponed(Instant),
}

type Asked<T> = Result<Result<T, Uncomposed>, StoreError>;

impl Service {
    /// What a message says and where it goes, by what is known now.
    pub(crate) fn compose(
        &self,
        reader: &Reader,
        settings: &Settings,
        row: &MessageRow,
        now: Instant,
    ) -> Asked<Composed> {
        let Ok(program) = self.units_of(row.program) else { return Ok(Err(Uncomposed::Later("program"))) };
        let secrets = &self.shared.secrets;
        let (Ok(content), Ok(own)) = (content_of(secrets, row), address_in_row(secrets, row)) else {
            return Ok(Err(Uncomposed::Later("secret_unreadable")));
        };
        let person = match row.member {
            Some(member) => reader.person(row.program, member)?,
            None => None,
        };
        let there = person.as_ref().and_then(|person| address_in(person, row.channel));
        let Some(to) = own.or_else(|| there.map(str::to_owned)) else {
            return Ok(Err(Uncomposed::Dropped("no_address")));
        };
        let unsubscribe = match self.may_be_sent(reader, row, (&content, person.as_ref(), &program), now)? {
            Ok(unsubscribe) => unsubscribe,
            Err(why) => return Ok(Err(why)),
        };
        let wanted = language_for(&content, person.as_ref(), settings);
        let Some((template, language)) = words_for(reader, row, wanted)? else {
            return Ok(Err(Uncomposed::Dropped("no_template")));
        };
        let values = self.values(reader, row, (&content, person.as_ref(), &program), language)?;
        let mut values = match values {
            Ok(values) => values,
            Err(why) => return Ok(Err(why)),
        };
        values.insert("unsubscribe".to_owned(), unsubscribe.as_deref().into());
        Ok(match template.render(row.channel, &values) {
            Ok(said) => Ok(Composed { id: row.id, to, at: now, said, unsubscribe }),
            Err(problem) => {
                tracing::warn!(event = row.event, ?problem, "a message cannot be said");
                Err(Uncomposed::Refused("template_failed"))
            }
        })
    }

    /// Whether it may be sent now; of marketing also where the consent is taken back.
    fn may_be_sent(
        &self,
        reader: &Reader,
        row: &MessageRow,
        (content, person, program): (&Content, Option<&Person>, &Program),
        now: Instant,
    ) -> Asked<Option<String>> {
        let messaging =
            reader.messaging(row.program)?.and_then(|row| settings_of(&row).ok()).unwrap_or_default();
        let asked_for = matches!(content.source, Source::Given(_));
        let marketing = row.class == Class::Marketing;
        let Messaging { base_url, quiet, cap, .. } = messaging;
        // What was asked for just now is waited for, whatever the hour.
        if (marketing || !asked_for)
            && let Some(until) = quiet.and_then(|quiet| quiet.ends(&program.zone, now))
        {
            return Ok(Err(Uncomposed::Postponed(until)));
        }
        if !marketing {
            return Ok(Ok(None));
        }
        let agreed = person.is_some_and(|person| subscribed(&person.consents).has(row.channel));
        let (Some(member), true) = (row.member, agreed) else {
            return Ok(Err(Uncomposed::Dropped("no_consent")));
        };
        if let Some(cap) = cap {
            let sent = reader.messages_sent_since(row.program, member, row.class, cap.since(now))?;
            if sent >= cap.messages {
                return Ok(Err(Uncomposed::Dropped("cap")));
            }
        }
        let Some(base) = base_url else { return Ok(Err(Uncomposed::Dropped("no_base_url"))) };
        let of = Unsubscribing { program: row.program, member, channel: row.channel };
        let token = token(&self.shared.secret, &of);
        Ok(Ok(Some(format!("{}/unsubscribe/{token}", base.trim_end_matches('/')))))
    }

    /// What its templates may say.
    fn values(
        &self,
        reader: &Reader,
        row: &MessageRow,
        (content, person, program): (&Content, Option<&Person>, &Program),
        language: Language,
    ) -> Asked<Map<String, Value>> {
        let Some(event) = event_of(&row.event) else { return Ok(Err(Uncomposed::Refused("event_unknown"))) };
        let member = match row.member {
            Some(member) => reader.member(row.program, member)?.map(|row| row.member),
            None => None,
        };
        let now = self.now(row.program);
        let mut values = event.blank();
        values.extend(about(program, person, member.as_ref(), (language, now)));
        match &content.source {
            Source::Given(data) => values.extend(data.clone()),
            Source::Entry(id) => {
                let Some(entry) = reader.entry(row.program, *id)? else {
                    return Ok(Err(Uncomposed::Dropped("entry_unknown")));
                };
                values.extend(values_of(&entry, &row.event, program, language));
            }
            Source::Burning { within } => {
                let burning = member.and_then(|member| expiring(&member, program, language, (now, *within)));
                let Some(burning) = burning else { return Ok(Err(Uncomposed::Dropped("nothing_burns"))) };
                values.extend(burning);
            }
        }
        Ok(Ok(values))
    }
}

/// The words and their language. What a rule sends is said in the shop's own words alone, so those of another
/// language are better than none.
fn words_for(
    reader: &Reader,
    row: &MessageRow,
    wanted: Language,
) -> Result<Option<(Template, Language)>, StoreError> {
    let (event, channel) = (row.event.clone(), row.channel);
    let mut key = TemplateKey { event, channel, language: wanted.tag().to_owned() };
    if let Some(own) = reader.template(row.program, &key)? {
        return Ok(Some((Template::of_row(own), wanted)));
    }
    if !is_of_rule(&row.event) {
        let event = event_of(&row.event);
        return Ok(event.map(|event| (Template::builtin(event, channel, wanted), wanted)));
    }
    for other in LANGUAGES.into_iter().filter(|other| *other != wanted) {
        other.tag().clone_into(&mut key.language);
        if let Some(own) = reader.template(row.program, &key)? {
            return Ok(Some((Template::of_row(own), other)));
        }
    }
    Ok(None)
}

fn language_for(content: &Content, person: Option<&Person>, settings: &Settings) -> Language {
    let told = || person?.language.as_deref().and_then(language_of);
    content.language.or_else(told).unwrap_or_else(|| settings.language())
}

/// What every message may say.
pub(crate) fn about(
    program: &Program,
    person: Option<&Person>,
    member: Option<&Member>,
    (language, now): (Language, Instant),
) -> Map<String, Value> {
    let say = Speaker::new(program, language);
    let balance = member.map(|member| say.points(member.balance_at(now).available));
    let mut values = Map::new();
    values.insert("program".to_owned(), language.of(&program.name).into());
    values.insert("name".to_owned(), person.and_then(|person| person.name.as_deref()).into());
    values.insert("balance".to_owned(), balance.into());
    values
}

/// Sends it by its channel.
pub(crate) async fn send_composed(
    outside: &Outside,
    settings: &Settings,
    secrets: &SenderSecrets,
    composed: &Composed,
) -> Sent {
    let Composed { id, to, at, said, unsubscribe } = composed;
    match settings {
        Settings::Email(smtp) => match Letter::new(smtp, (*id, to, *at), said, unsubscribe.as_deref()) {
            Some(letter) => send_letter(outside, smtp, secrets, &letter).await,
            None => Sent::Refused("address_invalid".to_owned()),
        },
        Settings::Sms(gateway) => send_sms(outside, gateway, secrets, (*id, to, said)).await,
        Settings::Telegram(bot) => send_chat(outside, bot, secrets, (to, said)).await,
    }
}
