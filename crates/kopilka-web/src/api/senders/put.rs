//! `PUT /v1/senders/{channel}`: by whom members are written to from now on.

use super::{SenderAnswer, channel, failed};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::{self, Json as Body};
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use kopilka_core::consent::Channel;
use kopilka_core::words::{LANGUAGES, Language};
use kopilka_service::ServiceError;
use kopilka_service::messages::presets;
use kopilka_service::messages::senders::{
    BodyType, Bot, Encryption, Gateway, LOGIN, PASSWORD, Request, SenderProblem, SenderSecrets, Settings,
    Smtp, Success, TELEGRAM_API, TOKEN,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Settings of the channel of the address: of `email`, `sms` or `telegram`.
#[derive(ToSchema)]
#[schema(as = SenderWire)]
pub enum SenderWire {
    #[schema(title = "email")]
    Email(SmtpWire),
    #[schema(title = "sms")]
    Sms(GatewayWire),
    #[schema(title = "telegram")]
    Telegram(BotWire),
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpWire {
    #[schema(value_type = String, example = "smtp.shop.example")]
    host: Word,
    #[schema(example = 587)]
    port: u16,
    /// `starttls` (when left out), `tls` from the first byte on, or `none`: to networks that the operator
    /// allows.
    #[schema(value_type = Option<String>)]
    encryption: Option<Word>,
    #[schema(value_type = Option<String>)]
    login: Option<Word>,
    /// Stored sealed and not told again.
    #[schema(value_type = Option<String>)]
    password: Option<Word>,
    #[schema(value_type = String, example = "Sports Store <shop@shop.example>")]
    from: Word,
    #[schema(value_type = Option<String>)]
    reply_to: Option<Word>,
    /// `en` (when left out) or `ru`: of who has told no language that the engine speaks.
    #[schema(value_type = Option<String>)]
    language: Option<Word>,
}

/// A preset, or a request of one's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayWire {
    /// `smsru`, `smsc` or `exolve`.
    #[schema(value_type = Option<String>, example = "smsru")]
    preset: Option<Word>,
    request: Option<RequestWire>,
    /// The sender's name as the gateway knows it.
    #[schema(value_type = Option<String>)]
    from: Option<Word>,
    /// By name; the request says `{{ secret.name }}`. Stored sealed and not told again.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({ "api_id": "…" }))]
    secrets: BTreeMap<String, Word>,
    /// `en` (when left out) or `ru`.
    #[schema(value_type = Option<String>)]
    language: Option<Word>,
}

/// Templates of `to` (E.164), `digits`, `text`, `from`, `id`, `number` and `secret.…`; each part escapes what
/// it is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestWire {
    /// `POST` (when left out) or `GET`.
    #[schema(value_type = Option<String>)]
    method: Option<Word>,
    url: String,
    /// `json` (when left out): a value is written as JSON, quotes and all; or `form`: percent-encoded.
    #[schema(value_type = Option<String>)]
    body_type: Option<Word>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Where the answer says that the message was taken; a status from 200 to 299 says so when left out.
    success: Option<SuccessWire>,
    /// A JSON pointer to the gateway's own id.
    receipt: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuccessWire {
    /// A JSON pointer into the answer.
    #[schema(example = "/status")]
    pointer: String,
    /// The value there, as text; any value when left out.
    value: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BotWire {
    /// As the bot's maker was told it. Stored sealed and not told again.
    #[schema(value_type = String)]
    token: Word,
    /// Telegram's own when left out.
    #[schema(value_type = Option<String>)]
    api: Option<Word>,
    /// `en` (when left out) or `ru`.
    #[schema(value_type = Option<String>)]
    language: Option<Word>,
}

/// Put a sender
///
/// It replaces the one before, secrets included; what waits goes by the new one. Nothing is sent yet: try it
/// with `test`.
#[utoipa::path(put, path = "/v1/senders/{channel}", tag = "messages", request_body = SenderWire,
    params(("channel" = String, Path, description = "`email`, `sms` or `telegram`")),
    responses((status = 200, body = SenderAnswer)))]
