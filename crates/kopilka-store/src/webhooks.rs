//! Endpoints that are told what happens, and what each is still to be told.
//!
//! Invariant: a delivery is found by its program and endpoint alone; one of a member has a time only when all
//! the earlier ones of that member and endpoint are done with, and stands [`BEHIND`] them until then.

use crate::codec::{self, to_json};
use crate::error::StoreError;
use crate::read::page;
use crate::reader::Reader;
use crate::rows::{EntryRow, FORMAT};
use crate::sql::webhooks;
use crate::value::{Columns, params};
use crate::writer::Writer;
use kopilka_core::ids::{EntryId, MemberId, ProgramId, WebhookId};
use kopilka_core::time::Instant;

/// When a delivery is due that waits behind an earlier one: never, until that one is done with.
pub const BEHIND: Instant = Instant(i64::MAX - 1);

/// An endpoint of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    pub program: ProgramId,
    pub id: WebhookId,
    pub url: String,
    /// Types of events it is told of; all of them when empty.
    pub events: Vec<String>,
    pub description: String,
    pub state: WebhookState,
    /// Sealed: the service alone can open it.
    pub secret: Vec<u8>,
    /// The one before and until when it signs too.
    pub old_secret: Option<(Vec<u8>, Instant)>,
    /// Every entry of the journal up to this one has become deliveries.
    pub reached: EntryId,
    /// Since when nothing got through.
    pub failing_since: Option<Instant>,
    pub created_at: Instant,
}

/// Whether an endpoint is sent to, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookState {
    Enabled,
    /// By an operator.
    Disabled,
    /// Nothing got through for days.
    Failing,
    /// It said itself that it is there no more.
    Gone,
}

impl WebhookState {
    const ALL: [WebhookState; 4] =
        [WebhookState::Enabled, WebhookState::Disabled, WebhookState::Failing, WebhookState::Gone];

    pub fn name(self) -> &'static str {
        match self {
            WebhookState::Enabled => "enabled",
            WebhookState::Disabled => "disabled",
            WebhookState::Failing => "failing",
            WebhookState::Gone => "gone",
        }
    }
}

/// An event on its way to an endpoint, or what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub key: DeliveryKey,
    /// The event's type.
    pub event: String,
    pub state: DeliveryState,
    /// Since it was asked for last.
    pub tries: u32,
    /// When it is tried next while it waits ([`BEHIND`]: not yet), and when it was done with afterwards.
    pub at: Instant,
    /// The last answer's status, where there was an answer.
    pub status: Option<u16>,
    /// Why the last try did not do, where it did not.
    pub failure: Option<String>,
}

/// What a delivery is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey {
    pub program: ProgramId,
    pub endpoint: WebhookId,
    pub member: MemberId,
    pub entry: EntryId,
    /// Of the event within its entry.
    pub position: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting,
    Delivered,
    /// Tried as often as it is tried; the member's next one goes on.
    GivenUp,
}

impl DeliveryState {
    pub const ALL: [DeliveryState; 3] =
        [DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::GivenUp];

    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::GivenUp => "given_up",
        }
    }
    pub fn by_name(name: &str) -> Option<DeliveryState> {
        DeliveryState::ALL.into_iter().find(|state| state.name() == name)
    }
}

fn malformed(what: &str) -> StoreError {
    StoreError::Malformed(format!("{what} of a webhook"))
}

fn endpoint(row: &dyn Columns) -> Result<WebhookRow, StoreError> {
    let state = row.text(5)?;
    let state = WebhookState::ALL.into_iter().find(|s| s.name() == state);
    let old_until = row.instant_or_null(8)?;
    Ok(WebhookRow {
        program: ProgramId(row.int(0)?),
        id: WebhookId(row.int(1)?),
        url: row.text(2)?.to_owned(),
        events: codec::json(FORMAT, "types of events", row.text(3)?)?,
        description: row.text(4)?.to_owned(),
        state: state.ok_or_else(|| malformed("the state"))?,
        secret: row.bytes(6)?.to_vec(),
        old_secret: row.bytes_or_null(7)?.map(<[u8]>::to_vec).zip(old_until),
        reached: EntryId(row.int(9)?),
        failing_since: row.instant_or_null(10)?,
        created_at: Instant(row.int(11)?),
    })
}

