//! Endpoints that are told what happens, as operators set them up; and the stream of the same events.
//!
//! Invariant: a secret is shown when it is made and never again; it is stored sealed.

use super::Service;
use crate::engine::Engine;
use crate::error::ServiceError;
use crate::ids::first_at;
use crate::outgoing::{OutgoingEvent, event_of, is_type, outgoing};
use crate::outside::{Ask, Failure};
use crate::secrets::{SecretError, Secrets};
use crate::signature::{SECRET_BYTES, secret_text, sign};
use kopilka_core::ids::{EntryId, ProgramId, WebhookId};
use kopilka_core::program::Program;
use kopilka_core::time::Instant;
use kopilka_store::webhooks::{DeliveryRow, DeliveryState, WebhookRow, WebhookState};
use kopilka_store::{StoreError, Writer};
use serde_json::json;
use std::sync::Arc;
use url::Url;

/// Endpoints of one program: more are a list that nobody keeps in order.
pub const WEBHOOKS_MAX: usize = 20;
/// Receivers have a day to take over a new secret.
const OLD_SECRET_SECONDS: i64 = 24 * 3_600;
/// Rows of the log that one transaction deletes: a millisecond or two of the writer's time.
const DELETE_BATCH: usize = 256;
/// Entries of the whole journal that one page of the stream looks through at most.
const STREAM_STRETCH: usize = 10_000;
/// Of an answer to a webhook its status counts; a little is read so that its connection can be used again.
pub const WEBHOOK_BODY_MAX: usize = 4 << 10;
/// How receivers know the server.
pub(crate) const AGENT: &str = concat!("kopilka/", env!("CARGO_PKG_VERSION"));

/// An endpoint to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    pub url: String,
    /// Types of events; all of them when empty.
    pub events: Vec<String>,
    pub description: String,
}

/// What is to be another, part by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookChange {
    pub url: Option<String>,
    pub events: Option<Vec<String>>,
    pub description: Option<String>,
    /// Enabled, it goes on where it stopped, and what waits is sent at once.
    pub enabled: Option<bool>,
}

/// From where an endpoint is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayFrom {
    /// What comes after this entry of the journal.
    After(EntryId),
    /// What was written since, by the server's own clock.
    Since(Instant),
    /// Nothing again: what waits is given up, and it goes on with what comes.
    Now,
}

/// What a test event has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSent {
    pub id: String,
    /// The answer's status, or why there was none.
    pub answer: Result<u16, Failure>,
}

/// A page of a program's events.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamPage {
    pub events: Vec<OutgoingEvent>,
    /// Where the next page begins.
    pub next: EntryId,
    /// There is more already.
    pub more: bool,
}

impl Service {
    /// Makes an endpoint, which is told of what happens from now on; its secret is told once.
    pub async fn create_webhook(
        &self,
        program: ProgramId,
        new: NewWebhook,
    ) -> Result<(WebhookRow, String), ServiceError> {
        self.shared.program(program)?;
        let url = self.webhook_url(&new.url)?;
        check_types(&new.events)?;
        let secret = new_secret()?;
        let text = secret_text(&secret);
        let row = self
            .alone(move |engine| {
                let id = WebhookId(engine.shared.ids.next());
                let sealed = engine.shared.secrets.seal(&secret_place(program, id), &secret)?;
                engine.insert_webhook(program, id, NewWebhook { url, ..new }, sealed)
            })
            .await??;
        Ok((row, text))
    }

    /// The oldest first.
    pub async fn webhooks(&self, program: ProgramId) -> Result<Vec<WebhookRow>, ServiceError> {
        self.read(move |reader| reader.webhooks(program)).await
    }
    pub async fn webhook(&self, program: ProgramId, id: WebhookId) -> Result<WebhookRow, ServiceError> {
        let found = self.read(move |reader| reader.webhook(program, id)).await?;
        found.ok_or(ServiceError::WebhookUnknown)
    }

