//! G13: a replay from a CSV file, start of the program and report included, beside DuckDB's plain sum over
//! the same file on as many threads.
//!
//! DuckDB lies in a virtual environment in the target folder. It is told the columns' types, so that it
//! neither guesses nor reads what it does not sum, and only its query is timed: the peer has the advantage.

use super::replay::{PROGRAM, SEED};
use super::report::{Row, Target, side_line};
use super::rounds::{Measured, Side, ratio};
use super::{Args, RUNS_MAX};
use crate::process;
use crate::shell::{self, Profile};
use kopilka_sim::bench::{generate, write_csv};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The version that figures in the repository were made with.
const DUCKDB: &str = "duckdb==2.0.1";

const MAP: &str = r#"{"name": "made up", "currency": "RUB", "timezone": "UTC",
    "columns": {"customer": "c", "time": "t", "amount": "a"}}"#;

/// Prints the sum, the seconds of the query and its CPU seconds.
const SUM: &str = r#"
import duckdb, os, sys, time
file, threads = sys.argv[1:]
database = duckdb.connect()
database.execute(f"SET threads={threads}")
cpu = lambda: sum(os.times()[:2])
started, cpu_before = time.perf_counter(), cpu()
found = database.execute(
    "SELECT sum(a) FROM read_csv(?, header=true, auto_detect=false, delim=',', "
    "columns={'c': 'VARCHAR', 't': 'VARCHAR', 'a': 'DECIMAL(18,2)'})", [file]).fetchone()
print(found[0], time.perf_counter() - started, cpu() - cpu_before)
"#;

const WHAT: &str = "time of a replay from CSV ÷ time of DuckDB's plain sum of the same CSV, same threads";

/// One file and the two that read it.
struct Bench<'a> {
    folder: &'a Path,
    python: PathBuf,
    orders: u32,
    threads: usize,
    /// What DuckDB must come to: then it has read everything.
    sum: String,
}

pub fn row(args: &Args) -> Result<Row, String> {
    let target = Target::at_most(1.0, 0.65);
    let python = match duckdb() {
        Ok(python) => python,
        Err(why) => return Ok(Row::left_out("G13", WHAT, target, format!("DuckDB is not there: {why}"))),
    };
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the orders: {e}"))?;
    let sum = write_files(folder.path(), args.orders)?;
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let bench = Bench { folder: folder.path(), python, orders: args.orders, threads, sum };
    let mut sides = bench.one_run(args)?;
    for _ in 1..RUNS_MAX {
        if !is_noisy(&sides) {
            break;
        }
        sides = bench.one_run(args)?;
    }
    let [ours, theirs] = &sides;
    let noisy = is_noisy(&sides);
    // The row is a ratio of times, so speeds stand the other way round.
    let figure = Some(ratio(theirs, ours, noisy).ok_or("no rounds")?);
    let lines = sides.iter().filter_map(side_line).collect();
    Ok(Row { id: "G13", what: WHAT.to_owned(), target: Some(target), figure, noisy, sides: lines })
}

fn is_noisy(sides: &[Side; 2]) -> bool {
    sides.iter().any(|side| side.spread().is_some_and(|s| s.is_noisy()))
}

/// Python of the environment with DuckDB in it, made when first needed.
fn duckdb() -> Result<PathBuf, String> {
    let environment = shell::target_folder().join("duckdb");
    let python = environment.join("bin/python");
    let version = format!("import duckdb; assert 'duckdb==' + duckdb.__version__ == '{DUCKDB}'");
    let is_there = || shell::output(Command::new(&python).args(["-c", &version])).is_ok();
    if !is_there() {
        shell::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", DUCKDB];
        shell::output(Command::new(&python).args(install))?;
    }
    if is_there() { Ok(python) } else { Err(format!("{DUCKDB} was installed, but does not answer")) }
}

/// The orders, the mapping, the program and the peer's script; the sum of all amounts is told.
fn write_files(folder: &Path, orders: u32) -> Result<String, String> {
    eprintln!("writing {orders} orders");
    let log = generate(orders, SEED);
    let file = File::create(folder.join("orders.csv")).and_then(|f| write_csv(&log, BufWriter::new(f)));
    file.map_err(|e| format!("writing the orders: {e}"))?;
    for (name, text) in [("map.json", MAP), ("program.json", PROGRAM), ("sum.py", SUM)] {
        fs::write(folder.join(name), text).map_err(|e| format!("{name}: {e}"))?;
    }
    drop(log);
    let file = File::open(folder.join("orders.csv")).map_err(|e| format!("reading the orders: {e}"))?;
    let mut minor = 0_i64;
    for line in BufReader::new(file).lines().skip(1) {
        let line = line.map_err(|e| format!("reading the orders: {e}"))?;
        let amount = line.rsplit(',').next().unwrap_or_default().replace('.', "");
        minor += amount.parse::<i64>().map_err(|_| format!("not an order: {line}"))?;
    }
    Ok(format!("{}.{:02}", minor / 100, minor % 100))
}

impl Bench<'_> {
    fn one_run(&self, args: &Args) -> Result<[Side; 2], String> {
        let threads = self.threads;
        let mut ours = Side::new(format!("replay of {} orders from CSV, {threads} threads", self.orders));
        let mut theirs = Side::new(format!("{DUCKDB}, sum of the amounts, {threads} threads"));
        for round in 1..=args.rounds {
            eprintln!("round {round} of {}", args.rounds);
            ours.rounds.push(self.replay()?.round());
            theirs.rounds.push(self.sum()?.round());
        }
        Ok([ours, theirs])
    }

    fn replay(&self) -> Result<Measured, String> {
        let own = std::process::id();
        let (cpu_before, started) = (process::ended_children_seconds(own), Instant::now());
        let mut command = Command::new(shell::built("kopilka", Profile::Dist));
        command.current_dir(self.folder).args(["replay", "--json", "--program", "program.json"]);
        command.args(["--orders", "orders.csv", "--map", "map.json", "--spend", "max"]);
        shell::output(command.args(["--threads", &self.threads.to_string()]))?;
        let seconds = started.elapsed().as_secs_f64();
        let cpu_seconds = process::ended_children_seconds(own) - cpu_before;
        Ok(Measured { operations: u64::from(self.orders), seconds, cpu_seconds })
    }

    fn sum(&self) -> Result<Measured, String> {
        let mut command = Command::new(&self.python);
        command.current_dir(self.folder).args(["sum.py", "orders.csv", &self.threads.to_string()]);
        let said = shell::output(&mut command)?;
        let [sum, seconds, cpu_seconds] = said.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(format!("DuckDB said: {said}"));
        };
        if sum != self.sum {
            return Err(format!("DuckDB's sum is {sum}, must be {}", self.sum));
        }
        let number = |text: &str| text.parse().map_err(|_| format!("DuckDB said: {said}"));
        let (seconds, cpu_seconds) = (number(seconds)?, number(cpu_seconds)?);
        Ok(Measured { operations: u64::from(self.orders), seconds, cpu_seconds })
    }
}
