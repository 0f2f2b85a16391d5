//! How members are written to, channel by channel.

pub mod connect;
pub mod delete;
pub mod list;
pub mod put;
pub mod test;

use crate::app::Desk;
use crate::problem::Problem;
use crate::wire::TimeText;
use kopilka_core::consent::Channel;
use kopilka_service::messages::CHANNELS;
use kopilka_service::messages::senders::{Bot, Gateway, SenderProblem, Settings, Smtp};
use kopilka_service::{Sender, ServiceError};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How a program writes by a channel, without the secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct SenderAnswer {
    /// `email`, `sms` or `telegram`.
    #[schema(example = "email")]
    pub channel: &'static str,
    pub changed_at: TimeText,
    #[serde(flatten)]
    pub settings: SettingsAnswer,
}

/// As it was put.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SettingsAnswer {
    Email(SmtpAnswer),
    Sms(GatewayAnswer),
    Telegram(BotAnswer),
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SmtpAnswer {
    pub host: String,
    pub port: u16,
    pub encryption: &'static str,
    pub from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    pub language: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GatewayAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    pub request: RequestAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub language: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RequestAnswer {
    pub method: String,
    pub url: String,
    pub body_type: &'static str,
    pub body: String,
    pub headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<SuccessAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SuccessAnswer {
    pub pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BotAnswer {
    pub api: String,
    pub language: &'static str,
    /// Of a bot that tells this server who starts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl SenderAnswer {
    pub fn of(sender: Sender) -> SenderAnswer {
        let Sender { settings, changed_at } = sender;
        let channel = settings.channel().name();
        let settings = match settings {
            Settings::Email(Smtp { host, port, encryption, from, reply_to, language }) => {
                let (encryption, language) = (encryption.name(), language.tag());
                SettingsAnswer::Email(SmtpAnswer { host, port, encryption, from, reply_to, language })
            }
            Settings::Sms(Gateway { preset, request, from, language }) => {
                let success = request.success.map(|s| SuccessAnswer { pointer: s.pointer, value: s.value });
                let request = RequestAnswer {
                    method: request.method,
                    url: request.url,
                    body_type: request.body_type.name(),
                    body: request.body,
                    headers: request.headers,
                    success,
                    receipt: request.receipt,
                };
                SettingsAnswer::Sms(GatewayAnswer { preset, request, from, language: language.tag() })
            }
            Settings::Telegram(Bot { api, language, name }) => {
                SettingsAnswer::Telegram(BotAnswer { api, language: language.tag(), name })
            }
        };
        SenderAnswer { channel, changed_at: TimeText(changed_at), settings }
    }
}

/// The channel of the address, where it is one that can be written to.
pub fn channel(text: &str) -> Result<Channel, Problem> {
    let known = Channel::by_name(text).filter(|channel| CHANNELS.contains(channel));
    known.ok_or_else(|| Problem::of("sender_unknown"))
}

/// A failure of the service, put to the field that it is about.
fn failed(desk: &Desk, error: ServiceError) -> Problem {
    let at = match &error {
        ServiceError::SenderInvalid(SenderProblem::Setting(name)) => format!("/{name}"),
        ServiceError::SenderInvalid(SenderProblem::Template { setting, .. }) => format!("/request/{setting}"),
        ServiceError::SenderInvalid(SenderProblem::PresetUnknown(_)) => "/preset".to_owned(),
        ServiceError::MessageInvalid("address") => "/to".to_owned(),
        _ => return desk.failed(error),
    };
    desk.failed(error).at(at)
}