    pub async fn change_webhook(
        &self,
        program: ProgramId,
        id: WebhookId,
        change: WebhookChange,
    ) -> Result<WebhookRow, ServiceError> {
        let url = change.url.as_ref().map(|url| self.webhook_url(url)).transpose()?;
        change.events.as_deref().map_or(Ok(()), check_types)?;
        self.with_webhook(program, id, move |writer, now, row| {
            row.url = url.unwrap_or_else(|| std::mem::take(&mut row.url));
            row.events = change.events.unwrap_or_else(|| std::mem::take(&mut row.events));
            row.description = change.description.unwrap_or_else(|| std::mem::take(&mut row.description));
            match change.enabled {
                Some(true) => {
                    (row.state, row.failing_since) = (WebhookState::Enabled, None);
                    writer.hurry_deliveries(program, id, now)?;
                }
                Some(false) => row.state = WebhookState::Disabled,
                None => {}
            }
            writer.change_webhook(row).map(|_| ())
        })
        .await
    }

    /// From here on nothing is sent to it; its log goes with it.
    pub async fn delete_webhook(&self, program: ProgramId, id: WebhookId) -> Result<(), ServiceError> {
        self.change_webhook(program, id, WebhookChange { enabled: Some(false), ..Default::default() })
            .await?;
        loop {
            let deleted = self.alone(move |engine| {
                engine.transaction(|engine| {
                    let old = engine.writer.reads().deliveries_any(program, id, DELETE_BATCH)?;
                    old.iter().try_for_each(|row| engine.writer.delete_delivery(&row.key))?;
                    if old.is_empty() {
                        engine.writer.delete_webhook(program, id)?;
                    }
                    Ok::<_, StoreError>(old.len())
                })
            });
            if deleted.await?? == 0 {
                return Ok(());
            }
        }
    }

    /// A new secret, told once; the old one signs too for a day.
    pub async fn rotate_webhook_secret(
        &self,
        program: ProgramId,
        id: WebhookId,
    ) -> Result<(WebhookRow, String), ServiceError> {
        let secret = new_secret()?;
        let sealed = self.shared.secrets.seal(&secret_place(program, id), &secret)?;
        let row = self
            .with_webhook(program, id, move |writer, now, row| {
                let seen = std::mem::replace(&mut row.secret, sealed);
                row.old_secret = Some((seen.clone(), now.plus_seconds(OLD_SECRET_SECONDS)));
                match writer.set_webhook_secrets(row, &seen)? {
                    true => Ok(()),
                    false => Err(StoreError::Busy),
                }
            })
            .await?;
        Ok((row, secret_text(&secret)))
    }

    /// Sends an event that means nothing, now and once, and tells what came back.
    pub async fn test_webhook(&self, program: ProgramId, id: WebhookId) -> Result<TestSent, ServiceError> {
        let slug = self.present(program)?.0.slug.clone();
        let row = self.webhook(program, id).await?;
        let now = self.shared.system_now();
        let event = format!("evt_test_{:x}", self.shared.ids.next());
        let data = json!({ "program": slug });
        let object =
            json!({ "id": event, "type": "webhook.test", "timestamp": now.to_string(), "data": data });
        let secrets = secrets_of(&self.shared.secrets, &row, now)?;
        let answer = match self.shared.outside.url(&row.url) {
            Ok(url) => {
                let ask = signed(url, &event, object.to_string().into_bytes(), &secrets, now);
                self.shared.outside.separate().ask(ask).await.map(|answered| answered.status)
            }
            Err(failure) => Err(failure),
        };
        Ok(TestSent { id: event, answer })
    }

