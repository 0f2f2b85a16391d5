//! `kopilka accruals …`: points for many members at once, from a file. Works beside a running server, which
//! carries out what is let run.

use crate::cli::data::{Data, Which, wait};
use crate::cli::products::{language, pair};
use clap::Subcommand;
use kopilka_core::ids::ProgramId;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_service::import::RecipientList;
use kopilka_service::rows::AccrualRow;
use kopilka_service::sheet::{ERROR_COLUMNS, error_row};
use kopilka_service::{AccrualAsked, AccrualProblem, AccrualStep, Acting, Recipients, Service};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Refused rows that are told on the terminal; all of them go to the file.
const TOLD_MAX: usize = 10;
/// The key that whoever works on this machine has: above the program's limit the other person needs another.
const KEY: &str = "command line";

/// Give points to many members at once: written down, looked at, let run, stopped, taken back.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write down who is to get points, from a CSV file (plain or gzip; UTF-8 or Windows-1251; comma,
    /// semicolon or tab): a row a member, each with points of its own or with those of --points. Nobody gets
    /// anything yet. The file is taken whole or not at all.
    Put(Put),
    /// What there is, and how far each is.
    List(Where),
    /// How one stands: how many members, how many points, what they are worth, what was given.
    Show(One),
    /// Let it run, or go on. The running server gives the points; without one, the next that starts.
    Start(Step),
    /// Stop it between two members.
    Stop(Step),
    /// Take back what was given.
    Undo(Step),
}

#[derive(Debug, clap::Args)]
pub struct Where {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
pub struct One {
    #[command(flatten)]
    place: Where,
    /// Its name.
    name: String,
}

#[derive(Debug, clap::Args)]
pub struct Step {
    #[command(flatten)]
    one: One,
    /// Who does it: it stays in the journal.
    #[arg(long)]
    operator: String,
}

#[derive(Debug, clap::Args)]
pub struct Put {
    #[command(flatten)]
    step: Step,
    /// The list.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Which column holds what, as `--map ext=Код`. Fields: member (m_…), ext, card, phone, email, points.
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = pair)]
    map: Vec<(String, String)>,
    /// What a row without points of its own gets.
    #[arg(long, value_name = "POINTS")]
    points: Option<String>,
    /// Why: it stays in each member's journal, so name nobody in it.
    #[arg(long)]
    reason: String,
    /// Since when the points can be spent, as 2026-12-31T00:00:00+03:00; at once when absent.
    #[arg(long, value_parser = instant)]
    active_at: Option<Instant>,
    /// When they end; as the program has it when absent.
    #[arg(long, value_parser = instant)]
    expires_at: Option<Instant>,
    /// They do not repay a debt.
    #[arg(long)]
    gift: bool,
    /// Write the rows that do not fit to this new CSV file, each with its line, code and reason.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// The language of reasons: en or ru.
    #[arg(long, default_value = "en", value_parser = language)]
    lang: Language,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| format!("{text} is not an instant"))
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Put(args) => put(&args),
        Command::List(args) => list(&args),
        Command::Show(args) => show(&args),
        Command::Start(args) => step(&args, AccrualStep::Start),
        Command::Stop(args) => step(&args, AccrualStep::Stop),
        Command::Undo(args) => step(&args, AccrualStep::Undo),
    }
}

/// The installation, and the program as it is now.
struct Open {
    service: Service,
    program: ProgramId,
    in_force: Arc<Program>,
}

impl Where {
    fn open(&self) -> Result<Open, String> {
        let service = self.data.open_beside()?;
        let program = self.which.find(&service)?;
        let versions = service.versions(program);
        let in_force = versions.and_then(|versions| versions.at(service.now(program)).cloned());
        let in_force = in_force.ok_or("the program has no published version")?;
        Ok(Open { service, program, in_force })
    }
}

fn put(args: &Put) -> Result<ExitCode, String> {
    let Step { one, operator } = &args.step;
    let place = one.place.open()?;
    let each = args.points.as_deref().map(|text| points(&place, text)).transpose()?;
    let read = wait(place.service.read_recipients(place.program, &args.file, (&args.map, each)))?;
    let list = read.map_err(|error| error.to_string())?;
    let list = list.map_err(|error| format!("{}: {error}", args.file.display()))?;
    for (field, column) in &list.columns {
        println!("{field:<12} {column}");
    }
    if !list.refused.is_empty() {
        place.service.stop();
        return refuse(args, &list);
    }
    let asked = AccrualAsked {
        name: one.name.clone(),
        input: list
            .input(&format!("{:?}|{:?}|{}|{}", args.active_at, args.expires_at, args.gift, args.reason)),
        recipients: Recipients::Listed(list.recipients),
        active_at: args.active_at,
        expires_at: args.expires_at,
        gift: args.gift,
        reason: args.reason.clone(),
    };
    let acting = Acting { operator: operator.clone(), key: KEY.to_owned() };
    let row = wait(place.service.put_accrual(place.program, asked, acting))?;
    told(&place, row.map_err(|error| error.to_string())?)
}

