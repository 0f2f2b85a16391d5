//! What stands around every page: whose program it is, the ways to other pages, who has signed in.
//!
//! Invariant: a way is shown to those alone whom its door lets in.

use crate::assets;
use crate::look::Theme;
use crate::sections::{self, Section};
use crate::visit::{Visit, asked};
use crate::words::Words;
use kopilka_core::words::Language;
use kopilka_service::Role;
use kopilka_web::app::Desk;

/// A link to another page.
#[derive(Debug, Clone)]
pub struct Way {
    pub address: &'static str,
    pub label: String,
    pub is_here: bool,
}

/// Ways under one heading.
#[derive(Debug, Clone)]
pub struct Ways {
    pub heading: String,
    pub list: Vec<Way>,
}

/// A program to go over to.
#[derive(Debug, Clone)]
pub struct ProgramChoice {
    pub id: i64,
    pub name: String,
    pub is_here: bool,
}

/// Who has signed in.
#[derive(Debug, Clone)]
pub struct Who {
    pub name: String,
    pub login: String,
    pub role: String,
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warn,
    Bad,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
        }
    }
}

/// The frame of one page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub words: Words,
    pub theme: Theme,
    /// Where this page is, to come back to after a change of language.
    pub path: String,
    pub who: Option<Who>,
    pub program: Option<String>,
    pub sandbox: bool,
    pub programs: Vec<ProgramChoice>,
    pub ways: Vec<Ways>,
    /// The session's token for forms; empty where nobody has signed in.
    pub csrf: String,
    /// What was done, or why it was not.
    pub notice: Option<(Tone, String)>,
    /// Whether members can be looked for from the bar.
    pub finds_members: bool,
}

impl Frame {
    pub fn of(visit: &Visit, here: Option<Section>) -> Frame {
        let words = Words(visit.look.language);
        let session = visit.session.as_ref();
        let role = session.and_then(|session| session.role);
        let who = session.map(|session| Who {
            name: session.info.operator.name.clone(),
            login: session.info.operator.login.clone(),
            role: role.map_or_else(String::new, |role| words.say(&format!("role-{}", role.name()))),
        });
        let desk = visit.desk.as_ref();
        Frame {
            words,
            theme: visit.look.theme,
            path: visit.path.clone(),
            who,
            program: desk.map(|desk| words.0.of(&desk.program.name).to_owned()),
            sandbox: desk.is_some_and(is_sandbox),
            programs: programs(visit),
            ways: role.map_or_else(Vec::new, |role| sections::ways(words, role, here)),
            csrf: session.map_or_else(String::new, |session| session.csrf.clone()),
            notice: notice(visit, words),
            finds_members: desk.is_some()
                && role.is_some_and(|role| sections::is_open(Section::Members, role)),
        }
    }

    /// A frame without a visit, for samples.
    pub fn sample(language: Language) -> Frame {
        let words = Words(language);
        Frame {
            words,
            theme: Theme::System,
            path: "/admin".to_owned(),
            who: Some(Who {
                name: "Анна Котова".to_owned(),
                login: "anna@shop.example".to_owned(),
                role: words.say("role-owner"),
            }),
            program: Some("Sports <bonus>".to_owned()),
            sandbox: true,
            programs: vec![
                ProgramChoice { id: 1, name: "Sports <bonus>".to_owned(), is_here: true },
                ProgramChoice { id: 2, name: "Кафе".to_owned(), is_here: false },
            ],
            ways: sections::ways(words, Role::Owner, Some(Section::Home)),
            csrf: "t".to_owned(),
            notice: Some((Tone::Good, words.say("notice-saved"))),
            finds_members: true,
        }
    }

    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }
    /// A count of any size of number, also one that a template only borrows.
    pub fn say_n(&self, key: &str, n: impl ToString) -> String {
        self.words.say_n(key, n.to_string().parse().unwrap_or(i64::MAX))
    }
    /// A sentence with one value of its own, `$value`.
    pub fn say_of(&self, key: &str, value: &str) -> String {
        self.words.say_with(key, &[("value", value)])
    }
    pub fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
    pub fn tag(&self) -> &'static str {
        self.words.0.tag()
    }
    /// A text as one part of an address.
    pub fn in_address(&self, text: &str) -> String {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
    }
    /// A key for one form, so that sending it twice is done once.
    pub fn once(&self) -> String {
        once()
    }
    pub fn with_notice(mut self, tone: Tone, text: impl Into<String>) -> Frame {
        self.notice = Some((tone, text.into()));
        self
    }
}

/// 128 bits in hexadecimal digits.
pub fn once() -> String {
    let mut random = [0_u8; 16];
    // Without randomness the key is always the same, and the second form is refused instead of done twice.
    let _ = getrandom::fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_sandbox(desk: &Desk) -> bool {
    desk.app.service.programs().iter().any(|program| program.id == desk.program_id() && program.sandbox)
}

fn programs(visit: &Visit) -> Vec<ProgramChoice> {
    let Some(session) = &visit.session else { return Vec::new() };
    let here = visit.desk.as_ref().map(Desk::program_id);
    let open = |id| session.info.operator.role_in(Some(id)).is_some();
    let all = visit.app.service.programs().into_iter().filter(|program| open(program.id));
    all.map(|program| ProgramChoice {
        id: program.id.0,
        name: program.slug.to_string(),
        is_here: Some(program.id) == here,
    })
    .collect()
}

/// `?done=` names what was done by the page before; only what we have words for is said.
fn notice(visit: &Visit, words: Words) -> Option<(Tone, String)> {
    let done = asked(&visit.path, "done")?;
    let plain = done.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let text = words.say_if_known(&format!("notice-{done}")).filter(|_| plain)?;
    Some((Tone::Good, text))
}
