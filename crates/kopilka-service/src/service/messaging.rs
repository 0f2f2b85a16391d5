//! What members are told by themselves, in which words, and how they say no.
//!
//! Invariant: words are stored only when they render with the sample of their event; a consent is taken back
//! as any other, by a record with its proof.

use super::Service;
use crate::error::ServiceError;
use crate::messages::compose::about;
use crate::messages::settings::Messaging;
use crate::messages::templates::{MessageEvent, Template, TemplateProblem, event_of, is_of_rule};
use crate::messages::told::OWN;
use crate::messages::unsubscribe::{self, Unsubscribing};
use crate::messages::{CHANNELS, Composed, Said, address_of, send_composed};
use crate::service::messages::{TestMessage, answer_of, opened};
use crate::write::{Change, MemberRef, PersonPatch, WithdrawalTold, Write};
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::ids::{MemberId, MessageId, ProgramId};
use kopilka_core::program::{Grant, Rule, Text};
use kopilka_core::refusal::Refusal;
use kopilka_core::words::{LANGUAGES, Language};
use kopilka_store::messaging::{MessagingRow, TemplateKey, TemplateRow};
use kopilka_store::rows::{Proof, subscribed};
use serde_json::{Map, Value};

/// Words of an event, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub template: Template,
    /// The engine's own.
    pub builtin: bool,
}

impl Service {
    /// What the program tells by itself; nothing where nobody has said so.
    pub async fn messaging(&self, program: ProgramId) -> Result<Messaging, ServiceError> {
        let row = self.read(move |reader| reader.messaging(program)).await?;
        row.map_or_else(|| Ok(Messaging::default()), |row| settings_of(&row))
    }

    /// From here on members are told these events: what happened before is news no more.
    pub async fn put_messaging(&self, program: ProgramId, settings: Messaging) -> Result<(), ServiceError> {
        let state = self.shared.program(program)?;
        settings.check().map_err(ServiceError::MessagingInvalid)?;
        let units = self.units_of(program)?;
        let text = serde_json::to_string(&settings).map_err(|e| ServiceError::Storage(e.to_string()))?;
        let yesterday = units.zone.day_of(self.shared.now_of(&state)).plus_days(-1);
        self.alone(move |engine| {
            let changed_at = engine.shared.system_now();
            engine.transaction(|engine| {
                let reached = engine.writer.reads().newest_entry()?;
                let row = MessagingRow { program, settings: text, reached, warned_on: yesterday, changed_at };
                engine.writer.put_messaging(&row)
            })
        })
        .await??;
        self.shared.hurry_messenger();
        Ok(())
    }

    /// The shop's own words of a program, each with what it stands under.
    pub async fn templates(&self, program: ProgramId) -> Result<Vec<TemplateRow>, ServiceError> {
        self.read(move |reader| reader.templates(program)).await
    }

    /// The words in force.
    pub async fn template(&self, program: ProgramId, key: TemplateKey) -> Result<Words, ServiceError> {
        let (event, language) = known(&key)?;
        let builtin = (!is_of_rule(&key.event)).then(|| Template::builtin(event, key.channel, language));
        let own = self.read(move |reader| reader.template(program, &key)).await?;
        match (own, builtin) {
            (Some(row), _) => Ok(Words { template: Template::of_row(row), builtin: false }),
            (None, Some(template)) => Ok(Words { template, builtin: true }),
            (None, None) => Err(ServiceError::TemplateUnknown),
        }
    }

    /// Messages that rules of the newest version send and members would not get: they have no words by any of
    /// their channels, or no channel.
    pub async fn messages_unheard(&self, program: ProgramId) -> Result<Vec<String>, ServiceError> {
        let state = self.shared.program(program)?;
        let Some(newest) = state.versions.newest() else { return Ok(Vec::new()) };
        let message = |grant: &Grant| match grant {
            Grant::Message(name) => Some(name.to_string()),
            _ => None,
        };
        let mut unheard: Vec<String> =
            newest.rules.iter().flat_map(Rule::grants).filter_map(message).collect();
        if unheard.is_empty() {
            return Ok(unheard);
        }
        unheard.sort();
        unheard.dedup();
        let (settings, words) = (self.messaging(program).await?, self.templates(program).await?);
        unheard.retain(|name| {
            let event = format!("{OWN}{name}");
            let channels = settings.events.get(&event).map(|telling| &telling.channels);
            let said = |channel: &Channel| {
                words.iter().any(|row| row.key.event == event && row.key.channel == *channel)
            };
            !channels.is_some_and(|channels| channels.iter().any(said))
        });
        Ok(unheard)
    }

    pub async fn put_template(
        &self,
        program: ProgramId,
        key: TemplateKey,
        template: Template,
    ) -> Result<(), ServiceError> {
        self.shared.program(program)?;
        let (event, language) = known(&key)?;
        if key.channel != Channel::Email && (template.html.is_some() || !template.subject.is_empty()) {
            let why = "letters alone have it".to_owned();
            let part = if template.html.is_some() { "html" } else { "subject" };
            return Err(ServiceError::TemplateInvalid(TemplateProblem { part, line: 0, why }));
        }
        // With everything known, and with nothing that need not be.
        for values in [event.sample(language), event.least(language)] {
            template.render(key.channel, &values).map_err(ServiceError::TemplateInvalid)?;
        }
        let row = TemplateRow {
            key,
            subject: template.subject,
            body: template.text,
            html: template.html,
            changed_at: self.shared.system_now(),
        };
        self.alone(move |engine| engine.transaction(|engine| engine.writer.put_template(program, &row)))
            .await??;
        Ok(())
    }

