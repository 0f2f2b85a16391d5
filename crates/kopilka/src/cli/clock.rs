//! `kopilka clock`: the movable clock of a sandbox program.

use crate::cli::data::{Data, Which, wait};
use std::process::ExitCode;

/// Show or move a sandbox program's clock: to any instant before its first command, then only forward.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// Where to set it: `2026-05-10`, `2026-05-10T09:00` (the program's zone) or RFC 3339. Shows it if left
    /// out. While a server runs, `POST /v1/clock` does the same.
    #[arg(value_name = "INSTANT")]
    to: Option<String>,
}

/// Everything due by then has run when this ends.
pub fn run(args: Args) -> Result<ExitCode, String> {
    let Some(text) = args.to else {
        let service = args.data.open_beside()?;
        let program = args.which.find(&service)?;
        println!("{}", service.now(program));
        service.stop();
        return Ok(ExitCode::SUCCESS);
    };
    let service = args.data.open()?;
    let program = args.which.find(&service)?;
    let versions = service.versions(program).ok_or("the program has no version")?;
    let zone = &versions.newest().ok_or("the program has no version")?.zone;
    let to = zone.parse_local(&text).ok_or_else(|| format!("{text} is no instant"))?;
    let moved = wait(service.set_clock(program, to))?;
    service.stop();
    println!("{}", moved.map_err(|error| error.to_string())?);
    Ok(ExitCode::SUCCESS)
}
