//! G5, G7: what is done for many at once beside redeems one by one, and how long a redeem waits meanwhile.
//!
//! Each round goes over the same members: redeems one by one, a mass accrual that gives each of them a lot,
//! and the hour at which all these lots end, so that as many expire. An entry of the journal a member each
//! time. For G5 an import brings as many new ones, in a process of its own as people run it.

use super::load::{Load, Until};
use super::redeem::{CONNECTIONS, all_granted, redeem_of};
use super::report::{Row, Target, side_line};
use super::rounds::{Measured, Side, Spread};
use super::{Args, RUNS_MAX};
use crate::api::{Client, Shop, accepted, text_at};
use crate::process;
use crate::server::Installation;
use crate::shell::{self, Profile};
use kopilka_core::time::Instant;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

pub const ROWS: [&str; 2] = ["G5", "G7"];

/// Nothing is earned; all members are in one segment.
const PROGRAM: &str = r#"{"program": "bulk", "currency": "RUB", "timezone": "UTC",
    "segments": [{"id": "all", "if": {"none": [{"region": ["nowhere"]}]}}]}"#;
const SLUG: &str = "bulk";
/// Enough for every redeem of all rounds.
const POINTS: &str = "1000000";

const DAY_SECONDS: i64 = 24 * 3_600;
/// Lots of a mass accrual end after so many days, and the clock goes on by one more.
const LIVE_DAYS: i64 = 10;
/// A million lots expire within minutes on any machine.
const PATIENCE: Duration = Duration::from_secs(1_800);
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub fn rows(args: &Args, wanted: &[&'static str]) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    if wanted.contains(&"G5") {
        rows.extend(beside_redeems(args)?);
    }
    if wanted.contains(&"G7") {
        rows.extend(while_lots_expire(args)?);
    }
    Ok(rows)
}

fn beside_redeems(args: &Args) -> Result<Vec<Row>, String> {
    let mut many = Many::open(args, args.members)?;
    let mut sides = many.run_beside(args)?;
    for run in 1..RUNS_MAX {
        if !sides.iter().any(|side| side.spread().is_some_and(|spread| spread.is_noisy())) {
            break;
        }
        eprintln!("run {run}: rounds of one side differ by more than 2×");
        sides = many.run_beside(args)?;
    }
    let [redeems, bulk @ ..] = &sides;
    let kinds = ["imported", "given by a mass accrual", "of which lots expire"];
    let rows = bulk.iter().zip(kinds).filter_map(|(side, kind)| {
        let what = format!("members {kind}, a second ÷ durable redeems over HTTP");
        Row::of_sides("G5", what, Target::at_least(4.0, 20.0), side, redeems)
    });
    Ok(rows.collect())
}

/// What the rounds of G7 have seen.
#[derive(Default)]
struct Tails {
    ratios: Vec<f64>,
    /// p99 in milliseconds.
    without: Vec<f64>,
    meanwhile: Vec<f64>,
    /// The most the server held while lots expired, over what it held before.
    grown: Vec<f64>,
    held: Vec<f64>,
}

fn while_lots_expire(args: &Args) -> Result<Vec<Row>, String> {
    let mut many = Many::open(args, args.many_members)?;
    let mut tails = Tails::default();
    let mut expiry = Side::new(format!("{} lots that expire, redeems meanwhile", args.many_members));
    let mut redeems = Side::new(format!("durable redeem over HTTP meanwhile, {CONNECTIONS} connections"));
    let milliseconds = |load: &Load| load.p99.as_secs_f64() * 1e3;
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        // Before the lots are there: a redeem takes what ends first, and would take them.
        let without = many.redeem(args)?;
        many.accrue()?;
        many.wait_for_projections()?;
        let before = process::resident_kib(many.shop.server.process());
        let (expired, meanwhile, most) = many.expire_under_load()?;
        tails.ratios.push(milliseconds(&meanwhile) / milliseconds(&without));
        tails.without.push(milliseconds(&without));
        tails.meanwhile.push(milliseconds(&meanwhile));
        tails.held.push(most as f64 / 1024.0);
        tails.grown.push(most.saturating_sub(before) as f64 / 1024.0);
        expiry.rounds.push(expired.round());
        redeems.rounds.push(meanwhile.measured.round());
    }
    let mut lines: Vec<String> = [&expiry, &redeems].into_iter().filter_map(side_line).collect();
    lines.extend(line("p99 without", "ms", tails.without));
    lines.extend(line("p99 meanwhile", "ms", tails.meanwhile));
    lines.extend(line("the server held at most", "MiB", tails.held));
    lines.extend(line("of which since the lots began to expire", "MiB", tails.grown));
    let what = format!("p99 of a redeem while {} lots expire ÷ without", args.many_members);
    let figure = Spread::of(tails.ratios);
    let target = Some(Target::at_most(2.0, 1.2));
    Ok(vec![Row { id: "G7", what, target, figure, noisy: false, sides: lines }])
}