pub async fn put_sender(desk: Desk, named: Named, wire: Body<Value>) -> Result<Json<SenderAnswer>, Problem> {
    put(&desk, channel(&named.0)?, &wire.body).await.map(Json)
}

/// Reads what the channel needs and keeps it.
pub async fn put(desk: &Desk, channel: Channel, told: &Value) -> Result<SenderAnswer, Problem> {
    let body = told.to_string();
    let (settings, secrets) = match channel {
        Channel::Email => json::read::<SmtpWire>(body.as_bytes())?.body.core(),
        Channel::Sms => json::read::<GatewayWire>(body.as_bytes())?.body.core(),
        _ => json::read::<BotWire>(body.as_bytes())?.body.core(),
    }
    .map_err(|problem| failed(desk, ServiceError::SenderInvalid(problem)))?;
    let put = desk.app.service.put_sender(desk.program_id(), settings, SenderSecrets(secrets)).await;
    Ok(SenderAnswer::of(put.map_err(|error| failed(desk, error))?))
}

type Told = Result<(Settings, BTreeMap<String, String>), SenderProblem>;

fn language(word: Option<Word>) -> Result<Language, SenderProblem> {
    let Some(word) = word else { return Ok(Language::default()) };
    let found = LANGUAGES.into_iter().find(|language| language.tag() == word.0);
    found.ok_or(SenderProblem::Setting("language"))
}

fn secrets(named: [(&str, Option<Word>); 2]) -> BTreeMap<String, String> {
    named.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word?.0))).collect()
}

impl SmtpWire {
    fn core(self) -> Told {
        let encryption = self.encryption.map_or(Some(Encryption::Starttls), |w| Encryption::by_name(&w.0));
        let smtp = Smtp {
            host: self.host.0,
            port: self.port,
            encryption: encryption.ok_or(SenderProblem::Setting("encryption"))?,
            from: self.from.0,
            reply_to: self.reply_to.map(|word| word.0),
            language: language(self.language)?,
        };
        Ok((Settings::Email(smtp), secrets([(LOGIN, self.login), (PASSWORD, self.password)])))
    }
}

impl GatewayWire {
    fn core(self) -> Told {
        let preset = self.preset.map(|word| word.0);
        let request = match (&preset, self.request) {
            (None, Some(request)) => request.core()?,
            (Some(name), None) => {
                presets::request_of(name).ok_or_else(|| SenderProblem::PresetUnknown(name.clone()))?
            }
            // The one or the other says what is asked.
            _ => return Err(SenderProblem::Setting("request")),
        };
        let from = self.from.map(|word| word.0);
        let gateway = Gateway { preset, request, from, language: language(self.language)? };
        Ok((Settings::Sms(gateway), self.secrets.into_iter().map(|(name, word)| (name, word.0)).collect()))
    }
}

impl RequestWire {
    fn core(self) -> Result<Request, SenderProblem> {
        let body_type = self.body_type.map_or(Some(BodyType::Json), |word| BodyType::by_name(&word.0));
        Ok(Request {
            method: self.method.map_or_else(|| "POST".to_owned(), |word| word.0),
            url: self.url,
            body_type: body_type.ok_or(SenderProblem::Setting("body_type"))?,
            body: self.body,
            headers: self.headers,
            success: self.success.map(|s| Success { pointer: s.pointer, value: s.value }),
            receipt: self.receipt,
        })
    }
}

impl BotWire {
    fn core(self) -> Told {
        let api = self.api.map_or_else(|| TELEGRAM_API.to_owned(), |word| word.0);
        let bot = Bot { api, language: language(self.language)?, name: None };
        Ok((Settings::Telegram(bot), secrets([(TOKEN, Some(self.token)), ("", None)])))
    }
}
