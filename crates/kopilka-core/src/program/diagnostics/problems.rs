//! The words of every problem a program document can have.
//!
//! Invariant: a code stands here once, in both languages, with the same holes in each.

mod habits;
mod meaning;
mod money;
mod standing;
mod text;

use super::Severity;

/// A code with its words. `$name` in a text is filled from the arguments.
#[derive(Debug)]
pub struct Problem {
    pub code: &'static str,
    pub severity: Severity,
    pub en: &'static str,
    pub ru: &'static str,
    /// Empty when there is nothing general to advise.
    pub fix_en: &'static str,
    pub fix_ru: &'static str,
}

pub(super) const fn error(code: &'static str, texts: [&'static str; 4]) -> Problem {
    let [en, ru, fix_en, fix_ru] = texts;
    Problem { code, severity: Severity::Error, en, ru, fix_en, fix_ru }
}
pub(super) const fn warning(code: &'static str, texts: [&'static str; 4]) -> Problem {
    let [en, ru, fix_en, fix_ru] = texts;
    Problem { code, severity: Severity::Warning, en, ru, fix_en, fix_ru }
}

pub(super) const fn note(code: &'static str, texts: [&'static str; 4]) -> Problem {
    let [en, ru, fix_en, fix_ru] = texts;
    Problem { code, severity: Severity::Note, en, ru, fix_en, fix_ru }
}

/// Every code, with its words: English, Russian, the remedy in English, in Russian.
pub fn problems() -> impl Iterator<Item = &'static Problem> {
    problems_of_documents().chain(problems_of_histories())
}
/// What a document shows by itself.
pub fn problems_of_documents() -> impl Iterator<Item = &'static Problem> {
    [text::PROBLEMS, meaning::PROBLEMS, standing::PROBLEMS, money::PROBLEMS].into_iter().flatten()
}
/// What shows only beside an order history.
pub fn problems_of_histories() -> impl Iterator<Item = &'static Problem> {
    habits::PROBLEMS.iter()
}

/// Stands in for a code without a row.
pub(super) fn first() -> &'static Problem {
    &text::PROBLEMS[0]
}