fn points(place: &Open, text: &str) -> Result<Points, String> {
    let read = place.in_force.points.parse(text).ok().filter(|points| points.0 > 0);
    read.ok_or_else(|| format!("{text} is no number of points"))
}

fn refuse(args: &Put, list: &RecipientList) -> Result<ExitCode, String> {
    if let Some(path) = &args.errors {
        write_errors(path, list, args.lang)?;
    }
    for refused in list.refused.iter().take(TOLD_MAX) {
        eprintln!("line {}: {}: {}", refused.line, refused.code, args.lang.of(&refused.why));
    }
    let (bad, good) = (list.refused.len(), list.recipients.len());
    eprintln!("{bad} rows do not fit, {good} do: a list is taken whole, so nothing is written down");
    Ok(ExitCode::FAILURE)
}

/// An older file of errors may still be worked on: it is never written over.
fn write_errors(path: &Path, list: &RecipientList, language: Language) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = std::fs::File::create_new(path).map_err(|error| told(&error))?;
    let mut file = csv::WriterBuilder::new().flexible(true).from_writer(file);
    let heading = ERROR_COLUMNS.into_iter().chain(list.heading.iter().map(String::as_str));
    file.write_record(heading).map_err(|error| told(&error))?;
    for refused in &list.refused {
        let row = error_row(refused, language == Language::Ru);
        file.write_record(row).map_err(|error| told(&error))?;
    }
    file.flush().map_err(|error| told(&error))
}

fn list(args: &Where) -> Result<ExitCode, String> {
    let place = args.open()?;
    let program = place.program;
    let rows = wait(place.service.read(move |reader| reader.accruals(program)))?;
    place.service.stop();
    for row in rows.map_err(|error| error.to_string())? {
        let counts = row.counts;
        println!(
            "{:<24} {:<10} {} members, {} given",
            row.name,
            row.state.name(),
            counts.members,
            counts.given
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &One) -> Result<ExitCode, String> {
    let place = args.place.open()?;
    let (program, name) = (place.program, args.name.clone());
    let row = wait(place.service.read(move |reader| reader.accrual(program, &name)))?;
    told(&place, row.map_err(|error| error.to_string())?.ok_or(AccrualProblem::Unknown))
}

fn step(args: &Step, step: AccrualStep) -> Result<ExitCode, String> {
    let place = args.one.place.open()?;
    let acting = Acting { operator: args.operator.clone(), key: KEY.to_owned() };
    let row = wait(place.service.step_accrual(place.program, args.one.name.clone(), step, acting))?;
    told(&place, row.map_err(|error| error.to_string())?)
}

/// How it stands, or why not.
fn told(place: &Open, row: Result<AccrualRow, AccrualProblem>) -> Result<ExitCode, String> {
    place.service.stop();
    let row = row.map_err(problem)?;
    let program = &place.in_force;
    let points = |points| program.points.format(points);
    let line = |what: &str, how_much: &str| println!("{what:<12} {how_much}");
    line("name", &row.name);
    line("state", row.state.name());
    line("members", &row.counts.members.to_string());
    line("points", &points(row.counts.points));
    let worth = program.currency.format(program.points.worth(row.counts.points));
    line("liability", &format!("{worth} {}", program.currency.code()));
    line("given", &format!("{} members, {} points", row.counts.given, points(row.counts.given_points)));
    line("refused", &row.counts.refused.to_string());
    line("undone", &row.counts.undone.to_string());
    Ok(ExitCode::SUCCESS)
}

fn problem(problem: AccrualProblem) -> String {
    match problem {
        AccrualProblem::Taken => "another accrual has this name".to_owned(),
        AccrualProblem::Unknown => "there is no such accrual".to_owned(),
        AccrualProblem::TooMany => "the program has as many accruals as it can have".to_owned(),
        AccrualProblem::SegmentUnknown => "the program has no such segment".to_owned(),
        AccrualProblem::ListedTwice => "a member is listed twice".to_owned(),
        AccrualProblem::PointsOutOfRange => "points must be above zero, and end after they begin".to_owned(),
        AccrualProblem::NotNow(state) => format!("that cannot be done while it is {}", state.name()),
        AccrualProblem::SecondPerson => {
            "so many points need another operator with another key: let it run through the API".to_owned()
        }
    }
}
