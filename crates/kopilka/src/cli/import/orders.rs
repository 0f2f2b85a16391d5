//! `kopilka import orders`: what members bought before.

use super::{Asked, Place, Refusals, bar, line};
use clap::ValueEnum;
use kopilka_service::MemberRef;
use kopilka_service::import::{OrderImport, OrderMonth, OrderRow, OrderStep, OrderTally, RefusedStep};
use kopilka_service::sheet::{self, RefusedRow};
use kopilka_sim::{Log, Told, ToldStep, Unused};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
    /// Which column is what (JSON, see docs/reference/replay.md); known logs are recognised without it.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// What the log's customers are named by.
    #[arg(long, value_enum, default_value = "ext")]
    by: By,
    /// The shop that the orders stand under, as the shop's key has it; that of the mapping when not given.
    #[arg(long, value_name = "ID")]
    shop: Option<String>,
    /// The orders earn by the rules, as if they had been told in their time.
    #[arg(long)]
    earn: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Ext,
    Phone,
    Email,
    Card,
}

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let asked = &args.asked;
    // Its rows are known at the end alone, and then it is too late to find another name.
    if let Some(path) = asked.errors.as_ref().filter(|path| path.exists()) {
        return Err(format!("{} is there already: name a new file", path.display()));
    }
    let place = Place::open(asked)?;
    let log = read(args)?;
    if let Some(currency) = log.map().currency.as_ref().filter(|c| *c != place.in_force.currency.code()) {
        line("currency", &format!("{currency}, taken one to one as {}", place.in_force.currency.code()));
    }
    let pass = Pass { place: &place, log: &log, args, steps: None };
    let (looked, found) = crate::cli::data::wait(pass.all())??;
    tell(&place, &looked, &found);
    if asked.dry_run {
        place.service.stop();
        write_refused(args, &log, &found)?;
        return Ok(verdict(&looked, &found));
    }
    let all = looked.sum().all;
    let pass = Pass { steps: Some(all.orders + all.returns), ..pass };
    let given = place.work(pass.all());
    place.service.stop();
    let (given, found) = given?;
    write_refused(args, &log, &found)?;
    reconcile(&place, &given, &found)
}

fn read(args: &Args) -> Result<Log, String> {
    let file = &args.asked.file;
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let map = args.map.as_deref().map(crate::cli::replay::load_map).transpose()?;
    let source = sheet::text(file).map_err(|error| told(&error))?;
    let mut log = kopilka_sim::read_telling(source, map).map_err(|error| told(&error))?;
    if let Some(shop) = &args.shop {
        log.set_shop(shop.clone());
    }
    Ok(log)
}

/// Rows that are in no order, and steps that were refused.
#[derive(Default)]
struct Found {
    unused: Vec<Unused>,
    refused: Vec<RefusedStep>,
}

/// The whole history: looked at, or imported where it is known how many steps there are.
#[derive(Clone, Copy)]
struct Pass<'a> {
    place: &'a Place,
    log: &'a Log,
    args: &'a Args,
    steps: Option<u64>,
}

impl Pass<'_> {
    async fn all(&self) -> Result<(OrderTally, Found), String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let Pass { place, args, .. } = self;
        let import = OrderImport::new(&place.service, place.program, place.asked(&args.asked));
        let mut import = import.map_err(|error| told(&error))?;
        let bar = bar(if self.steps.is_some() { "importing" } else { "looking" }, self.steps);
        let mut steps = kopilka_sim::told(self.log, &place.in_force.currency, args.earn);
        let mut found = Found::default();
        let mut page: Vec<OrderRow> = Vec::with_capacity(import.page());
        loop {
            let next = steps.next();
            let ended = next.is_none();
            page.extend(next.into_iter().flatten().map(|step| row(step, args.by)));
            if page.len() >= import.page() || ended {
                let count = page.len() as u64;
                let rows = std::mem::take(&mut page);
                let refused = match self.steps {
                    Some(_) => import.give(rows).await,
                    None => import.look(rows).await,
                };
                found.refused.extend(refused.map_err(|error| super::stopped(&error))?);
                bar.inc(count);
            }
            if ended {
                bar.finish_and_clear();
                found.unused = steps.unused();
                return Ok((import.tally, found));
            }
        }
    }
}

