//! Deliveries become requests, and answers become what stands in the log.
//!
//! Invariant: a delivery stays under way until what came back is on disk, so it is never sent twice at once;
//! an endpoint has a fixed number of requests under way, and one through which nothing gets has one.

use super::{Deliverer, Written};
use crate::error::ServiceError;
use crate::faults::Step;
use crate::outgoing::{event_id, outgoing};
use crate::outside::{Answered, Ask, Failure};
use crate::retries::{is_to_stop, next_try};
use crate::service::{secrets_of, signed};
use crate::shared::Signal;
use kopilka_core::time::Instant;
use kopilka_store::webhooks::{DeliveryRow, DeliveryState, WebhookRow, WebhookState};

/// Requests under way to one endpoint: what a small receiver takes without noticing.
const UNDER_WAY_MAX: usize = 8;
/// Where nothing gets through, one request at a time finds out when something does again.
const UNDER_WAY_FAILING: usize = 1;
/// It says that it is there no more: it is not asked again.
const GONE: u16 = 410;

/// A delivery and what came back.
pub(super) struct Tried {
    row: DeliveryRow,
    answer: Answer,
}

enum Answer {
    Told(Result<Answered, Failure>),
    /// The journal has no such event for this release.
    Nothing,
}

impl Deliverer {
    /// Sends what is due to an endpoint, as far as it has room. Whether anything was sent.
    pub(super) fn send(&mut self, row: &WebhookRow) -> Result<bool, ServiceError> {
        let under_way = self.under_way.get(&row.id).map_or(0, Vec::len);
        let room = if row.failing_since.is_some() { UNDER_WAY_FAILING } else { UNDER_WAY_MAX };
        if under_way >= room {
            return Ok(false);
        }
        let now = self.service.shared.system_now();
        // Those under way still wait by their rows.
        let due = self
            .reader
            .read(&self.service, |reader| reader.deliveries_due(row.program, row.id, now, room))?;
        let known = self.under_way.get(&row.id).cloned().unwrap_or_default();
        let fresh: Vec<DeliveryRow> = due
            .into_iter()
            .filter(|delivery| !known.contains(&delivery.key.member))
            .take(room - under_way)
            .collect();
        if fresh.is_empty() {
            return Ok(false);
        }
        let secrets = match secrets_of(&self.service.shared.secrets, row, now) {
            Ok(secrets) => secrets,
            Err(error) => {
                tracing::error!(endpoint = %row.id, %error, "nothing can be signed; rotate its secret");
                return Ok(false);
            }
        };
        for delivery in fresh {
            let ask = self.ask_of(row, &delivery, &secrets, now)?;
            self.under_way.entry(row.id).or_default().push(delivery.key.member);
            self.start(delivery, ask);
        }
        Ok(true)
    }

    /// The request, or that there is nothing to ask.
    fn ask_of(
        &mut self,
        row: &WebhookRow,
        delivery: &DeliveryRow,
        secrets: &[Vec<u8>],
        now: Instant,
    ) -> Result<Result<Ask, Answer>, ServiceError> {
        let (program, key) = (row.program, delivery.key);
        let units = self.service.units_of(program)?;
        let entry = self.reader.read(&self.service, |reader| reader.entry(program, key.entry))?;
        let told = entry.map(|entry| outgoing(&entry, &units)).unwrap_or_default();
        let Some(event) = told.into_iter().find(|event| event.position == key.position) else {
            return Ok(Err(Answer::Nothing));
        };
        Ok(match self.outside.url(&row.url) {
            Ok(url) => Ok(signed(url, &event.id, event.object.to_string().into_bytes(), secrets, now)),
            Err(failure) => Err(Answer::Told(Err(failure))),
        })
    }

    fn start(&self, row: DeliveryRow, ask: Result<Ask, Answer>) {
        let (answers, outside) = (self.answers.0.clone(), self.outside.clone());
        let bell = self.service.shared.deliverers_bell();
        let asking = async move {
            let answer = match ask {
                Ok(ask) => Answer::Told(outside.ask(ask).await),
                Err(answer) => answer,
            };
            // Nobody takes it where everything ends; it is told again then.
            let _ = answers.send(Tried { row, answer });
            if let Some(bell) = bell {
                let _ = bell.try_send(Signal::Look);
            }
        };
        if let Some(runtime) = &self.runtime {
            runtime.spawn(asking);
        }
    }

