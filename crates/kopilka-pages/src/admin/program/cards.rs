//! The cards of a document: each part of it in plain words, by what it is for.
//!
//! Invariant: every part of the document is on exactly one card.

use super::problems::{Said, is_within};
use kopilka_core::program::document::vocabulary::{self, Block};
use kopilka_core::program::explain::{Subject, Topic, rule_parts, told_of, told_on};
use kopilka_core::program::source::{Part, Source};
use kopilka_core::program::terms::capital;
use kopilka_core::program::{Program, Rule, Text};
use kopilka_core::words::Language;

/// Cards under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub heading: String,
    pub cards: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// JSON pointer of its part.
    pub at: String,
    pub title: String,
    /// The parts of a rule: when, if, then.
    pub when: String,
    pub only_if: String,
    pub then: String,
    pub lines: Vec<String>,
    /// Where there are no words: the text itself.
    pub raw: String,
    pub note: String,
    pub problems: Vec<Said>,
    /// It can change places with the one before and the one after it.
    pub up: bool,
    pub down: bool,
    pub deletable: bool,
}

/// Where each word of a document belongs: groups in the order of the page.
const GROUPS: &[(&str, &[&str])] = &[
    ("program-earning", &["rules", "points", "accrual"]),
    ("program-discounts", &["discounts", "discount_limits", "groups"]),
    ("program-coupons", &["coupons", "gift_cards"]),
    ("program-levels", &["tiers", "achievements"]),
    ("program-spending", &["spending", "rewards", "holds", "transfers"]),
    ("program-returns", &["returns"]),
    (
        "program-people",
        &[
            "segments",
            "offers",
            "referral",
            "birthday",
            "profile",
            "events",
            "attributes",
            "tags",
            "control_group",
        ],
    ),
    ("program-guard", &["fraud", "approval"]),
    ("program-checks", &["tests"]),
];

/// The card of what stands in the document itself: its name, its money, its zone.
pub const BASICS: &[&str] =
    &["program", "name", "currency", "timezone", "amounts", "money_rounding", "receipt", "note"];

pub struct Dealer<'a> {
    pub source: &'a Source,
    /// `None` where the document has errors.
    pub program: Option<&'a Program>,
    pub language: Language,
    pub problems: &'a [Said],
}