fn delivery(row: &dyn Columns) -> Result<DeliveryRow, StoreError> {
    let small = |at: usize| u32::try_from(row.int(at)?).map_err(|_| malformed("a number"));
    let status = row.int_or_null(9)?.map(|status| u16::try_from(status).map_err(|_| malformed("a status")));
    Ok(DeliveryRow {
        key: DeliveryKey {
            member: MemberId(row.int(0)?),
            endpoint: WebhookId(row.int(1)?),
            entry: EntryId(row.int(2)?),
            position: small(3)?,
            program: ProgramId(row.int(4)?),
        },
        event: row.text(5)?.to_owned(),
        state: DeliveryState::by_name(row.text(6)?).ok_or_else(|| malformed("the state"))?,
        tries: small(7)?,
        at: Instant(row.int(8)?),
        status: status.transpose()?,
        failure: row.text_or_null(10)?.map(str::to_owned),
    })
}

impl Reader {
    /// Every endpoint of the installation: one server sends for all programs.
    pub fn webhooks_of_all(&self) -> Result<Vec<WebhookRow>, StoreError> {
        self.many(webhooks::WEBHOOKS_OF_ALL, &[], endpoint)
    }
    /// The oldest first: a handful.
    pub fn webhooks(&self, program: ProgramId) -> Result<Vec<WebhookRow>, StoreError> {
        self.many(webhooks::WEBHOOKS, params![program.0], endpoint)
    }
    pub fn webhook(&self, program: ProgramId, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
        Ok(self.webhooks(program)?.into_iter().find(|row| row.id == id))
    }
    pub fn deliveries_waiting(&self, program: ProgramId, id: WebhookId) -> Result<usize, StoreError> {
        let waiting = self.number(webhooks::DELIVERIES_WAITING, params![program.0, id.0])?;
        Ok(usize::try_from(waiting.unwrap_or_default()).unwrap_or_default())
    }
    /// What may be sent now: of each member the first that waits, those that waited longest first.
    pub fn deliveries_due(
        &self,
        program: ProgramId,
        id: WebhookId,
        now: Instant,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        self.many(webhooks::DELIVERIES_DUE, params![program.0, id.0, now.0, limit as i64], delivery)
    }
    /// The log, the newest event first, from before an event on.
    pub fn deliveries(
        &self,
        program: ProgramId,
        id: WebhookId,
        state: Option<DeliveryState>,
        before: Option<(EntryId, u32)>,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let (entry, position) = before.map_or((i64::MAX, 0), |(entry, position)| (entry.0, position));
        let state = state.map_or("", DeliveryState::name);
        let asked = params![program.0, id.0, entry, position, state, page(limit)];
        self.many(webhooks::DELIVERIES, asked, delivery)
    }
    pub fn delivery(
        &self,
        program: ProgramId,
        id: WebhookId,
        (entry, position): (EntryId, u32),
    ) -> Result<Option<DeliveryRow>, StoreError> {
        self.one(webhooks::DELIVERY, params![program.0, id.0, entry.0, position], delivery)
    }
    /// Rows of the log that ended before `before`.
    pub fn deliveries_old(
        &self,
        program: ProgramId,
        id: WebhookId,
        before: Instant,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        self.many(webhooks::DELIVERIES_OLD, params![program.0, id.0, before.0, limit as i64], delivery)
    }
    /// Some of what an endpoint has, whatever its state.
    pub fn deliveries_any(
        &self,
        program: ProgramId,
        id: WebhookId,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        self.many(webhooks::DELIVERIES_ANY, params![program.0, id.0, limit as i64], delivery)
    }
    /// The program's entries after `after`, up to `settled`: at most `limit` of them, found in the next
    /// `stretch` entries of the whole journal. Answers also up to where it has read.
    pub fn entries_of_program(
        &self,
        program: ProgramId,
        (after, settled): (EntryId, EntryId),
        limit: usize,
        stretch: usize,
    ) -> Result<(Vec<EntryRow>, EntryId), StoreError> {
        if after >= settled {
            return Ok((Vec::new(), after));
        }
        let end = self.number(webhooks::STRETCH_END, params![after.0, settled.0, stretch as i64])?;
        let end = end.unwrap_or(settled.0);
        let asked = params![program.0, after.0, end, limit as i64];
        let entries = self.many(webhooks::ENTRIES_OF_PROGRAM, asked, codec::entry)?;
        let reached = entries.last().filter(|_| entries.len() == limit).map_or(EntryId(end), |last| last.id);
        Ok((entries, reached))
    }
}