fn line(what: &str, unit: &str, values: Vec<f64>) -> Option<String> {
    let Spread { median, least, most } = Spread::of(values)?;
    Some(format!("{what}: {median:.1} {unit} ({least:.1}–{most:.1})"))
}

/// A server with many members, each with points that never end.
struct Many {
    shop: Shop,
    installation: Installation,
    /// Whom redeems take from, by our ids.
    ids: Vec<String>,
    /// Numbers the keys of redeems, over restarts too: one that comes again would be no redeem.
    next: Arc<AtomicU64>,
    members: u64,
    imports: u64,
    accruals: u64,
    folder: tempfile::TempDir,
}

impl Many {
    fn open(args: &Args, members: u64) -> Result<Many, String> {
        let folder = tempfile::tempdir().map_err(|e| format!("a folder for the databases: {e}"))?;
        let binary = shell::built("kopilka", Profile::Dist);
        let installation = Installation { binary, data: folder.path().join("data"), database: None };
        let shop = Shop::open(&installation, PROGRAM, SLUG)?;
        let first = members.min(args.members);
        eprintln!("filling {first} members");
        let ids = shop.fill(first, POINTS)?;
        let next = Arc::new(AtomicU64::new(0));
        let (imports, accruals) = (0, 0);
        let mut many = Many { shop, installation, ids, next, members: first, imports, accruals, folder };
        if members > first {
            eprintln!("importing {} members", members - first);
            many.import(members - first)?;
        }
        Ok(many)
    }

    fn run_beside(&mut self, args: &Args) -> Result<[Side; 4], String> {
        let mut sides = [
            Side::new(format!("durable redeem over HTTP, {CONNECTIONS} connections")),
            Side::new(format!("import of {} new members, a lot each, from CSV", args.members)),
            Side::new("mass accrual to all members"),
            Side::new("expiry of their lots"),
        ];
        for round in 1..=args.rounds {
            eprintln!("round {round} of {}", args.rounds);
            // None does what is left to do of the one before it.
            self.wait_for_projections()?;
            let redeems = self.redeem(args)?.measured;
            self.wait_for_projections()?;
            let accrual = self.accrue()?;
            self.wait_for_projections()?;
            let expiry = self.expire()?;
            self.wait_for_projections()?;
            let import = self.import(args.members)?;
            for (side, measured) in sides.iter_mut().zip([redeems, import, accrual, expiry]) {
                side.rounds.push(measured.round());
            }
        }
        Ok(sides)
    }

    fn client(&self) -> Client {
        self.shop.client().patient(PATIENCE)
    }
    fn cpu_seconds(&self) -> f64 {
        process::cpu_seconds(self.shop.server.process())
    }

    /// What the work took of the server; `operations` are what it says it did.
    fn measured(&self, work: impl FnOnce() -> Result<u64, String>) -> Result<Measured, String> {
        let (cpu, started) = (self.cpu_seconds(), std::time::Instant::now());
        let operations = work()?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(Measured { operations, seconds, cpu_seconds: self.cpu_seconds() - cpu })
    }

    fn redeem(&self, args: &Args) -> Result<Load, String> {
        let time = Until::Passed(Duration::from_secs(args.seconds));
        let compose = redeem_of(&self.shop, &self.ids, self.next.clone());
        all_granted(&self.shop.server.host, &|| self.cpu_seconds(), &time, compose)
    }

    /// Gives every member a lot that ends in a while.
    fn accrue(&mut self) -> Result<Measured, String> {
        self.accruals += 1;
        let path = format!("/v1/accruals/round-{}", self.accruals);
        let mut client = self.client();
        let ends = now(&mut client)?.plus_seconds(LIVE_DAYS * DAY_SECONDS).to_string();
        let asked = json!({ "segment": "all", "points": "1", "expires_at": ends, "reason": "trial",
            "operator": "xtask" });
        accepted(client.put(&path, &asked)?)?;
        until_state(&mut client, &path, "ready")?;
        let start = json!({ "operator": "xtask" });
        let measured = self.measured(|| {
            accepted(client.post(&format!("{path}/start"), "start", &start)?)?;
            let done = until_state(&mut client, &path, "done")?;
            done["given"].as_u64().ok_or_else(|| format!("nothing given: {done}"))
        })?;
        match measured.operations == self.members {
            true => Ok(measured),
            false => Err(format!("{} of {} members were given points", measured.operations, self.members)),
        }
    }

