//! Carries what an entry means for another member to that member, as a command whose key is the entry's id.
//!
//! Invariant: the cursor of a stripe moves only past entries whose effects are on disk; handed over again
//! after a crash, an effect is known by its key and applied once.

use super::{Job, OwnReader};
use crate::crew::Divided;
use crate::error::ServiceError;
use crate::faults::Step;
use crate::relay::{relayed, undeliverable};
use crate::service::Service;
use crate::write::{Change, Write, WriteResult};
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::EntryRow;
use kopilka_store::{Consumer, STRIPES, stripe_of};
use std::time::Duration;
use tokio::sync::oneshot;

/// Effects under way at once: a full group of the writer.
const PAGE: usize = 256;
/// A cursor that met nothing is written down after this much time in ids, a minute, so that a start does not
/// read a quiet month again.
const QUIET_MAX: i64 = 60_000 << 20;

/// An entry, whom it concerns, and the answer to come.
type UnderWay<'e> = (&'e EntryRow, Option<MemberId>, oneshot::Receiver<WriteResult>);

/// The member that a relayed change is of.
fn target(change: &Change) -> Option<MemberId> {
    match change {
        Change::ReceiveTransfer { member, .. }
        | Change::ReturnTransfer { member, .. }
        | Change::Hear { member, .. }
        | Change::MergeStep { member, .. }
        | Change::TakeGuestOrder { member, .. } => Some(*member),
        _ => None,
    }
}

/// Delivers effects on other members.
pub struct Relay {
    service: Service,
    reader: OwnReader,
    /// Stripes whose cursors have been read since they were given to this server.
    held: u8,
    /// Up to where each stripe is delivered, and where its cursor on disk stands.
    delivered: [EntryId; STRIPES as usize],
    saved: [EntryId; STRIPES as usize],
}

impl Relay {
    pub fn new(service: Service) -> Relay {
        let none = [EntryId(0); STRIPES as usize];
        Relay { service, reader: OwnReader::default(), held: 0, delivered: none, saved: none }
    }

    /// Delivers all that waits.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        self.once()
    }

    /// Takes up stripes that are new to this server where their last holder stopped.
    fn take_up(&mut self, stripes: u8) -> Result<(), ServiceError> {
        for stripe in (0..STRIPES).filter(|s| stripes & !self.held & (1 << s) != 0) {
            let cursor = self.reader.read(&self.service, |r| r.cursor(Consumer::Relay(stripe)))?;
            self.delivered[usize::from(stripe)] = cursor;
            self.saved[usize::from(stripe)] = cursor;
        }
        self.held = stripes;
        Ok(())
    }

    fn held_stripes(&self) -> impl Iterator<Item = usize> + use<> {
        let held = self.held;
        (0..usize::from(STRIPES)).filter(move |stripe| held & (1 << stripe) != 0)
    }

    fn deliver(&self, page: &[EntryRow]) -> Result<usize, ServiceError> {
        let fresh = page.iter().filter(|e| e.id > self.delivered[usize::from(stripe_of(e.member))]);
        let mut waiting: Vec<UnderWay<'_>> = Vec::new();
        let mut count = 0;
        for entry in fresh {
            let Some(write) = relayed(entry) else { continue };
            // What one member is told keeps its order, whoever of the writers takes it.
            let to = target(&write.change);
            if waiting.iter().any(|(_, known, _)| *known == to) {
                self.wait_for(std::mem::take(&mut waiting))?;
            }
            waiting.push((entry, to, self.service.submit(write)?));
            count += 1;
        }
        self.wait_for(waiting)?;
        Ok(count)
    }

    fn wait_for(&self, waiting: Vec<UnderWay<'_>>) -> Result<(), ServiceError> {
        for (entry, _, answer) in waiting {
            match answer.blocking_recv().unwrap_or(Err(ServiceError::Stopping)) {
                Err(ServiceError::Refused(Refusal::MemberUnknown)) => self.give_back(entry)?,
                Err(ServiceError::Refused(Refusal::MergeUnderWay)) => self.after_merge(entry)?,
                other => check(entry, other)?,
            }
        }
        Ok(())
    }

    /// Nobody is there to take it.
    fn give_back(&self, entry: &EntryRow) -> Result<(), ServiceError> {
        let Some(write) = undeliverable(entry) else { return Ok(()) };
        check(entry, self.ask(write)?)
    }
    /// The account it is for has left for another and has not arrived: that is carried first, whoever's
    /// stripe it is of. Handed over again by its own, it is known by its key.
    fn after_merge(&self, entry: &EntryRow) -> Result<(), ServiceError> {
        let Some(write) = relayed(entry) else { return Ok(()) };
        if let Some(member) = target(&write.change) {
            let program = write.program;
            let newest = OwnReader::default().read(&self.service, |r| {
                let head = r.head(program, member)?;
                head.map_or(Ok(None), |(_, head)| r.entry(program, head))
            })?;
            if let Some(first) = newest.as_ref().and_then(relayed) {
                check(entry, self.ask(first)?)?;
            }
        }
        check(entry, self.ask(write)?)
    }
    fn ask(&self, write: Write) -> Result<WriteResult, ServiceError> {
        Ok(self.service.submit(write)?.blocking_recv().unwrap_or(Err(ServiceError::Stopping)))
    }

    fn save(&mut self, at_once: bool) -> Result<(), ServiceError> {
        let moved: Vec<(u8, EntryId)> = self
            .held_stripes()
            .filter(|&s| {
                let ahead = self.delivered[s].0 - self.saved[s].0;
                if at_once { ahead > 0 } else { ahead > QUIET_MAX }
            })
            .map(|s| (s as u8, self.delivered[s]))
            .collect();
        if moved.is_empty() {
            return Ok(());
        }
        let cursors = moved.clone();
        self.service.along_blocking(move |writer| {
            cursors.iter().try_for_each(|(stripe, at)| writer.put_cursor(Consumer::Relay(*stripe), *at))
        })?;
        for (stripe, at) in moved {
            self.saved[usize::from(stripe)] = at;
        }
        Ok(())
    }
}

