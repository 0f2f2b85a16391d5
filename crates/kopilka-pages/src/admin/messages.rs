//! `/admin/messages`: what members are told of, by which channel, in whose words.
//!
//! Invariant: whether something is told is what the settings and the senders say; the page only says it in
//! words.

pub mod log;
mod preview;
pub mod template;

use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::visit::Office;
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::Channel;
use kopilka_core::program::{Grant, Program, Rule};
use kopilka_core::words::{LANGUAGES, Language};
use kopilka_service::messages::CHANNELS;
use kopilka_service::messages::settings::Messaging;
use kopilka_service::messages::templates::{EVENTS, event_of, is_of_rule};
use kopilka_service::{ServiceError, TemplateKey};
use std::collections::BTreeSet;

/// Before the name of a message that a rule sends.
const OF_RULE: &str = "own.";

/// Words of one language.
pub struct WordsLink {
    pub address: String,
    pub language: String,
    pub state: String,
    pub tone: &'static str,
}

/// One event by one channel.
pub struct Cell {
    /// Why nothing goes this way; `None` where it does.
    pub off: Option<String>,
    pub words: Vec<WordsLink>,
}

pub struct EventLine {
    pub label: String,
    /// As the API and the program's document call it.
    pub name: String,
    pub class: String,
    pub cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "admin/messages.html")]
pub struct MessagesPage {
    pub frame: Frame,
    pub channels: Vec<String>,
    pub events: Vec<EventLine>,
    /// Nothing can be sent by any channel yet.
    pub no_senders: bool,
    /// Messages of rules that nobody would get.
    pub unheard: Vec<String>,
}

/// What is known of a program's messages.
pub struct Known {
    pub settings: Messaging,
    pub senders: Vec<Channel>,
    /// Events, channels and languages with words of the shop's own.
    pub own: BTreeSet<(String, &'static str, String)>,
}

impl Known {
    pub async fn of(office: &Office) -> Result<Known, Response> {
        let (service, program) = (&office.desk.app.service, office.desk.program_id());
        let failed = |error: ServiceError| office.desk.failed(error).into_response();
        let own = service.templates(program).await.map_err(failed)?.into_iter();
        let senders = service.senders(program).await.map_err(failed)?;
        Ok(Known {
            settings: service.messaging(program).await.map_err(failed)?,
            senders: senders.iter().map(|sender| sender.settings.channel()).collect(),
            own: own.map(|row| (row.key.event, row.key.channel.name(), row.key.language)).collect(),
        })
    }

    /// Events that may be told by themselves: the engine's, and those that rules send or words are kept for.
    pub fn automatic(&self, program: &Program) -> Vec<String> {
        let mut names: Vec<String> =
            EVENTS.iter().filter(|event| event.automatic).map(|event| event.name.to_owned()).collect();
        let message = |grant: &Grant| match grant {
            Grant::Message(name) => Some(format!("{OF_RULE}{name}")),
            _ => None,
        };
        let mut own: BTreeSet<String> =
            program.rules.iter().flat_map(Rule::grants).filter_map(message).collect();
        own.extend(self.own.iter().map(|(event, ..)| event.clone()).filter(|event| is_of_rule(event)));
        own.extend(self.settings.events.keys().filter(|event| is_of_rule(event)).cloned());
        names.extend(own);
        names
    }

    fn has_own(&self, event: &str, channel: Channel, language: Language) -> bool {
        self.own.contains(&(event.to_owned(), channel.name(), language.tag().to_owned()))
    }

    /// Why nothing goes out about the event by the channel.
    pub fn off(&self, words: Words, event: &str, channel: Channel) -> Option<String> {
        let asked_for = event_of(event).is_some_and(|event| !event.automatic);
        let telling = self.settings.events.get(event);
        let wanted = asked_for || telling.is_some_and(|telling| telling.channels.contains(&channel));
        match (wanted, self.senders.contains(&channel)) {
            (false, _) => Some(words.say("messages-off")),
            (true, false) => Some(words.say("messages-no-sender")),
            (true, true) => None,
        }
    }