    /// What is due is known to the scheduler, and nothing of the journal is left to be counted.
    fn wait_for_projections(&self) -> Result<(), String> {
        let mut client = self.client();
        loop {
            let report = accepted(client.get("/v1/reports/expiring?limit=1")?)?;
            if report["as_of"]["behind"] == false {
                return Ok(());
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Lets the hour come; a clock that is moved answers when all that was due is done.
    fn expire(&self) -> Result<Measured, String> {
        let mut client = self.client();
        let to = now(&mut client)?.plus_seconds((LIVE_DAYS + 1) * DAY_SECONDS).to_string();
        let measured = self.measured(|| {
            accepted(client.post("/v1/clock", "clock", &json!({ "now": to }))?)?;
            Ok(self.members)
        })?;
        let kept = accepted(client.get(&format!("/v1/members/{}/lots", self.ids[0]))?)?;
        match kept["lots"].as_array().map(Vec::len) {
            Some(1) => Ok(measured),
            _ => Err(format!("more lots are left than the one that never ends: {kept}")),
        }
    }

    /// The same with redeems from its beginning to its end, and the most the server held, in KiB.
    fn expire_under_load(&self) -> Result<(Measured, Load, u64), String> {
        let over = Arc::new(AtomicBool::new(false));
        let (host, server) = (self.shop.server.host.as_str(), self.shop.server.process());
        let (over, compose) = (&over, redeem_of(&self.shop, &self.ids, self.next.clone()));
        thread::scope(|scope| {
            let redeems = scope.spawn(move || {
                let until = Until::Told(over.clone());
                all_granted(host, &|| process::cpu_seconds(server), &until, compose)
            });
            let most = scope.spawn(move || {
                let mut most = 0;
                while !over.load(Ordering::Acquire) {
                    most = most.max(process::resident_kib(server));
                    thread::sleep(LOOK_EVERY);
                }
                most
            });
            let expired = self.expire();
            over.store(true, Ordering::Release);
            let stopped = |_| "a part of the trial stopped".to_owned();
            let (load, most) = (redeems.join().map_err(stopped)?, most.join().map_err(stopped)?);
            Ok((expired?, load?, most))
        })
    }

    /// Brings so many new members. On a file an import works alone, so the server stops for it.
    fn import(&mut self, rows: u64) -> Result<Measured, String> {
        self.imports += 1;
        let list = self.list(rows)?;
        let name = format!("round-{}", self.imports);
        self.shop.server.end()?;
        let own = std::process::id();
        let (cpu, started) = (process::ended_children_seconds(own), std::time::Instant::now());
        let said = self.installation.run(&["import", "members", &list.to_string_lossy(), "--name", &name])?;
        let seconds = started.elapsed().as_secs_f64();
        let cpu_seconds = process::ended_children_seconds(own) - cpu;
        if !said.contains(&format!("{rows} members")) {
            return Err(format!("not all were imported: {said}"));
        }
        self.members += rows;
        self.shop.server = self.installation.serve()?;
        Ok(Measured { operations: rows, seconds, cpu_seconds })
    }

    fn list(&self, rows: u64) -> Result<PathBuf, String> {
        let path = self.folder.path().join(format!("members-{}.csv", self.imports));
        let mut text = String::from("ext,points,expires at\n");
        for row in 0..rows {
            let _ = writeln!(text, "i{}-{row},{POINTS},never", self.imports);
        }
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(path)
    }
}

fn now(client: &mut Client) -> Result<Instant, String> {
    let clock = accepted(client.get("/v1/clock")?)?;
    let text = text_at(&clock, "/now")?;
    Instant::parse(&text).ok_or_else(|| format!("{text} is no instant"))
}

/// Waits for a mass accrual to come so far, and tells how it stands.
fn until_state(client: &mut Client, path: &str, state: &str) -> Result<serde_json::Value, String> {
    loop {
        let accrual = accepted(client.get(path)?)?;
        match accrual["state"].as_str() {
            Some(now) if now == state => return Ok(accrual),
            Some("failed" | "stopped" | "undone") | None => return Err(format!("it ended: {accrual}")),
            Some(_) => thread::sleep(LOOK_EVERY),
        }
    }
}
