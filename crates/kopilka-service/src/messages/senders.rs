//! How a program writes by each channel.
//!
//! Invariant: what is secret stands in [`SenderSecrets`] alone, which is stored sealed and never told again;
//! the rest is read and shown as it was given.

use super::presets;
use super::templates::gateway_environment;
use crate::outside::{Failure, Outside};
use kopilka_core::consent::Channel;
use kopilka_core::ids::ProgramId;
use kopilka_core::words::Language;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longer settings are a slip of a program that pasted something else.
pub const SETTING_MAX: usize = 2_000;
/// Headers and secrets of a gateway: the largest known needs three.
pub const SETTINGS_MAX: usize = 16;

/// Where Telegram's own bots are spoken to.
pub const TELEGRAM_API: &str = "https://api.telegram.org";

/// A channel's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settings {
    Email(Smtp),
    Sms(Gateway),
    Telegram(Bot),
}

/// A server that takes letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    /// As `Shop <shop@shop.example>` or the address alone.
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Of who has told no language that the engine speaks.
    pub language: Language,
}

/// How the way to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// From the first byte on, as on port 465.
    Tls,
    /// Asked for in clear and then insisted on, as on port 587.
    Starttls,
    /// Not at all: to networks that the operator allows.
    None,
}

impl Encryption {
    pub fn name(self) -> &'static str {
        match self {
            Encryption::Tls => "tls",
            Encryption::Starttls => "starttls",
            Encryption::None => "none",
        }
    }
    pub fn by_name(name: &str) -> Option<Encryption> {
        [Encryption::Tls, Encryption::Starttls, Encryption::None].into_iter().find(|e| e.name() == name)
    }
}

/// A gateway that takes short messages by HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// The preset that the request was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    pub request: Request,
    /// The sender's name as the gateway knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub language: Language,
}

/// A request as templates of `to` (E.164), `digits` (without the plus), `text`, `from`, `id`, `number` (the
/// id as a number below 2³¹) and `secret.…`. Each part escapes what it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    pub url: String,
    pub body_type: BodyType,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Where the answer says that the message was taken; a template of a JSON pointer. Without it a status
    /// from 200 to 299 says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<Success>,
    /// Where the answer tells the gateway's own id; a template of a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success {
    pub pointer: String,
    /// The value there, as text; any value when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyType {
    /// `application/x-www-form-urlencoded`; values are percent-encoded.
    Form,
    /// `application/json`; a value is written as JSON, quotes and all.
    Json,
}

impl BodyType {
    pub fn name(self) -> &'static str {
        match self {
            BodyType::Form => "form",
            BodyType::Json => "json",
        }
    }
    pub fn by_name(name: &str) -> Option<BodyType> {
        [BodyType::Form, BodyType::Json].into_iter().find(|kind| kind.name() == name)
    }
}

/// A bot of Telegram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// [`TELEGRAM_API`], or a bot server of one's own.
    pub api: String,
    pub language: Language,
    /// As links to it say; known once it tells this server what it hears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is sealed. Never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderSecrets(pub BTreeMap<String, String>);

impl std::fmt::Debug for SenderSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// Names of secrets of the channels that have a fixed set of them.
pub const LOGIN: &str = "login";
pub const PASSWORD: &str = "password";
pub const TOKEN: &str = "token";

/// Why settings are not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderProblem {
    /// This setting cannot be meant.
    Setting(&'static str),
    /// A part of the request is no template: where in it, and why.
    Template {
        setting: &'static str,
        line: usize,
        why: String,
    },
    /// The address cannot be asked.
    Url(Failure),
    PresetUnknown(String),
    SecretMissing(String),
}

/// What a secret is bound to when it is sealed.
pub(crate) fn secrets_place(program: ProgramId, channel: Channel) -> String {
    format!("sender/{program}/{}", channel.name())
}

