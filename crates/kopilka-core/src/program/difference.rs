//! What two versions of a program do differently, in words.
//!
//! Invariant: the sentences are those of [`explain`](super::explain), so what is told of a version here is
//! what it does; a difference that has no sentence is said to be there.

use super::explain::told;
use super::{Program, Text};
use crate::time::INSTANT_MIN;
use std::collections::HashSet;

/// The sentences of one part of the program that only one version has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub heading: Text,
    pub gone: Vec<Text>,
    pub new: Vec<Text>,
}

/// All that differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProgramDifference {
    pub parts: Vec<Part>,
    /// Something differs that no sentence tells: a setting such as the rounding of money, a name, the order
    /// of discounts.
    pub untold: bool,
}

impl ProgramDifference {
    pub fn between(before: &Program, after: &Program) -> ProgramDifference {
        let (old, new) = (parts_of(before), parts_of(after));
        let mut headings: Vec<&Text> = old.iter().map(|(heading, _)| heading).collect();
        headings.extend(new.iter().map(|(heading, _)| heading).filter(|h| old.iter().all(|(o, _)| o != *h)));
        let lines = |parts: &[(Text, Vec<Text>)], heading: &Text| -> Vec<Text> {
            parts.iter().find(|(h, _)| h == heading).map(|(_, lines)| lines.clone()).unwrap_or_default()
        };
        let parts = headings.into_iter().map(|heading| {
            let (gone, new) = (lines(&old, heading), lines(&new, heading));
            Part { heading: heading.clone(), gone: without(&gone, &new), new: without(&new, &gone) }
        });
        let parts: Vec<Part> = parts.filter(|part| !part.gone.is_empty() || !part.new.is_empty()).collect();
        let untold = match parts.is_empty() {
            true => unnumbered(before) != unnumbered(after),
            false => settings(before) != settings(after),
        };
        ProgramDifference { parts, untold }
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && !self.untold
    }

    /// Lines of text, each whole in both languages.
    pub fn told(&self) -> Text {
        let mut text = Text::default();
        let mut say = |en: &str, ru: &str| {
            text.en.push_str(&format!("{en}\n"));
            text.ru.push_str(&format!("{ru}\n"));
        };
        for part in &self.parts {
            if !part.heading.en.is_empty() {
                say(&part.heading.en, &part.heading.ru);
            }
            for line in &part.gone {
                say(&format!("  was: {}", plain(&line.en)), &format!("  было: {}", plain(&line.ru)));
            }
            for line in &part.new {
                say(&format!("  now: {}", plain(&line.en)), &format!("  стало: {}", plain(&line.ru)));
            }
        }
        if self.untold {
            say(
                "Something differs that has no sentence: compare the documents themselves.",
                "Есть отличие, для которого нет фразы: сравните сами документы.",
            );
        } else if self.parts.is_empty() {
            say("Both do the same.", "Оба делают одно и то же.");
        }
        text
    }
}

/// A sentence without the dash of its list.
fn plain(line: &str) -> &str {
    line.strip_prefix("- ").unwrap_or(line)
}

/// The lines of each part, by its heading; the first part has none.
fn parts_of(program: &Program) -> Vec<(Text, Vec<Text>)> {
    let mut parts = vec![(Text::default(), Vec::new())];
    for line in told(program).into_iter().filter(|line| !line.en.is_empty()) {
        if line.en.ends_with(':') && !line.en.starts_with("- ") {
            parts.push((line, Vec::new()));
        } else if let Some((_, lines)) = parts.last_mut() {
            lines.push(line);
        }
    }
    parts
}

fn without(lines: &[Text], others: &[Text]) -> Vec<Text> {
    let others: HashSet<&str> = others.iter().map(|line| line.en.as_str()).collect();
    lines.iter().filter(|line| !others.contains(line.en.as_str())).cloned().collect()
}

/// Settings of money and points that `explain` has no sentence for.
fn settings(program: &Program) -> impl PartialEq + use<> {
    (program.money_rounding, program.receipt_points, program.multipliers, program.attributes.clone())
}

/// What publishing adds says nothing of the rules.
fn unnumbered(program: &Program) -> Program {
    Program { version: 0, birthday_since: INSTANT_MIN, discount_index: Default::default(), ..program.clone() }
}
