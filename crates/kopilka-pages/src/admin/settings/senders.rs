//! `/admin/settings/senders`: by whom members are written to, channel by channel.
//!
//! Invariant: a secret is typed once and shown never: a form that comes back has its secrets empty.

use super::{Tab, tabs};
use crate::admin::messages::channel_label;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::Channel;
use kopilka_core::words::Language;
use kopilka_service::messages::senders::{Settings, TELEGRAM_API};
use kopilka_service::messages::{CHANNELS, presets};
use kopilka_service::{Sender, ServiceError};
use kopilka_web::api::senders::{channel, put::put};
use kopilka_web::problem::Problem;
use serde_json::{Map, Value, json};

/// Secrets that a gateway may have: those of the presets.
const SECRETS: [&str; 4] = ["api_id", "login", "password", "token"];

/// A channel and by whom it is served.
pub struct Card {
    pub name: &'static str,
    pub label: String,
    /// What is known of it, and since when; nothing where there is no sender.
    pub about: Option<String>,
    pub since: String,
    /// What the fields hold, secrets apart.
    pub typed: Posted,
    /// The form came back, or there is nothing yet.
    pub is_open: bool,
    pub wrong: Option<String>,
    /// The bot tells this server who starts it: its name.
    pub connected: Option<String>,
    pub to: String,
}

impl Card {
    pub fn text(&self, name: &str) -> &str {
        self.typed.raw(name)
    }
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.typed.text(name) == value
    }
    pub fn is_wrong(&self, part: &str) -> bool {
        self.wrong.as_deref() == Some(part)
    }
}

#[derive(Template)]
#[template(path = "admin/senders.html")]
pub struct SendersPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub cards: Vec<Card>,
    /// Presets of gateways and the secrets each needs.
    pub presets: Vec<(&'static str, String)>,
    pub secrets: [&'static str; 4],
    pub api: &'static str,
}

impl SendersPage {
    pub fn sample(language: Language) -> SendersPage {
        let frame = Frame::sample(language);
        let card = |channel: Channel, about: Option<&str>| Card {
            name: channel.name(),
            label: channel_label(frame.words, channel),
            about: about.map(str::to_owned),
            since: "1.03.2026".to_owned(),
            typed: Posted::of(&[("host", "\"><script>alert(1)</script>"), ("preset", "smsru")]),
            is_open: true,
            wrong: Some("host".to_owned()),
            connected: None,
            to: String::new(),
        };
        SendersPage {
            tabs: tabs(frame.words, "/admin/settings/senders", true),
            cards: vec![
                card(Channel::Email, Some("<b>mail</b>")),
                card(Channel::Sms, None),
                card(Channel::Telegram, Some("<b>bot</b>")),
            ],
            presets: preset_choices(),
            secrets: SECRETS,
            api: TELEGRAM_API,
            frame,
        }
    }
}

fn preset_choices() -> Vec<(&'static str, String)> {
    let needs = |name: &'static str| presets::secrets_of(name).copied().collect::<Vec<_>>().join(", ");
    presets::names().map(|name| (name, needs(name))).collect()
}

/// What is told of a sender in a line, and what its form holds.
fn told(settings: &Settings) -> (String, Vec<(&'static str, String)>) {
    let language = ("language", settings.language().tag().to_owned());
    match settings {
        Settings::Email(smtp) => {
            let about = format!("{} · {}:{}", smtp.from, smtp.host, smtp.port);
            let fields = vec![
                ("host", smtp.host.clone()),
                ("port", smtp.port.to_string()),
                ("encryption", smtp.encryption.name().to_owned()),
                ("from", smtp.from.clone()),
                ("reply_to", smtp.reply_to.clone().unwrap_or_default()),
                language,
            ];
            (about, fields)
        }
        Settings::Sms(gateway) => {
            let from = gateway.from.clone().unwrap_or_default();
            let by = gateway.preset.clone().unwrap_or_else(|| gateway.request.url.clone());
            let about = if from.is_empty() { by } else { format!("{from} · {by}") };
            let request = match gateway.preset {
                Some(_) => String::new(),
                None => serde_json::to_string_pretty(&gateway.request).unwrap_or_default(),
            };
            let preset = gateway.preset.clone().unwrap_or_default();
            (about, vec![("preset", preset), ("from", from), ("request", request), language])
        }
        Settings::Telegram(bot) => {
            let api = if bot.api == TELEGRAM_API { String::new() } else { bot.api.clone() };
            let about = bot.name.as_ref().map_or_else(|| bot.api.clone(), |name| format!("@{name}"));
            (about, vec![("api", api), language])
        }
    }
}

fn card(words: Words, shown: &Shown, channel: Channel, sender: Option<&Sender>) -> Card {
    let (about, fields) = match sender.map(|sender| told(&sender.settings)) {
        Some((about, fields)) => (Some(about), fields),
        None => (None, Vec::new()),
    };
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let connected = match sender.map(|sender| &sender.settings) {
        Some(Settings::Telegram(bot)) => bot.name.clone(),
        _ => None,
    };
    Card {
        name: channel.name(),
        label: channel_label(words, channel),
        since: sender.map(|sender| shown.moment(sender.changed_at)).unwrap_or_default(),
        is_open: about.is_none(),
        about,
        typed: Posted::of(&fields),
        wrong: None,
        connected,
        to: String::new(),
    }
}

async fn drawn(office: &Office, frame: Frame) -> Result<SendersPage, Response> {
    let senders = office.desk.app.service.senders(office.desk.program_id()).await;
    let senders = senders.map_err(|error| office.desk.failed(error).into_response())?;
    let shown = Shown::of(&office.desk);
    let of = |channel: Channel| senders.iter().find(|sender| sender.settings.channel() == channel);
    let cards = CHANNELS.into_iter().map(|channel| card(frame.words, &shown, channel, of(channel)));
    Ok(SendersPage {
        tabs: tabs(frame.words, "/admin/settings/senders", true),
        cards: cards.collect(),
        presets: preset_choices(),
        secrets: SECRETS,
        api: TELEGRAM_API,
        frame,
    })
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Settings));
    Ok(Page(drawn(&office, frame).await?).into_response())
}

