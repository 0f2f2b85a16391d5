//! Reads a program document: text → tree with places → [`Program`] and a list of diagnostics.
//!
//! Invariant: a program comes out exactly when no diagnostic is an error, and every word of the document has
//! been understood: nothing is ignored. Reading is bounded in size, depth and counts, whatever comes in.

pub(crate) mod attributes;
mod checks;
mod conditions;
mod confirm;
mod coupons;
mod discounts;
mod effects;
mod grants;
mod guests;
mod habits;
mod impossible;
mod limits;
mod moments;
mod network;
pub(crate) mod node;
mod offers;
mod ranges;
mod reader;
mod rewards;
mod rules;
mod scalars;
pub(crate) mod segments;
mod settings;
mod table;
mod telling;
mod tiers;
pub mod vocabulary;

use super::diagnostics::{Diagnostic, Findings};
use super::habits::Habits;
use super::{Program, spec};
use crate::money::Currency;
use crate::points::PointUnit;
use crate::time::Zone;
pub use node::Node;
pub(crate) use reader::Fields;
pub use scalars::is_id;
pub(crate) use scalars::*;
pub use tiers::{ACHIEVEMENTS_MAX, LEVELS_MAX};

/// A program of a thousand rules is 300 KiB; larger texts are product lists in the wrong place.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// `rules → then → credit → of → except` is ten deep; the rest is room for nested conditions. Readers and
/// the engine walk conditions recursively, so the depth also bounds their stack.
pub const DEPTH_MAX: usize = 32;
/// A decision looks at every rule of its trigger: a thousand still decide in well under a millisecond.
pub const RULES_MAX: usize = 1_000;
/// Most carts concern a few of them; ten thousand still price a cart of a thousand lines in milliseconds.
pub const DISCOUNTS_MAX: usize = 10_000;
/// Campaigns of one program; those that are over are taken out with the next version.
pub const CAMPAIGNS_MAX: usize = 1_000;
/// Effects of one rule and rates of one effect, for the same reason.
pub const EFFECTS_MAX: usize = 100;
/// Names in one list (shops, skus …): a longer list is a tag or a category of the product table.
pub const NAMES_MAX: usize = 1_000;
/// Tests run before every publish and must stay a matter of a second.
pub const TESTS_MAX: usize = 200;
pub const STEPS_MAX: usize = 500;
/// Names, notes and ids of the shop's things; a text of the terms belongs elsewhere.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// What a document came to.
#[derive(Debug)]
pub struct Compiled {
    /// Present exactly when no diagnostic is an error. A draft: its version is 0.
    pub program: Option<Program>,
    /// In the order of the source text.
    pub diagnostics: Vec<Diagnostic>,
    /// The document's own tests; run them with [`spec::run`], or use [`check`].
    pub tests: Vec<spec::Test>,
}

/// What amounts, points and moments of a document mean, once its settings are known.
#[derive(Debug, Clone)]
pub(crate) struct Units {
    pub currency: Currency,
    pub points: PointUnit,
    pub zone: Zone,
}

/// Reads a document in YAML or JSON. Never fails otherwise than by diagnostics.
pub fn compile(text: &str) -> Compiled {
    compile_with_tree(text).0
}

/// Like [`compile`], and runs the document's tests: one that fails is an error at its place.
pub fn check(text: &str) -> Compiled {
    let (mut compiled, root) = compile_with_tree(text);
    let Some(program) = &compiled.program else { return compiled };
    let findings = Findings::default();
    for result in spec::run(program, &compiled.tests) {
        for failure in result.failures {
            let arguments = [("test", super::Text::both(result.name.clone())), ("what", failure.what)];
            findings.report("test_failed", failure.place, &arguments);
        }
    }
    if findings.has_error() {
        compiled.program = None;
        let mut failed = findings.into_sorted();
        node::fill_paths(root.as_ref(), &mut failed);
        compiled.diagnostics.extend(failed);
        compiled.diagnostics.sort_by_key(|d| (d.line == 0, d.line, d.column, d.severity));
    }
    compiled
}

/// What an order history says against the terms of a document, in the order of the text; `habits` were
/// measured by a replay under this very document. Nothing for a document with errors.
pub fn judge_habits(text: &str, habits: &Habits) -> Vec<Diagnostic> {
    let reading = Findings::default();
    let root = node::read(text, &reading);
    let Some(fields) = root.as_ref().and_then(|r| reading.fields(r, vocabulary::Block::Document)) else {
        return Vec::new();
    };
    let Some(read) = settings::read_program(&fields).filter(|_| !reading.has_error()) else {
        return Vec::new();
    };
    let findings = Findings::default();
    self::habits::judge(&findings, &fields, &read.program, &read.places, habits);
    let mut diagnostics = findings.into_sorted();
    node::fill_paths(root.as_ref(), &mut diagnostics);
    diagnostics
}

/// The document as JSON, every scalar a text but `true` and `false`: what is stored beside the source.
/// `None` when the text has no tree at all.
pub fn json_form(text: &str) -> Option<serde_json::Value> {
    let findings = Findings::default();
    let root = node::read(text, &findings)?;
    (!findings.has_error()).then(|| root.to_json())
}

fn compile_with_tree(text: &str) -> (Compiled, Option<Node>) {
    let findings = Findings::default();
    let root = node::read(text, &findings);
    let mut tests = Vec::new();
    let mut program = None;
    if let Some(fields) = root.as_ref().and_then(|r| findings.fields(r, vocabulary::Block::Document))
        && let Some(read) = settings::read_program(&fields)
    {
        tests = spec::read_tests(&fields, &read.units, &read.program);
        program = (!findings.has_error()).then_some(read.program);
    }
    let mut diagnostics = findings.into_sorted();
    node::fill_paths(root.as_ref(), &mut diagnostics);
    if program.is_none() {
        tests.clear();
    }
    (Compiled { program, diagnostics, tests }, root)
}
