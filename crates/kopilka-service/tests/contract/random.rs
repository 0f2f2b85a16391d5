//! Random work, proved by `verify` again and again.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{BodyStatus, OrderBody, PointsAsk, ReturnBody, ReturnedLines};
use kopilka_core::points::Points;
use kopilka_core::time::Day;
use kopilka_service::*;

on_both_engines!(random_work_keeps_the_books,);

/// A generator of our own: the same seed gives the same work on every engine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
    fn status(&mut self) -> BodyStatus {
        [BodyStatus::Reserved, BodyStatus::Placed, BodyStatus::Shipped, BodyStatus::Paid]
            [self.below(4) as usize]
    }
}

fn change(dice: &mut Dice, members: &[MemberId]) -> Change {
    let member = members[dice.below(members.len() as u64) as usize];
    let id = format!("o{}", dice.below(40));
    let amount = 10_000 + dice.below(5) as i64 * 3_333;
    let points = match dice.below(3) {
        0 => None,
        1 => Some(PointsAsk::Max),
        _ => Some(PointsAsk::UpTo(Points(dice.below(50) as i64))),
    };
    let body = |id: &str, status| OrderBody { points, ..order(id, status, amount) };
    let who = |dice: &mut Dice| (dice.below(8) > 0).then_some(MemberRef::Id(member));
    let all =
        |id: &str| ReturnBody { key: key(id), lines: ReturnedLines::All, delivery: false, occurred_at: None };
    match dice.below(14) {
        0 => {
            let birth_date = Day::new(1990, 1 + dice.below(12) as i8, 1 + dice.below(28) as i8);
            let ext = Some(format!("x{}", dice.below(200)));
            Change::Register(Registration { ext, birth_date, ..Registration::default() })
        }
        1..=5 => {
            let status = dice.status();
            Change::PutOrder { member: who(dice), body: body(&id, status) }
        }
        6 | 7 => back(&id, 1),
        8 => Change::Return(all(&id)),
        9 => Change::Cancel { key: key(&id), occurred_at: None },
        10 => Change::Exchange {
            back: all(&id),
            order: body(&format!("e{}", dice.below(20)), BodyStatus::Paid),
        },
        11 => {
            let status =
                [MemberStatus::Active, MemberStatus::Active, MemberStatus::Frozen, MemberStatus::Blocked]
                    [dice.below(4) as usize];
            Change::SetStatus { member: MemberRef::Id(member), status }
        }
        12 => {
            let birth_date = Some(Day::new(1980, 1 + dice.below(12) as i8, 1 + dice.below(28) as i8));
            let patch = PersonPatch { birth_date, ..PersonPatch::default() };
            Change::PatchMember { member: MemberRef::Id(member), patch }
        }
        _ => adjustment(member, dice.below(200) as i64 - 100),
    }
}

async fn work(seed: u64, rounds: usize) {
    let mut world = World::new().await;
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut members = vec![world.member("first").await, world.member("second").await];
    let mut now = world.service.now(world.program);
    let mut key_number = 0;
    for round in 0..rounds {
        let background = dice.below(2).eq(&0).then(|| world.service.start_background());
        let mut calls = Vec::new();
        for _ in 0..1 + dice.below(30) {
            // One key in ten comes again, sometimes with other content.
            key_number += u64::from(dice.below(10) > 0);
            let write = world.ask(Some(&format!("k{key_number}")), change(&mut dice, &members));
            let service = world.service.clone();
            calls.push(tokio::spawn(async move { service.write(write).await }));
        }
        for call in calls {
            match call.await.unwrap() {
                Ok(done) if !members.contains(&done.member) => members.push(done.member),
                Ok(_) | Err(ServiceError::Refused(_) | ServiceError::IdempotencyConflict) => {}
                Err(other) => panic!("seed {seed}, round {round}: {other}"),
            }
        }
        if let Some(background) = background {
            background.stop();
        }
        if dice.below(3) == 0 {
            now = now.plus_seconds(dice.below(60 * 86_400) as i64);
            world.service.set_clock(world.program, now).await.unwrap();
        }
        if dice.below(6) == 0 {
            world = world.reopen();
        }
        if dice.below(4) == 0 || round + 1 == rounds {
            world.prove().await;
        }
    }
}

async fn random_work_keeps_the_books() {
    for seed in 1..=6 {
        work(seed, 25).await;
    }
}
