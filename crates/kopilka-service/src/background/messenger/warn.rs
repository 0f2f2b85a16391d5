//! Members are warned of points that burn.
//!
//! Invariant: one message a member and day with all that burns within the largest distance; a day's warnings
//! that were begun and not ended are gone on with, and nobody is warned twice.

use super::Messenger;
use crate::error::ServiceError;
use crate::messages::settings::{Messaging, Telling};
use crate::messages::told::{POINTS_EXPIRING, burning_days};
use crate::messages::{Source, queued_of};
use kopilka_core::consent::Channel;
use kopilka_core::ids::MemberId;
use kopilka_core::program::Program;
use kopilka_core::time::{Day, Instant};
use kopilka_store::messages::MessageRow;
use kopilka_store::messaging::MessagingRow;
use kopilka_store::read::PAGE_MAX;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Nobody is woken by what burns in a week: ten in the morning.
const FROM_MINUTE: i32 = 10 * 60;
/// A warning is of its day.
const DAY_SECONDS: i64 = 24 * 3_600;

/// What a day's warnings are made by.
struct Round<'a> {
    row: &'a MessagingRow,
    units: Arc<Program>,
    telling: &'a Telling,
    days: &'a [i32],
    channels: &'a [Channel],
    /// The program's time.
    now: Instant,
    today: Day,
}

impl Messenger {
    /// Queues the day's warnings of a program, where they are still to be queued.
    pub(super) fn warn(
        &mut self,
        row: &MessagingRow,
        settings: &Messaging,
        channels: &[Channel],
    ) -> Result<(), ServiceError> {
        let state = self.service.shared.program(row.program)?;
        let now = self.service.shared.now_of(&state);
        let units = self.service.units_of(row.program)?;
        let today = units.zone.day_of(now);
        if row.warned_on >= today || units.zone.minute_of_day(now) < FROM_MINUTE {
            return Ok(());
        }
        if let Some(telling) = settings.events.get(POINTS_EXPIRING)
            && let Some(furthest) = settings.warn_days.iter().max()
        {
            let until = units.zone.start_of(today.plus_days(furthest + 1)).plus_seconds(1);
            let days = &settings.warn_days;
            let round = Round { row, units, telling, days, channels, now, today };
            self.warn_until(&round, until)?;
        }
        let (program, from) = (row.program, row.warned_on);
        self.service.along_blocking(move |writer| writer.warned_messaging(program, from, today))
    }

    fn warn_until(&mut self, round: &Round<'_>, until: Instant) -> Result<(), ServiceError> {
        let (program, now) = (round.row.program, round.now);
        let (mut seen, mut place) = (BTreeSet::new(), None);
        loop {
            self.service.shared.goes_on()?;
            let (burning, next) = self
                .reader
                .read(&self.service, |reader| reader.burning(program, (now, until), place, PAGE_MAX))?;
            let members: Vec<MemberId> = burning.iter().map(|b| b.member).collect();
            for member in members.into_iter().filter(|member| seen.insert(*member)) {
                self.warn_member(round, member)?;
            }
            place = next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    fn warn_member(&mut self, round: &Round<'_>, member: MemberId) -> Result<(), ServiceError> {
        let program = round.row.program;
        let furthest = round.days.iter().copied().max().unwrap_or_default();
        let found = self.reader.read(&self.service, |reader| reader.member(program, member))?;
        let Some(found) = found else { return Ok(()) };
        let burning = burning_days(&found.member, &round.units, round.now, furthest);
        // The day on which a distance is reached: today, or since the last round where days were missed.
        let reached = |day: &Day| {
            let since_last = |distance: &i32| {
                let on = day.plus_days(-distance);
                round.row.warned_on < on && on <= round.today
            };
            round.days.iter().any(since_last)
        };
        if !burning.iter().any(|(day, _)| reached(day)) {
            return Ok(());
        }
        let system_now = self.service.shared.system_now();
        let telling = round.telling;
        let of = (program, member);
        let Some(channel) = self.channel_for(of, &round.units, telling, round.channels)? else {
            return Ok(());
        };
        let source = Source::Burning { within: furthest };
        let life = (system_now, system_now.plus_seconds(DAY_SECONDS));
        let shared = &self.service.shared;
        let row =
            queued_of(shared, (program, member, channel), (POINTS_EXPIRING, telling.class), source, life)?;
        // A round that was cut short has written to some already: those rows are of its day, by the program's
        // own time.
        let row = MessageRow { created_at: round.now, ..row };
        let since = round.units.zone.start_of(round.today);
        self.service.along_blocking(move |writer| {
            match writer.reads().was_written_since(program, member, POINTS_EXPIRING, since)? {
                true => Ok(()),
                false => writer.insert_message(&row),
            }
        })
    }
}
