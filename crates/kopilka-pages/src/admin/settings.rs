//! `/admin/settings`: what members are told by themselves and when they may be written to; by whom; and the
//! time of a trial.
//!
//! Invariant: settings are put as the API puts them, all of one kind at once; secrets are never told again.

pub mod clock;
pub mod senders;

use crate::admin::messages::{Known, channel_label, event_label};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::messages::CHANNELS;
use kopilka_service::messages::settings::Messaging;
use kopilka_web::api::messaging::{CapWire, MessagingWire, QuietWire, TellingWire, put::put};
use kopilka_web::problem::Problem;
use kopilka_web::wire::Word;
use std::collections::BTreeMap;

/// A page of the settings.
pub struct Tab {
    pub address: &'static str,
    pub label: String,
    pub is_here: bool,
}

/// The pages that a role opens: the clock is read by more of them than what members are told.
pub fn tabs(words: Words, here: &str, sees_messages: bool) -> Vec<Tab> {
    let mut all = vec![("/admin/settings/clock", "settings-clock")];
    if sees_messages {
        all.insert(0, ("/admin/settings/senders", "settings-senders"));
        all.insert(0, ("/admin/settings", "settings-messaging"));
    }
    let tab = |(address, key): (&'static str, &str)| Tab {
        address,
        label: words.say(key),
        is_here: address == here,
    };
    all.into_iter().map(tab).collect()
}

/// How one event is told.
pub struct Telling {
    pub name: String,
    pub label: String,
    /// The channels in the order in which they are tried, as many as there are; empty where none is.
    pub channels: Vec<String>,
    pub is_marketing: bool,
}

/// What the fields hold.
#[derive(Default)]
pub struct Fields {
    pub base_url: String,
    pub quiet_from: String,
    pub quiet_to: String,
    pub cap_messages: String,
    pub cap_days: String,
    pub warn_days: String,
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
pub struct SettingsPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub fields: Fields,
    pub events: Vec<Telling>,
    /// Channels to choose, with their names.
    pub channels: Vec<(&'static str, String)>,
    pub zone: String,
    /// The part that cannot be meant, as the API calls it.
    pub wrong: Option<String>,
    /// Channels that are wanted and have nobody to write by them.
    pub no_sender: Vec<String>,
}

impl SettingsPage {
    pub fn is_wrong(&self, part: &str) -> bool {
        self.wrong.as_deref() == Some(part)
    }

    pub fn sample(language: Language) -> SettingsPage {
        let frame = Frame::sample(language);
        let telling = |name: &str, channels: [&str; 3]| Telling {
            name: name.to_owned(),
            label: event_label(frame.words, name),
            channels: channels.map(str::to_owned).to_vec(),
            is_marketing: true,
        };
        SettingsPage {
            tabs: tabs(frame.words, "/admin/settings", true),
            fields: Fields { base_url: "\"><script>alert(1)</script>".to_owned(), ..Fields::default() },
            events: vec![
                telling("points_accrued", ["telegram", "email", ""]),
                telling("own.birthday-letter", ["", "", ""]),
            ],
            channels: channels(frame.words),
            zone: "Europe/Moscow".to_owned(),
            wrong: Some("base_url".to_owned()),
            no_sender: vec![frame.say("by-sms")],
            frame,
        }
    }
}

fn channels(words: Words) -> Vec<(&'static str, String)> {
    CHANNELS.map(|channel| (channel.name(), channel_label(words, channel))).to_vec()
}

fn telling(words: Words, name: String, mut channels: Vec<String>, is_marketing: bool) -> Telling {
    channels.resize(CHANNELS.len(), String::new());
    Telling { label: event_label(words, &name), name, channels, is_marketing }
}

async fn drawn(office: &Office, frame: Frame) -> Result<SettingsPage, Response> {
    let known = Known::of(office).await?;
    let wire = MessagingWire::of(known.settings.clone());
    let events = known.automatic(&office.desk.program).into_iter().map(|name| {
        let told = wire.events.get(&name);
        let channels = told.map_or_else(Vec::new, |t| t.channels.iter().map(|c| c.0.clone()).collect());
        telling(frame.words, name, channels, told.is_some_and(|told| told.class.0 == "marketing"))
    });
    let days: Vec<String> = wire.warn_days.iter().map(ToString::to_string).collect();
    let (quiet, cap) = (wire.quiet_hours.as_ref(), wire.marketing_cap.as_ref());
    let fields = Fields {
        base_url: wire.base_url.clone().unwrap_or_default(),
        quiet_from: quiet.map(|quiet| quiet.from.clone()).unwrap_or_default(),
        quiet_to: quiet.map(|quiet| quiet.to.clone()).unwrap_or_default(),
        cap_messages: cap.map(|cap| cap.messages.to_string()).unwrap_or_default(),
        cap_days: cap.map(|cap| cap.days.to_string()).unwrap_or_default(),
        warn_days: days.join(", "),
    };
    Ok(SettingsPage {
        tabs: tabs(frame.words, "/admin/settings", true),
        fields,
        events: events.collect(),
        channels: channels(frame.words),
        zone: office.desk.program.zone.name().to_owned(),
        wrong: None,
        no_sender: no_sender(frame.words, &known, &known.settings),
        frame,
    })
}

fn no_sender(words: Words, known: &Known, settings: &Messaging) -> Vec<String> {
    let wanted = |channel: &kopilka_core::consent::Channel| {
        settings.events.values().any(|telling| telling.channels.contains(channel))
    };
    let missing = CHANNELS.into_iter().filter(|channel| wanted(channel) && !known.senders.contains(channel));
    missing.map(|channel| channel_label(words, channel)).collect()
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Settings));
    Ok(Page(drawn(&office, frame).await?).into_response())
}

