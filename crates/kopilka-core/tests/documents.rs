//! Program documents as people write them: right ones, wrong ones, YAML and JSON.
#![allow(clippy::disallowed_methods, reason = "tests read documents from files; the core never does")]

use kopilka_core::program::diagnostics::{DIAGNOSTICS_MAX, problems};
use kopilka_core::program::document::{DEPTH_MAX, json_form, vocabulary};
use kopilka_core::program::{check, compile};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

#[path = "broken/compare.rs"]
mod compare;
use compare::{Compared, compare_all};

fn examples() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples"), "yaml")
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == ending));
    files.sort();
    files
}

#[test]
fn every_example_is_clean_and_passes_its_own_tests() {
    for file in examples() {
        let compiled = check(&std::fs::read_to_string(&file).unwrap());
        assert!(compiled.diagnostics.is_empty(), "{}: {:#?}", file.display(), compiled.diagnostics);
        assert!(compiled.program.is_some() && !compiled.tests.is_empty(), "{}", file.display());
    }
}

/// Programs whose tests say what a word means, one file a subject.
#[test]
fn every_specification_holds() {
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs"), "yaml") {
        let compiled = check(&std::fs::read_to_string(&file).unwrap());
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
        assert!(!compiled.tests.is_empty(), "{} tests nothing", file.display());
    }
}

fn broken() -> Vec<Compared> {
    compare_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")).unwrap()
}

