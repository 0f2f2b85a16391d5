//! Requests of the large Russian gateways of short messages, ready but for the credentials.
//!
//! Invariant: a preset is a request like any other; what it makes is stored and shown, so that whoever
//! needs another one starts from it.

use super::senders::{BodyType, Request, Success};
use std::collections::BTreeMap;

/// A gateway: its name, the secrets it needs, its request.
struct Preset {
    name: &'static str,
    secrets: &'static [&'static str],
    request: fn() -> Request,
}

const PRESETS: [Preset; 3] = [
    Preset { name: "smsru", secrets: &["api_id"], request: smsru },
    Preset { name: "smsc", secrets: &["login", "password"], request: smsc },
    Preset { name: "exolve", secrets: &["token"], request: exolve },
];

/// Names of all presets.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|preset| preset.name)
}

/// The request of a preset.
pub fn request_of(name: &str) -> Option<Request> {
    PRESETS.iter().find(|preset| preset.name == name).map(|preset| (preset.request)())
}

/// What a preset's request cannot be made without.
pub fn secrets_of(name: &str) -> impl Iterator<Item = &'static &'static str> {
    let preset = PRESETS.iter().find(|preset| preset.name == name);
    preset.map_or(&[][..], |preset| preset.secrets).iter()
}

/// SMS.ru: the answer has a status of its own for each number.
fn smsru() -> Request {
    Request {
        method: "POST".into(),
        url: "https://sms.ru/sms/send".into(),
        body_type: BodyType::Form,
        body: "api_id={{ secret.api_id }}&to={{ digits }}&msg={{ text }}&json=1\
            {% if from %}&from={{ from }}{% endif %}"
            .into(),
        headers: BTreeMap::new(),
        success: Some(Success { pointer: "/sms/{{ digits }}/status_code".into(), value: Some("100".into()) }),
        receipt: Some("/sms/{{ digits }}/sms_id".into()),
    }
}

/// SMSC.ru: a taken message is told by how many parts it has; `id` makes a repeated one the same.
fn smsc() -> Request {
    Request {
        method: "POST".into(),
        url: "https://smsc.ru/sys/send.php".into(),
        body_type: BodyType::Form,
        body: "login={{ secret.login }}&psw={{ secret.password }}&phones={{ digits }}&mes={{ text }}\
            &id={{ number }}&charset=utf-8&fmt=3{% if from %}&sender={{ from }}{% endif %}"
            .into(),
        headers: BTreeMap::new(),
        success: Some(Success { pointer: "/cnt".into(), value: None }),
        receipt: Some("/id".into()),
    }
}

/// МТС Exolve: `number` is the sender's, `destination` the receiver's.
fn exolve() -> Request {
    let headers = [("authorization".to_owned(), "Bearer {{ secret.token }}".to_owned())];
    Request {
        method: "POST".into(),
        url: "https://api.exolve.ru/messaging/v1/SendSMS".into(),
        body_type: BodyType::Json,
        body: r#"{"number": {{ from }}, "destination": {{ digits }}, "text": {{ text }}}"#.into(),
        headers: headers.into(),
        success: Some(Success { pointer: "/message_id".into(), value: None }),
        receipt: Some("/message_id".into()),
    }
}
