//! G12: made-up orders in memory through the whole engine, beside a naive loop over the same rows.
//!
//! Both sides earn 5 % after 14 days for 30 days, spend up to a fifth of every order, first-expiring lots
//! first. The loop knows nothing but that; the engine decides each order as it does for a shop. One thread
//! each.

use super::report::{Row, Target, side_line};
use super::rounds::{Measured, Side, ratio};
use super::{Args, RUNS_MAX};
use crate::process;
use kopilka_core::program;
use kopilka_sim::bench::{NaiveTerms, generate, naive};
use kopilka_sim::{Log, Options, Spend, replay};
use std::sync::Arc;
use std::time::Instant;

pub const SEED: u64 = 1;

const TERMS: NaiveTerms = NaiveTerms { percent: 5, delay_days: 14, lives_days: 30, max_share: 20 };

pub const PROGRAM: &str = r#"{"program": "bench", "currency": "RUB", "timezone": "UTC",
    "points": {"ends": "exact"},
    "accrual": {"active_after": "14 days", "base": "paid_goods"},
    "spending": {"max_share": "20"},
    "rules": [{"id": "back", "when": "order.paid",
               "then": [{"credit": {"percent": "5", "expires": "30 days"}}]}]}"#;

pub fn rows(args: &Args) -> Result<Vec<Row>, String> {
    let compiled = program::compile(PROGRAM);
    let program =
        compiled.program.map(Arc::new).ok_or_else(|| format!("the program: {:?}", compiled.diagnostics))?;
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let options = |threads| Options { program: program.clone(), spend: Spend::Max, welcome: false, threads };
    let options = [1, threads].map(options);
    eprintln!("making up {} orders", args.orders);
    let log = generate(args.orders, SEED);
    let mut sides = one_run(args, &log, &options);
    for _ in 1..RUNS_MAX {
        if !sides[..2].iter().any(|side| side.spread().is_some_and(|s| s.is_noisy())) {
            break;
        }
        sides = one_run(args, &log, &options);
    }
    let [ours, loops, _] = &sides;
    let noisy = [ours, loops].iter().any(|s| s.spread().is_some_and(|s| s.is_noisy()));
    // The row is a ratio of times, so speeds stand the other way round.
    let figure = ratio(loops, ours, noisy).ok_or("no rounds")?;
    let lines = sides.iter().filter_map(side_line).collect();
    let what =
        "time of a replay in memory with real rules ÷ time of a naive loop over the same orders".to_owned();
    let target = Some(Target::at_most(2.0, 1.2));
    Ok(vec![Row { id: "G12", what, target, figure: Some(figure), noisy, sides: lines }])
}

/// The replay on one thread, the loop, and the replay on every thread there is.
fn one_run(args: &Args, log: &Log, options: &[Options; 2]) -> [Side; 3] {
    let mut ours = Side::new(format!("replay of {} orders, one thread", args.orders));
    let mut all = Side::new(format!("replay of {} orders, {} threads", args.orders, options[1].threads));
    let mut loops = Side::new("naive loop, one thread");
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        ours.rounds.push(timed(args, || replay(log, &options[0], &|_| ())).round());
        loops.rounds.push(timed(args, || naive(log, TERMS)).round());
        all.rounds.push(timed(args, || replay(log, &options[1], &|_| ())).round());
    }
    [ours, loops, all]
}

fn timed<T>(args: &Args, work: impl FnOnce() -> T) -> Measured {
    let own = std::process::id();
    let (cpu_before, started) = (process::cpu_seconds(own), Instant::now());
    std::hint::black_box(work());
    Measured {
        operations: u64::from(args.orders),
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: process::cpu_seconds(own) - cpu_before,
    }
}
