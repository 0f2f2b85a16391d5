//! `cargo xtask test`: everything that must hold before a change is handed on, in the order of its cost.
//!
//! The steps go on after a failure, so that one run tells all that is wrong.

use crate::pages::{BROWSER_PACKAGE, DRIVER_PACKAGE};
use crate::postgres::{self, Postgres};
use crate::shell::{self, Outcome};
use crate::{setup, tidy};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Goes to the test runner as it stands, e.g. `-E 'test(property)'`; lints and tidiness are then left
    /// out.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    runner: Vec<String>,
}

/// What the tests need of the machine beside cargo; a test that needs more adds its package here.
const PACKAGES: [setup::Package; 3] = [postgres::PACKAGE, BROWSER_PACKAGE, DRIVER_PACKAGE];

/// The URL of a database in which tests may make databases and schemas of their own. Tests that need one
/// are left out where it is not set, so that plain `cargo test` needs no service.
const DATABASE: &str = "KOPILKA_TEST_POSTGRES";

/// Says that there is a browser, so that the walks through the pages are made.
const BROWSER: &str = "KOPILKA_TEST_BROWSER";

pub fn run(args: &Args) -> Outcome {
    setup::debian_packages(&PACKAGES)?;
    let mut steps: Vec<(&str, bool)> = Vec::new();
    if args.runner.is_empty() {
        steps.push(("format", cargo(&["fmt", "--all", "--check"])?));
        steps.push(("lints", cargo(&LINTS)?));
        steps.push(("tidy", tidy::run()?));
    }
    steps.push(("tests", tests(&args.runner)?));
    let failed: Vec<&str> = steps.iter().filter(|(_, ok)| !ok).map(|(name, _)| *name).collect();
    let said = if failed.is_empty() { String::new() } else { format!(" ({})", failed.join(", ")) };
    println!("{} passed, {} failed{said}", steps.len() - failed.len(), failed.len());
    Ok(failed.is_empty())
}

const LINTS: [&str; 9] =
    ["clippy", "--quiet", "--profile", "ci", "--workspace", "--all-targets", "--", "-D", "warnings"];

fn cargo(args: &[&str]) -> Outcome {
    println!("cargo {}", args.join(" "));
    shell::run(shell::cargo().args(args))
}

/// nextest where it is installed: it runs tests of all crates at once and kills what hangs. One PostgreSQL
/// serves them all.
fn tests(runner: &[String]) -> Outcome {
    let postgres = Postgres::start()?;
    let nextest = shell::output(shell::cargo().args(["nextest", "--version"])).is_ok();
    let mut args: Vec<&str> = match nextest {
        true => vec![
            "nextest",
            "run",
            "--cargo-profile",
            "ci",
            "--workspace",
            "--no-fail-fast",
            // A line for each that passed would hide the one that did not.
            "--status-level",
            "slow",
        ],
        false => vec!["test", "--profile", "ci", "--workspace", "--no-fail-fast"],
    };
    if nextest {
        args.extend(runner.iter().map(String::as_str));
    } else if let Some(filter) = runner.iter().find_map(|arg| plain_filter(arg)) {
        args.push(filter);
    }
    println!("cargo {}", args.join(" "));
    shell::run(shell::cargo().args(&args).env(DATABASE, postgres.fresh_database()?).env(BROWSER, "yes"))
}

/// `test(property)` of nextest's language is `property` for cargo test; nothing else is translated.
fn plain_filter(arg: &str) -> Option<&str> {
    arg.strip_prefix("test(")?.strip_suffix(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_filter_is_understood_without_nextest() {
        assert_eq!(plain_filter("test(property)"), Some("property"));
        assert_eq!(plain_filter("-E"), None);
    }
}
