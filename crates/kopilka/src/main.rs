//! The program a shop owner downloads: it reads the command line, puts the parts together, and holds no
//! logic.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}
