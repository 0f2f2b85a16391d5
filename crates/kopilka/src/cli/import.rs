//! `kopilka import …`: a shop moves here from another system. What is in the file is told first, each row
//! that does not fit is told with its reason, and the sums of the file and of the books are held against each
//! other.

mod members;
mod orders;

use crate::cli::data::{Data, Which, wait};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kopilka_core::ids::ProgramId;
use kopilka_core::program::Program;
use kopilka_core::words::Language;
use kopilka_service::import::ImportAsked;
use kopilka_service::sheet::{ERROR_COLUMNS, RefusedRow, error_row};
use kopilka_service::{OpenError, Service};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Refused rows that are told on the terminal; all of them go to the file.
const TOLD_MAX: usize = 10;

/// Bring members, their balances and what they bought from another system.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read members and balances from a CSV file (plain or gzip; UTF-8 or Windows-1251; comma, semicolon or
    /// tab). Several rows of a member are several lots. Run it again after an interruption: nothing is given
    /// twice. The exit code is 1 where rows were refused.
    Members(members::Args),
    /// Read what members bought before, by the mapping of `replay`: orders and returns are facts, count for
    /// levels and history, and earn nothing unless asked to. Run it again after an interruption: nothing is
    /// there twice. The exit code is 1 where something was refused.
    Orders(orders::Args),
}

/// What every import is asked with.
#[derive(Debug, clap::Args)]
pub struct Asked {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// The list.
    file: PathBuf,
    /// The import's own name: rows of the same import are never taken twice, in whatever file they stand.
    #[arg(long, default_value = "move")]
    name: String,
    /// Who imports: it stays in the journal.
    #[arg(long, default_value = "import")]
    operator: String,
    /// Write the rows that do not fit to this new CSV file, each with its line, code and reason.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Only look and tell: nothing is written. Works beside a running server.
    #[arg(long)]
    dry_run: bool,
    /// The language of reasons: en or ru.
    #[arg(long, default_value = "en", value_parser = crate::cli::products::language)]
    lang: Language,
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Members(args) => members::run(&args),
        Command::Orders(args) => orders::run(&args),
    }
}

/// The installation that is imported into, and the program as it is now.
struct Place {
    service: Service,
    program: ProgramId,
    in_force: Arc<Program>,
}

impl Place {
    /// A database file is this process's alone: its server must be stopped. On PostgreSQL an import is one
    /// more server.
    fn open(asked: &Asked) -> Result<Place, String> {
        let service = match asked.dry_run {
            true => asked.data.open_beside()?,
            false => asked.data.must_exist().and_then(|()| {
                Service::open(asked.data.small_options()).map_err(|error| match error {
                    OpenError::Running { path } => format!(
                        "a server works on {path}: stop it for the import (--dry-run works beside it)"
                    ),
                    other => other.to_string(),
                })
            })?,
        };
        let program = asked.which.find(&service)?;
        let versions = service.versions(program);
        let in_force = versions.and_then(|versions| versions.at(service.now(program)).cloned());
        let in_force = in_force.ok_or_else(|| "the program has no published version".to_owned())?;
        Ok(Place { service, program, in_force })
    }

    fn asked(&self, asked: &Asked) -> ImportAsked {
        ImportAsked { name: asked.name.clone(), operator: asked.operator.clone() }
    }

    /// Runs the import with all that works beside the writers: projections keep up, and on PostgreSQL the
    /// other servers see that this one lives.
    fn work<T>(&self, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        let background = self.service.start_background();
        let done = wait(work).and_then(|done| done);
        background.stop();
        done
    }
}

/// Where refused rows go: the first to the terminal, all to a file.
struct Refusals {
    file: Option<csv::Writer<File>>,
    language: Language,
    told: usize,
}

impl Refusals {
    /// An older file of errors may still be worked on: it is never written over.
    fn new(path: Option<&Path>, heading: &[String], language: Language) -> Result<Refusals, String> {
        let told = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let mut refusals = Refusals { file: None, language, told: 0 };
        if let Some(path) = path {
            let file = File::create_new(path).map_err(|error| told(path, &error))?;
            let mut file = csv::WriterBuilder::new().flexible(true).from_writer(file);
            let own = heading.iter().map(String::as_str).filter(|name| !ERROR_COLUMNS.contains(name));
            let columns = ERROR_COLUMNS.into_iter().chain(own);
            file.write_record(columns).map_err(|error| told(path, &error))?;
            refusals.file = Some(file);
        }
        Ok(refusals)
    }

    fn add(&mut self, refused: &RefusedRow, bar: &ProgressBar) -> Result<(), String> {
        if self.told < TOLD_MAX {
            let text = format!("line {}: {}: {}", refused.line, refused.code, self.language.of(&refused.why));
            bar.suspend(|| eprintln!("{text}"));
        }
        self.told += 1;
        match &mut self.file {
            Some(file) => {
                let row = error_row(refused, self.language == Language::Ru);
                file.write_record(row).map_err(|error| error.to_string())
            }
            None => Ok(()),
        }
    }

    fn finish(self, bar: &ProgressBar) -> Result<(), String> {
        bar.finish_and_clear();
        if self.told > TOLD_MAX {
            eprintln!("… and {} rows more", self.told - TOLD_MAX);
        }
        match self.file {
            Some(mut file) => file.flush().map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

/// On standard error, and only where that is a terminal.
fn bar(message: &'static str, rows: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(rows, ProgressDrawTarget::stderr());
    let template = match rows {
        Some(_) => "{msg:10} [{bar:40}] {percent:>3} %  {pos} rows  {elapsed}",
        None => "{msg:10} {pos} rows  {elapsed}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(message);
    bar
}

/// A line of what is told: what, and how much of it.
fn line(what: &str, how_much: &str) {
    println!("{what:<22} {how_much}");
}

fn stopped(error: &dyn std::fmt::Display) -> String {
    format!("the import stopped: {error}. Run it again: what is there already is not taken twice")
}