    /// Writes down what came back. Whether an endpoint's row is another one by now.
    pub(super) fn write_down(&mut self, endpoints: &[WebhookRow]) -> Result<bool, ServiceError> {
        if self.tried.is_empty() {
            return Ok(false);
        }
        let shared = self.service.shared.clone();
        if shared.dies_at(Step::Delivered) {
            return Err(ServiceError::Stopping);
        }
        let now = shared.system_now();
        let mut healths: Vec<Health> = endpoints.iter().map(Health::of).collect();
        let mut rows = Vec::with_capacity(self.tried.len());
        for tried in &self.tried {
            let health = healths.iter_mut().find(|health| health.row.id == tried.row.key.endpoint);
            // Of an endpoint that was deleted there is nothing to keep.
            let Some(health) = health else { continue };
            let next = health.after(tried, now, chance()?);
            count(&next);
            rows.push((next, tried.row.tries));
        }
        let changed: Vec<Health> = healths.into_iter().filter(Health::is_changed).collect();
        let any = !changed.is_empty();
        for health in changed.iter().filter(|health| health.state != WebhookState::Enabled) {
            tracing::warn!(endpoint = %health.row.id, state = health.state.name(), "an endpoint is switched off");
        }
        self.service.along_blocking(move |writer| -> Written {
            rows.iter().try_for_each(|(row, before)| writer.put_delivery_tried(row, *before))?;
            changed.iter().try_for_each(|health| {
                let key = (health.row.program, health.row.id);
                writer.set_webhook_health(key, health.state, health.failing_since)
            })
        })?;
        for tried in self.tried.drain(..) {
            if let Some(members) = self.under_way.get_mut(&tried.row.key.endpoint) {
                members.retain(|member| *member != tried.row.key.member);
            }
        }
        self.under_way.retain(|_, members| !members.is_empty());
        Ok(any)
    }
}

/// How an endpoint does, while answers are taken in.
struct Health {
    row: WebhookRow,
    state: WebhookState,
    failing_since: Option<Instant>,
}

impl Health {
    fn of(row: &WebhookRow) -> Health {
        Health { row: row.clone(), state: row.state, failing_since: row.failing_since }
    }
    fn is_changed(&self) -> bool {
        self.row.state == WebhookState::Enabled
            && (self.state, self.failing_since) != (self.row.state, self.row.failing_since)
    }

    /// The delivery as it is after the try.
    fn after(&mut self, tried: &Tried, now: Instant, chance: u32) -> DeliveryRow {
        let before = &tried.row;
        let tries = before.tries + 1;
        let ended =
            |state, status, failure| DeliveryRow { state, tries, at: now, status, failure, ..before.clone() };
        let (status, failure) = match &tried.answer {
            Answer::Told(Ok(answered)) if (200..300).contains(&answered.status) => {
                self.failing_since = None;
                return ended(DeliveryState::Delivered, Some(answered.status), None);
            }
            Answer::Told(Ok(answered)) => (Some(answered.status), "status"),
            Answer::Told(Err(failure)) => (None, failure.code()),
            Answer::Nothing => return ended(DeliveryState::GivenUp, None, Some("event_unknown".to_owned())),
        };
        let failing_since = *self.failing_since.get_or_insert(now);
        let failure = Some(failure.to_owned());
        if status == Some(GONE) {
            self.state = WebhookState::Gone;
        } else if is_to_stop(failing_since, now) && self.state == WebhookState::Enabled {
            self.state = WebhookState::Failing;
        }
        match next_try(tries, now, chance) {
            Some(next) => DeliveryRow { at: next, ..ended(DeliveryState::Waiting, status, failure) },
            // Whoever switches it on again finds it waiting.
            None if self.state != WebhookState::Enabled => ended(DeliveryState::Waiting, status, failure),
            None => ended(DeliveryState::GivenUp, status, failure),
        }
    }
}

fn chance() -> Result<u32, ServiceError> {
    getrandom::u32().map_err(|e| ServiceError::Storage(format!("no randomness: {e}")))
}

fn count(row: &DeliveryRow) {
    let result = match row.state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Waiting => "failed",
        DeliveryState::GivenUp => {
            let event = event_id(row.key.entry, row.key.position);
            tracing::warn!(endpoint = %row.key.endpoint, event, "a delivery is given up");
            "given_up"
        }
    };
    metrics::counter!("kopilka_webhook_deliveries_total", "result" => result).increment(1);
}