/// An effect is decided by the other member so that it cannot be refused; where it was all the same, the
/// stripe stops there and is tried again, and nothing is passed over.
fn check(entry: &EntryRow, answer: WriteResult) -> Result<(), ServiceError> {
    if let Err(ServiceError::Refused(refusal)) = &answer {
        tracing::error!(entry = %entry.id, code = refusal.code(), "an effect on another member was refused");
    }
    answer.map(|_| ())
}

impl Job for Relay {
    const NAME: &'static str = "relay";
    /// A transfer arrives within a moment; a write that has effects wakes the relay at once.
    const EVERY: Duration = Duration::from_millis(200);
    const FAILED: &'static str = "effects on other members have to wait";

    fn once(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        let stripes = shared.crew.stripes(Divided::Relay);
        let settled = shared.settled()?;
        self.take_up(stripes)?;
        let Some(mut from) = self.held_stripes().map(|s| self.delivered[s]).min() else { return Ok(()) };
        let (mut count, mut read) = (0, 0);
        while from < settled {
            shared.goes_on()?;
            let page = self.reader.read(&self.service, |r| r.relayed(from, settled, stripes, PAGE))?;
            count += self.deliver(&page)?;
            read += page.len();
            if !page.is_empty() && shared.dies_at(Step::Relayed) {
                return Err(ServiceError::Stopping);
            }
            let end = if page.len() < PAGE { settled } else { page.last().map_or(settled, |e| e.id) };
            for stripe in self.held_stripes() {
                self.delivered[stripe] = self.delivered[stripe].max(end);
            }
            from = end;
        }
        metrics::counter!("kopilka_relayed_total").increment(count as u64);
        // Also what was read and concerned nobody is not read again after a start.
        self.save(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::shared::Signal;
    use crate::{Change, MemberRef, OpenOptions, Publish, Registration, Service, Write};
    use kopilka_core::ids::{MemberId, ProgramId};
    use kopilka_core::points::Points;
    use std::sync::mpsc::{TryRecvError, sync_channel};

    const PROGRAM: &str = r#"{"program": "trial", "currency": "RUB", "transfers": {},
        "rules": [{"id": "welcome", "when": "member.registered", "then": [{"credit": {"points": 100}}]}]}"#;

    async fn write(service: &Service, program: ProgramId, key: &str, change: Change) -> MemberId {
        let write = Write {
            program,
            scope: "shop".to_owned(),
            key: Some(key.to_owned()),
            input_hash: [0; 16],
            operator: None,
            reason: None,
            change,
        };
        service.write(write).await.unwrap().member
    }

    #[tokio::test]
    async fn the_relay_is_woken_by_what_concerns_another_member_and_by_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::open(OpenOptions::in_dir(folder.path())).unwrap();
        let publish = Publish {
            text: PROGRAM.to_owned(),
            author: String::new(),
            note: String::new(),
            sandbox: false,
            effective_from: None,
        };
        let program = service.publish(publish).await.unwrap().program;
        let (relay, woken) = sync_channel(1);
        *service.shared.relay.lock().unwrap() = Some(relay);
        let from = write(&service, program, "r", Change::Register(Registration::default())).await;
        assert_eq!(woken.try_recv(), Err(TryRecvError::Empty));
        let (from, to) = (MemberRef::Id(from), MemberRef::Id(MemberId(7)));
        write(&service, program, "t", Change::Transfer { from, to, points: Points(10) }).await;
        assert_eq!(woken.recv(), Ok(Signal::Look));
        service.stop();
    }
}
