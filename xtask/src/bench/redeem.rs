//! G1–G4, G6: the smallest durable redeem over HTTP beside PostgreSQL, beside the server's own round trip
//! without a database, beside raw SQLite; and the same on PostgreSQL.
//!
//! Our redeem is an operator's debit of one point: identify the caller, parse, load the member, decide,
//! journal, commit to disk, answer. Members, accounts and lots are as many on every side, and picked at
//! random.

use super::load::{self, Compose, Load, Until};
use super::postgres::{self, Way};
use super::report::{Row, Target, side_line};
use super::rounds::{Side, Spread};
use super::{Args, RUNS_MAX, sqlite};
use crate::api::{self, Shop};
use crate::dice::scramble;
use crate::http::Request;
use crate::postgres::Postgres;
use crate::process;
use crate::server::{Installation, Server};
use crate::shell::{self, Profile};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(super) const CONNECTIONS: u32 = 64;

/// One of our servers and what it is asked.
struct Ours {
    server: Server,
    redeem: Arc<Compose>,
}

/// A database server, with the plain schema and with ours. Fields are dropped in order.
struct OnPostgres {
    ours: Option<Ours>,
    peer: postgres::Peer,
    database: Postgres,
}

/// All sides of one run.
struct Bench {
    seconds: Duration,
    ours: Ours,
    nothing: Arc<Compose>,
    postgres: Option<OnPostgres>,
    sqlite: Option<[sqlite::Peer; 2]>,
}

#[derive(Default)]
struct Sides {
    redeem: Side,
    round_trip: Side,
    on_postgres: Side,
    postgres: Vec<(Way, Side)>,
    sqlite: [Side; 2],
    tail: Vec<f64>,
}

pub const ROWS: [&str; 5] = ["G1", "G2", "G3", "G4", "G6"];

