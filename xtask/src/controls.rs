//! `cargo xtask controls FOLDER`: the two real order histories replayed, their figures beside the known ones.
//!
//! Invariant to be shown: no row is lost or counted twice, points balance in all and for each member, and who
//! returned everything ends where they began but for what time took.

use crate::shell::{self, Outcome, Profile};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder with the two logs.
    folder: PathBuf,
}

/// A place in the report and what must stand there.
type Control = (&'static str, &'static str);

/// What the logs' own description says of them.
const LOGS: [(&str, &[Control]); 2] = [
    (
        "online_retail_2010_2011.csv.gz",
        &[
            ("/identified/rows", "397924"),
            ("/identified/orders", "18536"),
            ("/identified/amount", "8911407.904"),
            ("/returns/rows", "8905"),
            ("/unidentified/rows", "135080"),
            ("/rows/total", "541909"),
        ],
    ),
    (
        "cdnow_1997_1998.csv.gz",
        &[
            ("/identified/rows", "69659"),
            ("/identified/amount", "2500315.63"),
            ("/members", "23570"),
            ("/rows/total", "69659"),
        ],
    ),
];

const PROGRAM: &str = "examples/sports-store.yaml";

pub fn run(args: &Args) -> Outcome {
    let binary = shell::build("kopilka", Profile::Ci)?;
    let (mut passed, mut failed) = (0, 0);
    for (log, controls) in LOGS {
        match check(&binary, &args.folder.join(log), controls) {
            Ok(figures) => {
                passed += 1;
                println!("{log}: {figures} figures agree");
            }
            Err(message) => {
                failed += 1;
                println!("{log} failed: {message}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn check(binary: &Path, log: &Path, controls: &[Control]) -> Result<usize, String> {
    let mut command = Command::new(binary);
    command.current_dir(shell::root()).args(["replay", "--json", "--program", PROGRAM, "--orders"]).arg(log);
    let report: Value =
        serde_json::from_str(&shell::output(&mut command)?).map_err(|e| format!("the report: {e}"))?;
    for (place, expected) in controls {
        let actual = text_at(&report, place)?;
        if actual.trim_start_matches('-') != *expected {
            return Err(format!("{place} is {actual}, must be {expected}"));
        }
    }
    all_rows_counted(&report)?;
    for place in ["/identity/violations", "/returned_everything/violations"] {
        let violations = text_at(&report, place)?;
        if violations != "0" {
            return Err(format!("{place} is {violations}: {report:#}"));
        }
    }
    Ok(controls.len() + 3)
}

/// Identified, returned, unidentified and other rows are all the rows there are.
fn all_rows_counted(report: &Value) -> Result<(), String> {
    let number = |place: &str| report.pointer(place).and_then(Value::as_u64).unwrap_or(0);
    let parts = ["/rows/identified", "/rows/returns", "/rows/unidentified", "/rows/other"].map(number);
    let (sum, total) = (parts.iter().sum::<u64>(), number("/rows/total"));
    if sum == total { Ok(()) } else { Err(format!("{sum} rows are accounted for, of {total}")) }
}

fn text_at(report: &Value, place: &str) -> Result<String, String> {
    match report.pointer(place) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(format!("the report has no {place}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_lost_row_is_told() {
        let rows = |other: u64| json!({"rows": {"total": 10, "identified": 5, "returns": 2, "unidentified": 1, "other": other}});
        assert!(all_rows_counted(&rows(2)).is_ok());
        assert!(all_rows_counted(&rows(1)).is_err());
    }
}
