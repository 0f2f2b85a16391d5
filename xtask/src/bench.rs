//! `cargo xtask bench`: the rows of the performance table, each a ratio made in one interleaved run.
//!
//! Everything measured is built as it is handed out: the command builds engine and generator so and hands
//! over to itself.

mod bulk;
mod from_csv;
mod load;
mod memory;
mod pages;
mod postgres;
mod redeem;
mod replay;
mod report;
mod rounds;
mod rules;
mod sqlite;

use crate::shell::{self, Outcome, Profile};
use report::Row;
use std::path::PathBuf;
use std::process::Command;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rows to measure, e.g. `G1,G2,G3,G12`; all that can be measured when left out.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Rounds of each side; the figure is their median.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each round of each side.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Members, accounts and lots on every side; members that are imported and given points at once; members
    /// of the shop whose pages are drawn, with ten orders each.
    #[arg(long, default_value_t = 100_000)]
    members: u64,
    /// Orders that are replayed, in memory and from a file.
    #[arg(long, default_value_t = 10_000_000)]
    orders: u32,
    /// Members with three lots each, for the memory they take; lots that expire at once.
    #[arg(long, default_value_t = 1_000_000)]
    many_members: u64,
    /// Keep the shop whose pages are drawn in this folder, or go on with the one that is kept there.
    #[arg(long, value_name = "DIR")]
    shop: Option<PathBuf>,
    /// Write the table and the method to docs/benchmarks.md.
    #[arg(long)]
    write: bool,
    /// Set by the command when it starts its build for measuring.
    #[arg(long, hide = true)]
    built: bool,
}

pub fn run(args: &Args) -> Outcome {
    if !args.built {
        return hand_over();
    }
    let wanted = wanted(&args.only)?;
    let mut rows: Vec<Row> = Vec::new();
    if redeem::ROWS.iter().any(|id| wanted.contains(id)) {
        rows.extend(redeem::rows(args, &wanted)?);
    }
    if bulk::ROWS.iter().any(|id| wanted.contains(id)) {
        rows.extend(bulk::rows(args, &wanted)?);
    }
    if rules::ROWS.iter().any(|id| wanted.contains(id)) {
        rows.extend(rules::rows(args, &wanted)?);
    }
    if wanted.contains(&"G12") {
        rows.extend(replay::rows(args)?);
    }
    if wanted.contains(&"G13") {
        rows.push(from_csv::row(args)?);
    }
    if wanted.contains(&"G14") {
        rows.extend(memory::rows(args)?);
    }
    if pages::ROWS.iter().any(|id| wanted.contains(id)) {
        rows.extend(pages::rows(args)?);
    }
    let text = report::text(args, &rows);
    println!("{text}");
    if args.write {
        let path = shell::root().join("docs/benchmarks.md");
        let page = report::with_remarks(&text, &std::fs::read_to_string(&path).unwrap_or_default());
        std::fs::write(&path, page).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let missed = rows.iter().filter(|row| row.is_missed()).count();
    let left_out = rows.iter().filter(|row| row.figure.is_none()).count();
    println!("{} passed, {missed} failed, {left_out} left out", rows.len() - missed - left_out);
    Ok(missed == 0)
}

/// Builds engine and generator as they are handed out, then goes on in that build.
fn hand_over() -> Outcome {
    shell::build("kopilka", Profile::Dist)?;
    let own = shell::build_with("xtask", Profile::Dist, PEERS)?;
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    shell::run(Command::new(own).args(args).arg("--built"))
}

/// Peers that are crates are compiled for the benchmarks alone.
const PEERS: &[&str] = &["cel"];

/// A run whose rounds are too far apart is repeated, but not for ever.
const RUNS_MAX: usize = 3;

/// Rows that this command knows how to measure; the others wait for what they measure.
const KNOWN: [&str; 15] =
    ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12", "G13", "G14", "pages"];

fn wanted(only: &[String]) -> Result<Vec<&'static str>, String> {
    if only.is_empty() {
        return Ok(KNOWN.to_vec());
    }
    only.iter()
        .map(|id| {
            let known = KNOWN.iter().find(|k| k.eq_ignore_ascii_case(id.trim()));
            known
                .copied()
                .ok_or_else(|| format!("{id} cannot be measured yet; known are {}", KNOWN.join(", ")))
        })
        .collect()
}
