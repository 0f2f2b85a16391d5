//! Diagnostics of a document as pages show them: beside what they are about.

use crate::words::Words;
use kopilka_core::program::diagnostics::{Diagnostic, Severity};

/// What is wrong or unwise, and what would put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub tone: &'static str,
    pub kind: String,
    pub text: String,
    pub fix: Option<String>,
    pub line: u32,
    /// JSON pointer of what it is about.
    pub at: String,
}

pub fn said(found: &[Diagnostic], words: Words) -> Vec<Said> {
    let one = |problem: &Diagnostic| {
        let (tone, key) = match problem.severity {
            Severity::Error => ("bad", "program-error"),
            Severity::Warning => ("warn", "program-warning"),
            Severity::Note => ("", "program-remark"),
        };
        Said {
            tone,
            kind: words.say(key),
            text: words.0.of(&problem.text).to_owned(),
            fix: problem.fix.as_ref().map(|fix| words.0.of(fix).to_owned()),
            line: problem.line,
            at: problem.path.clone(),
        }
    };
    found.iter().map(one).collect()
}

/// It is about this part or something in it.
pub fn is_within(said: &Said, pointer: &str) -> bool {
    said.at.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub fn count(found: &[Diagnostic], severity: Severity) -> usize {
    found.iter().filter(|problem| problem.severity == severity).count()
}
