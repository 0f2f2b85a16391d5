//! The table and how its figures were made.

use super::Args;
use super::rounds::{Side, Spread, ratio};
use crate::shell;
use std::fs;
use std::process::Command;

/// What a row must reach, and what would be fine.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub must: f64,
    pub aim: f64,
    /// The figure must not be above `must` instead of not below.
    pub at_most: bool,
}

impl Target {
    pub fn at_least(must: f64, aim: f64) -> Target {
        Target { must, aim, at_most: false }
    }
    pub fn at_most(must: f64, aim: f64) -> Target {
        Target { must, aim, at_most: true }
    }
    fn holds(self, figure: f64) -> bool {
        if self.at_most { figure <= self.must } else { figure >= self.must }
    }
    fn sign(self) -> &'static str {
        if self.at_most { "≤" } else { "≥" }
    }
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: &'static str,
    pub what: String,
    pub target: Target,
    pub figure: Spread,
    /// Given per CPU second because the rounds were too far apart.
    pub noisy: bool,
    /// The sides with their own figures, one line each.
    pub sides: Vec<String>,
}

impl Row {
    /// A ratio of two sides of one run.
    pub fn of_sides(
        id: &'static str,
        what: impl Into<String>,
        target: Target,
        ours: &Side,
        theirs: &Side,
    ) -> Option<Row> {
        let noisy = [ours, theirs].iter().any(|s| s.spread().is_some_and(|s| s.is_noisy()));
        let figure = ratio(ours, theirs, noisy)?;
        let sides = [ours, theirs].iter().filter_map(|s| side_line(s)).collect();
        Some(Row { id, what: what.into(), target, figure, noisy, sides })
    }
    pub fn is_met(&self) -> bool {
        self.target.holds(self.figure.median)
    }
}

/// A side's own figures, for the notes under the table.
pub fn side_line(side: &Side) -> Option<String> {
    let (clock, cpu) = (side.spread()?, side.spread_per_cpu()?);
    Some(format!(
        "{}: {:.0} a second ({:.0}–{:.0}), {:.0} per CPU second",
        side.name, clock.median, clock.least, clock.most, cpu.median
    ))
}

/// The page: how it was measured, the table, the sides.
pub fn text(args: &Args, rows: &[Row]) -> String {
    let mut out = format!(
        "# Benchmarks\n\nMade by `cargo xtask bench --write`. Every figure is a ratio of two sides measured one after the \
         other in each of {} rounds of {} s on one machine, release builds on both sides: the median of the rounds' \
         ratios, with their range. Where the rounds of one side differ by more than 2×, the run is repeated, at most \
         three times; then the figure is per CPU second and marked noisy. Load generator and server share the \
         machine's cores.\n\nMachine: {}.\n\n| row | ratio | measured | range | must | aim | |\n|---|---|---|---|---|---|---|\n",
        args.rounds,
        args.seconds,
        machine()
    );
    for row in rows {
        let mark = match (row.is_met(), row.noisy) {
            (true, false) => "met",
            (true, true) => "met, noisy",
            (false, false) => "**missed**",
            (false, true) => "**missed**, noisy",
        };
        out.push_str(&format!(
            "| {} | {} | {:.2} | {:.2}–{:.2} | {} {} | {} | {mark} |\n",
            row.id,
            row.what,
            row.figure.median,
            row.figure.least,
            row.figure.most,
            row.target.sign(),
            row.target.must,
            row.target.aim
        ));
    }
    for row in rows {
        out.push_str(&format!("\n**{}**\n\n", row.id));
        for side in &row.sides {
            out.push_str(&format!("- {side}\n"));
        }
    }
    out
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ").map(|(_, m)| m.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let rustc = shell::output(Command::new("rustc").arg("--version")).unwrap_or_default();
    format!("{cores} cores, {}, {}", model.unwrap_or_else(|| "unknown processor".to_owned()), rustc.trim())
}
