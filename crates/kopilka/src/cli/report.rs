//! `kopilka report …`: lists for the owner as CSV on standard output. Works beside a running server, which
//! keeps what they read up to date.

use crate::cli::data::{Data, Which, wait};
use clap::Subcommand;
use kopilka_core::ids::ProgramId;
use kopilka_core::program::Program;
use kopilka_core::time::Day;
use kopilka_service::{
    AsOf, FraudAsked, PAGE_MAX, Service, ServiceError, WITHIN_DAYS, WITHIN_DAYS_MAX, is_day_of_reports,
};
use std::io::Stdout;
use std::process::ExitCode;
use std::sync::Arc;

/// Tell what an owner should know of all members, as CSV.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Members who lose points within so many days: what burns, when, and what they have.
    Expiring(Expiring),
    /// Members with more purchases on a day, with one cashier of one shop, than `fraud` of the document
    /// finds usual.
    Fraud(Fraud),
}

#[derive(Debug, clap::Args)]
pub struct Expiring {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// Days of the program's calendar from now: 1 to 366.
    #[arg(long, value_name = "N", default_value_t = WITHIN_DAYS,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(WITHIN_DAYS_MAX)))]
    within_days: u16,
}

#[derive(Debug, clap::Args)]
pub struct Fraud {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// A day of the program's calendar, as 2026-03-01.
    #[arg(long, value_parser = day)]
    day: Day,
}

fn day(text: &str) -> Result<Day, String> {
    let day = Day::parse(text).filter(|day| is_day_of_reports(*day));
    day.ok_or_else(|| "a day such as 2026-03-01 is needed".to_owned())
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Expiring(args) => with(&args.data, &args.which, |asked| expiring(asked, args.within_days)),
        Command::Fraud(args) => with(&args.data, &args.which, |asked| fraud(asked, args.day)),
    }
}

/// What both are asked with.
struct Asked<'a> {
    service: &'a Service,
    id: ProgramId,
    program: Arc<Program>,
    out: csv::Writer<Stdout>,
}

impl Asked<'_> {
    fn row<const N: usize>(&mut self, row: [&str; N]) -> Result<(), String> {
        self.out.write_record(row).map_err(|error| error.to_string())
    }
}

fn with(
    data: &Data,
    which: &Which,
    report: impl FnOnce(&mut Asked<'_>) -> Result<AsOf, String>,
) -> Result<ExitCode, String> {
    let service = data.open_beside()?;
    let id = which.find(&service)?;
    let program = service.versions(id).and_then(|versions| versions.at(service.now(id)).cloned());
    let program = program.ok_or("the program has no published version")?;
    let out = csv::Writer::from_writer(std::io::stdout());
    let mut asked = Asked { service: &service, id, program, out };
    let as_of = report(&mut asked)?;
    asked.out.flush().map_err(|error| error.to_string())?;
    let zone = &asked.program.zone;
    eprintln!("as of {}, up to entry {} of the journal", zone.text(as_of.at), as_of.entry);
    if as_of.behind {
        eprintln!("later entries are not in it yet: a running server takes them in within moments");
    }
    service.stop();
    Ok(ExitCode::SUCCESS)
}

fn told<T>(answer: Result<T, ServiceError>) -> Result<T, String> {
    answer.map_err(|error| error.to_string())
}

fn expiring(asked: &mut Asked<'_>, within_days: u16) -> Result<AsOf, String> {
    let program = asked.program.clone();
    let points = |points| program.points.format(points);
    asked.row(["member", "points", "expires_at", "last_day", "balance", "pending", "held"])?;
    let (mut after, mut first) = (None, None);
    loop {
        let page = wait(asked.service.expiring_report(asked.id, within_days, after, PAGE_MAX))?;
        let page = told(page)?;
        for row in &page.rows {
            asked.row([
                &row.member.to_string(),
                &points(row.points),
                &program.zone.text(row.ends_at),
                &row.last_day(&program.zone).to_string(),
                &points(row.balance.net()),
                &points(row.balance.pending),
                &points(row.balance.held),
            ])?;
        }
        let as_of = *first.get_or_insert(page.as_of);
        after = page.next;
        if after.is_none() {
            return Ok(as_of);
        }
    }
}

fn fraud(asked: &mut Asked<'_>, day: Day) -> Result<AsOf, String> {
    let program = asked.program.clone();
    asked.row(["member", "purchases", "shop", "cashier", "money", "points", "first_at", "last_at"])?;
    let (mut after, mut first) = (None, None);
    loop {
        let page = FraudAsked { day, shop: None, after, limit: PAGE_MAX };
        let page = told(wait(asked.service.fraud_report(asked.id, page))?)?;
        for row in &page.rows {
            asked.row([
                &row.place.member.to_string(),
                &row.place.purchases.to_string(),
                &row.place.shop,
                &row.place.cashier,
                &program.currency.format(row.money),
                &program.points.format(row.points),
                &program.zone.text(row.first_at),
                &program.zone.text(row.last_at),
            ])?;
        }
        let as_of = *first.get_or_insert(page.as_of);
        after = page.next;
        if after.is_none() {
            return Ok(as_of);
        }
    }
}
