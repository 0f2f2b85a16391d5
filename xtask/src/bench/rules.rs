//! G8–G11: promotions on carts, beside the same rules written by hand and beside rule engines that are
//! packages; over HTTP; and how the cost grows with promotions and lines.
//!
//! Before anything is timed, every side answers every cart, and the answers must be the same: to the minor
//! unit on each line where money is counted, by promotion where a peer only says which of them hold.

mod by_hand;
#[cfg(feature = "cel")]
mod cel;
mod engine;
mod fixture;
mod npm;

use super::load::{self, Compose, Until};
use super::report::{Row, Target, side_line};
use super::rounds::{Measured, Side, Spread, ratio};
use super::{Args, RUNS_MAX};
use crate::api::Shop;
use crate::http::Request;
use crate::process;
use crate::server::Installation;
use crate::shell::{self, Profile};
use by_hand::ByHand;
use engine::Engine;
use fixture::{Fixture, SLUG, document};
use kopilka_core::order::OrderBody;
use kopilka_core::time::{Day, Zone};
use npm::Npm;
use serde_json::Value;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

pub const ROWS: [&str; 4] = ["G8", "G9", "G10", "G11"];

const SEED: u64 = 8;
/// The carts and promotions that performance is stated for.
const CARTS: usize = 500;
const LINES: u64 = 10;
const PROMOTIONS: usize = 100;
const CONNECTIONS: usize = 64;

pub fn rows(args: &Args, wanted: &[&'static str]) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let fixture = Fixture::new(SEED, today()?, PROMOTIONS, CARTS, LINES);
    if wanted.contains(&"G8") || wanted.contains(&"G9") {
        rows.extend(beside_others(args, wanted, &fixture)?);
    }
    if wanted.contains(&"G10") {
        rows.push(over_http(args, &fixture)?);
    }
    if wanted.contains(&"G11") {
        rows.extend(growth(args)?);
    }
    Ok(rows)
}

/// The server decides by the real day, so every side does.
fn today() -> Result<Day, String> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|e| e.to_string())?;
    let micros = i64::try_from(since.as_micros()).map_err(|e| e.to_string())?;
    Ok(Zone::utc().day_of(kopilka_core::time::Instant(micros)))
}

/// Calls the work in turn for a time; the number of the call is told to it.
fn timed(seconds: u64, mut work: impl FnMut(usize) -> Result<(), String>) -> Result<Measured, String> {
    let own = std::process::id();
    let (cpu_before, started) = (process::cpu_seconds(own), Instant::now());
    let end = started + Duration::from_secs(seconds);
    let mut operations = 0;
    while Instant::now() < end {
        work(operations)?;
        operations += 1;
    }
    Ok(Measured {
        operations: operations as u64,
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: process::cpu_seconds(own) - cpu_before,
    })
}

/// One side's answer to a cart.
type Answer<'a> = Box<dyn Fn(&str) -> Result<String, String> + 'a>;

