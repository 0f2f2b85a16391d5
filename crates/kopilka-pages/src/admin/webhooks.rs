//! `/admin/webhooks`: who is told what happens, what each was told, and telling it again.

use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, Visit, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::WebhookId;
use kopilka_core::time::{Day, Zone};
use kopilka_core::words::Language;
use kopilka_service::outgoing::{TYPES, event_id, event_of};
use kopilka_service::{
    BEHIND, DeliveryRow, DeliveryState, NewWebhook, ReplayFrom, ServiceError, WebhookChange, WebhookRow,
    WebhookState,
};
use kopilka_web::problem::Problem;

/// Rows of the log on one page.
const ROWS: usize = 50;

pub struct EndpointLine {
    pub id: String,
    pub url: String,
    pub description: String,
    pub events: String,
    pub state: String,
    pub tone: &'static str,
    pub is_enabled: bool,
}

#[derive(Template)]
#[template(path = "admin/webhooks.html")]
pub struct WebhooksPage {
    pub frame: Frame,
    pub endpoints: Vec<EndpointLine>,
    pub types: Vec<&'static str>,
    pub secret: Option<String>,
    pub url: String,
    pub description: String,
}

pub struct DeliveryLine {
    pub event: String,
    pub kind: String,
    pub member: String,
    pub state: String,
    pub tone: &'static str,
    pub when: String,
    pub tries: u32,
    pub answer: String,
}

#[derive(Template)]
#[template(path = "admin/webhook.html")]
pub struct WebhookPage {
    pub frame: Frame,
    pub endpoint: EndpointLine,
    pub deliveries: Vec<DeliveryLine>,
    pub next: Option<String>,
    /// What a test was answered.
    pub tested: Option<String>,
    pub secret: Option<String>,
}

impl WebhooksPage {
    pub fn sample(language: Language) -> WebhooksPage {
        let frame = Frame::sample(language);
        let endpoints = vec![sample_line(frame.words)];
        let url = "https://shop.example/\"><script>".to_owned();
        WebhooksPage {
            endpoints,
            types: TYPES.to_vec(),
            secret: Some("whsec_x".to_owned()),
            url,
            description: String::new(),
            frame,
        }
    }
}

impl WebhookPage {
    pub fn sample(language: Language) -> WebhookPage {
        let frame = Frame::sample(language);
        let (state, tone) = delivery_words(frame.words, DeliveryState::GivenUp);
        let line = DeliveryLine {
            event: "evt_1_0".to_owned(),
            kind: "points.accrued".to_owned(),
            member: "m_1".to_owned(),
            state,
            tone,
            when: "2026-03-01 10:00 UTC".to_owned(),
            tries: 3,
            answer: "500".to_owned(),
        };
        WebhookPage {
            endpoint: sample_line(frame.words),
            deliveries: vec![line],
            next: Some("evt_1_0".to_owned()),
            tested: None,
            secret: None,
            frame,
        }
    }
}

fn sample_line(words: Words) -> EndpointLine {
    let (state, tone) = state_words(words, WebhookState::Failing);
    EndpointLine {
        id: "wh_1".to_owned(),
        url: "https://shop.example/hooks".to_owned(),
        description: "<b>1C</b>".to_owned(),
        events: words.say("webhooks-all"),
        state,
        tone,
        is_enabled: false,
    }
}

fn state_words(words: Words, state: WebhookState) -> (String, &'static str) {
    let tone = match state {
        WebhookState::Enabled => "good",
        WebhookState::Disabled => "",
        WebhookState::Failing | WebhookState::Gone => "bad",
    };
    (words.say(&format!("webhooks-state-{}", state.name())), tone)
}

fn delivery_words(words: Words, state: DeliveryState) -> (String, &'static str) {
    let (key, tone) = match state {
        DeliveryState::Waiting => ("webhooks-waiting", "warn"),
        DeliveryState::Delivered => ("webhooks-delivered", "good"),
        DeliveryState::GivenUp => ("webhooks-given-up", "bad"),
    };
    (words.say(key), tone)
}

fn line(words: Words, row: WebhookRow) -> EndpointLine {
    let (state, tone) = state_words(words, row.state);
    EndpointLine {
        id: row.id.to_string(),
        events: if row.events.is_empty() { words.say("webhooks-all") } else { row.events.join(", ") },
        state,
        tone,
        is_enabled: row.state == WebhookState::Enabled,
        url: row.url,
        description: row.description,
    }
}

async fn drawn(office: &Office, frame: Frame) -> Result<WebhooksPage, Response> {
    let rows = office.desk.app.service.webhooks(office.desk.program_id()).await;
    let rows = rows.map_err(|error| office.desk.failed(error).into_response())?;
    let endpoints = rows.into_iter().map(|row| line(frame.words, row)).collect();
    Ok(WebhooksPage {
        endpoints,
        types: TYPES.to_vec(),
        secret: None,
        url: String::new(),
        description: String::new(),
        frame,
    })
}

