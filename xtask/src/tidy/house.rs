//! Who may lean on whom, and where things may stand: the table of ARCHITECTURE.md, checked.

use super::Source;
use kopilka_core::refusal;

/// Our crates, what each may depend on of ours, and outside crates it must never know.
const CRATES: [(&str, &[&str], &[&str]); 8] = [
    ("kopilka-core", &[], &["tokio", "axum", "rusqlite", "getrandom", "tracing", "kopilka-store"]),
    ("kopilka-connectors", &["kopilka-core"], &["tokio", "axum", "rusqlite"]),
    // Its client of PostgreSQL needs tokio's sockets; each connection is driven by the thread that asks.
    ("kopilka-store", &["kopilka-core"], &["axum"]),
    ("kopilka-sim", &["kopilka-core"], &["tokio", "axum", "rusqlite"]),
    ("kopilka-service", &["kopilka-core", "kopilka-store", "kopilka-connectors"], &["axum", "rusqlite"]),
    ("kopilka-web", &["kopilka-core", "kopilka-store", "kopilka-service"], &["rusqlite"]),
    // Pages are drawn from what the service and the API's desk answer; they never reach rows by themselves.
    (
        "kopilka-pages",
        &["kopilka-core", "kopilka-service", "kopilka-sim", "kopilka-web"],
        &["rusqlite", "kopilka-store", "utoipa"],
    ),
    (
        "kopilka",
        &[
            "kopilka-core",
            "kopilka-store",
            "kopilka-service",
            "kopilka-sim",
            "kopilka-web",
            "kopilka-pages",
            "kopilka-connectors",
        ],
        &["rusqlite"],
    ),
];

/// Only the store speaks SQL; the benchmarks speak it to the peers they measure, and tests to the server
/// whose connections they cut.
const MAY_SPEAK_SQL: [&str; 2] = ["kopilka-store", "xtask"];
const SQL: [&str; 6] = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA ", "UPDATE "];

/// Names that say nothing about what lies inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "misc", "common"];

pub fn complaints(sources: &[Source]) -> Vec<String> {
    let mut out = Vec::new();
    for source in sources {
        match source.path.as_str() {
            "Cargo.toml" => out.extend(unexplained_dependencies(source)),
            path if path.ends_with("/Cargo.toml") => out.extend(dependencies(source)),
            _ if source.is_rust() => out.extend(rust_file(source)),
            _ => {}
        }
    }
    out.extend(refusals(sources));
    out
}

/// Every dependency says in one line why it is there.
fn unexplained_dependencies(source: &Source) -> Vec<String> {
    section(&source.text, "[workspace.dependencies]")
        .filter(|line| line.contains('=') && !line.contains("path =") && !line.contains(" # "))
        .map(|line| format!("Cargo.toml: no reason given for {}", key(line)))
        .collect()
}

/// Dependencies point one way.
fn dependencies(source: &Source) -> Vec<String> {
    let Some((name, ours, never)) = CRATES.iter().find(|(name, ..)| *name == source.package()) else {
        return match source.package() {
            "xtask" | "" => vec![],
            unknown => vec![format!("{}: {unknown} is not in the table of crates", source.path)],
        };
    };
    section(&source.text, "[dependencies]")
        .map(key)
        .filter(|dep| never.contains(dep) || (dep.starts_with("kopilka") && !ours.contains(dep)))
        .map(|dep| format!("{name} must not depend on {dep}"))
        .collect()
}

fn section<'a>(text: &'a str, head: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .skip_while(move |l| l.trim() != head)
        .skip(1)
        .take_while(|l| !l.starts_with('['))
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
}

fn key(line: &str) -> &str {
    line.split(['.', '=', ' ']).next().unwrap_or_default()
}

fn rust_file(source: &Source) -> Vec<String> {
    let mut out = Vec::new();
    let path = &source.path;
    if path.ends_with("/mod.rs") {
        out.push(format!("{path}: a module is named after what it holds, not mod.rs"));
    }
    if !source.text.starts_with("//! ") {
        out.push(format!("{path}: begins without module docs"));
    }
    let names = path.split(['/', '.']).filter(|part| EMPTY_NAMES.contains(part));
    out.extend(names.map(|name| format!("{path}: `{name}` says nothing about what is inside")));
    if !MAY_SPEAK_SQL.contains(&source.package()) && !path.contains("/tests/") {
        let lines = source.text.lines().enumerate().filter(|(_, line)| speaks_sql(line));
        out.extend(lines.map(|(n, _)| format!("{path}:{}: SQL stands in kopilka-store alone", n + 1)));
    }
    out
}

/// A statement stands at the start of a text literal.
fn speaks_sql(line: &str) -> bool {
    !line.trim_start().starts_with("//") && SQL.iter().any(|word| line.contains(&format!("\"{word}")))
}

/// Every refusal is described in the reference.
fn refusals(sources: &[Source]) -> Vec<String> {
    const PAGE: &str = "docs/reference/refusals.md";
    let Some(page) = sources.iter().find(|s| s.path == PAGE) else {
        return vec![format!("{PAGE} is missing")];
    };
    refusal::CODES
        .iter()
        .filter(|code| !page.text.contains(&format!("`{code}`")))
        .map(|code| format!("{PAGE}: `{code}` is not described"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<String> {
        let all = complaints(&[Source { path: path.into(), text: text.into() }]);
        all.into_iter().filter(|c| !c.contains("refusals.md")).collect()
    }

    #[test]
    fn a_crate_that_leans_the_wrong_way_is_told() {
        let text = "[dependencies]\nkopilka-store.workspace = true\ntokio.workspace = true\n\n[dev-dependencies]\naxum = 1\n";
        assert_eq!(file("crates/kopilka-core/Cargo.toml", text).len(), 2);
        assert_eq!(
            file("crates/kopilka-store/Cargo.toml", "[dependencies]\nkopilka-core.workspace = true\n").len(),
            0
        );
    }

    #[test]
    fn a_dependency_without_a_reason_is_told() {
        let text = "[workspace.dependencies]\na = \"1\" # because\nb = \"1\"\nc = { path = \"c\" }\n";
        assert_eq!(file("Cargo.toml", text), ["Cargo.toml: no reason given for b"]);
    }

    #[test]
    fn sql_outside_the_store_is_told() {
        let text = "//! Docs.\nlet q = \"SELECT 1\";\n";
        assert_eq!(file("crates/kopilka-web/src/a.rs", text).len(), 1);
        assert_eq!(file("crates/kopilka-store/src/a.rs", text).len(), 0);
    }

    #[test]
    fn empty_names_and_missing_docs_are_told() {
        assert_eq!(file("crates/kopilka-web/src/utils.rs", "fn a() {}\n").len(), 2);
        assert_eq!(file("crates/kopilka-web/src/api/mod.rs", "//! Docs.\n").len(), 1);
    }
}