/// Sides of one process, and those that npm runs.
struct Sides<'a> {
    here: Vec<(Side, Answer<'a>)>,
    there: Vec<(Side, &'static str)>,
}

fn beside_others(args: &Args, wanted: &[&'static str], fixture: &Fixture) -> Result<Vec<Row>, String> {
    let engine = Engine::new(fixture)?;
    let by_hand = ByHand::new(&fixture.promotions, fixture.today);
    let found = same_answers(fixture, &engine, &by_hand)?;
    let mut left_out: Vec<(&'static str, String)> = Vec::new();
    let npm = match wanted.contains(&"G9").then(|| Npm::prepare(fixture, found.checksum)) {
        Some(Ok(npm)) => Some(npm),
        Some(Err(why)) => {
            left_out.extend(["zen", "json-rules-engine"].map(|name| (name, why.clone())));
            None
        }
        None => None,
    };
    let cel = if wanted.contains(&"G9") { cel_side(fixture)? } else { None };
    let mut last = None;
    for run in 1..=RUNS_MAX {
        let ours: Answer<'_> = Box::new(|text| engine.answer(text));
        let hand: Answer<'_> = Box::new(|text| by_hand.answer(text).ok_or_else(|| "not a cart".to_owned()));
        let mut sides = Sides {
            here: vec![(Side::new("our quote"), ours), (Side::new("written by hand"), hand)],
            there: Vec::new(),
        };
        if let Some(cel) = &cel {
            sides.here.push((Side::new("CEL"), Box::new(|text| cel(text))));
        }
        if npm.is_some() {
            let named = |(package, version)| Side::new(format!("{package} {version}"));
            sides.there.push((named(npm::ZEN), "zen"));
            sides.there.push((named(npm::JSON_RULES), "json-rules-engine"));
        }
        sides.one_run(args, fixture, npm.as_ref())?;
        let (sides, noisy) = sides.finished();
        last = Some(sides);
        if !noisy {
            break;
        }
        eprintln!("run {run}: rounds of one side differ by more than 2×");
    }
    Ok(rows_of(wanted, &last.unwrap_or_default(), &found, &left_out))
}

impl<'a> Sides<'a> {
    fn one_run(&mut self, args: &Args, fixture: &Fixture, npm: Option<&Npm>) -> Result<(), String> {
        for round in 1..=args.rounds {
            eprintln!("round {round} of {}", args.rounds);
            for (side, answer) in &mut self.here {
                let of = |n: usize| {
                    answer(&fixture.carts[n % fixture.carts.len()]).map(|text| drop(black_box(text)))
                };
                side.rounds.push(timed(args.seconds, of)?.round());
            }
            for (side, engine) in &mut self.there {
                if let Some(npm) = npm {
                    side.rounds.push(npm.run(engine, args.seconds)?.round());
                }
            }
        }
        Ok(())
    }

    fn finished(self) -> (Vec<Side>, bool) {
        let here = self.here.into_iter().map(|(side, _)| side);
        let sides: Vec<Side> = here.chain(self.there.into_iter().map(|(side, _)| side)).collect();
        let noisy = sides.iter().filter_map(Side::spread).any(|s| s.is_noisy());
        (sides, noisy)
    }
}

#[cfg(feature = "cel")]
fn cel_side(fixture: &Fixture) -> Result<Option<Answer<'static>>, String> {
    let cel = cel::Cel::new(fixture)?;
    let by_hand = ByHand::new(&fixture.promotions, fixture.today);
    for (i, text) in fixture.carts.iter().enumerate() {
        let (answer, wanted) = (cel.answer(text)?, by_hand.answer(text).ok_or("not a cart")?);
        if answer != wanted {
            return Err(format!("cart {i}: {answer} by CEL, {wanted} by hand"));
        }
    }
    Ok(Some(Box::new(move |text| cel.answer(text))))
}

#[cfg(not(feature = "cel"))]
fn cel_side(_: &Fixture) -> Result<Option<Answer<'static>>, String> {
    Ok(None)
}

/// What all sides agree on.
struct Found {
    /// Of the promotions that hold and of what is to pay.
    checksum: u64,
    /// Bytes of an answer, ours and the one by hand, on average.
    bytes: [usize; 2],
    /// Promotions that hold for a cart, on average.
    holding: f64,
}

fn checksum_of(cart: usize, holding: &[usize]) -> u64 {
    holding.iter().map(|promotion| (cart as u64 + 1) * (*promotion as u64 + 1)).sum()
}

/// Ours and the one by hand answer every cart to the same money, line by line, promotion by promotion.
fn same_answers(fixture: &Fixture, engine: &Engine, by_hand: &ByHand) -> Result<Found, String> {
    let (mut checksum, mut holding, mut bytes) = (0, 0, [0, 0]);
    for (i, text) in fixture.carts.iter().enumerate() {
        let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|e| e.to_string());
        let answers = [engine.answer(text)?, by_hand.answer(text).ok_or("not a cart")?];
        let [ours, theirs] = [money_of(&read(&answers[0])?), money_of(&read(&answers[1])?)];
        bytes = [bytes[0] + answers[0].len(), bytes[1] + answers[1].len()];
        checksum += minor_units(&ours[3]);
        if ours != theirs {
            return Err(format!("cart {i}: {ours} here, {theirs} by hand"));
        }
        let promotions = by_hand.holding(text).ok_or("not a cart")?;
        checksum += checksum_of(i, &promotions);
        holding += promotions.len();
    }
    let carts = fixture.carts.len();
    Ok(Found { checksum, bytes: bytes.map(|all| all / carts), holding: holding as f64 / carts as f64 })
}

