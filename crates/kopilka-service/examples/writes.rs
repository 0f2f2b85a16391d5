//! Writes a second of the smallest command, in process: `cargo run --release --example writes -- [members]
//! [callers] [seconds] [postgres://… [writers]]`. The way over HTTP is measured by `cargo xtask bench`.

use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::Points;
use kopilka_service::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROGRAM: &str = "program: bench\nname: bench\ncurrency: RUB\ntimezone: Europe/Moscow\n\
    points: { name: points, value: 1.00 }\nrules:\n  - { id: cash, when: order.paid, then: [{ credit: { percent: 5 } }] }\n";

fn write(program: ProgramId, key: String, change: Change) -> Write {
    Write {
        program,
        scope: "shop bench".to_owned(),
        key: Some(key),
        input_hash: [1; 16],
        operator: Some("bench".to_owned()),
        reason: Some("bench".to_owned()),
        change,
    }
}

fn adjust(member: MemberId, points: i64) -> Change {
    let adjustment = Adjustment {
        points: Points(points),
        active_at: None,
        expires_at: None,
        gift: false,
        allow_debt: false,
    };
    Change::Adjust { member: MemberRef::Id(member), adjustment }
}

/// The published program of a fresh database.
async fn published(service: &Service) -> ProgramId {
    let publish = Publish {
        text: PROGRAM.to_owned(),
        author: "bench".to_owned(),
        note: String::new(),
        sandbox: false,
        effective_from: None,
    };
    match service.publish(publish).await {
        Ok(published) => published.program,
        Err(error) => panic!("{error:?}"),
    }
}

/// Members with three lots each, a thousand at a time.
async fn members(service: &Service, program: ProgramId, count: u64) -> Vec<MemberId> {
    let mut ids = Vec::new();
    for chunk in 0..count.div_ceil(1000) {
        let call = |n| {
            let (service, key) = (service.clone(), format!("r{chunk}-{n}"));
            tokio::spawn(async move {
                let registration = Registration { ext: Some(key.clone()), ..Registration::default() };
                let done = service.write(write(program, key.clone(), Change::Register(registration))).await;
                let member = done.unwrap().member;
                for lot in 0..3 {
                    let key = format!("{key}-{lot}");
                    service.write(write(program, key, adjust(member, 100_000))).await.unwrap();
                }
                member
            })
        };
        for call in (0..1000).map(call).collect::<Vec<_>>() {
            ids.push(call.await.unwrap());
        }
    }
    ids
}

/// One caller after another answer until the end; how long each took.
async fn caller(
    service: Service,
    program: ProgramId,
    ids: Arc<Vec<MemberId>>,
    number: u64,
    end: Instant,
) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut dice = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    while Instant::now() < end {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let member = ids[(dice % ids.len() as u64) as usize];
        let key = format!("w{number}-{}", times.len());
        let start = Instant::now();
        service.write(write(program, key, adjust(member, -1))).await.unwrap();
        times.push(start.elapsed());
    }
    times
}

#[tokio::main]
async fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (count, callers, seconds) = (number(1, 10_000), number(2, 64), number(3, 5));
    let dir = tempfile::tempdir_in(".").unwrap();
    let options = OpenOptions::in_dir(dir.path()).on(std::env::args().nth(4));
    let options = OpenOptions { writers: number(5, options.writers as u64) as usize, ..options };
    let service = Service::open(options).unwrap();
    let program = published(&service).await;
    let background = service.start_background();
    let ids = Arc::new(members(&service, program, count).await);
    println!("{} members with three lots", ids.len());
    let began = Instant::now();
    let end = began + Duration::from_secs(seconds);
    let call = |number| tokio::spawn(caller(service.clone(), program, ids.clone(), number, end));
    let mut times = Vec::new();
    for call in (0..callers).map(call).collect::<Vec<_>>() {
        times.extend(call.await.unwrap());
    }
    let took = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let mean = times.iter().map(Duration::as_secs_f64).sum::<f64>() / times.len() as f64 * 1000.0;
    let (p50, p99, worst) = (at(0.5), at(0.99), at(1.0));
    let rate = times.len() as f64 / took;
    println!("{rate:.0} writes a second; mean {mean:.2} ms, p50 {p50:.2}, p99 {p99:.2}, max {worst:.2}");
    background.stop();
    service.stop();
}