    /// A page of what an endpoint was told and is to be told, the newest event first.
    pub async fn deliveries(
        &self,
        program: ProgramId,
        id: WebhookId,
        state: Option<DeliveryState>,
        before: Option<(EntryId, u32)>,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>, ServiceError> {
        self.webhook(program, id).await?;
        self.read(move |reader| reader.deliveries(program, id, state, before, limit)).await
    }

    /// Sends one event again now, whatever has become of it; behind what waits of the same member before it.
    pub async fn retry_delivery(
        &self,
        program: ProgramId,
        id: WebhookId,
        event: &str,
    ) -> Result<DeliveryRow, ServiceError> {
        self.webhook(program, id).await?;
        let place = event_of(event).ok_or(ServiceError::DeliveryUnknown)?;
        let row = self
            .alone(move |engine| {
                let now = engine.shared.system_now();
                engine.transaction(|engine| {
                    let Some(row) = engine.writer.reads().delivery(program, id, place)? else {
                        return Ok::<_, StoreError>(None);
                    };
                    engine.writer.send_delivery_again(&row.key, now)?;
                    engine.writer.reads().delivery(program, id, place)
                })
            })
            .await??;
        self.shared.hurry_deliverer();
        row.ok_or(ServiceError::DeliveryUnknown)
    }

    /// Tells an endpoint again what it was told, or lets it go on without what it was not. Every event comes
    /// under its own id again.
    pub async fn replay_webhook(
        &self,
        program: ProgramId,
        id: WebhookId,
        from: ReplayFrom,
    ) -> Result<WebhookRow, ServiceError> {
        self.with_webhook(program, id, move |writer, now, row| {
            row.reached = match from {
                ReplayFrom::After(entry) => entry,
                ReplayFrom::Since(at) => EntryId(first_at(at) - 1),
                ReplayFrom::Now => {
                    writer.skip_deliveries(program, id, now)?;
                    writer.reads().newest_entry()?
                }
            };
            writer.replay_webhook(program, id, row.reached).map(|_| ())
        })
        .await
    }

    /// The program's events after an entry; `limit` entries of the journal at most, each with all its events.
    pub async fn events_after(
        &self,
        program: ProgramId,
        after: EntryId,
        limit: usize,
    ) -> Result<StreamPage, ServiceError> {
        let units = self.units_of(program)?;
        let shared = self.shared.clone();
        self.read(move |reader| {
            let settled = shared.settled()?;
            let (entries, next) =
                reader.entries_of_program(program, (after, settled), limit, STREAM_STRETCH)?;
            let events = entries.iter().flat_map(|entry| outgoing(entry, &units)).collect();
            Ok(StreamPage { events, next, more: next < settled })
        })
        .await
    }

    /// Seals everything that is stored with a new key of its own, messages that wait too; how many those
    /// were.
    pub async fn rotate_secrets_key(&self) -> Result<(u32, usize), ServiceError> {
        let number = self.shared.secrets.make_key()?;
        let sealed = self.alone(|engine| engine.seal_again()).await??;
        Ok((number, sealed))
    }

    /// A version whose units are those of all the program's versions.
    pub(crate) fn units_of(&self, program: ProgramId) -> Result<Arc<Program>, ServiceError> {
        let state = self.shared.program(program)?;
        state.versions.newest().cloned().ok_or(ServiceError::ProgramUnknown)
    }

    fn webhook_url(&self, text: &str) -> Result<String, ServiceError> {
        self.shared.outside.url(text).map(String::from).map_err(ServiceError::WebhookUrl)
    }

    /// Reads an endpoint, lets it be changed, and wakes who sends.
    async fn with_webhook(
        &self,
        program: ProgramId,
        id: WebhookId,
        change: impl FnOnce(&Writer, Instant, &mut WebhookRow) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<WebhookRow, ServiceError> {
        self.shared.program(program)?;
        let changed = self
            .alone(move |engine| {
                let now = engine.shared.system_now();
                engine.transaction(|engine| {
                    let Some(mut row) = engine.writer.reads().webhook(program, id)? else { return Ok(None) };
                    change(&engine.writer, now, &mut row)?;
                    Ok::<_, StoreError>(Some(row))
                })
            })
            .await??;
        self.shared.hurry_deliverer();
        changed.ok_or(ServiceError::WebhookUnknown)
    }
}

impl Engine {
    fn insert_webhook(
        &mut self,
        program: ProgramId,
        id: WebhookId,
        new: NewWebhook,
        sealed: Vec<u8>,
    ) -> Result<WebhookRow, ServiceError> {
        let now = self.shared.system_now();
        let made = self.transaction(|engine| {
            let reads = engine.writer.reads();
            if reads.webhooks(program)?.len() >= WEBHOOKS_MAX {
                return Ok::<_, StoreError>(None);
            }
            let row = WebhookRow {
                program,
                id,
                url: new.url,
                events: new.events,
                description: new.description,
                state: WebhookState::Enabled,
                secret: sealed,
                old_secret: None,
                reached: reads.newest_entry()?,
                failing_since: None,
                created_at: now,
            };
            engine.writer.insert_webhook(&row)?;
            Ok(Some(row))
        })?;
        made.ok_or(ServiceError::TooManyWebhooks)
    }

    fn seal_again(&mut self) -> Result<usize, ServiceError> {
        let shared = self.shared.clone();
        let mut sealed = 0;
        for row in self.writer.reads().webhooks_of_all()? {
            let place = secret_place(row.program, row.id);
            let again = |old: &[u8]| shared.secrets.seal(&place, &shared.secrets.unseal(&place, old)?);
            let old_secret = match &row.old_secret {
                Some((old, until)) => Some((again(old)?, *until)),
                None => None,
            };
            let next = WebhookRow { secret: again(&row.secret)?, old_secret, ..row.clone() };
            // One that was rotated meanwhile was sealed with the new key.
            self.transaction(|engine| engine.writer.set_webhook_secrets(&next, &row.secret))?;
            sealed += 1;
        }
        let of_people = self.seal_operators_again()? + self.seal_messages_again()?;
        Ok(sealed + self.seal_senders_again()? + of_people)
    }
}

/// What a secret is bound to when it is sealed.
pub(crate) fn secret_place(program: ProgramId, id: WebhookId) -> String {
    format!("webhook_endpoint/{program}/{id}")
}

/// The secrets that sign now, the newest first.
pub(crate) fn secrets_of(
    secrets: &Secrets,
    row: &WebhookRow,
    now: Instant,
) -> Result<Vec<Vec<u8>>, SecretError> {
    let place = secret_place(row.program, row.id);
    let mut out = vec![secrets.unseal(&place, &row.secret)?];
    if let Some((old, _)) = row.old_secret.as_ref().filter(|(_, until)| now < *until) {
        // One that does not open any more was replaced for that reason.
        out.extend(secrets.unseal(&place, old).ok());
    }
    Ok(out)
}

/// The request that tells of one event.
pub(crate) fn signed(url: Url, id: &str, body: Vec<u8>, secrets: &[Vec<u8>], now: Instant) -> Ask {
    let seconds = now.0.div_euclid(1_000_000);
    let signatures: Vec<String> = secrets.iter().map(|secret| sign(secret, id, seconds, &body)).collect();
    let headers = vec![
        ("content-type".into(), "application/json".to_owned()),
        ("user-agent".into(), AGENT.to_owned()),
        ("webhook-id".into(), id.to_owned()),
        ("webhook-timestamp".into(), seconds.to_string()),
        ("webhook-signature".into(), signatures.join(" ")),
    ];
    Ask { method: "POST", url, headers, body, body_max: WEBHOOK_BODY_MAX }
}

fn check_types(events: &[String]) -> Result<(), ServiceError> {
    match events.iter().find(|event| !is_type(event)) {
        Some(unknown) => Err(ServiceError::EventTypeUnknown(unknown.clone())),
        None => Ok(()),
    }
}

fn new_secret() -> Result<[u8; SECRET_BYTES], ServiceError> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|e| ServiceError::Storage(format!("no randomness: {e}")))?;
    Ok(secret)
}
