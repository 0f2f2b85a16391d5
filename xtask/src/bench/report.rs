//! The table and how its figures were made.

use super::Args;
use super::rounds::{Side, Spread, ratio};
use crate::shell;
use std::fs;
use std::process::Command;

/// What a row must reach, where it must reach something, and what would be fine.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub must: Option<f64>,
    pub aim: f64,
    /// The figure must not be above `must` instead of not below.
    pub at_most: bool,
}

impl Target {
    pub fn at_least(must: f64, aim: f64) -> Target {
        Target { must: Some(must), aim, at_most: false }
    }
    pub fn at_most(must: f64, aim: f64) -> Target {
        Target { must: Some(must), aim, at_most: true }
    }
    /// Nothing must be reached: the figure is told, and this would be fine.
    pub fn aim_at_most(aim: f64) -> Target {
        Target { must: None, aim, at_most: true }
    }
    fn holds(self, figure: f64) -> bool {
        self.must.is_none_or(|must| if self.at_most { figure <= must } else { figure >= must })
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
    /// `None`: the figure is told, nothing more.
    pub target: Option<Target>,
    /// `None`: it could not be measured here; the first side says why.
    pub figure: Option<Spread>,
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
        Some(Row { id, what: what.into(), target: Some(target), figure: Some(figure), noisy, sides })
    }
    /// A row that cannot be measured on this machine.
    pub fn left_out(id: &'static str, what: impl Into<String>, target: Target, why: String) -> Row {
        let sides = vec![why];
        Row { id, what: what.into(), target: Some(target), figure: None, noisy: false, sides }
    }
    pub fn is_missed(&self) -> bool {
        let holds = |figure: Spread| self.target.is_none_or(|target| target.holds(figure.median));
        self.figure.is_some_and(|figure| !holds(figure))
    }
    fn mark(&self) -> String {
        let must = self.target.and_then(|target| target.must);
        let word = match (self.figure, must) {
            (None, _) => "left out",
            (Some(_), None) => "told",
            (Some(_), Some(_)) if self.is_missed() => "**missed**",
            (Some(_), Some(_)) => "met",
        };
        if self.noisy { format!("{word}, noisy") } else { word.to_owned() }
    }
    fn line(&self) -> String {
        let figures = match self.figure {
            Some(f) => format!("{:.2} | {:.2}–{:.2}", f.median, f.least, f.most),
            None => "– | –".to_owned(),
        };
        let must = self.target.and_then(|t| Some(format!("{} {}", t.sign(), t.must?)));
        let aim = self.target.map(|t| t.aim.to_string());
        let [must, aim] = [must, aim].map(|text| text.unwrap_or_else(|| "–".to_owned()));
        format!("| {} | {} | {figures} | {must} | {aim} | {} |\n", self.id, self.what, self.mark())
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
         other in each of {} rounds of {} s on one machine, built as it is handed out on both sides: the median of the rounds' \
         ratios, with their range. Where the rounds of one side differ by more than 2×, the run is repeated, at most \
         three times; then the figure is per CPU second and marked noisy. Load generator and server share the \
         machine's cores.\n\nMachine: {}.\n\n| row | ratio | measured | range | must | aim | |\n|---|---|---|---|---|---|---|\n",
        args.rounds,
        args.seconds,
        machine()
    );
    rows.iter().for_each(|row| out.push_str(&row.line()));
    let mut told = "";
    for row in rows.iter().filter(|row| !row.sides.is_empty()) {
        // Rows of one id stand together and share their heading.
        if row.id != told {
            out.push_str(&format!("\n**{}**\n\n", row.id));
            told = row.id;
        }
        for side in &row.sides {
            out.push_str(&format!("- {side}\n"));
        }
    }
    out
}

/// What people wrote under the figures: it is kept when they are measured anew.
const REMARKS: &str = "\n## What is in the way\n";

/// The page with the remarks of the page before.
pub fn with_remarks(text: &str, before: &str) -> String {
    let remarks = before.find(REMARKS).map_or("", |at| &before[at..]);
    format!("{text}{remarks}")
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ").map(|(_, m)| m.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let rustc = shell::output(Command::new("rustc").arg("--version")).unwrap_or_default();
    format!("{cores} cores, {}, {}", model.unwrap_or_else(|| "unknown processor".to_owned()), rustc.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_outlive_the_figures_they_were_written_under() {
        let before = format!("# Benchmarks\n\nold figures\n{REMARKS}\nWhy.\n");
        assert_eq!(with_remarks("new figures\n", &before), format!("new figures\n{REMARKS}\nWhy.\n"));
        assert_eq!(with_remarks("new figures\n", "none\n"), "new figures\n");
    }
}
