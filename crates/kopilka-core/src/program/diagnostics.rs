//! Diagnostics: what is wrong or unwise in a program document, where, and what would put it right.
//!
//! Invariant: every code has one row in [`problems()`], with its severity and its words in both languages; a
//! diagnostic with an unknown code, or with a hole left in its text, cannot be made.

mod problems;

use super::Text;
pub use problems::{Problem, problems, problems_of_documents, problems_of_histories};
use std::cell::{Cell, RefCell};

/// A hundred problems are read by nobody; a generated document must not answer with megabytes of text.
pub const DIAGNOSTICS_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Blocks publishing.
    Error,
    /// Speaks of money and clarity; the program works.
    Warning,
    /// Says what could not be judged; nothing is wrong.
    Note,
}

impl Severity {
    /// The word of the command line and of the API.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place in the source text. `node` numbers the nodes in document order; a key carries its value's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// From 1; 0 when the document as a whole is meant and has no text to point at.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    pub node: u32,
}

/// One problem of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable; listed in `docs/reference/program.md`.
    pub code: &'static str,
    pub severity: Severity,
    pub line: u32,
    pub column: u32,
    /// JSON pointer to the offending node; empty for the whole document.
    pub path: String,
    pub text: Text,
    pub fix: Option<Text>,
    pub(crate) node: u32,
}

impl Text {
    /// A name or figure that is the same in both languages.
    pub fn both(text: impl Into<String>) -> Text {
        let en = text.into();
        Text { ru: en.clone(), en }
    }
    pub fn of(en: impl Into<String>, ru: impl Into<String>) -> Text {
        Text { en: en.into(), ru: ru.into() }
    }
}

/// What fills the holes of a text.
pub type Arguments<'a> = &'a [(&'a str, Text)];

impl Diagnostic {
    /// The problem `code` at a place; the fix is the general one of the code, if it has one.
    pub fn new(code: &'static str, place: Place, arguments: Arguments<'_>) -> Diagnostic {
        let problem = problem(code);
        let fix = (!problem.fix_en.is_empty()).then(|| Text {
            en: fill(problem.fix_en, arguments, |t| &t.en),
            ru: fill(problem.fix_ru, arguments, |t| &t.ru),
        });
        Diagnostic {
            code: problem.code,
            severity: problem.severity,
            line: place.line,
            column: place.column,
            path: String::new(),
            text: Text {
                en: fill(problem.en, arguments, |t| &t.en),
                ru: fill(problem.ru, arguments, |t| &t.ru),
            },
            fix,
            node: place.node,
        }
    }
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Collects problems while a document is read; shared by all readers of one document. Of errors and of
/// warnings it keeps the first [`DIAGNOSTICS_MAX`] each, so warnings never push errors out.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: RefCell<Vec<Diagnostic>>,
    errors: Cell<usize>,
    warnings: Cell<usize>,
}

impl Findings {
    pub fn report(&self, code: &'static str, place: Place, arguments: Arguments<'_>) {
        let count = match problem(code).severity {
            Severity::Error => &self.errors,
            // Notes are few, so they need no room of their own.
            Severity::Warning | Severity::Note => &self.warnings,
        };
        count.set(count.get() + 1);
        if count.get() <= DIAGNOSTICS_MAX {
            self.kept.borrow_mut().push(Diagnostic::new(code, place, arguments));
        }
    }
    /// Like [`Findings::report`], with a remedy that only this place knows.
    pub fn report_with_fix(&self, code: &'static str, place: Place, arguments: Arguments<'_>, fix: Text) {
        let before = self.kept.borrow().len();
        self.report(code, place, arguments);
        if let Some(diagnostic) = self.kept.borrow_mut().get_mut(before) {
            diagnostic.fix = Some(fix);
        }
    }
    pub fn has_error(&self) -> bool {
        self.errors.get() > 0
    }
    /// Further errors would not be shown: readers may stop looking for the best advice.
    pub fn is_full(&self) -> bool {
        self.errors.get() >= DIAGNOSTICS_MAX
    }
    /// In the order of the source text.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut all = self.kept.into_inner();
        all.sort_by_key(|d| (d.line, d.column, d.severity));
        if self.errors.get() > DIAGNOSTICS_MAX || self.warnings.get() > DIAGNOSTICS_MAX {
            let limit = Text::both(DIAGNOSTICS_MAX.to_string());
            all.push(Diagnostic::new("too_many_problems", Place::default(), &[("limit", limit)]));
        }
        all
    }
}

/// The row of a code; a code without one is a mistake of this crate and shows as itself.
fn problem(code: &'static str) -> &'static Problem {
    let found = problems().find(|p| p.code == code);
    debug_assert!(found.is_some(), "{code} has no row among the problems");
    found.unwrap_or(problems::first())
}

fn fill(template: &str, arguments: Arguments<'_>, of: impl Fn(&Text) -> &str) -> String {
    let mut parts = template.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_at(name_length(part));
        let value = arguments.iter().find(|(n, _)| *n == name);
        debug_assert!(value.is_some(), "no argument {name} for {template}");
        out.push_str(value.map_or("?", |(_, text)| of(text)));
        out.push_str(rest);
    }
    out
}

fn name_length(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_lowercase).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn holes(template: &str) -> BTreeSet<&str> {
        template.split('$').skip(1).map(|part| &part[..name_length(part)]).collect()
    }

    #[test]
    fn every_code_stands_once_and_speaks_both_languages() {
        let mut seen = BTreeSet::new();
        for problem in problems() {
            assert!(seen.insert(problem.code), "{} stands twice", problem.code);
            assert_eq!(holes(problem.en), holes(problem.ru), "{}", problem.code);
            assert_eq!(problem.fix_en.is_empty(), problem.fix_ru.is_empty(), "{}", problem.code);
            assert!(problem.ru.chars().any(|c| ('а'..='я').contains(&c)), "{}", problem.code);
        }
    }

    #[test]
    fn errors_are_never_cut_for_warnings() {
        let findings = Findings::default();
        for line in 1..=200 {
            findings.report("no_rules", Place { line, ..Place::default() }, &[]);
        }
        assert!(!findings.has_error());
        findings.report("empty_list", Place { line: 500, ..Place::default() }, &[]);
        let sorted = findings.into_sorted();
        // A hundred warnings, the error, and the word that there were more.
        assert_eq!(sorted.len(), DIAGNOSTICS_MAX + 2);
        assert!(sorted.iter().any(|d| d.code == "empty_list"));
        assert_eq!(sorted.last().map(|d| d.code), Some("too_many_problems"));
    }
}