/// Of an amount as text with two decimals.
fn minor_units(amount: &Value) -> u64 {
    amount.as_str().and_then(|text| text.replace('.', "").parse().ok()).unwrap_or_default()
}

/// The figures that both answers have.
fn money_of(answer: &Value) -> Value {
    let line = |line: &Value| {
        let discounts = line["discounts"].as_array().cloned().unwrap_or_default();
        serde_json::json!([line["id"], line["amount"], line["discount"], line["to_pay"], discounts])
    };
    let lines: Vec<Value> = answer["lines"].as_array().into_iter().flatten().map(line).collect();
    serde_json::json!([lines, answer["goods_total"], answer["discount_total"], answer["to_pay"]])
}

fn rows_of(
    wanted: &[&'static str],
    sides: &[Side],
    found: &Found,
    left_out: &[(&'static str, String)],
) -> Vec<Row> {
    let mut rows = Vec::new();
    let side = |name: &str| sides.iter().find(|s| s.name.contains(name));
    let (Some(ours), Some(hand)) = (side("our quote"), side("by hand")) else { return rows };
    let told = format!(
        "{CARTS} carts of {LINES} lines, {PROMOTIONS} promotions of which {:.1} hold for a cart; the order's channel \
         stands for the customer group. Our answer is the API's whole one, {} bytes; the one by hand has the prices \
         alone, {} bytes",
        found.holding, found.bytes[0], found.bytes[1]
    );
    if wanted.contains(&"G8") {
        let what = "quote in process, JSON in → JSON out, 10 lines, 100 promotions ÷ the same rules by hand";
        let row = Row::of_sides("G8", what, Target::at_least(0.5, 0.8), ours, hand);
        rows.extend(row.map(|mut row| {
            row.sides.push(told.clone());
            row
        }));
    }
    if !wanted.contains(&"G9") {
        return rows;
    }
    for (name, must, aim) in [("zen", 25.0, 40.0), ("CEL", 70.0, 120.0), ("json-rules-engine", 180.0, 290.0)]
    {
        let what = format!(
            "the same quote ÷ {name} saying which promotions hold, priced as by hand, per CPU second"
        );
        let target = Target::at_least(must, aim);
        let Some(peer) = side(name) else {
            let why = left_out.iter().find(|(peer, _)| *peer == name).map(|(_, why)| why.clone());
            rows.push(Row::left_out(
                "G9",
                what,
                target,
                why.unwrap_or_else(|| format!("built without {name}")),
            ));
            continue;
        };
        let noisy = [ours, peer].iter().any(|s| s.spread_per_cpu().is_some_and(|s| s.is_noisy()));
        let sides = side_line(peer).into_iter().collect();
        rows.push(Row {
            id: "G9",
            what,
            target: Some(target),
            figure: ratio(ours, peer, true),
            noisy,
            sides,
        });
    }
    rows
}

/// Carts over HTTP, each in turn, beside the server's own answer to nothing.
fn over_http(args: &Args, fixture: &Fixture) -> Result<Row, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
    let binary = shell::built("kopilka", Profile::Dist);
    let installation = Installation { binary, data: folder.path().join("data"), database: None };
    let shop = Shop::open(&installation, &document(&fixture.promotions), SLUG)?;
    let host = shop.server.host.clone();
    let nothing = Request { method: "GET", path: "/healthz", key: "", idempotency: None, body: None };
    let nothing = load::always(nothing, &host);
    let requests: Vec<Vec<u8>> = fixture
        .carts
        .iter()
        .map(|cart| {
            let (path, key) = ("/v1/quote", shop.key.as_str());
            Request { method: "POST", path, key, idempotency: None, body: Some(cart) }.bytes(&host)
        })
        .collect();
    let next = AtomicUsize::new(0);
    let quotes: Arc<Compose> =
        Arc::new(move || requests[next.fetch_add(1, Ordering::Relaxed) % requests.len()].clone());
    let cpu = || process::cpu_seconds(shop.server.process());
    let until = Until::Passed(Duration::from_secs(args.seconds));
    let load = |compose: &Arc<Compose>| {
        let load = load::run(&host, &cpu, CONNECTIONS, &until, compose.clone())?;
        match load.refused {
            0 => Ok(load.measured.round()),
            some => Err(format!("{some} of {} requests were refused", load.measured.operations)),
        }
    };
    let mut ours = Side::new(format!("POST /v1/quote, {PROMOTIONS} promotions, {CONNECTIONS} connections"));
    let mut hello = Side::new(format!("GET /healthz of the same server, {CONNECTIONS} connections"));
    for run in 1..=RUNS_MAX {
        (ours.rounds, hello.rounds) = (Vec::new(), Vec::new());
        for round in 1..=args.rounds {
            eprintln!("round {round} of {}", args.rounds);
            ours.rounds.push(load(&quotes)?);
            hello.rounds.push(load(&nothing)?);
        }
        if ![&ours, &hello].iter().any(|s| s.spread().is_some_and(|s| s.is_noisy())) {
            break;
        }
        eprintln!("run {run}: rounds of one side differ by more than 2×");
    }
    let what = "quote over HTTP with 100 promotions ÷ hello JSON (`GET /healthz`)";
    Row::of_sides("G10", what, Target::at_least(0.4, 0.55), &ours, &hello)
        .ok_or_else(|| "no rounds".to_owned())
}

/// Promotions, carts and lines of what grows.
const SIZES: [(usize, usize, u64); 4] =
    [(100, CARTS, LINES), (1_000, CARTS, LINES), (1_000, 100, 50), (10_000, 10, 1_000)];

/// The core alone: what JSON costs does not grow with promotions and would hide what does.
fn growth(args: &Args) -> Result<Vec<Row>, String> {
    let mut sides: Vec<Side> = Vec::new();
    let mut quoted: Vec<(Engine, Vec<OrderBody>)> = Vec::new();
    for (promotions, carts, lines) in SIZES {
        let fixture = Fixture::new(SEED, today()?, promotions, carts, lines);
        let engine = Engine::new(&fixture)?;
        same_answers(&fixture, &engine, &ByHand::new(&fixture.promotions, fixture.today))?;
        let bodies = fixture.carts.iter().map(|text| engine.body(text)).collect::<Result<_, _>>()?;
        quoted.push((engine, bodies));
        sides.push(Side::new(format!("{lines} lines × {promotions} promotions, the core alone")));
    }
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        for (side, (engine, bodies)) in sides.iter_mut().zip(&quoted) {
            let of = |n: usize| engine.quote(&bodies[n % bodies.len()]).map(|quote| drop(black_box(quote)));
            side.rounds.push(timed(args.seconds, of)?.round());
        }
    }
    let row = |what: &str, target: Target, figure: Option<Spread>, sides: &[Side]| {
        let noisy = sides.iter().filter_map(Side::spread).any(|s| s.is_noisy());
        let lines = sides.iter().filter_map(side_line).collect();
        Row { id: "G11", what: what.to_owned(), target: Some(target), figure, noisy, sides: lines }
    };
    let millis = |side: &Side| Spread::of(side.rounds.iter().map(|r| 1e3 / r.per_second).collect());
    // The row is a ratio of times, so speeds stand the other way round.
    let growth = ratio(&sides[0], &sides[1], false);
    Ok(vec![
        row(
            "time of a quote with 1,000 promotions ÷ with 100",
            Target::at_most(10.0, 3.0),
            growth,
            &sides[..2],
        ),
        row(
            "ms of a quote, 50 lines × 1,000 promotions",
            Target::at_most(1.0, 0.3),
            millis(&sides[2]),
            &sides[2..3],
        ),
        row(
            "ms of a quote, 1,000 lines × 10,000 promotions",
            Target::at_most(50.0, 15.0),
            millis(&sides[3]),
            &sides[3..],
        ),
    ])
}
