//! Entries of the journal become deliveries.
//!
//! Invariant: nothing is queued beyond what is settled, and no endpoint has much more waiting than
//! [`WAITING_MAX`]: what it is not told yet stays in the journal, where it costs nothing.

use super::{Deliverer, Place, Written};
use crate::error::ServiceError;
use crate::outgoing::{OutgoingEvent, outgoing};
use kopilka_core::ids::{EntryId, MemberId, ProgramId, WebhookId};
use kopilka_core::time::Instant;
use kopilka_store::Writer;
use kopilka_store::rows::EntryRow;
use kopilka_store::webhooks::{DeliveryKey, WebhookRow};
use std::collections::{BTreeMap, BTreeSet};

/// Entries that become deliveries at once: some hundreds of rows in one transaction.
const PAGE: usize = 64;
/// Entries of the whole journal, of every program, that are looked through for a page.
const STRETCH: usize = 4_096;
/// Deliveries that wait for one endpoint: a receiver that is down does not fill the disk.
pub const WAITING_MAX: usize = 2_000;
/// A place in the journal that met nothing is written down after this much time in ids, a minute, so that a
/// start does not read a quiet month again.
const QUIET_MAX: i64 = 60_000 << 20;

/// What one endpoint is to be told of a page, and where that leaves it.
struct Queued {
    program: ProgramId,
    endpoint: WebhookId,
    deliveries: Vec<(DeliveryKey, &'static str)>,
    from: EntryId,
    to: EntryId,
}

impl Deliverer {
    /// Reads a page of the journal for each place that endpoints stand at. Whether anything was read.
    pub(super) fn queue(&mut self, enabled: &[WebhookRow]) -> Result<bool, ServiceError> {
        let settled = self.service.shared.settled()?;
        let mut standing: BTreeMap<(ProgramId, EntryId), Vec<&WebhookRow>> = BTreeMap::new();
        for row in enabled {
            let reached = self.place(row).reached;
            if reached < settled && self.has_room(row)? {
                standing.entry((row.program, reached)).or_default().push(row);
            }
        }
        let any = !standing.is_empty();
        let mut moved: Vec<Queued> = Vec::new();
        for ((program, reached), rows) in standing {
            let page = self.reader.read(&self.service, |reader| {
                reader.entries_of_program(program, (reached, settled), PAGE, STRETCH)
            })?;
            let (entries, to) = page;
            let units = self.service.units_of(program)?;
            let told: Vec<(&EntryRow, Vec<OutgoingEvent>)> =
                entries.iter().map(|entry| (entry, outgoing(entry, &units))).collect();
            for row in rows {
                let from = self.place(row).saved;
                self.places.insert(row.id, Place { saved: from, reached: to });
                let deliveries = deliveries_of(row, &told);
                if !deliveries.is_empty() || to.0 - from.0 > QUIET_MAX {
                    moved.push(Queued { program, endpoint: row.id, deliveries, from, to });
                }
            }
        }
        self.save(moved)?;
        Ok(any)
    }

    /// How far an endpoint is; what an operator has moved is where the row says.
    fn place(&self, row: &WebhookRow) -> Place {
        let known = self.places.get(&row.id).filter(|place| place.saved == row.reached);
        known.copied().unwrap_or(Place { saved: row.reached, reached: row.reached })
    }

    fn has_room(&mut self, row: &WebhookRow) -> Result<bool, ServiceError> {
        let waiting =
            self.reader.read(&self.service, |reader| reader.deliveries_waiting(row.program, row.id))?;
        Ok(waiting < WAITING_MAX)
    }

    fn save(&mut self, moved: Vec<Queued>) -> Result<(), ServiceError> {
        if moved.is_empty() {
            return Ok(());
        }
        let now = self.service.shared.system_now();
        let places: Vec<(WebhookId, EntryId)> = moved.iter().map(|q| (q.endpoint, q.to)).collect();
        let saved = self
            .service
            .along_blocking(move |writer| moved.iter().try_for_each(|queued| write(writer, queued, now)));
        for (id, to) in places {
            match &saved {
                Ok(()) => self.places.insert(id, Place { saved: to, reached: to }),
                // Read again from where the row says.
                Err(_) => self.places.remove(&id),
            };
        }
        saved
    }
}

/// Where an operator has moved the place meanwhile, the stretch is read again from there, or not at all.
fn write(writer: &Writer, queued: &Queued, now: Instant) -> Written {
    if !writer.reach_webhook((queued.program, queued.endpoint), queued.from, queued.to)? {
        return Ok(());
    }
    queued.deliveries.iter().try_for_each(|(key, kind)| writer.insert_delivery(key, kind))?;
    let members: BTreeSet<MemberId> = queued.deliveries.iter().map(|(key, _)| key.member).collect();
    let of = (queued.program, queued.endpoint);
    members.into_iter().try_for_each(|member| writer.order_deliveries(of, member, now))
}

fn deliveries_of(
    row: &WebhookRow,
    told: &[(&EntryRow, Vec<OutgoingEvent>)],
) -> Vec<(DeliveryKey, &'static str)> {
    let wants = |kind: &str| row.events.is_empty() || row.events.iter().any(|event| event == kind);
    let of_entry = |(entry, events): &(&EntryRow, Vec<OutgoingEvent>)| {
        let wanted = events.iter().filter(|event| wants(event.kind));
        let key = |position| DeliveryKey {
            program: row.program,
            endpoint: row.id,
            member: entry.member,
            entry: entry.id,
            position,
        };
        wanted.map(|event| (key(event.position), event.kind)).collect::<Vec<_>>()
    };
    told.iter().flat_map(of_entry).collect()
}
