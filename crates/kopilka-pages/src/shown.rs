//! Figures as pages show them, in the words of the program and the language of the page.

use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::time::{Day, Instant};
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

/// A moment of the installation, which has no zone of its own: in UTC.
pub fn utc(at: Instant, language: Language) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    let time = time.get(..5).unwrap_or(time);
    match language {
        Language::En => format!("{day} {time} UTC"),
        Language::Ru => {
            let mut parts = day.split('-');
            let (year, month, day) = (parts.next(), parts.next(), parts.next());
            let (y, m, d) = (year.unwrap_or(""), month.unwrap_or(""), day.unwrap_or(""));
            format!("{d}.{m}.{y} {time} UTC")
        }
    }
}