pub fn rows(args: &Args, wanted: &[&'static str]) -> Result<Vec<Row>, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the databases: {e}"))?;
    let mut bench = prepare(args, wanted, folder.path())?;
    let mut sides = Sides::default();
    for run in 1..=RUNS_MAX {
        sides = one_run(&mut bench, args)?;
        if !sides.is_noisy() {
            break;
        }
        eprintln!("run {run}: rounds of one side differ by more than 2×");
    }
    Ok(sides.rows(wanted))
}

fn prepare(args: &Args, wanted: &[&'static str], folder: &Path) -> Result<Bench, String> {
    let ours = open(args, folder.join("data"), None)?;
    let nothing = load::always(
        Request { method: "GET", path: "/healthz", key: "", idempotency: None, body: None },
        &ours.server.host,
    );
    let postgres = match ["G1", "G4"].iter().any(|id| wanted.contains(id)) {
        true => Some(on_postgres(args, folder, wanted.contains(&"G4"))?),
        false => None,
    };
    let sqlite = match wanted.contains(&"G3") {
        true => Some([
            sqlite::Peer::create(folder, args.members, false)?,
            sqlite::Peer::create(folder, args.members, true)?,
        ]),
        false => None,
    };
    Ok(Bench { seconds: Duration::from_secs(args.seconds), ours, nothing, postgres, sqlite })
}

fn on_postgres(args: &Args, folder: &Path, with_ours: bool) -> Result<OnPostgres, String> {
    let database = Postgres::start()?;
    let peer = postgres::Peer::fill(&database, args.members)?;
    let ours = match with_ours {
        true => Some(open(args, folder.join("on-postgres"), Some(database.fresh_database()?))?),
        false => None,
    };
    Ok(OnPostgres { ours, peer, database })
}

/// Starts our server on a filled database.
fn open(args: &Args, data: PathBuf, database: Option<String>) -> Result<Ours, String> {
    let binary = shell::built("kopilka", Profile::Dist);
    let installation = Installation { binary, data, database };
    let shop = Shop::open(&installation, api::PLAIN_PROGRAM, api::PLAIN_SLUG)?;
    eprintln!("filling our side: {} members", args.members);
    let members = shop.fill(args.members, "1000000")?;
    let redeem = redeem_of(&shop, &members, Arc::default());
    Ok(Ours { server: shop.server, redeem })
}

/// Each request with a key of its own, by its number, in all rounds: one that comes again would be answered
/// from the journal, and that is no redeem.
pub(super) fn redeem_of(shop: &Shop, members: &[String], next: Arc<AtomicU64>) -> Arc<Compose> {
    let (host, key) = (shop.server.host.clone(), shop.key.clone());
    let paths: Vec<String> = members.iter().map(|id| format!("/v1/members/{id}/adjustments")).collect();
    let body = api::adjustment("-1").to_string();
    Arc::new(move || {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let path = &paths[(scramble(n) % paths.len() as u64) as usize];
        let idempotency = format!("{n:016x}");
        let request =
            Request { method: "POST", path, key: &key, idempotency: Some(&idempotency), body: Some(&body) };
        request.bytes(&host)
    })
}

fn one_run(bench: &mut Bench, args: &Args) -> Result<Sides, String> {
    let mut sides = Sides {
        redeem: Side::new("durable redeem over HTTP, 64 connections"),
        round_trip: Side::new("GET /healthz of the same server, 64 connections"),
        on_postgres: Side::new("durable redeem over HTTP on PostgreSQL, 64 connections"),
        postgres: Way::all().into_iter().map(|way| (way, Side::new(way.name()))).collect(),
        sqlite: [
            Side::new("raw SQLite, account + lot + entry, 64 a commit, QPSG off"),
            Side::new("the same with QPSG on"),
        ],
        tail: Vec::new(),
    };
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        let load = bench.http(bench.ours.redeem.clone())?;
        sides.tail.push(load.p99.as_secs_f64() / load.mean.as_secs_f64());
        sides.redeem.rounds.push(load.measured.round());
        sides.round_trip.rounds.push(bench.http(bench.nothing.clone())?.measured.round());
        if let Some(side) = &mut bench.postgres {
            side.one_round(args, &mut sides)?;
        }
        if let Some(peers) = &mut bench.sqlite {
            for (peer, side) in peers.iter_mut().zip(&mut sides.sqlite) {
                side.rounds.push(peer.run(bench.seconds)?.round());
            }
        }
    }
    Ok(sides)
}

impl Bench {
    fn http(&self, compose: Arc<Compose>) -> Result<Load, String> {
        let server = &self.ours.server;
        let cpu = || process::cpu_seconds(server.process());
        all_granted(&server.host, &cpu, &Until::Passed(self.seconds), compose)
    }
}

impl OnPostgres {
    fn one_round(&mut self, args: &Args, sides: &mut Sides) -> Result<(), String> {
        let database = &self.database;
        for (way, side) in &mut sides.postgres {
            side.rounds.push(self.peer.run(database, *way, args.seconds)?.round());
        }
        if let Some(Ours { server, redeem }) = &self.ours {
            // What the database server does for us counts as ours.
            let cpu = || process::cpu_seconds(server.process()) + database.cpu_seconds();
            let load = all_granted(
                &server.host,
                &cpu,
                &Until::Passed(Duration::from_secs(args.seconds)),
                redeem.clone(),
            )?;
            sides.on_postgres.rounds.push(load.measured.round());
        }
        Ok(())
    }
}

pub(super) fn all_granted(
    host: &str,
    cpu_seconds: &dyn Fn() -> f64,
    until: &Until,
    compose: Arc<Compose>,
) -> Result<Load, String> {
    let load = load::run(host, cpu_seconds, CONNECTIONS as usize, until, compose)?;
    match load.refused {
        0 => Ok(load),
        some => Err(format!("{some} of {} requests were refused", load.measured.operations)),
    }
}

impl Sides {
    fn is_noisy(&self) -> bool {
        let best = self.best_postgres(|_| true);
        let measured = [Some(&self.redeem), Some(&self.round_trip), best, Some(&self.sqlite[0])];
        let measured = measured.into_iter().flatten().chain([&self.on_postgres]);
        measured.filter_map(Side::spread).any(|s| s.is_noisy())
    }

    /// Of the plain ways that are meant the fastest.
    fn best_postgres(&self, is_meant: impl Fn(Way) -> bool) -> Option<&Side> {
        let median = |side: &Side| side.spread().map_or(0.0, |s| s.median);
        let sides = self.postgres.iter().filter(|(way, side)| is_meant(*way) && !side.rounds.is_empty());
        sides.map(|(_, side)| side).max_by(|a, b| median(a).total_cmp(&median(b)))
    }

    fn rows(&self, wanted: &[&'static str]) -> Vec<Row> {
        let row = |id| match id {
            "G1" => self.beside_postgres(),
            "G2" => {
                let what = "the same ÷ our own round trip without a database (`GET /healthz`)";
                Row::of_sides("G2", what, Target::at_least(0.35, 0.7), &self.redeem, &self.round_trip)
            }
            "G3" => self.beside_sqlite(),
            "G4" => {
                let best = self.best_postgres(|way| way.clients == CONNECTIONS)?;
                let what = "durable redeem over HTTP on PostgreSQL ÷ the plain schema by pgbench, 64 clients";
                Row::of_sides("G4", what, Target::at_least(1.2, 4.0), &self.on_postgres, best)
            }
            "G6" => {
                let figure = Spread::of(self.tail.clone())?;
                let what = "p99 ÷ mean time of a redeem, 64 closed-loop connections".to_owned();
                let sides = side_line(&self.redeem).into_iter().collect();
                let target = Some(Target::at_most(6.0, 3.0));
                Some(Row { id: "G6", what, target, figure: Some(figure), noisy: false, sides })
            }
            _ => None,
        };
        ROWS.into_iter().filter(|id| wanted.contains(id)).filter_map(row).collect()
    }

    fn beside_postgres(&self) -> Option<Row> {
        let best = self.best_postgres(|_| true)?;
        let what = "durable redeem over HTTP ÷ the best plain PostgreSQL redeem";
        let mut row = Row::of_sides("G1", what, Target::at_least(4.0, 8.0), &self.redeem, best)?;
        let others = self.postgres.iter().map(|(_, side)| side).filter(|side| side.name != best.name);
        row.sides.extend(others.filter_map(side_line));
        Some(row)
    }

    fn beside_sqlite(&self) -> Option<Row> {
        let what = "the same ÷ raw SQLite, plain schema, 64 a commit";
        let mut row = Row::of_sides("G3", what, Target::at_least(1.2, 2.0), &self.redeem, &self.sqlite[0])?;
        row.sides.extend(side_line(&self.sqlite[1]));
        Some(row)
    }
}
