//! `kopilka explain order | entry`: why points came, went or did not, from the journal.
//!
//! Invariant: nothing is reckoned here. What is told was written with the entry when it was decided, and it
//! is told with the program version that decided it.

use super::data::{Data, Which, wait};
use super::program::Language;
use clap::{Args, Subcommand, ValueEnum};
use kopilka_core::ids::EntryId;
use kopilka_core::order::OrderKey;
use kopilka_core::program::{Program, Versions};
use kopilka_core::words::{self, Speaker};
use kopilka_service::rows::EntryRow;
use kopilka_web::SHOP_DEFAULT;
use kopilka_web::wire::answer::{ExplainedAnswer, OrderAnswer};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::ExitCode;

/// Tell why: what touched an order, or one entry of the journal.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything that touched an order, oldest first.
    Order {
        /// The shop's own order id.
        id: String,
        /// The shop of the order.
        #[arg(long, default_value = SHOP_DEFAULT)]
        shop: String,
        #[command(flatten)]
        how: How,
    },
    /// One entry of the journal.
    Entry {
        /// `e_…`, as the API and the tables of this command name it.
        id: String,
        #[command(flatten)]
        how: How,
    },
}

/// Where it lies and how it is told.
#[derive(Debug, Args)]
pub struct How {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// `text` for the shopper, `table` for support, `json` for programs.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The language of the sentences.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Table,
    Json,
}

/// What the journal holds of the question.
struct Found {
    order: Option<Value>,
    rows: Vec<EntryRow>,
    versions: std::sync::Arc<Versions>,
}

/// Prints the answer; an order or entry that is not there is an error.
pub fn run(command: Command) -> Result<ExitCode, String> {
    let (how, found) = match command {
        Command::Order { id, shop, how } => {
            let found = find(&how, Some(OrderKey { shop: shop.into(), order: id.into() }), None)?;
            (how, found)
        }
        Command::Entry { id, how } => {
            let entry =
                EntryId::parse(&id).ok_or_else(|| format!("{id} is no entry such as e_000000000001a"))?;
            let found = find(&how, None, Some(entry))?;
            (how, found)
        }
    };
    let language = match how.lang {
        Language::En => words::Language::En,
        Language::Ru => words::Language::Ru,
    };
    match how.format {
        Format::Json => println!("{}", as_json(&found, language)?),
        Format::Table => print!("{}", as_table(&found, language)?),
        Format::Text => print!("{}", as_text(&found, language)?),
    }
    Ok(ExitCode::SUCCESS)
}

fn find(how: &How, order: Option<OrderKey>, entry: Option<EntryId>) -> Result<Found, String> {
    let service = how.data.open_beside()?;
    let program = how.which.find(&service)?;
    let versions = service.versions(program).ok_or("the program is gone")?;
    let read = wait(service.read(move |reader| {
        let state = match &order {
            Some(key) => reader.order(program, key)?.map(|(_, state)| state),
            None => None,
        };
        let rows = match (&order, entry) {
            (Some(key), _) => reader.entries_of_order(program, key)?,
            (None, Some(entry)) => reader.entry(program, entry)?.into_iter().collect(),
            (None, None) => Vec::new(),
        };
        Ok((state, rows))
    }));
    service.stop();
    let (state, rows) = read?.map_err(|error| error.to_string())?;
    if rows.is_empty() {
        return Err("the journal holds nothing of it".to_owned());
    }
    let order = match state {
        Some(state) => {
            let decided = program_of(&versions, rows.first().map_or(0, |row| row.version))?;
            Some(serde_json::to_value(OrderAnswer::of(&state, decided)).map_err(|error| error.to_string())?)
        }
        None => None,
    };
    Ok(Found { order, rows, versions })
}

/// The version that decided; the newest one where it cannot be read any more.
fn program_of(versions: &Versions, version: u32) -> Result<&Program, String> {
    let found = versions.numbered(version).or_else(|| versions.newest());
    found.map(std::convert::AsRef::as_ref).ok_or_else(|| "no version of the program is in force".to_owned())
}

