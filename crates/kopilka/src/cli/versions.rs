//! `kopilka program versions | diff | rollback`: what was in force when, what changed, and the way back.

use super::data::{Data, Which, wait};
use super::program::Language;
use clap::Args;
use kopilka_core::program::difference::ProgramDifference;
use kopilka_core::program::{Program, compile};
use kopilka_core::time::{INSTANT_MIN, Instant};
use kopilka_service::rows::VersionRow;
use kopilka_service::{Publish, Service};
use serde_json::{Value, json};
use std::process::ExitCode;

/// An installation and one of its programs.
#[derive(Debug, Args)]
pub struct Versions {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// Answer with one JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Two versions of a program.
#[derive(Debug, Args)]
pub struct Diff {
    /// The older one: a file, or `@N` for version N of the installation.
    before: String,
    /// The newer one: a file, or `@N`.
    after: String,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// The language of the answer.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
}

/// A version to go back to.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The version whose document comes into force again, as a new version.
    #[arg(long = "to", value_name = "N")]
    number: u32,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// Who does it.
    #[arg(long, default_value = "command line")]
    author: String,
}

pub fn list(wish: &Versions) -> Result<ExitCode, String> {
    let rows = with(&wish.data, |service| rows_of(service, &wish.which))?;
    if wish.json {
        let rows: Vec<Value> = rows.iter().map(row_json).collect();
        println!("{}", json!({ "versions": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:>7}  {:<20}  {:<20}  {:<16}  note", "version", "in force from", "published", "author");
    for row in rows {
        let from =
            if row.effective_from == INSTANT_MIN { "ever".to_owned() } else { seconds(row.effective_from) };
        let published = seconds(row.published_at);
        println!("{:>7}  {from:<20}  {published:<20}  {:<16}  {}", row.version, row.author, row.note);
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells in words what the newer one does differently.
pub fn diff(wish: &Diff) -> Result<ExitCode, String> {
    let read = |name: &str| read_version(name, &wish.data, &wish.which);
    let difference = ProgramDifference::between(&read(&wish.before)?, &read(&wish.after)?);
    print!("{}", wish.lang.of(&difference.told()));
    Ok(ExitCode::SUCCESS)
}

/// Publishes the document of an earlier version again: orders placed meanwhile keep the version they were
/// placed under.
pub fn roll_back(wish: &Rollback) -> Result<ExitCode, String> {
    let published = with(&wish.data, |service| {
        let id = wish.which.find(service)?;
        let rows = rows_of(service, &wish.which)?;
        let newest = rows.last().map(|row| (row.version, row.text.clone()));
        let row = numbered(rows, wish.number)?;
        if let Some((newest, _)) = newest.filter(|(_, text)| *text == row.text) {
            return Err(format!("the newest version, {newest}, is that very document"));
        }
        let sandbox = service.programs().iter().any(|p| p.id == id && p.sandbox);
        let note = format!("back to version {}", wish.number);
        let publish =
            Publish { text: row.text, author: wish.author.clone(), note, sandbox, effective_from: None };
        wait(service.publish(publish))?.map_err(|error| error.to_string())
    })?;
    println!("published version {}: the document of version {}", published.version, wish.number);
    Ok(ExitCode::SUCCESS)
}

fn with<T>(data: &Data, work: impl FnOnce(&Service) -> Result<T, String>) -> Result<T, String> {
    let service = data.open_beside()?;
    let done = work(&service);
    service.stop();
    done
}

/// In the order they were published.
fn rows_of(service: &Service, which: &Which) -> Result<Vec<VersionRow>, String> {
    let program = which.find(service)?;
    let rows = wait(service.read(move |reader| reader.versions(program)))?;
    let mut rows = rows.map_err(|error| error.to_string())?;
    rows.sort_by_key(|row| row.version);
    Ok(rows)
}

fn numbered(rows: Vec<VersionRow>, number: u32) -> Result<VersionRow, String> {
    let newest = rows.last().map_or(0, |row| row.version);
    let found = rows.into_iter().find(|row| row.version == number);
    found.ok_or_else(|| format!("there is no version {number}; the newest is {newest}"))
}

fn read_version(name: &str, data: &Data, which: &Which) -> Result<Program, String> {
    let text = match name.strip_prefix('@') {
        Some(number) => {
            let number = number.parse().map_err(|_| format!("{name}: not a version such as @3"))?;
            with(data, |service| numbered(rows_of(service, which)?, number))?.text
        }
        None => std::fs::read_to_string(name).map_err(|error| format!("{name}: {error}"))?,
    };
    let compiled = compile(&text);
    compiled.program.ok_or_else(|| format!("{name}: the document has errors; `program check` lists them"))
}

/// To the second: nobody publishes twice in one.
fn seconds(at: Instant) -> String {
    let text = at.to_string();
    text.split_once('.').map_or(text.clone(), |(whole, _)| format!("{whole}Z"))
}

fn row_json(row: &VersionRow) -> Value {
    let from = (row.effective_from != INSTANT_MIN).then(|| row.effective_from.to_string());
    json!({
        "version": row.version,
        "effective_from": from,
        "published_at": row.published_at.to_string(),
        "author": row.author,
        "note": row.note,
    })
}
