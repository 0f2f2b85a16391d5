//! What a program tells its members by itself, and when it may.
//!
//! Invariant: none of it decides about points, so it stands beside the program's document and changes without
//! a new version.

use super::CHANNELS;
use super::templates::is_automatic;
use crate::outside::URL_MAX;
use kopilka_core::consent::Channel;
use kopilka_core::time::{Instant, Zone};
use kopilka_store::messages::Class;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// Distances at which members are warned of what burns: more of them would be a countdown.
pub const WARNINGS_MAX: usize = 5;
/// Nobody plans further ahead.
pub const WARNING_DAYS_MAX: i32 = 366;
/// Messages count as sent for as long as the log keeps them.
pub const CAP_DAYS_MAX: i64 = 30;
const DAY_MINUTES: i32 = 24 * 60;
const DAY_SECONDS: i64 = 24 * 3_600;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Messaging {
    /// Where members reach this server: what unsubscribing begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// Days before the end at which members are warned of what burns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn_days: Vec<i32>,
    /// What is told at all.
    #[serde(default)]
    pub events: BTreeMap<String, Telling>,
}

/// From when to when nothing is sent but what was asked for, in minutes of the program's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub from: i32,
    pub to: i32,
}

/// At most so many marketing messages to one member in so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    pub messages: i64,
    pub days: i64,
}

/// How an event is told: by the first of the channels by which the member is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    pub channels: Vec<Channel>,
    pub class: Class,
}

impl Messaging {
    /// The part that cannot be meant.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.base_url.as_deref().is_some_and(|url| !is_base(url)) {
            return Err("base_url");
        }
        let minute = |minute: i32| (0..DAY_MINUTES).contains(&minute);
        if self.quiet.is_some_and(|quiet| !minute(quiet.from) || !minute(quiet.to) || quiet.from == quiet.to)
        {
            return Err("quiet_hours");
        }
        let counts = |cap: Cap| cap.messages >= 0 && (1..=CAP_DAYS_MAX).contains(&cap.days);
        if self.cap.is_some_and(|cap| !counts(cap)) {
            return Err("marketing_cap");
        }
        let days = |day: &i32| (1..=WARNING_DAYS_MAX).contains(day);
        if self.warn_days.len() > WARNINGS_MAX || !self.warn_days.iter().all(days) {
            return Err("warn_days");
        }
        let told = |(event, telling): (&String, &Telling)| {
            let channels = &telling.channels;
            is_automatic(event) && !channels.is_empty() && channels.iter().all(|c| CHANNELS.contains(c))
        };
        if !self.events.iter().all(told) {
            return Err("events");
        }
        // Whoever is written to for marketing must be able to say no.
        let marketing = self.events.values().any(|telling| telling.class == Class::Marketing);
        if marketing && self.base_url.is_none() { Err("base_url") } else { Ok(()) }
    }
}

fn is_base(text: &str) -> bool {
    let known = |url: Url| {
        ["https", "http"].contains(&url.scheme())
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    text.len() <= URL_MAX && text.is_ascii() && Url::parse(text).is_ok_and(known)
}

impl Quiet {
    /// When it ends, where `now` is within it.
    pub fn ends(&self, zone: &Zone, now: Instant) -> Option<Instant> {
        let minute = zone.minute_of_day(now);
        let within = match self.from < self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        };
        let today = zone.at(zone.day_of(now), self.to);
        let end = if today > now { today } else { zone.at(zone.day_of(now).plus_days(1), self.to) };
        within.then_some(end)
    }
}

impl Cap {
    pub fn since(&self, now: Instant) -> Instant {
        now.plus_seconds(-self.days * DAY_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_in_the_morning_of_the_programs_zone() {
        let zone = Zone::by_name("Europe/Moscow").unwrap();
        let at = |text: &str| Instant::parse(text).unwrap();
        let night = Quiet { from: 21 * 60, to: 10 * 60 };
        for (now, end) in [
            ("2026-03-01T20:59:00+03:00", None),
            ("2026-03-01T21:00:00+03:00", Some("2026-03-02T10:00:00+03:00")),
            ("2026-03-01T00:00:00+03:00", Some("2026-03-01T10:00:00+03:00")),
            ("2026-03-01T10:00:00+03:00", None),
        ] {
            assert_eq!(night.ends(&zone, at(now)), end.map(at), "{now}");
        }
        let noon = Quiet { from: 12 * 60, to: 13 * 60 };
        let end = Some(at("2026-03-01T13:00:00+03:00"));
        assert_eq!(noon.ends(&zone, at("2026-03-01T12:30:00+03:00")), end);
        assert_eq!(noon.ends(&zone, at("2026-03-01T13:00:00+03:00")), None);
    }

    #[test]
    fn settings_that_cannot_be_meant_are_told_by_their_part() {
        let telling = |class| Telling { channels: vec![Channel::Email], class };
        let good = Messaging {
            base_url: Some("https://loyalty.example/club".to_owned()),
            quiet: Some(Quiet { from: 1_260, to: 600 }),
            cap: Some(Cap { messages: 2, days: 7 }),
            warn_days: vec![30, 7, 1],
            events: [("points_accrued".to_owned(), telling(Class::Marketing))].into(),
        };
        assert_eq!(good.check(), Ok(()));
        let with = |change: fn(&mut Messaging)| {
            let mut settings = good.clone();
            change(&mut settings);
            settings.check()
        };
        assert_eq!(with(|s| s.base_url = None), Err("base_url"));
        assert_eq!(with(|s| s.base_url = Some("ftp://x/".to_owned())), Err("base_url"));
        assert_eq!(with(|s| s.base_url = Some("https://x/?a".to_owned())), Err("base_url"));
        assert_eq!(with(|s| s.quiet = Some(Quiet { from: 0, to: 1_440 })), Err("quiet_hours"));
        assert_eq!(with(|s| s.quiet = Some(Quiet { from: 5, to: 5 })), Err("quiet_hours"));
        assert_eq!(with(|s| s.cap = Some(Cap { messages: 1, days: 31 })), Err("marketing_cap"));
        assert_eq!(with(|s| s.warn_days = vec![0]), Err("warn_days"));
        assert_eq!(with(|s| s.warn_days = vec![1; 6]), Err("warn_days"));
        let service = Telling { channels: vec![Channel::Sms], class: Class::Service };
        let mut settings =
            Messaging { events: [("test".to_owned(), service.clone())].into(), ..good.clone() };
        assert_eq!(settings.check(), Err("events"), "a test is sent by nobody by itself");
        settings.events = [("points_accrued".to_owned(), Telling { channels: vec![], ..service })].into();
        assert_eq!(settings.check(), Err("events"));
    }
}
