//! `cargo xtask race`: one balance that is enough for seven, spent by sixty-four at the same moment, on one
//! server or spread over several with one database.
//!
//! Invariant to be shown: exactly seven orders are accepted each time, the others are refused for want of
//! points, and nothing is left of the balance.

use crate::api::{self, Client, Shop};
use crate::databases::{Databases, Engine};
use crate::server::Server;
use crate::shell::{self, Outcome, Profile};
use std::sync::Barrier;
use std::thread;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// The engine that keeps the books.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Engine,
    /// Servers on the one database; the spenders are spread over them.
    #[arg(long, default_value_t = 1)]
    servers: usize,
}

/// Who spends at the same moment.
const SPENDERS: usize = 64;
/// How many of them the balance is enough for.
const ENOUGH_FOR: usize = 7;
const POINTS_EACH: u32 = 100;

pub fn run(args: &Args) -> Outcome {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
    let binary = shell::build("kopilka", Profile::Ci)?;
    let databases = Databases::start(args.database)?;
    databases.allow(args.servers)?;
    let installation = databases.installation(&binary, folder.path().join("data"))?;
    let shop = Shop::open(&installation, api::PLAIN_PROGRAM, api::PLAIN_SLUG)?;
    let others: Result<Vec<Server>, String> = (1..args.servers).map(|_| installation.serve()).collect();
    let others = others?;
    let hosts: Vec<&str> = std::iter::once(&shop.server).chain(&others).map(|s| s.host.as_str()).collect();
    let spread = (0..SPENDERS).map(|n| hosts[n % hosts.len()]);
    let mut spenders: Vec<Client> = spread.map(|host| Client::new(host, &shop.key)).collect();
    let mut failed = 0;
    for number in 1..=args.rounds {
        if let Err(message) = round(&shop, &mut spenders, number) {
            failed += 1;
            println!("round {number} failed: {message}");
        }
    }
    shop.server.stop()?;
    others.into_iter().try_for_each(Server::stop)?;
    installation.verify()?;
    println!("{} passed, {failed} failed", args.rounds - failed);
    Ok(failed == 0)
}

fn round(shop: &Shop, spenders: &mut [Client], number: u32) -> Result<(), String> {
    let mut operator = shop.client();
    let member = operator.register(&format!("racer-{number}"))?;
    let points = POINTS_EACH * ENOUGH_FOR as u32;
    operator.credit(&member, &points.to_string(), &format!("race-{number}"))?;
    let outcomes = spend_together(spenders, &member, number);
    let mut accepted = 0;
    for outcome in outcomes {
        match outcome?.as_str() {
            "" => accepted += 1,
            "insufficient_points" => {}
            other => return Err(format!("refused as {other}")),
        }
    }
    let left = api::text_at(&operator.balance(&member)?, "/balance")?;
    match (accepted, left.as_str()) {
        (ENOUGH_FOR, "0") => Ok(()),
        _ => Err(format!("{accepted} were accepted, {left} points are left")),
    }
}

/// Each on its own connection; the code of the refusal, empty when accepted.
fn spend_together(spenders: &mut [Client], member: &str, number: u32) -> Vec<Result<String, String>> {
    let start = Barrier::new(spenders.len());
    let body = api::order_paid_with(member, "1000.00", &POINTS_EACH.to_string());
    thread::scope(|scope| {
        let (start, body) = (&start, &body);
        let spend = |(at, client): (usize, _)| {
            let client: &mut Client = client;
            move || {
                start.wait();
                let answer = client.put(&format!("/v1/orders/race-{number}-{at}"), body)?;
                Ok(if answer.is_success() { String::new() } else { api::code_of(&answer) })
            }
        };
        let threads: Vec<_> = spenders.iter_mut().enumerate().map(|s| scope.spawn(spend(s))).collect();
        threads
            .into_iter()
            .map(|t| t.join().unwrap_or_else(|_| Err("a spender stopped".to_owned())))
            .collect()
    })
}