/// `cargo xtask diagnostics --write` writes the answers anew; read the difference before committing it.
#[test]
fn broken_documents_answer_with_their_problems_at_their_places() {
    let documents = broken();
    let wrong: Vec<String> = documents
        .iter()
        .filter(|d| !d.is_right())
        .map(|d| format!("{}\n{}", d.file.display(), d.difference()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(documents.len() >= 60, "{} broken documents", documents.len());
}

#[test]
fn every_code_is_answered_by_a_broken_document_with_its_severity() {
    let documents = broken();
    for problem in problems() {
        let line = format!("{} {}", problem.severity.word(), problem.code);
        let answered = documents.iter().any(|d| d.answer.lines().any(|l| l == line));
        assert!(answered, "no broken document answers {}", problem.code);
    }
}

#[test]
fn yaml_and_json_of_one_document_are_one_program() {
    for file in examples() {
        let yaml = std::fs::read_to_string(&file).unwrap();
        let json = serde_json::to_string_pretty(&json_form(&yaml).unwrap()).unwrap();
        let (from_yaml, from_json) = (compile(&yaml), compile(&json));
        assert_eq!(from_json.diagnostics, []);
        assert_eq!(from_yaml.program, from_json.program);
        let names = |c: &kopilka_core::program::Compiled| {
            c.tests.iter().map(|t| (t.name.clone(), t.steps.len())).collect::<Vec<_>>()
        };
        assert_eq!(names(&from_yaml), names(&from_json));
        assert_eq!(json_form(&yaml), json_form(&json));
    }
}

fn reference() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/program.md"))
        .unwrap()
}

#[test]
fn the_reference_lists_every_word_and_every_code() {
    let text = reference();
    for problem in problems() {
        let row = format!("| `{}` | {} |", problem.code, problem.severity.word());
        assert!(text.contains(&row), "docs/reference/program.md has no row {row}");
    }
    for word in vocabulary::words() {
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        let stands = |(at, _)| {
            let (before, after) = (&text[..at], &text[at + word.word.len()..]);
            !before.ends_with(letter) && !after.starts_with(letter)
        };
        assert!(
            text.match_indices(word.word).any(stands),
            "docs/reference/program.md never says {}",
            word.word
        );
    }
}

/// The examples of the reference, put together, are one whole program that passes its tests.
#[test]
fn the_examples_of_the_reference_are_true() {
    let text = reference();
    let blocks: String =
        text.split("```yaml\n").skip(1).filter_map(|b| b.split_once("```")).map(|(block, _)| block).collect();
    let compiled = check(&blocks);
    assert!(compiled.diagnostics.is_empty(), "{:#?}", compiled.diagnostics);
    assert_eq!(compiled.tests.len(), 1);
}

const SMALL: &str = "program: shop\ncurrency: RUB\naccrual: { active_after: 14 days }\n\
    rules: [{ id: a, when: order.paid, then: [{ credit: { percent: 5 } }] }]\n";

fn codes(text: &str) -> Vec<&'static str> {
    compile(text).diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn texts_are_taken_as_they_are_written_in_both_forms() {
    let name = |text: &str| compile(text).program.map(|p| p.name.en);
    let yaml = |name: &str| format!("{SMALL}name: {name}\n");
    assert_eq!(name(&yaml("1.00")).as_deref(), Some("1.00"));
    assert_eq!(name(&yaml("no")).as_deref(), Some("no"));
    assert_eq!(name(&yaml("'0x1F'")).as_deref(), Some("0x1F"));
    assert_eq!(name(&yaml("\"null\"")).as_deref(), Some("null"));
    assert_eq!(codes(&yaml("null")), ["wrong_kind"]);
    assert_eq!(codes(&yaml("")), ["wrong_kind"]);
    let json = format!(
        "{{\"program\":\"shop\",\"currency\":\"RUB\",\"accrual\":{{\"active_after\":\"14 days\"}},\
        \"rules\":[{{\"id\":\"a\",\"when\":\"order.paid\",\"then\":[{{\"credit\":{{\"percent\":5.00}}}}]}}],\
        \"name\":{}}}",
        "\"\\u0411\\/\\ud83c\\udf81\\n\\\"x\""
    );
    assert_eq!(name(&json).as_deref(), Some("Б/🎁\n\"x"));
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    let program = compile(SMALL).program;
    assert!(program.is_some());
    assert_eq!(compile(&SMALL.replace('\n', "\r\n")).program, program);
    assert_eq!(compile(&format!("\u{feff}{SMALL}")).program, program);
}

#[test]
fn documents_beyond_the_limits_are_refused_quickly() {
    let started = std::time::Instant::now();
    let many = |line: fn(usize) -> String, count: usize| (0..count).map(line).collect::<String>();
    assert_eq!(codes(&format!("{SMALL}name: {}\n", "x".repeat(2_000))), ["text_too_long"]);
    assert_eq!(codes(&format!("{SMALL}# {}\n", "x".repeat(1 << 20))), ["document_too_large"]);
    assert_eq!(codes(&"[".repeat(1 << 19)), ["too_deep"]);
    assert_eq!(codes(&"- ".repeat(1 << 19)), ["too_deep"]);
    assert_eq!(codes(&format!("a: {}", "{b: ".repeat(1 << 17))), ["too_deep"]);
    let rules = many(
        |i| format!("- {{ id: r{i}, when: order.paid, then: [{{ credit: {{ points: 1 }} }}] }}\n"),
        1_001,
    );
    let rules = format!("program: shop\ncurrency: RUB\naccrual: {{ active_after: 1 day }}\nrules:\n{rules}");
    assert_eq!(codes(&rules), ["too_many"]);
    let unknown = codes(&format!("{SMALL}{}", many(|i| format!("w{i}: 1\n"), 80_000)));
    assert_eq!((unknown.len(), unknown.last()), (DIAGNOSTICS_MAX + 1, Some(&"too_many_problems")));
    let twice = codes(&format!("{SMALL}{}", many(|_| "w: 1\n".to_owned(), 150_000)));
    assert_eq!(twice.len(), DIAGNOSTICS_MAX + 1);
    assert_eq!(codes(&format!("{SMALL}? {}", "[".repeat(DEPTH_MAX))), ["wrong_kind"]);
    assert!(started.elapsed().as_secs() < 20, "took {:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is cut out of a document or put into it, the answer is a program or errors, never a panic,
    /// and every problem lies inside the text.
    #[test]
    fn a_mangled_document_never_panics(
        at in 0_usize..10_000,
        cut in 0_usize..40,
        put in prop::sample::select(vec![
            "", " ", "\n", "\t", "{", "}", "[", "]", ":", "- ", "&a ", "*a", "!x ", "? ", "#", "'", "\"", "|\n", ">\n",
            "%", "@", "---\n", "\u{0}", "\u{feff}", "9".repeat(30).leak(), "-1", "😀", "null", "~", ",", "\\u", "<<: ",
        ]),
    ) {
        let text = std::fs::read_to_string(&examples()[0]).unwrap();
        let letters: Vec<char> = text.chars().collect();
        let from = letters.len() * at / 10_000;
        let to = (from + cut).min(letters.len());
        let mangled: String =
            letters[..from].iter().copied().chain(put.chars()).chain(letters[to..].iter().copied()).collect();
        let compiled = check(&mangled);
        prop_assert_eq!(compiled.program.is_some(), !compiled.diagnostics.iter().any(|d| d.is_error()));
        let lines = u32::try_from(mangled.lines().count()).unwrap() + 1;
        for d in &compiled.diagnostics {
            prop_assert!((1..=lines).contains(&d.line) || d.code == "too_many_problems", "{:?}", d);
            prop_assert!(d.column >= 1 || d.line == 0, "{:?}", d);
            prop_assert!(!d.text.en.is_empty() && !d.text.ru.is_empty() && !d.text.en.contains('$'));
        }
    }
}
