//! `kopilka terms FILE`: the terms for buyers, from a document.
//!
//! Invariant: the same sentences as the public page of a published program.

use super::program::Document;
use clap::ValueEnum;
use kopilka_core::program::terms::{Section, terms};
use kopilka_core::program::{Text, compile};
use kopilka_core::time::Instant;
use kopilka_core::words;
use serde_json::json;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Print the terms for buyers: what points come for, how they pay, with examples reckoned by the engine.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    document: Document,
    /// `text`, or `html` to be put into a page of your own.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The day or moment of the examples, in the program's zone; now when left out.
    #[arg(long)]
    at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Html,
}

/// A document with errors is told them and has no terms.
pub fn run(args: &Args) -> Result<ExitCode, String> {
    let compiled = compile(&args.document.read()?);
    let lang = args.document.lang();
    let Some(program) = compiled.program else {
        for problem in compiled.diagnostics.iter().filter(|problem| problem.is_error()) {
            eprintln!("{}:{}: {}", problem.line, problem.column, lang.of(&problem.text));
        }
        return Ok(ExitCode::FAILURE);
    };
    let language = match lang.of(&Text::of("en", "ru")) {
        "ru" => words::Language::Ru,
        _ => words::Language::En,
    };
    let now = match &args.at {
        Some(text) => {
            let at = program.zone.parse_local(text);
            at.ok_or_else(|| format!("--at {text}: not a date or a moment such as 2026-03-01"))?
        }
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Instant(i64::try_from(since.as_micros()).unwrap_or_default())
        }
    };
    let (name, sections) = (lang.of(&program.name).to_owned(), terms(&program, language, now));
    if args.document.is_json() {
        let told = sections.iter().map(|s| json!({ "heading": s.heading, "lines": s.lines }));
        println!("{}", json!({ "name": name, "sections": told.collect::<Vec<_>>() }));
        return Ok(ExitCode::SUCCESS);
    }
    match args.format {
        Format::Text => print!("{}", as_text(&name, &sections)),
        Format::Html => print!("{}", as_html(&name, &sections)),
    }
    Ok(ExitCode::SUCCESS)
}

fn as_text(name: &str, sections: &[Section]) -> String {
    let mut out = format!("{name}\n");
    for section in sections {
        let _ = writeln!(out, "\n{}", section.heading);
        for line in &section.lines {
            let _ = writeln!(out, "- {line}");
        }
    }
    out
}

fn as_html(name: &str, sections: &[Section]) -> String {
    let mut out = format!("<h1>{}</h1>\n", escaped(name));
    for section in sections {
        let _ = writeln!(out, "<h2>{}</h2>\n<ul>", escaped(&section.heading));
        for line in &section.lines {
            let _ = writeln!(out, "<li>{}</li>", escaped(line));
        }
        out.push_str("</ul>\n");
    }
    out
}

/// Names are the shop's own words: none of them is a tag.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
