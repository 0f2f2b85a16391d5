//! Figures as pages show them, in the words of the program and the language of the page.

use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::time::{Day, Instant, Zone};
use kopilka_core::words::{Language, Speaker};
use kopilka_web::app::Desk;
use std::sync::Arc;

/// Says figures of one program.
#[derive(Clone)]
pub struct Shown {
    pub program: Arc<Program>,
    pub language: Language,
}

impl Shown {
    pub fn of(desk: &Desk) -> Shown {
        Shown { program: desk.program.clone(), language: desk.language }
    }
    pub fn speaker(&self) -> Speaker<'_> {
        Speaker::new(&self.program, self.language)
    }
    /// `5 bonuses`.
    pub fn points(&self, points: Points) -> String {
        self.speaker().points(points)
    }
    /// The number of points alone.
    pub fn amount(&self, points: Points) -> String {
        self.speaker().amount(points)
    }
    /// `+5` or `−5`.
    pub fn signed(&self, points: Points) -> String {
        let text = self.amount(points);
        if points > Points::ZERO { format!("+{text}") } else { text }
    }
    pub fn money(&self, money: Money) -> String {
        self.speaker().money(money)
    }
    pub fn day(&self, day: Day) -> String {
        self.speaker().day(day)
    }
    pub fn moment(&self, at: Instant) -> String {
        self.speaker().moment(at)
    }
    pub fn until(&self, end: Instant) -> String {
        self.speaker().until(end)
    }
}

/// A moment of the clock on the wall: in the zone of the program that is looked at, else in UTC and said so.
pub fn stamp(at: Instant, zone: Option<&Zone>, language: Language) -> String {
    let utc = Zone::utc();
    let here = zone.unwrap_or(&utc);
    let (day, minute) = (language.day(here.day_of(at)), here.minute_of_day(at));
    let place = if zone.is_none() { " UTC" } else { "" };
    format!("{day}, {:02}:{:02}{place}", minute / 60, minute % 60)
}
