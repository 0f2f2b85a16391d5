//! `kopilka doctor`: what is wrong with a set-up.

use crate::cli::data::Data;
use kopilka_service::care::{Level, doctor};
use std::process::ExitCode;

/// Examine an installation: disk, key, database, clock, programs. Changes nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
}

/// A line each with its remedy, then a line of counts; exit code 1 when something fails.
pub fn run(args: Args) -> Result<ExitCode, String> {
    let findings = doctor(&args.data.dir, args.data.database.url.as_deref());
    for finding in &findings {
        let word = match finding.level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Fail => "fail",
        };
        println!("{word}  {}", finding.what);
        if !finding.remedy.is_empty() {
            println!("      → {}", finding.remedy);
        }
    }
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    println!("{} ok, {} warnings, {} failed", count(Level::Ok), count(Level::Warn), count(Level::Fail));
    Ok(if count(Level::Fail) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
