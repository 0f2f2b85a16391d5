//! Program documents as people write them: right ones, wrong ones, YAML and JSON.

use kopilka_core::program::{check, compile};
use std::path::{Path, PathBuf};

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

/// Files of `broken/` with what they must answer: a line `code line:column severity` for each diagnostic.
/// `UPDATE_EXPECT=1 cargo test` writes the answers anew; read the difference before committing it.
#[test]
fn broken_documents_answer_with_their_problems_at_their_places() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut wrong = Vec::new();
    let mut documents = files(&folder, "yaml");
    documents.extend(files(&folder, "json"));
    for file in &documents {
        let compiled = check(&std::fs::read_to_string(file).unwrap());
        let line = |d: &kopilka_core::program::diagnostics::Diagnostic| {
            format!("{} {}:{} {} {}\n", d.code, d.line, d.column, d.severity.word(), d.path)
        };
        let answer: String = compiled.diagnostics.iter().map(line).collect();
        let expected = file.with_extension("expect");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &answer).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != answer || answer.is_empty() {
            wrong.push(format!("{}:\n{answer}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(documents.len() >= 25);
}