/// Each inside an open transaction.
impl Writer {
    pub fn insert_webhook(&self, row: &WebhookRow) -> Result<(), StoreError> {
        let events = to_json(&row.events)?;
        let (old, until) = row.old_secret.as_ref().map(|(old, until)| (old, until.0)).unzip();
        let columns = params![
            row.program.0,
            row.id.0,
            &row.url,
            &events,
            &row.description,
            row.state.name(),
            &row.secret,
            old,
            until,
            row.reached.0,
            row.failing_since.map(|at| at.0),
            row.created_at.0,
        ];
        self.run(webhooks::WEBHOOK_INSERT, columns).map(|_| ())
    }
    /// Writes address, types, description and state; whether there is such an endpoint.
    pub fn change_webhook(&self, row: &WebhookRow) -> Result<bool, StoreError> {
        let events = to_json(&row.events)?;
        let columns = params![
            row.program.0,
            row.id.0,
            &row.url,
            &events,
            &row.description,
            row.state.name(),
            row.failing_since.map(|at| at.0),
        ];
        Ok(self.run(webhooks::WEBHOOK_CHANGE, columns)? == 1)
    }
    /// Writes the secrets over the one that was read; `false` where another has written since.
    pub fn set_webhook_secrets(&self, row: &WebhookRow, seen: &[u8]) -> Result<bool, StoreError> {
        let (old, until) = row.old_secret.as_ref().map(|(old, until)| (old, until.0)).unzip();
        let columns = params![row.program.0, row.id.0, &row.secret, old, until, seen];
        Ok(self.run(webhooks::WEBHOOK_SECRETS, columns)? == 1)
    }
    /// Moves an endpoint's place in the journal from where it was read; `false` where it is another by now.
    pub fn reach_webhook(
        &self,
        (program, id): (ProgramId, WebhookId),
        from: EntryId,
        to: EntryId,
    ) -> Result<bool, StoreError> {
        Ok(self.run(webhooks::WEBHOOK_REACHED, params![program.0, id.0, to.0, from.0])? == 1)
    }
    /// Puts an endpoint's place in the journal wherever an operator wants it.
    pub fn replay_webhook(&self, program: ProgramId, id: WebhookId, to: EntryId) -> Result<bool, StoreError> {
        Ok(self.run(webhooks::WEBHOOK_REPLAY, params![program.0, id.0, to.0])? == 1)
    }
    /// Notes how an enabled endpoint does.
    pub fn set_webhook_health(
        &self,
        (program, id): (ProgramId, WebhookId),
        state: WebhookState,
        failing_since: Option<Instant>,
    ) -> Result<(), StoreError> {
        let columns = params![program.0, id.0, state.name(), failing_since.map(|at| at.0)];
        self.run(webhooks::WEBHOOK_HEALTH, columns).map(|_| ())
    }
    pub fn delete_webhook(&self, program: ProgramId, id: WebhookId) -> Result<bool, StoreError> {
        Ok(self.run(webhooks::WEBHOOK_DELETE, params![program.0, id.0])? == 1)
    }

