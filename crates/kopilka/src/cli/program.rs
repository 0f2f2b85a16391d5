//! `kopilka program …`: check, test, explain and publish a program document.
//!
//! Every subcommand that judges a document ends with a line of counts and exit code 0 or 1.

use crate::cli::check;
use crate::cli::data::Database;
use crate::cli::versions::{self, Diff, Rollback, Versions};
use clap::{Args, Subcommand, ValueEnum};
use kopilka_core::program::diagnostics::{Diagnostic, Severity};
use kopilka_core::program::spec::{self, TestResult};
use kopilka_core::program::{Compiled, Text, compile, explain, schema};
use kopilka_service::{OpenOptions, Service};
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// Check, test, explain or publish a program document.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what is wrong or unwise in a document, and run its tests.
    Check(check::Args),
    /// Run the tests of a document, one line each.
    Test(Document),
    /// Tell in plain words what a program does.
    Explain(Document),
    /// Check a document, run its tests and put it in force in a data directory.
    Publish(Publish),
    /// List the versions of a program: since when each is in force, who published it and why.
    Versions(Versions),
    /// Tell in words what one version does differently from another.
    Diff(Diff),
    /// Put the document of an earlier version in force again, as a new version.
    Rollback(Rollback),
    /// Print the JSON Schema (draft 2020-12) that editors complete and check documents with.
    Schema,
}

