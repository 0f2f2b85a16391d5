//! What a test says of its member.
//!
//! Invariant: a test names no person: it only says what is told of one.

use crate::attribute::Attribute;
use crate::member::{Known, PersonFacts};
use crate::program::Text;
use crate::program::diagnostics::Findings;
use crate::program::document::node::Data;
use crate::program::document::segments;
use crate::program::document::vocabulary::Block;
use crate::program::document::*;

/// How a member comes into a test.
pub(super) struct Joins {
    /// At the first step; otherwise the member was there before.
    pub registers: bool,
    pub referred: bool,
    pub in_control_group: bool,
    pub person: PersonFacts,
}

/// The words of which a member needs exactly one.
const JOINS: [&str; 2] = ["existing", "register"];

/// How the member joins, and what is known of the person.
pub(super) fn member(findings: &Findings, node: &Node, declared: &[Attribute]) -> Option<Joins> {
    let fields = findings.fields(node, Block::Member)?;
    fields.only_one_of(&JOINS);
    let Some(word) = JOINS.into_iter().find(|word| fields.has(word)) else {
        fields.missing_one_of(&JOINS);
        return None;
    };
    let value = fields.optional(word)?;
    let person = match &value.data {
        Data::Map(_) => person(findings, value, declared)?,
        _ => {
            yes(findings, value)?;
            PersonFacts::default()
        }
    };
    let referred = fields.read("referred", yes).is_some();
    let in_control_group = fields.read("control_group", truth).unwrap_or(false);
    Some(Joins { registers: word == "register", referred, in_control_group, person })
}

/// Written down, it is so.
fn yes(findings: &Findings, node: &Node) -> Option<()> {
    let says = truth(findings, node)?;
    if !says {
        findings.wrong(node, Text::both("`true`"));
    }
    Some(())
}

pub(super) fn person(findings: &Findings, node: &Node, declared: &[Attribute]) -> Option<PersonFacts> {
    let fields = findings.fields(node, Block::Person)?;
    let part = |f: &Findings, n: &Node| choice(f, n, Block::KnownPart);
    let what = Text::of("parts", "частей");
    let parts = fields.read("known", |f, n| one_or_many(f, n, what, part)).unwrap_or_default();
    let known = |word| parts.contains(&word);
    let known = Known {
        name: known("name"),
        phone: known("phone"),
        email: known("email"),
        card: known("card"),
        elsewhere: false,
    };
    let language = fields.read("language", segments::language);
    let told = fields.read("attributes", |f, n| attributes::values(f, n, declared));
    Some(PersonFacts {
        birth_date: fields.read("birthday", day),
        birth_date_known_at: None,
        attributes: told.unwrap_or_default(),
        language: language.map(Into::into),
        region: fields.read("region", text).map(Into::into),
        subscribed: fields.read("subscribed", segments::channels).unwrap_or_default(),
        known,
    })
}
