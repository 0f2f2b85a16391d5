//! Short messages by HTTP: a request out of templates, and what the answer means.
//!
//! Invariant: no text of a message can change what is asked: each part escapes what it is given, and what
//! stands in the address leads to a host that is judged like any other.

use super::senders::{BodyType, Gateway, Request, SenderSecrets};
use super::templates::{Rendered, render_part};
use super::{Said, Sent};
use crate::outside::{Ask, Failure, Outside};
use crate::service::AGENT;
use kopilka_core::ids::MessageId;
use minijinja::Environment;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An answer of a gateway is some hundreds of bytes; one for many numbers is not asked for.
const ANSWER_MAX: usize = 16 << 10;
/// Longer ids are none.
const RECEIPT_MAX: usize = 100;

/// Names of a request's parts, which say how each is escaped.
pub(super) const URL: &str = "url.query";
pub(super) const FORM: &str = "body.query";
pub(super) const JSON: &str = "body.json";
pub(super) const POINTER: &str = "success.pointer";
pub(super) const RECEIPT: &str = "receipt.pointer";
pub(super) fn header_part(name: &str) -> String {
    format!("headers.{name}")
}

/// What the templates of a request can say.
#[derive(Serialize)]
pub(crate) struct Values<'a> {
    to: &'a str,
    /// The number without its plus.
    digits: &'a str,
    text: &'a str,
    from: Option<&'a str>,
    id: String,
    /// The id for gateways that take numbers of 31 bits.
    number: i64,
    secret: &'a BTreeMap<String, String>,
}

impl<'a> Values<'a> {
    pub fn of(
        gateway: &'a Gateway,
        secrets: &'a SenderSecrets,
        id: MessageId,
        (to, text): (&'a str, &'a str),
    ) -> Values<'a> {
        Values {
            to,
            digits: to.trim_start_matches('+'),
            text,
            from: gateway.from.as_deref(),
            id: id.to_string(),
            number: id.0.rem_euclid(i64::from(i32::MAX)) + 1,
            secret: &secrets.0,
        }
    }
    pub fn sample(gateway: &'a Gateway, secrets: &'a SenderSecrets) -> Values<'a> {
        Values::of(gateway, secrets, MessageId(1), ("+79990000000", "Sample: \"1\" & 2"))
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum Unasked {
    Url(Failure),
    Template { line: usize, why: String },
    Header,
}

/// The request for one message; on an error also the setting that is to blame.
pub(crate) fn ask_of(
    environment: &Environment<'_>,
    request: &Request,
    values: &Values<'_>,
    outside: &Outside,
) -> Result<Ask, (&'static str, Unasked)> {
    let render = |part: &str, setting| {
        let told = |Rendered { line, why }| (setting, Unasked::Template { line, why });
        render_part(environment, part, values).map_err(told)
    };
    let url = outside.url(&render(URL, "url")?).map_err(|failure| ("url", Unasked::Url(failure)))?;
    let mut headers: Vec<(Cow<'static, str>, String)> = vec![("user-agent".into(), AGENT.to_owned())];
    for name in request.headers.keys() {
        let value = render(&header_part(name), "headers")?;
        // A line break would begin another header.
        if hyper::header::HeaderValue::from_str(&value).is_err() {
            return Err(("headers", Unasked::Header));
        }
        headers.push((name.clone().into(), value));
    }
    let (part, kind) = match request.body_type {
        BodyType::Form => (FORM, "application/x-www-form-urlencoded"),
        BodyType::Json => (JSON, "application/json"),
    };
    let body = if request.body.is_empty() { String::new() } else { render(part, "body")? };
    if !body.is_empty() && !request.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".into(), kind.to_owned()));
    }
    for (part, setting, asked) in
        [(POINTER, "success", request.success.is_some()), (RECEIPT, "receipt", request.receipt.is_some())]
    {
        if asked && !render(part, setting)?.starts_with('/') {
            let why = "a JSON pointer begins with a slash".to_owned();
            return Err((setting, Unasked::Template { line: 1, why }));
        }
    }
    let method = if request.method == "GET" { "GET" } else { "POST" };
    Ok(Ask { method, url, headers, body: body.into_bytes(), body_max: ANSWER_MAX })
}

/// Sends one short message.
pub(crate) async fn send_sms(
    outside: &Outside,
    gateway: &Gateway,
    secrets: &SenderSecrets,
    (id, to, said): (MessageId, &str, &Said),
) -> Sent {
    let Ok(environment) = super::templates::gateway_environment(&gateway.request) else {
        return Sent::Refused("template_invalid".to_owned());
    };
    let values = Values::of(gateway, secrets, id, (to, &said.text));
    let ask = match ask_of(&environment, &gateway.request, &values, outside) {
        Ok(ask) => ask,
        Err((_, Unasked::Url(failure))) => return Sent::Later(failure.code().to_owned(), None),
        Err((setting, _)) => return Sent::Refused(format!("{setting}_invalid")),
    };
    match outside.ask(ask).await {
        Ok(answered) => {
            let read = |part: &str| render_part(&environment, part, &values).ok();
            meaning(&gateway.request, answered.status, &answered.body, &read)
        }
        Err(failure) => Sent::Later(failure.code().to_owned(), None),
    }
}