/// A document and how to speak of it.
#[derive(Debug, Args)]
pub struct Document {
    /// The document, YAML or JSON; `-` reads standard input.
    file: PathBuf,
    /// The language of the answer.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
    /// Answer with one JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// A document and where it comes into force.
#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    document: Document,
    /// The data directory; a server may be running on it.
    #[arg(long, default_value = "kopilka-data")]
    data: PathBuf,
    #[command(flatten)]
    database: Database,
    /// Who publishes.
    #[arg(long, default_value = "command line")]
    author: String,
    /// Why, for the list of versions.
    #[arg(long, default_value = "")]
    note: String,
    /// Publish as a sandbox program, whose clock can be moved.
    #[arg(long)]
    sandbox: bool,
    /// When it comes into force: a date or a moment in the program's zone; at once when absent.
    #[arg(long)]
    from: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Language {
    En,
    Ru,
}

impl Language {
    pub fn of(self, text: &Text) -> &str {
        match self {
            Language::En => &text.en,
            Language::Ru => &text.ru,
        }
    }
    /// One of two fixed texts.
    fn pick<'a>(self, en: &'a str, ru: &'a str) -> &'a str {
        match self {
            Language::En => en,
            Language::Ru => ru,
        }
    }
}

/// Runs a subcommand; the error is one of reading the file, not of the document.
pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Check(args) => check::run(&args),
        Command::Test(document) => run_test(&document),
        Command::Explain(document) => run_explain(&document),
        Command::Publish(publish) => run_publish(publish),
        Command::Versions(wish) => versions::list(&wish),
        Command::Diff(wish) => versions::diff(&wish),
        Command::Rollback(wish) => versions::roll_back(&wish),
        Command::Schema => {
            print_json(&schema::schema())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

impl Document {
    pub fn lang(&self) -> Language {
        self.lang
    }
    pub fn is_json(&self) -> bool {
        self.json
    }
    pub fn read(&self) -> Result<String, String> {
        let mut bytes = Vec::new();
        // One byte past the limit is enough for the compiler to refuse the size itself.
        let most = kopilka_core::program::document::DOCUMENT_BYTES_MAX as u64 + 1;
        let read = match self.file.as_os_str() == "-" {
            true => std::io::stdin().take(most).read_to_end(&mut bytes),
            false => std::fs::File::open(&self.file).and_then(|file| file.take(most).read_to_end(&mut bytes)),
        };
        read.map_err(|error| format!("{}: {error}", self.file.display()))?;
        String::from_utf8(bytes).map_err(|_| format!("{}: the file is not UTF-8 text", self.file.display()))
    }
}

fn run_test(document: &Document) -> Result<ExitCode, String> {
    let compiled = compile(&document.read()?);
    let Some(program) = &compiled.program else { return not_runnable(document, &compiled) };
    let results = spec::run(program, &compiled.tests);
    let failed = results.iter().filter(|r| !r.passed()).count();
    let passed = results.len() - failed;
    if document.json {
        let tests: Vec<Value> = results.iter().map(result_json).collect();
        print_json(&json!({ "tests": tests, "passed": passed, "failed": failed }))?;
        return Ok(exit(failed == 0));
    }
    for result in &results {
        print_result(document, result);
    }
    match document.lang {
        Language::En => println!("{passed} passed, {failed} failed"),
        Language::Ru => println!("прошло: {passed}, не прошло: {failed}"),
    }
    Ok(exit(failed == 0))
}

fn run_explain(document: &Document) -> Result<ExitCode, String> {
    let compiled = compile(&document.read()?);
    let Some(program) = &compiled.program else { return not_runnable(document, &compiled) };
    let told = explain::explain(program);
    if document.json {
        print_json(&json!({ "en": told.en, "ru": told.ru }))?;
    } else {
        print!("{}", document.lang.of(&told));
    }
    Ok(ExitCode::SUCCESS)
}

fn run_publish(publish: Publish) -> Result<ExitCode, String> {
    let Publish { document, data, database, author, note, sandbox, from } = publish;
    let text = document.read()?;
    let compiled = kopilka_core::program::check(&text);
    let Some(program) = &compiled.program else { return not_runnable(&document, &compiled) };
    let effective_from = match &from {
        None => None,
        Some(moment) => {
            let at = program.zone.parse_local(moment);
            Some(at.ok_or_else(|| format!("--from {moment}: not a date or a moment such as 2026-03-01"))?)
        }
    };
    let service = Service::open_beside(OpenOptions {
        read_connections: 1,
        ..OpenOptions::in_dir(data).on(database.url)
    })
    .map_err(|error| error.to_string())?;
    let wish = kopilka_service::Publish { text, author, note, sandbox, effective_from };
    let published = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(service.publish(wish)).map_err(|error| error.to_string()));
    service.stop();
    let published = published?;
    let (errors, warnings) = counts(&compiled.diagnostics);
    if document.json {
        print_json(&json!({
            "program": published.program.to_string(),
            "version": published.version,
            "diagnostics": compiled.diagnostics.iter().map(diagnostic_json).collect::<Vec<_>>(),
            "errors": errors,
            "warnings": warnings,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print_diagnostics(&document, &compiled.diagnostics);
    let (id, version, slug) = (published.program, published.version, &program.slug);
    match document.lang {
        Language::En => println!("published {slug} ({id}), version {version}"),
        Language::Ru => println!("опубликовано: {slug} ({id}), версия {version}"),
    }
    println!("{}", counted(document.lang, errors, warnings));
    Ok(ExitCode::SUCCESS)
}

/// The document has errors: they are told, and nothing else is done.
fn not_runnable(document: &Document, compiled: &Compiled) -> Result<ExitCode, String> {
    let (errors, warnings) = counts(&compiled.diagnostics);
    if document.json {
        let diagnostics: Vec<Value> = compiled.diagnostics.iter().map(diagnostic_json).collect();
        print_json(&json!({ "diagnostics": diagnostics, "errors": errors, "warnings": warnings }))?;
    } else {
        print_diagnostics(document, &compiled.diagnostics);
        println!("{}", counted(document.lang, errors, warnings));
    }
    Ok(ExitCode::FAILURE)
}

pub fn exit(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Errors and warnings; notes say that something was not judged, and are neither.
pub fn counts(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning))
}

pub fn counted(lang: Language, errors: usize, warnings: usize) -> String {
    let s = |n| if n == 1 { "" } else { "s" };
    match lang {
        Language::En => format!("{errors} error{}, {warnings} warning{}", s(errors), s(warnings)),
        Language::Ru => format!("ошибок: {errors}, предупреждений: {warnings}"),
    }
}

pub fn print_diagnostics(document: &Document, diagnostics: &[Diagnostic]) {
    let (lang, file) = (document.lang, document.file.display());
    for d in diagnostics {
        let severity = match d.severity {
            Severity::Error => lang.pick("error", "ошибка"),
            Severity::Warning => lang.pick("warning", "предупреждение"),
            Severity::Note => lang.pick("note", "примечание"),
        };
        println!("{file}:{}:{} {severity} {}: {}", d.line, d.column, d.code, lang.of(&d.text));
        if let Some(fix) = &d.fix {
            println!("    {}: {}", lang.pick("fix", "что сделать"), lang.of(fix));
        }
    }
}

fn print_result(document: &Document, result: &TestResult) {
    let (lang, file) = (document.lang, document.file.display());
    let verdict = match result.passed() {
        true => lang.pick("passed", "прошла"),
        false => lang.pick("FAILED", "НЕ ПРОШЛА"),
    };
    println!("{verdict}  {}", result.name);
    for failure in &result.failures {
        println!("    {file}:{}:{} {}", failure.place.line, failure.place.column, lang.of(&failure.what));
    }
}

pub fn text_json(text: &Text) -> Value {
    json!({ "en": text.en, "ru": text.ru })
}

pub fn diagnostic_json(d: &Diagnostic) -> Value {
    json!({
        "code": d.code,
        "severity": d.severity.word(),
        "line": d.line,
        "column": d.column,
        "path": d.path,
        "text": text_json(&d.text),
        "fix": d.fix.as_ref().map(text_json),
    })
}

fn result_json(result: &TestResult) -> Value {
    let failures: Vec<Value> = result
        .failures
        .iter()
        .map(|f| json!({ "line": f.place.line, "column": f.place.column, "what": text_json(&f.what) }))
        .collect();
    json!({ "name": result.name, "passed": result.passed(), "failures": failures })
}

pub fn print_json(value: &Value) -> Result<(), String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    println!("{text}");
    Ok(())
}