impl Dealer<'_> {
    /// All groups that have a card. `say` gives the words of a key.
    pub fn groups(&self, say: impl Fn(&str) -> String) -> Vec<Group> {
        let mut groups = vec![Group { heading: say("program-basics"), cards: vec![self.basics(&say)] }];
        let known =
            |word: &str| BASICS.contains(&word) || GROUPS.iter().any(|(_, words)| words.contains(&word));
        for (heading, words) in GROUPS {
            let mut cards = Vec::new();
            for word in *words {
                if let Some(part) = self.source.root.get(word) {
                    self.deal(word, part, &mut cards);
                }
            }
            if !cards.is_empty() {
                groups.push(Group { heading: say(heading), cards });
            }
        }
        let others = self.source.root.entries().iter().filter(|entry| !known(&entry.word));
        let cards: Vec<Card> = others.map(|entry| self.setting(&entry.word, &entry.value)).collect();
        if !cards.is_empty() {
            groups.push(Group { heading: say("program-other"), cards });
        }
        groups
    }

    fn basics(&self, say: &impl Fn(&str) -> String) -> Card {
        let root = &self.source.root;
        let name = match root.get("name") {
            Some(part) => part.scalar().unwrap_or_else(|| part.said(self.language.tag())).to_owned(),
            None => root.said("program").to_owned(),
        };
        let mut lines = vec![format!("{} {}", root.said("currency"), root.said("timezone"))];
        lines.retain(|line| !line.trim().is_empty());
        let about = |said: &&Said| {
            said.at.is_empty() || BASICS.iter().any(|word| is_within(said, &format!("/{word}")))
        };
        Card {
            title: if name.is_empty() { say("program-basics") } else { name },
            lines,
            problems: self.problems.iter().filter(about).cloned().collect(),
            ..Card::default()
        }
    }

    fn deal(&self, word: &str, part: &Part, cards: &mut Vec<Card>) {
        let lists = matches!(
            word,
            "rules"
                | "discounts"
                | "rewards"
                | "achievements"
                | "segments"
                | "offers"
                | "tests"
                | "events"
                | "attributes"
        );
        match (word, part) {
            ("coupons", _) if part.get("campaigns").is_some() => {
                let campaigns = part.get("campaigns").map_or(&[][..], Part::items);
                self.items("/coupons/campaigns", word, campaigns, cards);
                // How they go together is a card of its own.
                if part.entries().len() > 1 || campaigns.is_empty() {
                    cards.push(self.setting(word, part));
                }
            }
            _ if lists && !part.items().is_empty() => {
                self.items(&format!("/{word}"), word, part.items(), cards);
            }
            _ => cards.push(self.setting(word, part)),
        }
    }

    fn items(&self, list: &str, word: &str, items: &[Part], cards: &mut Vec<Card>) {
        for (i, item) in items.iter().enumerate() {
            let at = format!("{list}/{i}");
            let mut card = self.item(word, item);
            card.problems = self.about(&at);
            card.up = i > 0;
            card.down = i + 1 < items.len();
            card.deletable = true;
            card.note = item.said("note").to_owned();
            card.at = at;
            cards.push(card);
        }
    }

    fn item(&self, word: &str, item: &Part) -> Card {
        let id = match word {
            "tests" => item.said("name"),
            _ => item.said("id"),
        };
        let name = item.get("name").map_or("", |n| n.scalar().unwrap_or_else(|| n.said(self.language.tag())));
        let title = if word == "tests" || name.is_empty() { id } else { name };
        let mut card = Card { title: title.to_owned(), ..Card::default() };
        let subject = match word {
            "rules" => Subject::Rule,
            "discounts" => Subject::Discount,
            "coupons" => Subject::Campaign,
            "rewards" => Subject::Reward,
            "offers" => Subject::Offer,
            "achievements" => Subject::Achievement,
            "segments" => Subject::Segment,
            "tests" => return card,
            _ => return Card { raw: self.source.alone(item), ..card },
        };
        let rule = self.program.and_then(|p| p.rules.iter().find(|r| word == "rules" && r.id == id));
        if let (Some(program), Some(rule)) = (self.program, rule) {
            let Ruled { when, only_if, then, .. } = ruled(program, rule, self.language);
            return Card { when, only_if, then, ..card };
        }
        match self.program.and_then(|program| told_of(program, subject, id)) {
            Some(told) => card.lines = vec![capital(self.language.of(&told))],
            None => card.raw = self.source.alone(item),
        }
        card
    }

    /// A part with settings: what they come to.
    fn setting(&self, word: &str, part: &Part) -> Card {
        let meaning = vocabulary::find(Block::Document, word).map(|word| word.meaning());
        let title = meaning.map_or_else(|| word.to_owned(), |text| capital(self.language.of(&text)));
        let topic = match word {
            "points" => Some(Topic::Dates),
            "accrual" => Some(Topic::Earning),
            "tiers" => Some(Topic::Standing),
            "spending" => Some(Topic::Spending),
            "returns" => Some(Topic::Returns),
            "transfers" => Some(Topic::Transfers),
            "gift_cards" => Some(Topic::GiftCards),
            "fraud" => Some(Topic::Fraud),
            _ => None,
        };
        let told = self.program.zip(topic).map(|(program, topic)| told_on(program, topic));
        let at = format!("/{word}");
        let mut card = Card {
            title,
            problems: self.about(&at),
            deletable: !matches!(word, "points" | "coupons"),
            at,
            ..Card::default()
        };
        match told {
            Some(told) => card.lines = told.iter().map(|text| self.language.of(text).to_owned()).collect(),
            None => card.raw = self.source.alone(part),
        }
        card
    }

    fn about(&self, at: &str) -> Vec<Said> {
        self.problems.iter().filter(|said| is_within(said, at)).cloned().collect()
    }
}

/// A rule in words.
pub struct Ruled {
    pub id: String,
    pub when: String,
    pub only_if: String,
    pub then: String,
}

/// When a rule acts, if what holds, and what it does then.
pub fn ruled(program: &Program, rule: &Rule, language: Language) -> Ruled {
    let told = rule_parts(program, rule);
    let of = |text: &Text| language.of(text).to_owned();
    Ruled {
        id: rule.id.to_string(),
        when: capital(&of(&told.when)),
        only_if: capital(bare(&of(&told.only_if))),
        then: capital(&format!("{}{}{}", of(&told.then), of(&told.base), of(&told.limits))),
    }
}

/// A condition without what ties it to the sentence before it.
fn bare(text: &str) -> &str {
    let text = text.trim_start_matches(", ");
    text.strip_prefix("if ").or_else(|| text.strip_prefix("если ")).unwrap_or(text)
}