    fn line(&self, words: Words, name: &str) -> EventLine {
        let class = match self.settings.events.get(name) {
            Some(telling) => words.say(&format!("class-{}", telling.class.name())),
            None if event_of(name).is_some_and(|event| event.automatic) => words.say("messages-not-told"),
            None => words.say("messages-asked-for"),
        };
        let cell = |channel: Channel| Cell {
            off: self.off(words, name, channel),
            words: LANGUAGES.into_iter().map(|language| self.link(words, name, channel, language)).collect(),
        };
        EventLine {
            label: event_label(words, name),
            name: name.to_owned(),
            class,
            cells: CHANNELS.into_iter().map(cell).collect(),
        }
    }

    fn link(&self, words: Words, event: &str, channel: Channel, language: Language) -> WordsLink {
        let (state, tone) = match (self.has_own(event, channel, language), is_of_rule(event)) {
            (true, _) => ("messages-own", "brand"),
            (false, false) => ("messages-builtin", ""),
            (false, true) => ("messages-missing", "warn"),
        };
        WordsLink {
            address: address(event, channel, language),
            language: words.say(&format!("language-{}", language.tag())),
            state: words.say(state),
            tone,
        }
    }
}

/// The page of one template.
pub fn address(event: &str, channel: Channel, language: Language) -> String {
    format!("/admin/messages/{}/{}/{}", crate::act::in_address(event), channel.name(), language.tag())
}

/// What an event is called; one of a rule by its own name.
pub fn event_label(words: Words, event: &str) -> String {
    if is_of_rule(event) {
        return words.say("told-own");
    }
    let known = words.say_if_known(&format!("told-{}", event.replace('_', "-")));
    known.unwrap_or_else(|| event.to_owned())
}

pub fn channel_label(words: Words, channel: Channel) -> String {
    words.say(&format!("by-{}", channel.name()))
}

/// Words of an address, where there can be any.
pub fn key(event: &str, channel: &str, language: &str) -> Option<TemplateKey> {
    let channel = Channel::by_name(channel).filter(|channel| CHANNELS.contains(channel))?;
    event_of(event)?;
    let language = LANGUAGES.into_iter().find(|known| known.tag() == language)?;
    Some(TemplateKey { event: event.to_owned(), channel, language: language.tag().to_owned() })
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let known = Known::of(&office).await?;
    let unheard = office.desk.app.service.messages_unheard(office.desk.program_id()).await;
    let unheard = unheard.map_err(|error| office.desk.failed(error).into_response())?;
    let frame = Frame::of(&office.visit, Some(Section::Messages));
    Ok(Page(MessagesPage::of(frame, &known, &office.desk.program, unheard)).into_response())
}

impl MessagesPage {
    fn of(frame: Frame, known: &Known, program: &Program, unheard: Vec<String>) -> MessagesPage {
        let mut names = known.automatic(program);
        names.extend(EVENTS.iter().filter(|event| !event.automatic).map(|event| event.name.to_owned()));
        MessagesPage {
            channels: CHANNELS.map(|channel| channel_label(frame.words, channel)).to_vec(),
            events: names.iter().map(|name| known.line(frame.words, name)).collect(),
            no_senders: known.senders.is_empty(),
            unheard,
            frame,
        }
    }

    pub fn sample(language: Language) -> MessagesPage {
        let frame = Frame::sample(language);
        let known = Known {
            settings: Messaging::default(),
            senders: vec![Channel::Email],
            own: [("own.birthday-letter".to_owned(), "email", "ru".to_owned())].into(),
        };
        let names = ["points_accrued", "own.birthday-letter", "one_time_code"];
        MessagesPage {
            channels: CHANNELS.map(|channel| channel_label(frame.words, channel)).to_vec(),
            events: names.iter().map(|name| known.line(frame.words, name)).collect(),
            no_senders: true,
            unheard: vec!["birthday-letter".to_owned()],
            frame,
        }
    }
}
