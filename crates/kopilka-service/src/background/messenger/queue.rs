//! Entries of the journal become messages.
//!
//! Invariant: nothing is queued beyond what is settled, each entry once; whoever cannot be reached by any of
//! an event's channels costs no row.

use super::Messenger;
use crate::error::ServiceError;
use crate::ids::time_of;
use crate::messages::settings::{Messaging, Telling};
use crate::messages::told::events_of;
use crate::messages::{Source, address_in, queued_of};
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::program::Program;
use kopilka_store::messages::{Class, MessageRow};
use kopilka_store::messaging::MessagingRow;
use kopilka_store::rows::{EntryRow, subscribed};

/// Entries that become messages at once: some dozens of rows in one transaction.
const PAGE: usize = 64;
/// Entries of the whole journal, of every program, that are looked through for a page.
const STRETCH: usize = 4_096;
/// Messages that wait for one channel: a server that is down does not fill the disk.
const WAITING_MAX: usize = 2_000;
/// News of three days ago is told by nobody.
const NEWS_SECONDS: i64 = 3 * 24 * 3_600;

impl Messenger {
    /// Reads a page of a program's journal. Whether anything was read.
    pub(super) fn queue(
        &mut self,
        row: &MessagingRow,
        settings: &Messaging,
        channels: &[Channel],
    ) -> Result<bool, ServiceError> {
        let settled = self.service.shared.settled()?;
        if row.reached >= settled || !self.has_room(row.program, channels)? {
            return Ok(false);
        }
        let (program, from) = (row.program, row.reached);
        let page = self.reader.read(&self.service, |reader| {
            reader.entries_of_program(program, (from, settled), PAGE, STRETCH)
        })?;
        let (entries, to) = page;
        let mut rows = Vec::new();
        for entry in &entries {
            for event in events_of(entry) {
                if let Some(telling) = settings.events.get(event.as_ref()) {
                    rows.extend(self.row_of(entry, &event, telling, channels)?);
                }
            }
        }
        self.service.along_blocking(move |writer| {
            if writer.reach_messaging(program, from, to)? {
                rows.iter().try_for_each(|row| writer.insert_message(row))?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    fn has_room(&mut self, program: ProgramId, channels: &[Channel]) -> Result<bool, ServiceError> {
        for channel in channels {
            let waiting =
                self.reader.read(&self.service, |reader| reader.messages_waiting(program, *channel))?;
            if waiting >= WAITING_MAX {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn row_of(
        &mut self,
        entry: &EntryRow,
        event: &str,
        telling: &Telling,
        channels: &[Channel],
    ) -> Result<Option<MessageRow>, ServiceError> {
        let now = self.service.shared.system_now();
        let expires_at = time_of(entry.id).plus_seconds(NEWS_SECONDS);
        if expires_at <= now {
            super::count_dropped(telling.channels.first().map_or("none", |channel| channel.name()));
            return Ok(None);
        }
        let units = self.service.units_of(entry.program)?;
        let Some(channel) = self.channel_for((entry.program, entry.member), &units, telling, channels)?
        else {
            return Ok(None);
        };
        let shared = &self.service.shared;
        let about = (entry.program, entry.member, channel);
        queued_of(shared, about, (event, telling.class), Source::Entry(entry.id), (now, expires_at)).map(Some)
    }

    /// The first of the event's channels by which the member is reached, and may be.
    pub(super) fn channel_for(
        &mut self,
        (program, member): (ProgramId, MemberId),
        units: &Program,
        telling: &Telling,
        channels: &[Channel],
    ) -> Result<Option<Channel>, ServiceError> {
        let marketing = telling.class == Class::Marketing;
        // Rules leave them out to see what rules do; so do messages that want something of them.
        if marketing && units.control_group.as_ref().is_some_and(|group| group.has(member)) {
            return Ok(None);
        }
        let person = self.reader.read(&self.service, |reader| reader.person(program, member))?;
        let Some(person) = person else { return Ok(None) };
        let agreed = subscribed(&person.consents);
        let reached = |channel: &&Channel| {
            channels.contains(channel)
                && address_in(&person, **channel).is_some()
                && (!marketing || agreed.has(**channel))
        };
        Ok(telling.channels.iter().find(reached).copied())
    }
}
