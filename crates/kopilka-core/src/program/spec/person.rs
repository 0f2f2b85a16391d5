//! What a test says of its member.
//!
//! Invariant: a test names no person: it only says what is told of one.

use crate::attribute::Attribute;
use crate::member::{Known, PersonFacts};
use crate::program::Text;
use crate::program::diagnostics::Findings;
use crate::program::document::node::Data;
use crate::program::document::vocabulary::Block;
use crate::program::document::*;

/// Whether the member registers, and what is known of the person.
pub(super) fn member(
    findings: &Findings,
    node: &Node,
    declared: &[Attribute],
) -> Option<(bool, PersonFacts)> {
    let fields = findings.fields(node, Block::Member)?;
    let field = fields.only_word()?;
    let mut told = PersonFacts::default();
    match &field.value.data {
        Data::Map(_) => told = person(findings, &field.value, declared)?,
        _ => {
            let says = truth(findings, &field.value)?;
            if !says {
                findings.wrong(&field.value, Text::both("`true`"));
            }
        }
    }
    Some((field.word == "register", told))
}

pub(super) fn person(findings: &Findings, node: &Node, declared: &[Attribute]) -> Option<PersonFacts> {
    let fields = findings.fields(node, Block::Person)?;
    let part = |f: &Findings, n: &Node| choice(f, n, Block::KnownPart);
    let what = Text::of("parts", "частей");
    let parts = fields.read("known", |f, n| one_or_many(f, n, what, part)).unwrap_or_default();
    let known = |word| parts.contains(&word);
    let known =
        Known { name: known("name"), phone: known("phone"), email: known("email"), card: known("card") };
    let told = fields.read("attributes", |f, n| attributes::values(f, n, declared));
    Some(PersonFacts {
        birth_date: fields.read("birthday", day),
        birth_date_known_at: None,
        attributes: told.unwrap_or_default(),
        known,
    })
}