/// What was typed, as the API is told it; empty fields are left out.
fn wire(channel: Channel, posted: &Posted) -> Result<Value, Problem> {
    let mut body = Map::new();
    let mut texts = |names: &[&str]| {
        for name in names {
            if let Some(text) = posted.some(name) {
                body.insert((*name).to_owned(), text.into());
            }
        }
    };
    let invalid =
        |setting: &str| Problem::of("sender_invalid").with("setting", setting).at(format!("/{setting}"));
    match channel {
        Channel::Email => {
            texts(&["host", "encryption", "login", "from", "reply_to", "language"]);
            let port: u16 = posted.text("port").parse().map_err(|_| invalid("port"))?;
            body.insert("port".to_owned(), port.into());
            // A password may begin or end with a space.
            let password = Some(posted.raw("password")).filter(|text| !text.is_empty());
            body.extend(password.map(|text| ("password".to_owned(), text.into())));
            for name in ["host", "from"] {
                body.entry(name).or_insert_with(|| "".into());
            }
        }
        Channel::Sms => {
            texts(&["preset", "from", "language"]);
            if !body.contains_key("preset") {
                let request = serde_json::from_str(posted.raw("request")).map_err(|_| invalid("request"))?;
                body.insert("request".to_owned(), request);
            }
            let told = SECRETS.iter().map(|name| (*name, posted.raw(&format!("secret:{name}"))));
            let secrets: Map<String, Value> = told
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect();
            body.insert("secrets".to_owned(), secrets.into());
        }
        _ => {
            texts(&["api", "language"]);
            body.insert("token".to_owned(), posted.text("token_of_bot").into());
        }
    }
    Ok(Value::Object(body))
}

/// The page again with the card it is about open, and what was typed but the secrets.
async fn refused(
    office: &Office,
    channel: Channel,
    posted: &Posted,
    problem: Problem,
) -> Result<Response, Response> {
    if problem.status.is_server_error() {
        return Err(problem.into_response());
    }
    let said = office.desk.language.of(&problem.detail).to_owned();
    let frame = Frame::of(&office.visit, Some(Section::Settings)).with_notice(Tone::Bad, said);
    let mut page = drawn(office, frame).await?;
    if let Some(card) = page.cards.iter_mut().find(|card| card.name == channel.name()) {
        if posted.text("act") == "put" {
            card.typed = posted.clone();
            card.is_open = true;
            let pointer = problem.pointer.as_deref().unwrap_or_default();
            card.wrong = pointer.split('/').nth(1).map(str::to_owned);
        }
        card.to = posted.text("to").to_owned();
    }
    Ok(again(page, problem.code))
}

/// `POST /admin/settings/senders/{channel}`: a sender is put, tried, connected or taken away.
pub async fn change(office: Office, Path(named): Path<String>, posted: Posted) -> Result<Response, Response> {
    let channel = channel(&named).map_err(IntoResponse::into_response)?;
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let failed = |error: ServiceError| office.desk.failed(error);
    let done = match posted.text("act") {
        "put" => match wire(channel, &posted) {
            Ok(told) => put(&office.desk, channel, &told).await.map(|_| "sender"),
            Err(problem) => Err(problem),
        },
        "delete" => match service.delete_sender(program, channel).await {
            // Sent twice, the second finds nothing to take away: it is as it was wanted.
            Ok(()) | Err(ServiceError::SenderUnknown) => Ok("sender-gone"),
            Err(error) => Err(failed(error)),
        },
        "connect" => service.connect_telegram(program).await.map(|_| "connected").map_err(failed),
        "test" => return tried(office, channel, posted).await,
        _ => return Err(Problem::of("form_invalid").into_response()),
    };
    match done {
        Ok(what) => Ok(back_to(&format!("/admin/settings/senders?done={what}"))),
        Err(problem) => refused(&office, channel, &posted, problem).await,
    }
}

/// A message that means nothing, sent now and once; what came back is told.
async fn tried(office: Office, channel: Channel, posted: Posted) -> Result<Response, Response> {
    let to = posted.text("to").to_owned();
    let frame = Frame::of(&office.visit, Some(Section::Settings));
    let sent = office.desk.app.service.test_sender(office.desk.program_id(), channel, &to).await;
    let (frame, code) = match sent.map(|sent| sent.answer) {
        Ok(Ok(_)) => {
            let said = frame.say_of("messages-test-sent", &to);
            (frame.with_notice(Tone::Good, said), None)
        }
        Ok(Err(why)) => {
            let said = frame.say_of("messages-test-refused", &why);
            (frame.with_notice(Tone::Bad, said), Some("message_refused"))
        }
        Err(ServiceError::MessageInvalid("address")) => {
            let said = frame.say("messages-test-address");
            (frame.with_notice(Tone::Bad, said), Some("message_invalid"))
        }
        Err(error) => return refused(&office, channel, &posted, office.desk.failed(error)).await,
    };
    let mut page = drawn(&office, frame).await?;
    for card in page.cards.iter_mut().filter(|card| card.name == channel.name()) {
        card.to = to.clone();
    }
    Ok(match code {
        Some(code) => again(page, code),
        None => Page(page).into_response(),
    })
}
