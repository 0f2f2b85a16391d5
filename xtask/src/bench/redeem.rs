//! G1, G2, G3, G6: the smallest durable redeem over HTTP beside PostgreSQL, beside the server's own round
//! trip without a database, and beside raw SQLite.
//!
//! Our redeem is an operator's debit of one point: identify the caller, parse, load the member, decide,
//! journal, commit to disk, answer. Members, accounts and lots are as many on every side, and picked at
//! random.

use super::load::{self, Compose, Load};
use super::postgres::{self, Way};
use super::report::{Row, Target, side_line};
use super::rounds::{Side, Spread};
use super::{Args, RUNS_MAX, sqlite};
use crate::api::{self, Shop};
use crate::dice::scramble;
use crate::http::Request;
use crate::server::{Installation, Server};
use crate::shell;
use std::sync::Arc;
use std::time::Duration;

const CONNECTIONS: usize = 64;

/// All sides of one run.
struct Bench {
    seconds: Duration,
    server: Server,
    redeem: Arc<Compose>,
    nothing: Arc<Compose>,
    postgres: Option<postgres::Peer>,
    sqlite: Option<[sqlite::Peer; 2]>,
}

#[derive(Default)]
struct Sides {
    redeem: Side,
    round_trip: Side,
    postgres: Vec<(Way, Side)>,
    sqlite: [Side; 2],
    tail: Vec<f64>,
}

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

fn prepare(args: &Args, wanted: &[&'static str], folder: &std::path::Path) -> Result<Bench, String> {
    let binary = shell::target_folder().join("release/kopilka");
    let installation = Installation { binary, data: folder.join("data") };
    let shop = Shop::open(&installation, api::PLAIN_PROGRAM, api::PLAIN_SLUG)?;
    eprintln!("filling our side: {} members", args.members);
    let members = shop.fill(args.members, "1000000")?;
    let redeem = redeem_of(&shop, members);
    let nothing = load::always(
        Request { method: "GET", path: "/healthz", key: "", idempotency: None, body: None },
        &shop.server.host,
    );
    let postgres = wanted.contains(&"G1").then(|| postgres::Peer::start(args.members)).transpose()?;
    let sqlite = match wanted.contains(&"G3") {
        true => Some([
            sqlite::Peer::create(folder, args.members, false)?,
            sqlite::Peer::create(folder, args.members, true)?,
        ]),
        false => None,
    };
    let seconds = Duration::from_secs(args.seconds);
    Ok(Bench { seconds, server: shop.server, redeem, nothing, postgres, sqlite })
}

fn redeem_of(shop: &Shop, members: Vec<String>) -> Arc<Compose> {
    let (host, key) = (shop.server.host.clone(), shop.key.clone());
    let paths: Vec<String> = members.iter().map(|id| format!("/v1/members/{id}/adjustments")).collect();
    let body = api::adjustment("-1").to_string();
    Arc::new(move |n| {
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
        postgres: Way::all().into_iter().map(|way| (way, Side::new(way.name()))).collect(),
        sqlite: [
            Side::new("raw SQLite, account + lot + entry, 64 a commit, QPSG off"),
            Side::new("the same with QPSG on"),
        ],
        tail: Vec::new(),
    };
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        let load = bench.http(bench.redeem.clone())?;
        sides.tail.push(load.p99.as_secs_f64() / load.mean.as_secs_f64());
        sides.redeem.rounds.push(load.measured.round());
        sides.round_trip.rounds.push(bench.http(bench.nothing.clone())?.measured.round());
        if let Some(peer) = &mut bench.postgres {
            for (way, side) in &mut sides.postgres {
                side.rounds.push(peer.run(*way, args.seconds)?.round());
            }
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
        let load = load::run(&self.server.host, self.server.process(), CONNECTIONS, self.seconds, compose)?;
        if load.refused > 0 {
            return Err(format!("{} of {} requests were refused", load.refused, load.measured.operations));
        }
        Ok(load)
    }
}

impl Sides {
    fn is_noisy(&self) -> bool {
        let best = self.best_postgres();
        let measured = [Some(&self.redeem), Some(&self.round_trip), best, Some(&self.sqlite[0])];
        measured.into_iter().flatten().filter_map(Side::spread).any(|s| s.is_noisy())
    }

    fn best_postgres(&self) -> Option<&Side> {
        let median = |side: &Side| side.spread().map_or(0.0, |s| s.median);
        let sides = self.postgres.iter().map(|(_, side)| side).filter(|side| !side.rounds.is_empty());
        sides.max_by(|a, b| median(a).total_cmp(&median(b)))
    }

    fn rows(&self, wanted: &[&'static str]) -> Vec<Row> {
        let mut rows = Vec::new();
        if wanted.contains(&"G1")
            && let Some(best) = self.best_postgres()
        {
            let what = "durable redeem over HTTP ÷ the best plain PostgreSQL redeem";
            let mut row = Row::of_sides("G1", what, Target::at_least(4.0, 8.0), &self.redeem, best);
            for (_, side) in self.postgres.iter().filter(|(_, side)| side.name != best.name) {
                if let Some(row) = &mut row {
                    row.sides.extend(side_line(side));
                }
            }
            rows.extend(row);
        }
        if wanted.contains(&"G2") {
            let what = "the same ÷ our own round trip without a database (`GET /healthz`)";
            rows.extend(Row::of_sides(
                "G2",
                what,
                Target::at_least(0.35, 0.7),
                &self.redeem,
                &self.round_trip,
            ));
        }
        if wanted.contains(&"G3") {
            let what = "the same ÷ raw SQLite, plain schema, 64 a commit";
            let mut row =
                Row::of_sides("G3", what, Target::at_least(1.2, 2.0), &self.redeem, &self.sqlite[0]);
            if let Some(row) = &mut row {
                row.sides.extend(side_line(&self.sqlite[1]));
            }
            rows.extend(row);
        }
        if wanted.contains(&"G6")
            && let Some(figure) = Spread::of(self.tail.clone())
        {
            let what = "p99 ÷ mean time of a redeem, 64 closed-loop connections".to_owned();
            let sides = side_line(&self.redeem).into_iter().collect();
            let target = Target::at_most(6.0, 3.0);
            rows.push(Row { id: "G6", what, target, figure, noisy: false, sides });
        }
        rows
    }
}
