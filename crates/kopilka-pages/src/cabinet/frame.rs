//! What stands around every page of the cabinet.
//!
//! Invariant: it speaks the program's name and the member's language, and of the house behind it nothing.

use super::gate::{Entry, Guest};
use crate::assets;
use crate::frame::{Tone, once};
use crate::look::Theme;
use crate::words::Words;
use kopilka_core::words::Language;

/// One of the cabinet's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Home,
    History,
    Gifts,
    Friends,
    Me,
}

const ROOMS: [(Room, &str, &str, Entry); 5] = [
    (Room::Home, "", "cabinet-home", Entry::Anybody),
    (Room::History, "/history", "cabinet-history", Entry::Reading),
    (Room::Gifts, "/gifts", "cabinet-gifts", Entry::Spending),
    (Room::Friends, "/friends", "cabinet-friends", Entry::Member),
    (Room::Me, "/me", "cabinet-me", Entry::Member),
];

/// A way to another page.
#[derive(Debug, Clone)]
pub struct Way {
    pub address: String,
    pub label: String,
    pub is_here: bool,
}

#[derive(Debug, Clone)]
pub struct Frame {
    pub words: Words,
    pub theme: Theme,
    pub path: String,
    /// Where the cabinet begins: `/cabinet/{slug}`.
    pub base: String,
    pub program: String,
    /// Empty before signing in.
    pub ways: Vec<Way>,
    pub csrf: String,
    pub notice: Option<(Tone, String)>,
}

impl Frame {
    pub fn of(guest: &Guest, here: Option<Room>) -> Frame {
        let words = Words(guest.look.language);
        let csrf = guest.session.as_ref().map_or_else(String::new, |session| session.form_token.clone());
        let base = guest.address();
        let ways = match &guest.session {
            Some(_) => ways(words, &base, here, |entry| guest.may(entry)),
            None => Vec::new(),
        };
        Frame {
            words,
            theme: guest.look.theme,
            path: guest.path.clone(),
            base,
            program: words.0.of(&guest.desk.program.name).to_owned(),
            ways,
            csrf,
            notice: None,
        }
    }
    pub fn sample(language: Language) -> Frame {
        let words = Words(language);
        Frame {
            words,
            theme: Theme::System,
            path: "/cabinet/shop".to_owned(),
            base: "/cabinet/shop".to_owned(),
            program: "Sports <bonus>".to_owned(),
            ways: ways(words, "/cabinet/shop", Some(Room::Home), |_| true),
            csrf: "t".to_owned(),
            notice: Some((Tone::Good, words.say("cabinet-saved"))),
        }
    }
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }
    pub fn say_of(&self, key: &str, value: &str) -> String {
        self.words.say_with(key, &[("value", value)])
    }
    pub fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
    pub fn tag(&self) -> &'static str {
        self.words.0.tag()
    }
    pub fn once(&self) -> String {
        once()
    }
    pub fn with_notice(mut self, tone: Tone, text: impl Into<String>) -> Frame {
        self.notice = Some((tone, text.into()));
        self
    }
}

/// Those that lead somewhere for whoever is here.
fn ways(words: Words, base: &str, here: Option<Room>, may: impl Fn(Entry) -> bool) -> Vec<Way> {
    let open = ROOMS.into_iter().filter(|(_, _, _, entry)| may(*entry));
    let way = |(room, tail, key, _): (Room, &str, &str, Entry)| Way {
        address: format!("{base}{tail}"),
        label: words.say(key),
        is_here: Some(room) == here,
    };
    open.map(way).collect()
}