/// The same answer as the API's.
fn as_json(found: &Found, language: words::Language) -> Result<Value, String> {
    let mut entries = Vec::new();
    for row in &found.rows {
        let speaker = Speaker::new(program_of(&found.versions, row.version)?, language);
        let told = serde_json::to_value(ExplainedAnswer::of(row, &speaker));
        entries.push(told.map_err(|error| error.to_string())?);
    }
    Ok(match &found.order {
        Some(order) => json!({ "order": order, "entries": entries }),
        None => entries.pop().unwrap_or_default(),
    })
}

/// Sentences for the shopper: what moved, and what made it so. Rules that were silent are left out.
fn as_text(found: &Found, language: words::Language) -> Result<String, String> {
    let mut out = String::new();
    for row in &found.rows {
        let program = program_of(&found.versions, row.version)?;
        let speaker = Speaker::new(program, language);
        let told = ExplainedAnswer::of(row, &speaker);
        let moved: Vec<&str> = told.entry.movements.iter().filter_map(|m| m.words.as_deref()).collect();
        let spoke = told.trace.iter().filter(|step| step.why.is_none());
        let why: Vec<&str> = spoke.map(|step| step.words.as_str()).filter(|w| !moved.contains(w)).collect();
        if moved.is_empty() && why.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", program.zone.day_of(row.effective_at));
        for sentence in moved {
            let _ = writeln!(out, "  {sentence}");
        }
        for sentence in why {
            let _ = writeln!(out, "    - {sentence}");
        }
    }
    Ok(out)
}

/// For support: each entry with all its movements and steps as data.
fn as_table(found: &Found, language: words::Language) -> Result<String, String> {
    let mut out = String::new();
    if let Some(order) = &found.order {
        let figure = |name: &str| order[name].as_str().unwrap_or("").to_owned();
        let points = &order["points"];
        let _ = writeln!(
            out,
            "order {}/{}  {}  to_pay {}  discount_total {}  points {points}",
            figure("shop"),
            figure("order_id"),
            figure("status"),
            figure("to_pay"),
            figure("discount_total"),
        );
    }
    for row in &found.rows {
        let speaker = Speaker::new(program_of(&found.versions, row.version)?, language);
        let told = ExplainedAnswer::of(row, &speaker);
        let entry = &told.entry;
        let _ = writeln!(
            out,
            "{}  {}  member {}  seq {}  {}  version {}{}{}",
            entry.id,
            row.effective_at,
            entry.member,
            entry.seq,
            entry.cause,
            entry.version,
            named("operator", entry.operator.as_deref()),
            named("reason", entry.reason.as_deref()),
        );
        for movement in &entry.movements {
            let lot = movement.lot.map(|lot| lot.to_string());
            let (lot, source) = (named("lot", lot.as_deref()), named("source", movement.source.as_deref()));
            let _ = write!(out, "  moved  {:<22}{lot}{source}", movement.kind);
            for posting in &movement.postings {
                let _ = write!(out, "  {} > {} {}", posting.from, posting.to, posting.points);
            }
            out.push('\n');
        }
        for step in &told.trace {
            let fields = serde_json::to_value(step).map_err(|error| error.to_string())?;
            let _ = writeln!(out, "  step   {:<22}{}", step.step, data_of(&fields));
            let _ = writeln!(out, "         {}", step.words);
        }
    }
    Ok(out)
}

fn named(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!("  {name} {value}")).unwrap_or_default()
}

/// The fields of a step but its name and its sentence.
fn data_of(fields: &Value) -> String {
    let mut out = String::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        if name == "step" || name == "words" {
            continue;
        }
        match value.as_str() {
            Some(text) => out.push_str(&format!("  {name} {text}")),
            None => out.push_str(&format!("  {name} {value}")),
        }
    }
    out
}