/// What an answer means. One that came and says no is not asked again: a gateway that has taken a message
/// and is misread would be paid for each try.
fn meaning(request: &Request, status: u16, body: &[u8], part: &impl Fn(&str) -> Option<String>) -> Sent {
    let code = format!("status_{status}");
    match status {
        200..=299 => {}
        // Too much at once, a gateway in trouble, or credentials that somebody is about to correct.
        401 | 403 | 408 | 425 | 429 | 500..=599 => return Sent::Later(code, None),
        _ => return Sent::Refused(code),
    }
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_at = |pointer: Option<String>| match answer.pointer(&pointer?)? {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        scalar => Some(scalar.to_string()),
    };
    if let Some(success) = &request.success {
        let found = text_at(part(POINTER));
        let taken = match (&found, &success.value) {
            (Some(found), Some(wanted)) => found == wanted,
            (found, None) => found.is_some(),
            (None, Some(_)) => false,
        };
        if !taken {
            return Sent::Refused("gateway_refused".to_owned());
        }
    }
    let receipt = request.receipt.as_ref().and_then(|_| text_at(part(RECEIPT)));
    Sent::Taken(receipt.filter(|receipt| receipt.len() <= RECEIPT_MAX))
}

#[cfg(test)]
mod tests {
    use super::super::presets;
    use super::super::senders::{Settings, Success};
    use super::super::templates::gateway_environment;
    use super::*;
    use crate::outside::OutsideOptions;
    use kopilka_core::words::Language;

    fn gateway(preset: &str) -> (Gateway, SenderSecrets) {
        let request = presets::request_of(preset).unwrap();
        let secrets = presets::secrets_of(preset).map(|name| ((*name).to_owned(), format!("{name}&1")));
        let gateway = Gateway {
            preset: Some(preset.to_owned()),
            request,
            from: Some("Shop".to_owned()),
            language: Language::Ru,
        };
        (gateway, SenderSecrets(secrets.collect()))
    }

    fn ask(preset: &str, text: &str) -> Ask {
        let (gateway, secrets) = gateway(preset);
        let environment = gateway_environment(&gateway.request).unwrap();
        let values = Values::of(&gateway, &secrets, MessageId(1 << 40), ("+79990001122", text));
        ask_of(&environment, &gateway.request, &values, &Outside::new(OutsideOptions::default())).unwrap()
    }

    #[test]
    fn every_preset_makes_a_request_and_no_text_changes_it() {
        let outside = Outside::new(OutsideOptions::default());
        for name in presets::names() {
            let (gateway, secrets) = gateway(name);
            assert_eq!(Settings::Sms(gateway).check(&secrets, &outside), Ok(()), "{name}");
        }
        let hostile = "Код: 1&to=79995550000\",\"x\":\"y\r\nX: 1";
        let body = |preset| String::from_utf8(ask(preset, hostile).body).unwrap();
        let form: Vec<(String, String)> =
            url::form_urlencoded::parse(body("smsru").as_bytes()).into_owned().collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            form,
            [
                pair("api_id", "api_id&1"),
                pair("to", "79990001122"),
                pair("msg", hostile),
                pair("json", "1"),
                pair("from", "Shop"),
            ]
        );
        let json: Value = serde_json::from_str(&body("exolve")).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "number": "Shop", "destination": "79990001122", "text": hostile })
        );
        let headers = ask("exolve", "x").headers;
        assert!(headers.contains(&("authorization".into(), "Bearer token&1".to_owned())));
    }

    #[test]
    fn an_answer_is_read_where_the_settings_say() {
        let (smsru, _) = gateway("smsru");
        let part = |name: &str| {
            Some(
                if name == POINTER { "/sms/79990001122/status_code" } else { "/sms/79990001122/sms_id" }
                    .to_owned(),
            )
        };
        let told = |status, body: &str| meaning(&smsru.request, status, body.as_bytes(), &part);
        let one = |code: u32| {
            format!(r#"{{"status":"OK","sms":{{"79990001122":{{"status_code":{code},"sms_id":"7-1"}}}}}}"#)
        };
        assert_eq!(told(200, &one(100)), Sent::Taken(Some("7-1".to_owned())));
        assert_eq!(told(200, &one(202)), Sent::Refused("gateway_refused".to_owned()));
        assert_eq!(told(200, "<html>"), Sent::Refused("gateway_refused".to_owned()));
        assert_eq!(told(200, r#"{"status":"ERROR"}"#), Sent::Refused("gateway_refused".to_owned()));
        assert_eq!(told(503, ""), Sent::Later("status_503".to_owned(), None));
        assert_eq!(told(401, ""), Sent::Later("status_401".to_owned(), None));
        assert_eq!(told(404, ""), Sent::Refused("status_404".to_owned()));
        assert_eq!(told(302, ""), Sent::Refused("status_302".to_owned()));
        let plain = Request { success: None, receipt: None, ..smsru.request.clone() };
        assert_eq!(meaning(&plain, 204, b"", &part), Sent::Taken(None));
        let any = Request {
            success: Some(Success { pointer: "/cnt".into(), value: None }),
            receipt: None,
            ..smsru.request
        };
        let at_cnt = |_: &str| Some("/cnt".to_owned());
        assert_eq!(meaning(&any, 200, br#"{"cnt":2,"id":5}"#, &at_cnt), Sent::Taken(None));
        let refused = Sent::Refused("gateway_refused".to_owned());
        assert_eq!(meaning(&any, 200, br#"{"error":"x","error_code":3}"#, &at_cnt), refused);
    }
}