    /// An event is to be told; also again, unless it waits already. Afterwards `order_deliveries` gives the
    /// member's first a time.
    pub fn insert_delivery(&self, key: &DeliveryKey, event: &str) -> Result<(), StoreError> {
        let DeliveryKey { program, endpoint, member, entry, position } = key;
        let columns = params![member.0, endpoint.0, entry.0, *position, program.0, event, BEHIND.0];
        self.run(webhooks::DELIVERY_INSERT, columns).map(|_| ())
    }
    /// Of what waits for the member the first is due at a time of its own, or now, and the others behind it.
    pub fn order_deliveries(
        &self,
        (program, endpoint): (ProgramId, WebhookId),
        member: MemberId,
        now: Instant,
    ) -> Result<(), StoreError> {
        if let Some((entry, position)) = self.release_first((program, endpoint), member, now)? {
            let later = params![program.0, endpoint.0, member.0, entry, position, BEHIND.0];
            self.run(webhooks::DELIVERIES_BEHIND, later)?;
        }
        Ok(())
    }
    /// The member's first that waits is due now, unless it has a time already. Which one that is.
    fn release_first(
        &self,
        (program, endpoint): (ProgramId, WebhookId),
        member: MemberId,
        now: Instant,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let asked = params![program.0, endpoint.0, member.0];
        let read = |row: &dyn Columns| Ok((row.int(0)?, row.int(1)?, row.int(2)?));
        let first = self.reads().one(webhooks::DELIVERY_FIRST, asked, read)?;
        let Some((entry, position, at)) = first else { return Ok(None) };
        if at == BEHIND.0 {
            let first = params![member.0, endpoint.0, entry, position, program.0, now.0];
            self.run(webhooks::DELIVERY_DUE_AT, first)?;
        }
        Ok(Some((entry, position)))
    }
    /// Writes what a try has come to; nothing where another one was asked for since `tries_before`.
    pub fn put_delivery_tried(&self, row: &DeliveryRow, tries_before: u32) -> Result<(), StoreError> {
        let DeliveryKey { program, endpoint, member, entry, position } = row.key;
        let columns = params![
            member.0,
            endpoint.0,
            entry.0,
            position,
            program.0,
            row.state.name(),
            row.tries,
            row.at.0,
            row.status.map(i64::from),
            row.failure.as_ref(),
            tries_before,
        ];
        let written = self.run(webhooks::DELIVERY_TRIED, columns)? == 1;
        if written && row.state != DeliveryState::Waiting {
            self.release_first((program, endpoint), member, row.at)?;
        }
        Ok(())
    }
    /// Whatever has become of it, it is sent again: now, or when it is the member's first that waits.
    pub fn send_delivery_again(&self, key: &DeliveryKey, now: Instant) -> Result<(), StoreError> {
        let DeliveryKey { program, endpoint, member, entry, position } = *key;
        let columns = params![member.0, endpoint.0, entry.0, position, program.0, BEHIND.0];
        self.run(webhooks::DELIVERY_AGAIN, columns)?;
        self.order_deliveries((program, endpoint), member, now)
    }
    /// All that waits for an endpoint is due now, of each member the first.
    pub fn hurry_deliveries(
        &self,
        program: ProgramId,
        id: WebhookId,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.run(webhooks::DELIVERIES_AT_ONCE, params![program.0, id.0, now.0, BEHIND.0]).map(|_| ())
    }
    /// Whatever waits for an endpoint is given up.
    pub fn skip_deliveries(&self, program: ProgramId, id: WebhookId, now: Instant) -> Result<(), StoreError> {
        self.run(webhooks::DELIVERIES_SKIPPED, params![program.0, id.0, now.0]).map(|_| ())
    }
    pub fn delete_delivery(&self, key: &DeliveryKey) -> Result<(), StoreError> {
        let DeliveryKey { program, endpoint, member, entry, position } = *key;
        let columns = params![member.0, endpoint.0, entry.0, position, program.0];
        self.run(webhooks::DELIVERY_DELETE, columns).map(|_| ())
    }
}
