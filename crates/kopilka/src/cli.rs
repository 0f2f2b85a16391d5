//! The command line: one module a command, each with its arguments and what it prints.

mod accruals;
mod backup;
mod check;
mod clock;
mod compact;
mod coupons;
mod data;
mod demo;
mod doctor;
mod explain;
mod import;
mod keys;
mod log;
mod members;
mod migrate;
mod products;
mod program;
mod replay;
mod report;
mod secrets;
mod serve;
mod team;
mod terms;
mod verify;
mod versions;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Kopilka: a loyalty engine for shops, right to the kopeck.
#[derive(Debug, Parser)]
#[command(name = "kopilka", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    #[command(subcommand)]
    Program(program::Command),
    Terms(terms::Args),
    Replay(replay::Args),
    #[command(subcommand)]
    Explain(explain::Command),
    #[command(subcommand)]
    Products(products::Command),
    #[command(subcommand)]
    Import(import::Command),
    #[command(subcommand)]
    Keys(keys::Command),
    #[command(subcommand)]
    Secrets(secrets::Command),
    #[command(subcommand)]
    Team(team::Command),
    #[command(subcommand)]
    Coupons(coupons::Command),
    #[command(subcommand)]
    Report(report::Command),
    #[command(subcommand)]
    Members(members::Command),
    #[command(subcommand)]
    Accruals(accruals::Command),
    Clock(clock::Args),
    Verify(verify::Args),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    Doctor(doctor::Args),
    Compact(compact::Args),
    #[command(name = "migrate-database")]
    MigrateDatabase(migrate::Args),
}

/// Runs the command; an error is told on standard error and ends with exit code 1.
pub fn run(cli: Cli) -> ExitCode {
    let result: Result<ExitCode, String> = match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Program(command) => program::run(command),
        Command::Terms(args) => terms::run(&args),
        Command::Replay(args) => replay::run(args),
        Command::Explain(command) => explain::run(command),
        Command::Products(command) => products::run(command),
        Command::Import(command) => import::run(command),
        Command::Keys(command) => keys::run(command),
        Command::Secrets(command) => secrets::run(command),
        Command::Team(command) => team::run(command),
        Command::Coupons(command) => coupons::run(command),
        Command::Report(command) => report::run(command),
        Command::Members(command) => members::run(command),
        Command::Accruals(command) => accruals::run(command),
        Command::Clock(args) => clock::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Backup(args) => backup::backup(args),
        Command::Restore(args) => backup::restore(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Compact(args) => compact::run(args),
        Command::MigrateDatabase(args) => migrate::run(args),
    };
    result.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        ExitCode::FAILURE
    })
}
