//! `cargo xtask kill`: a server under load is killed (-9) at a random moment, again and again.
//!
//! Invariant to be shown: every answered write is there after the restart and answers the same; what was not
//! answered is there whole or not at all; the books agree.

mod writer;

use crate::api::{self, Shop};
use crate::dice::Dice;
use crate::server::{Installation, Server};
use crate::shell::{self, Outcome, Profile};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use writer::{Tally, Writer};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// The same seed asks for the same writes; when the server dies is up to the machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Writers at a time: enough that a group of commands is always being committed.
const WRITERS: usize = 16;
const MEMBERS: u64 = 40;
const POINTS_AT_START: i64 = 100_000;
/// A server lives between these two before it is killed.
const LIFE_LEAST: Duration = Duration::from_millis(50);
const LIFE_MORE: Duration = Duration::from_millis(700);

/// Points of members as the answers say they must be, in whole points.
type Books = BTreeMap<String, i64>;

#[derive(Debug, Default)]
struct Counts {
    answered: usize,
    cut_off: usize,
    cut_off_done: usize,
    wrong: Vec<String>,
}

/// 5 % back, so that an order moves points both ways.
const PROGRAM: &str = r#"{"program": "trial", "currency": "RUB", "timezone": "UTC",
    "rules": [{"id": "back", "when": "order.paid", "then": [{"credit": {"percent": "5"}}]}]}"#;

pub fn run(args: &Args) -> Outcome {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
    let binary = shell::build("kopilka", Profile::Ci)?;
    let installation = Installation { binary, data: folder.path().join("data") };
    let shop = Shop::open(&installation, PROGRAM, "trial")?;
    let members = shop.fill(MEMBERS, &POINTS_AT_START.to_string())?;
    let mut books: Books = members.iter().map(|id| (id.clone(), POINTS_AT_START)).collect();
    let Shop { mut server, key } = shop;
    let mut dice = Dice::new(args.seed);
    let (mut answered, mut cut_off, mut failed) = (0, 0, 0);
    for round in 1..=args.rounds {
        let mut writers = writers(&members, args.seed, round, &key);
        let life = LIFE_LEAST + Duration::from_millis(dice.below(LIFE_MORE.as_millis() as u64));
        write_until_killed(server, &mut writers, life)?;
        let mut counts = Counts::default();
        if let Err(message) = installation.verify() {
            counts.wrong.push(format!("verify: {message}"));
        }
        server = installation.serve()?;
        settle(&server, &mut writers, &mut books, &mut counts)?;
        compare(&server, &key, &books, &mut counts)?;
        let Counts { answered: found, cut_off: cut, cut_off_done: done, wrong } = counts;
        println!(
            "round {round}: {found} answered, {cut} cut off ({done} of them done), {} wrong",
            wrong.len()
        );
        for wrong in wrong.iter().take(5) {
            println!("  {wrong}");
        }
        answered += found;
        cut_off += cut;
        failed += u64::from(!wrong.is_empty());
    }
    server.stop()?;
    installation.verify()?;
    println!("{answered} answered writes were found again, {cut_off} cut off were whole");
    println!("{} passed, {failed} failed", args.rounds - failed);
    Ok(failed == 0)
}

fn writers(members: &[String], seed: u64, round: u64, key: &str) -> Vec<Writer> {
    (0..WRITERS).map(|n| Writer::new(members, seed, round, n as u64, key)).collect()
}

/// Lets the writers write, kills the server in the middle of it, and waits until all have noticed.
fn write_until_killed(server: Server, writers: &mut [Writer], life: Duration) -> Result<(), String> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let host = server.host.clone();
        for writer in writers.iter_mut() {
            let (host, over) = (host.clone(), &over);
            scope.spawn(move || writer.write_until(&host, || over.load(Ordering::Relaxed)));
        }
        thread::sleep(life);
        let killed = server.kill();
        over.store(true, Ordering::Relaxed);
        killed
    })
}

/// Sends everything again: what was answered must answer the same, what was cut off is done now at the
/// latest.
fn settle(
    server: &Server,
    writers: &mut [Writer],
    books: &mut Books,
    counts: &mut Counts,
) -> Result<(), String> {
    let tallies: Vec<Result<Tally, String>> = thread::scope(|scope| {
        let host = &server.host;
        let threads: Vec<_> =
            writers.iter_mut().map(|writer| scope.spawn(move || writer.send_again(host))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a writer stopped".to_owned()))).collect()
    });
    for tally in tallies {
        let tally = tally?;
        counts.answered += tally.answered;
        counts.cut_off += tally.cut_off;
        counts.cut_off_done += tally.cut_off_done;
        counts.wrong.extend(tally.wrong);
        for (member, points) in tally.moved {
            *books.entry(member).or_default() += points;
        }
    }
    Ok(())
}

/// What the members have must be what the answers add up to: nothing was done twice, nothing by half.
fn compare(server: &Server, key: &str, books: &Books, counts: &mut Counts) -> Result<(), String> {
    let mut reader = api::Client::new(&server.host, key);
    for (member, expected) in books {
        let balance = reader.balance(member)?;
        let figure = |name: &str| writer::points_at(&balance, &format!("/{name}"));
        let actual = figure("pending")? + figure("available")? + figure("held")? - figure("debt")?;
        if actual != *expected {
            counts.wrong.push(format!("{member} has {actual} points, the answers add up to {expected}"));
        }
    }
    Ok(())
}