fn row(step: ToldStep, by: By) -> OrderRow {
    let ToldStep { customer, rows, told } = step;
    let who = match by {
        By::Ext => MemberRef::Ext(customer),
        By::Phone => MemberRef::Phone(customer),
        By::Email => MemberRef::Email(customer),
        By::Card => MemberRef::Card(customer),
    };
    let step = match told {
        Told::Order(body) => OrderStep::Order(body),
        Told::Return(body) => OrderStep::Return(body),
    };
    OrderRow { who, rows, step }
}

/// Every row that is in nothing, with what is wrong: a second look at the file gives it as it stands there.
fn write_refused(args: &Args, log: &Log, found: &Found) -> Result<(), String> {
    let file = &args.asked.file;
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let mut why = BTreeMap::new();
    for unused in &found.unused {
        why.insert(unused.row, (unused.code, unused.why.clone()));
    }
    for step in &found.refused {
        for row in &step.rows {
            why.insert(u64::from(*row), (step.code, step.why.clone()));
        }
    }
    let source = sheet::text(file).map_err(|error| told(&error))?;
    let bar = bar("telling", None);
    let mut refusals: Option<Refusals> = None;
    let mut failed = None;
    let wanted = |row| why.contains_key(&row);
    kopilka_sim::rows_of(source, log.map().delimiter, &wanted, &mut |line, cells| {
        let done = match (why.get(&line), &mut refusals) {
            (Some((code, why)), Some(refusals)) => {
                refusals.add(&RefusedRow { line, code, why: why.clone(), cells }, &bar)
            }
            (_, None) => Refusals::new(args.asked.errors.as_deref(), &cells, args.asked.lang)
                .map(|new| refusals = Some(new)),
            _ => Ok(()),
        };
        failed = failed.take().or(done.err());
    })
    .map_err(|error| told(&error))?;
    refusals.map_or(Ok(()), |refusals| refusals.finish(&bar))?;
    failed.map_or(Ok(()), Err)
}

fn of(place: &Place, bought: &kopilka_service::import::Bought) -> String {
    let money = place.in_force.currency.format(bought.money);
    format!("{} orders of {money}, {} returns", bought.orders, bought.returns)
}

fn name(month: i32) -> String {
    format!("  {}-{:02}", month / 100, month % 100)
}

fn tell(place: &Place, tally: &OrderTally, found: &Found) {
    let sum = tally.sum();
    line("customers", &tally.customers.to_string());
    line("in the file", &of(place, &sum.all));
    for (month, sums) in &tally.months {
        line(&name(*month), &of(place, &sums.all));
    }
    if !sum.before.is_none() {
        line("there already", &of(place, &sum.before));
    }
    tell_refused(place, &sum, tally, found);
}

fn tell_refused(place: &Place, sum: &OrderMonth, tally: &OrderTally, found: &Found) {
    line("refused", &of(place, &sum.refused));
    for (code, count) in &tally.refused {
        line(&format!("  {code}"), &format!("{count} steps"));
    }
    let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
    for unused in &found.unused {
        *left_out.entry(unused.code).or_default() += 1;
    }
    line("rows left out", &found.unused.len().to_string());
    for (code, count) in left_out {
        line(&format!("  {code}"), &format!("{count} rows"));
    }
}

/// The file on one side, the books on the other, month by month.
fn reconcile(place: &Place, tally: &OrderTally, found: &Found) -> Result<ExitCode, String> {
    let sum = tally.sum();
    println!();
    line("in the file", &of(place, &sum.all));
    line("told now", &of(place, &sum.given));
    line("there already", &of(place, &sum.before));
    tell_refused(place, &sum, tally, found);
    let wrong: Vec<(&i32, &OrderMonth)> = tally.months.iter().filter(|(_, month)| !month.adds_up()).collect();
    line("months that differ", &wrong.len().to_string());
    for (month, sums) in &wrong {
        line(&name(**month), &format!("{}; told {}", of(place, &sums.all), of(place, &sums.given)));
    }
    Ok(if wrong.is_empty() { verdict(tally, found) } else { ExitCode::FAILURE })
}

/// Rows that the mapping leaves out are no mistake; those that cannot be read are.
fn verdict(tally: &OrderTally, found: &Found) -> ExitCode {
    let unreadable = found.unused.iter().any(|unused| unused.code == "row_unreadable");
    if tally.refused.is_empty() && !unreadable { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