/// The channels that were chosen for an event, in their order, each once.
fn chosen(posted: &Posted, event: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for channel in posted.all(&format!("channel:{event}")).filter(|channel| !channel.is_empty()) {
        if !out.iter().any(|known| known == channel) {
            out.push(channel.to_owned());
        }
    }
    out
}

fn invalid(part: &str) -> Problem {
    Problem::of("messaging_invalid").with("part", part).at(format!("/{part}"))
}

/// What was typed, as the API is told it. `events` are those of the page: others would be a form of
/// somebody's own.
fn wire(posted: &Posted, events: &[String]) -> Result<MessagingWire, Problem> {
    let number = |name: &str, part: &str| posted.text(name).parse::<i64>().map_err(|_| invalid(part));
    let word = |text: &str| Word::checked(text).ok_or_else(|| invalid("events"));
    let (from, to) = (posted.some("quiet_from"), posted.some("quiet_to"));
    let quiet_hours = match (from, to) {
        (None, None) => None,
        _ => Some(QuietWire {
            from: from.unwrap_or_default().to_owned(),
            to: to.unwrap_or_default().to_owned(),
        }),
    };
    let marketing_cap = match (posted.some("cap_messages"), posted.some("cap_days")) {
        (None, None) => None,
        _ => Some(CapWire {
            messages: number("cap_messages", "marketing_cap")?,
            days: number("cap_days", "marketing_cap")?,
        }),
    };
    let days = crate::act::words(posted, "warn_days").into_iter();
    let days = days.flat_map(|part| part.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let warn_days = days.filter(|day| !day.is_empty()).map(|day| day.parse::<i32>());
    let mut told = BTreeMap::new();
    for event in events {
        let channels = chosen(posted, event);
        if channels.is_empty() {
            continue;
        }
        let class = posted.some(&format!("class:{event}")).unwrap_or("service").to_owned();
        let channels = channels.iter().map(|channel| word(channel)).collect::<Result<_, _>>()?;
        told.insert(event.clone(), TellingWire { channels, class: word(&class)? });
    }
    Ok(MessagingWire {
        base_url: posted.some("base_url").map(str::to_owned),
        quiet_hours,
        marketing_cap,
        warn_days: warn_days.collect::<Result<_, _>>().map_err(|_| invalid("warn_days"))?,
        events: told,
    })
}

/// `POST /admin/settings/messaging`: all of it at once, as the API takes it.
pub async fn save(office: Office, posted: Posted) -> Result<Response, Response> {
    let known = Known::of(&office).await?;
    let events = known.automatic(&office.desk.program);
    let put = match wire(&posted, &events) {
        Ok(wire) => put(&office.desk, wire).await.map(|_| ()),
        Err(problem) => Err(problem),
    };
    let problem = match put {
        Ok(()) => return Ok(back_to("/admin/settings?done=saved")),
        Err(problem) if problem.status.is_server_error() => return Err(problem.into_response()),
        Err(problem) => problem,
    };
    let frame = Frame::of(&office.visit, Some(Section::Settings));
    let part = problem.pointer.as_deref().unwrap_or_default().trim_start_matches('/').to_owned();
    let key = format!("settings-wrong-{}", part.replace('_', "-"));
    let said = frame.words.say_if_known(&key);
    let said = said.unwrap_or_else(|| office.desk.language.of(&problem.detail).to_owned());
    let words = frame.words;
    let page = drawn(&office, frame.with_notice(Tone::Bad, said)).await?;
    let typed = |event: String| {
        let is_marketing = posted.text(&format!("class:{event}")) == "marketing";
        let channels = chosen(&posted, &event);
        telling(words, event, channels, is_marketing)
    };
    let text = |name: &str| posted.text(name).to_owned();
    let fields = Fields {
        base_url: text("base_url"),
        quiet_from: text("quiet_from"),
        quiet_to: text("quiet_to"),
        cap_messages: text("cap_messages"),
        cap_days: text("cap_days"),
        warn_days: text("warn_days"),
    };
    let events = events.into_iter().map(typed).collect();
    Ok(again(SettingsPage { fields, events, wrong: Some(part), ..page }, problem.code))
}