pub async fn list(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Webhooks));
    Ok(Page(drawn(&office, frame).await?).into_response())
}

pub async fn create(office: Office, posted: Posted) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Webhooks));
    let new = NewWebhook {
        url: posted.text("url").to_owned(),
        events: posted.all("event").map(str::to_owned).collect(),
        description: posted.text("description").to_owned(),
    };
    let (url, description) = (new.url.clone(), new.description.clone());
    match office.desk.app.service.create_webhook(office.desk.program_id(), new).await {
        Ok((_, secret)) => {
            let page = drawn(&office, frame).await?;
            Ok(Page(WebhooksPage { secret: Some(secret), ..page }).into_response())
        }
        Err(error) => {
            let problem = office.desk.failed(error);
            let text = office.visit.look.language.of(&problem.detail).to_owned();
            let page = drawn(&office, frame.with_notice(Tone::Bad, text)).await?;
            Ok(again(WebhooksPage { url, description, ..page }, problem.code))
        }
    }
}

fn named(text: &str) -> Result<WebhookId, Response> {
    WebhookId::parse(text).ok_or_else(|| Problem::of("webhook_unknown").into_response())
}

async fn one(office: &Office, id: WebhookId) -> Result<WebhookPage, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Webhooks));
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let failed = |error: ServiceError| office.desk.failed(error).into_response();
    let endpoint = service.webhook(program, id).await.map_err(failed)?;
    let before = asked(&office.visit.path, "before").and_then(|text| event_of(&text));
    // One more than the page tells whether there is a next one.
    let mut rows = service.deliveries(program, id, None, before, ROWS + 1).await.map_err(failed)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|row| event_id(row.key.entry, row.key.position));
    let told = |row: DeliveryRow| delivery(frame.words, &office.visit, row);
    let deliveries = rows.into_iter().map(told).collect();
    let endpoint = line(frame.words, endpoint);
    Ok(WebhookPage { endpoint, deliveries, next, tested: None, secret: None, frame })
}

fn delivery(words: Words, visit: &Visit, row: DeliveryRow) -> DeliveryLine {
    let (state, tone) = delivery_words(words, row.state);
    let when = if row.at == BEHIND { words.say("webhooks-behind") } else { visit.stamp(row.at) };
    let status = row.status.map(|status| status.to_string());
    DeliveryLine {
        event: event_id(row.key.entry, row.key.position),
        kind: row.event,
        member: row.key.member.to_string(),
        state,
        tone,
        when,
        tries: row.tries,
        answer: status.or(row.failure).unwrap_or_default(),
    }
}

pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    Ok(Page(one(&office, named(&id)?).await?).into_response())
}

/// On, off, a test, a new secret, one event or all of them again, or away with it.
pub async fn change(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let webhook = named(&id)?;
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let failed = |error: ServiceError| office.desk.failed(error).into_response();
    let enable = |enabled| WebhookChange { enabled: Some(enabled), ..WebhookChange::default() };
    match posted.text("act") {
        "enable" => service.change_webhook(program, webhook, enable(true)).await.map(drop),
        "disable" => service.change_webhook(program, webhook, enable(false)).await.map(drop),
        "retry" => service.retry_delivery(program, webhook, posted.text("event")).await.map(drop),
        "skip" => service.replay_webhook(program, webhook, ReplayFrom::Now).await.map(drop),
        "replay" => {
            let Some(day) = Day::parse(posted.text("since")) else {
                return Err(Problem::of("replay_form_invalid").into_response());
            };
            let since = ReplayFrom::Since(Zone::utc().start_of(day));
            service.replay_webhook(program, webhook, since).await.map(drop)
        }
        "delete" => {
            service.delete_webhook(program, webhook).await.map_err(failed)?;
            return Ok(back_to("/admin/webhooks?done=saved"));
        }
        "test" => {
            let sent = service.test_webhook(program, webhook).await.map_err(failed)?;
            let told = match sent.answer {
                Ok(status) => status.to_string(),
                Err(failure) => failure.to_string(),
            };
            let page = one(&office, webhook).await?;
            return Ok(Page(WebhookPage { tested: Some(told), ..page }).into_response());
        }
        "secret" => {
            let (_, secret) = service.rotate_webhook_secret(program, webhook).await.map_err(failed)?;
            let page = one(&office, webhook).await?;
            return Ok(Page(WebhookPage { secret: Some(secret), ..page }).into_response());
        }
        _ => return Err(Problem::of("form_invalid").into_response()),
    }
    .map_err(failed)?;
    Ok(back_to(&format!("/admin/webhooks/{webhook}?done=saved")))
}