impl Settings {
    pub fn channel(&self) -> Channel {
        match self {
            Settings::Email(_) => Channel::Email,
            Settings::Sms(_) => Channel::Sms,
            Settings::Telegram(_) => Channel::Telegram,
        }
    }
    pub fn language(&self) -> Language {
        match self {
            Settings::Email(smtp) => smtp.language,
            Settings::Sms(gateway) => gateway.language,
            Settings::Telegram(bot) => bot.language,
        }
    }

    /// Whether a message could be sent with this.
    pub(crate) fn check(&self, secrets: &SenderSecrets, outside: &Outside) -> Result<(), SenderProblem> {
        let fits = |text: &String| (1..=SETTING_MAX).contains(&text.len());
        if secrets.0.len() > SETTINGS_MAX || !secrets.0.values().all(fits) {
            return Err(SenderProblem::Setting("secrets"));
        }
        match self {
            Settings::Email(smtp) => check_smtp(smtp, secrets, outside),
            Settings::Sms(gateway) => check_gateway(gateway, secrets, outside),
            Settings::Telegram(bot) => {
                let token = secrets.0.get(TOKEN).ok_or_else(|| SenderProblem::SecretMissing(TOKEN.into()))?;
                // It stands in the path of every request.
                if !token.chars().all(|c| c.is_ascii_alphanumeric() || "_-:".contains(c)) {
                    return Err(SenderProblem::Setting(TOKEN));
                }
                outside.url(&bot.api).map(|_| ()).map_err(SenderProblem::Url)
            }
        }
    }
}

fn check_smtp(smtp: &Smtp, secrets: &SenderSecrets, outside: &Outside) -> Result<(), SenderProblem> {
    let mailbox = |text: &str| text.len() <= SETTING_MAX && text.parse::<Mailbox>().is_ok();
    if !mailbox(&smtp.from) {
        return Err(SenderProblem::Setting("from"));
    }
    if smtp.reply_to.as_deref().is_some_and(|text| !mailbox(text)) {
        return Err(SenderProblem::Setting("reply_to"));
    }
    // A login without a password, or the other way round, is half of something.
    for (one, other) in [(LOGIN, PASSWORD), (PASSWORD, LOGIN)] {
        if secrets.0.contains_key(one) && !secrets.0.contains_key(other) {
            return Err(SenderProblem::SecretMissing(other.into()));
        }
    }
    let encrypted = smtp.encryption != Encryption::None;
    match outside.host(&smtp.host, smtp.port, encrypted) {
        Err(Failure::Url) => Err(SenderProblem::Setting("host")),
        other => other.map_err(SenderProblem::Url),
    }
}

fn check_gateway(gateway: &Gateway, secrets: &SenderSecrets, outside: &Outside) -> Result<(), SenderProblem> {
    let request = &gateway.request;
    if !["GET", "POST"].contains(&request.method.as_str()) {
        return Err(SenderProblem::Setting("method"));
    }
    if request.headers.len() > SETTINGS_MAX {
        return Err(SenderProblem::Setting("headers"));
    }
    let named = |name: &String| name.parse::<hyper::header::HeaderName>().is_ok();
    if !request.headers.keys().all(named) {
        return Err(SenderProblem::Setting("headers"));
    }
    if gateway.from.as_ref().is_some_and(|from| !(1..=SETTING_MAX).contains(&from.len())) {
        return Err(SenderProblem::Setting("from"));
    }
    if let Some(name) = &gateway.preset {
        let missing = presets::secrets_of(name).find(|secret| !secrets.0.contains_key(**secret));
        if let Some(missing) = missing {
            return Err(SenderProblem::SecretMissing((*missing).into()));
        }
    }
    let environment = gateway_environment(request)?;
    let sample = super::gateway::Values::sample(gateway, secrets);
    let asked = super::gateway::ask_of(&environment, request, &sample, outside);
    asked.map(|_| ()).map_err(|(setting, failure)| match failure {
        super::gateway::Unasked::Url(failure) => SenderProblem::Url(failure),
        super::gateway::Unasked::Template { line, why } => SenderProblem::Template { setting, line, why },
        super::gateway::Unasked::Header => SenderProblem::Setting("headers"),
    })
}