    /// Back to the engine's own words.
    pub async fn delete_template(&self, program: ProgramId, key: TemplateKey) -> Result<(), ServiceError> {
        known(&key)?;
        let there = self
            .alone(move |engine| engine.transaction(|engine| engine.writer.delete_template(program, &key)))
            .await??;
        if there { Ok(()) } else { Err(ServiceError::TemplateUnknown) }
    }

    /// What a message would say: with the event's sample, and what is known of the member where one is named.
    pub async fn preview(
        &self,
        program: ProgramId,
        key: TemplateKey,
        member: Option<MemberId>,
    ) -> Result<Said, ServiceError> {
        let (event, language) = known(&key)?;
        let channel = key.channel;
        let mut values = event.sample(language);
        values.extend(self.known_of(program, member, language).await?);
        let words = self.template(program, key).await?;
        words.template.render(channel, &values).map_err(ServiceError::TemplateInvalid)
    }

    /// The same, sent now and once to an address of one's own.
    pub async fn test_template(
        &self,
        program: ProgramId,
        key: TemplateKey,
        member: Option<MemberId>,
        to: &str,
    ) -> Result<TestMessage, ServiceError> {
        let channel = key.channel;
        let to = address_of(channel, to).ok_or(ServiceError::MessageInvalid("address"))?;
        let said = self.preview(program, key, member).await?;
        let row = self.sender_row(program, channel).await?;
        let (settings, secrets) = opened(&self.shared.secrets, &row)?;
        let id = MessageId(self.shared.ids.next());
        let composed = Composed { id, to, at: self.shared.system_now(), said, unsubscribe: None };
        let sent = send_composed(&self.shared.outside.separate(), &settings, &secrets, &composed).await;
        Ok(TestMessage { id, answer: answer_of(sent) })
    }

    async fn known_of(
        &self,
        program: ProgramId,
        member: Option<MemberId>,
        language: Language,
    ) -> Result<Map<String, Value>, ServiceError> {
        let units = self.units_of(program)?;
        let now = self.now(program);
        let (row, person) = match member {
            Some(member) => {
                self.read(move |r| Ok((r.member(program, member)?, r.person(program, member)?))).await?
            }
            None => (None, None),
        };
        let mut values = about(&units, person.as_ref(), row.as_ref().map(|row| &row.member), (language, now));
        if member.is_none() {
            // The sample's own stand for them.
            values.retain(|name, _| name == "program");
        }
        Ok(values)
    }

    /// What a link says of whom it is for: the program's name; nothing where it is not one of ours.
    pub fn unsubscribing(&self, token: &str) -> Option<(Unsubscribing, Text)> {
        let of = unsubscribe::read(&self.shared.secret, token)?;
        let units = self.units_of(of.program).ok()?;
        Some((of, units.name.clone()))
    }

    /// Takes the consent of the link's channel back, once; a link that is used again changes nothing.
    pub async fn unsubscribe(&self, of: Unsubscribing, proof: Proof) -> Result<(), ServiceError> {
        let Unsubscribing { program, member, channel } = of;
        // The account may have become part of another one since the letter was written.
        let member = match self.find_member(program, MemberRef::Id(member)).await {
            Err(ServiceError::Refused(Refusal::MemberUnknown)) => return Ok(()),
            found => found?,
        };
        let person = self.read(move |reader| reader.person(program, member)).await?;
        if !person.is_some_and(|person| subscribed(&person.consents).has(channel)) {
            return Ok(());
        }
        let (purpose, channel) = (Some(Purpose::Marketing), Some(channel));
        let withdrawn = Some(WithdrawalTold { purpose, channel, at: None, proof });
        let patch = PersonPatch { withdrawn, ..PersonPatch::default() };
        let write = Write {
            program,
            scope: "unsubscribe".to_owned(),
            key: None,
            input_hash: [0; 16],
            operator: None,
            reason: None,
            change: Change::PatchMember { member: MemberRef::Id(member), patch },
        };
        self.write(write).await.map(|_| ())
    }
}

pub(crate) fn settings_of(row: &MessagingRow) -> Result<Messaging, ServiceError> {
    serde_json::from_str(&row.settings).map_err(|e| ServiceError::Storage(format!("settings: {e}")))
}

/// An event, channel and language that there are words for.
fn known(key: &TemplateKey) -> Result<(&'static MessageEvent, Language), ServiceError> {
    let event = event_of(&key.event).filter(|_| CHANNELS.contains(&key.channel));
    let language = LANGUAGES.into_iter().find(|language| language.tag() == key.language);
    event.zip(language).ok_or(ServiceError::TemplateUnknown)
}
