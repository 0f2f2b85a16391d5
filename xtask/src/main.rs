//! What a developer runs beside cargo itself: tests, acceptance cases, crash and race trials, benchmarks.
//!
//! Every command ends with a line of counts and the exit code 0 or 1.

mod api;
mod bench;
mod cases;
mod controls;
mod databases;
mod diagnostics;
mod dice;
mod http;
mod kill;
mod pages;
mod postgres;
mod process;
mod race;
mod server;
mod setup;
mod shell;
mod simulate;
mod test;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "xtask", about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Format, lints, tidiness and every test; further arguments go to the test runner.
    Test(test::Args),
    /// Acceptance cases through the HTTP API, each on a fresh database.
    Cases(cases::Args),
    /// Broken program documents, each with the diagnostics it must answer.
    Diagnostics(diagnostics::Args),
    /// Two real order histories replayed: their control figures.
    Controls(controls::Args),
    /// A server killed under load: nothing answered is lost, nothing is there by half.
    Kill(kill::Args),
    /// Sixty-four at once for what is enough for seven: points, coupons, budgets, gift cards, stock.
    Race(race::Args),
    /// Whole lives of shops from seeds, crashes included, against a naive model of the journal.
    Simulate(simulate::Args),
    /// The rows of the performance table, as ratios.
    Bench(bench::Args),
    /// Pictures of every page of the demo: wide and narrow, light and dark, in both languages.
    Shots(pages::ShotsArgs),
    /// Every page of the demo looked at by an automated checker of accessibility.
    A11y,
    /// The house rules a compiler does not check.
    Tidy,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Test(args) => test::run(&args),
        Command::Cases(args) => cases::run(&args),
        Command::Diagnostics(args) => diagnostics::run(&args),
        Command::Controls(args) => controls::run(&args),
        Command::Kill(args) => kill::run(&args),
        Command::Race(args) => race::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Shots(args) => pages::shots(&args),
        Command::A11y => pages::a11y(),
        Command::Tidy => tidy::run(),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
