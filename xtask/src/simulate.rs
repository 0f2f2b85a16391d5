//! `cargo xtask simulate`: whole lives of small shops, each from one seed, on a real store through the real
//! service, against a naive model that recomputes everything from the journal.
//!
//! Invariant to be shown: whatever is doubled, late, reordered or cut off by a crash between any two steps,
//! the journal says what the answers said, and rows, directory and projections say what the journal says.

mod books;
mod carts;
mod counts;
mod documents;
mod life;
mod model;
mod place;
mod town;
mod trap;

use crate::databases::Engine;
use crate::postgres::Postgres;
use crate::shell::Outcome;
use counts::Counts;
use life::Stage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Seeds 1, 2, 3 … so many.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// This seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Prints every step.
    #[arg(long)]
    steps: bool,
    /// The engine that keeps the books. On a server every fourth seed has two of ours, and only its outcome
    /// can be told again.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Engine,
}

/// Of a server's seeds every fourth lives on two of our servers.
const TOGETHER_EVERY: u64 = 4;

pub fn run(args: &Args) -> Outcome {
    let postgres = match args.database {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Postgres::start()?),
    };
    let seeds: Vec<u64> = args.seed.map_or_else(|| (1..=args.seeds).collect(), |seed| vec![seed]);
    let next = AtomicU64::new(0);
    let (counts, failed) = (Mutex::new(Counts::default()), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    match one(*seed, postgres.as_ref(), args.steps) {
                        Ok(lived) => lock(&counts).add(&lived),
                        Err(what) => {
                            println!("seed {seed} failed: {what}");
                            println!("  cargo xtask simulate --seed {seed} --steps{}", on(args.database));
                            lock(&failed).push(*seed);
                        }
                    }
                }
            });
        }
    });
    println!("{}", lock(&counts));
    let failed = lock(&failed).len();
    println!("{} seeds passed, {failed} failed", seeds.len() - failed);
    Ok(failed == 0)
}

fn one(seed: u64, postgres: Option<&Postgres>, aloud: bool) -> Result<Counts, String> {
    let database = postgres.map(Postgres::fresh_database).transpose()?;
    let together = database.is_some() && seed.is_multiple_of(TOGETHER_EVERY);
    let stage = Stage { database, servers: if together { 2 } else { 1 }, aloud };
    let lived = catch_unwind(AssertUnwindSafe(|| life::live(seed, stage)));
    lived.unwrap_or_else(|_| Err("a panic".to_owned()))
}

fn on(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " --database postgres",
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
