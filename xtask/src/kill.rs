//! `cargo xtask kill`: a server, or the database under it, is killed (-9) under load, again and again.
//!
//! Invariant to be shown: every answered write is there afterwards and answers the same; what was not
//! answered is there whole or not at all; a server whose database was away finds it again by itself; the
//! books agree. With `--what delivery` the same is shown of events on their way outside.

mod delivery;
mod receiver;
mod round;
mod writer;

use crate::api::{self, Shop};
use crate::databases::{Databases, Engine};
use crate::dice::Dice;
use crate::server::{Installation, Server};
use crate::shell::{self, Outcome, Profile};
use std::collections::BTreeMap;
use writer::Writer;

/// What must outlive the kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Answered writes.
    Writes,
    /// Events that a receiver is told of.
    Delivery,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_enum, default_value = "writes")]
    what: What,
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// The same seed asks for the same writes; when the server dies is up to the machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The engine that keeps the books; with PostgreSQL every second round kills that instead of a server.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Engine,
    /// Servers on the one database: one is killed while the others go on.
    #[arg(long, default_value_t = 1)]
    servers: usize,
}

/// Writers at a time: enough that a group of commands is always being committed.
const WRITERS: usize = 16;
const MEMBERS: u64 = 40;
const POINTS_AT_START: i64 = 100_000;

/// Points of members as the answers say they must be, in whole points.
type Books = BTreeMap<String, i64>;

#[derive(Debug, Default)]
struct Counts {
    answered: usize,
    cut_off: usize,
    cut_off_done: usize,
    wrong: Vec<String>,
}

/// 5 % back, so that an order moves points both ways; and members give each other points, which arrive a
/// moment later.
const PROGRAM: &str = r#"{"program": "trial", "currency": "RUB", "timezone": "UTC",
    "transfers": {"allowed": true},
    "rules": [{"id": "back", "when": "order.paid", "then": [{"credit": {"percent": "5"}}]}]}"#;

/// All that goes through the rounds of one run. Fields are dropped in order: servers before their database.
struct Trial {
    servers: Vec<Server>,
    databases: Databases,
    installation: Installation,
    key: String,
    books: Books,
    dice: Dice,
    seed: u64,
}

pub fn run(args: &Args) -> Outcome {
    if args.what == What::Delivery {
        return delivery::run(args);
    }
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
    let binary = shell::build("kopilka", Profile::Ci)?;
    let databases = Databases::start(args.database)?;
    databases.allow(args.servers)?;
    let installation = databases.installation(&binary, folder.path().join("data"))?;
    let mut trial = Trial::open(args, databases, installation)?;
    let (mut answered, mut cut_off, mut failed) = (0, 0, 0);
    for number in 1..=args.rounds {
        let strike = trial.strike(number);
        let Counts { answered: found, cut_off: cut, cut_off_done: done, wrong } =
            trial.round(number, strike)?;
        println!(
            "round {number}, {strike}: {found} answered, {cut} cut off ({done} of them done), {} wrong",
            wrong.len()
        );
        for wrong in wrong.iter().take(5) {
            println!("  {wrong}");
        }
        answered += found;
        cut_off += cut;
        failed += u64::from(!wrong.is_empty());
    }
    trial.servers.drain(..).try_for_each(Server::stop)?;
    trial.installation.verify()?;
    println!("{answered} answered writes were found again, {cut_off} cut off were whole");
    println!("{} passed, {failed} failed", args.rounds - failed);
    Ok(failed == 0)
}

impl Trial {
    fn open(args: &Args, databases: Databases, installation: Installation) -> Result<Trial, String> {
        let shop = Shop::open(&installation, PROGRAM, "trial")?;
        let members = shop.fill(MEMBERS, &POINTS_AT_START.to_string())?;
        let Shop { server, key } = shop;
        let mut servers = vec![server];
        for _ in 1..args.servers {
            servers.push(installation.serve()?);
        }
        Ok(Trial {
            servers,
            databases,
            installation,
            key,
            books: members.into_iter().map(|id| (id, POINTS_AT_START)).collect(),
            dice: Dice::new(args.seed),
            seed: args.seed,
        })
    }

    fn writers(&self, round: u64) -> Vec<Writer> {
        let members: Vec<String> = self.books.keys().cloned().collect();
        let writer = |n| Writer::new(&members, self.seed, round, n as u64, &self.key);
        (0..WRITERS).map(writer).collect()
    }
}
