//! Lives of a few accounts that buy, give, send, invite and become one at any moment: whatever happens in
//! whatever order, no command fails but by a refusal, and the books hold.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_service::*;

on_both_engines!(the_books_hold_whatever_becomes_one_and_when);

/// Lives of one run, and steps of each.
const LIVES: u64 = 12;
const STEPS: u64 = 60;

/// SplitMix64: the same life for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % most
    }
    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

const RULES: &str = "
transfers: { min_points: 1 }
tiers:
  by: money_paid
  over: rolling 12 months
  levels: [{ id: base }, { id: silver, from: 1500.00 }]
achievements:
  - { id: third, counts: orders, goal: 3, repeat: true }
  - { id: spender, counts: money_paid, goal: 2000.00 }
coupons: { campaigns: [{ id: mine, codes: made, discount: { percent: 5 } }] }
offers: [{ id: week, name: Week, for: 7 days, times: 2 }]
";

/// The sports shop with a network, levels, achievements and offers.
fn program() -> String {
    let rules = "rules:
  - { id: friend, when: referral.ordered, then: [{ credit: { to: referrer, percent: 3 } }] }
  - { id: second, when: referral.ordered, then: [{ credit: { to: referrer, level: 2, percent: 1 } }] }
  - { id: third-order, when: achievement.reached, then: [{ credit: { points: 25 } }] }
  - { id: once, when: order.paid, then: [{ credit: { points: 9 } }], limits: { per_member: { times: 1 } } }
";
    let shop = PROGRAM.split("\ntests:").next().unwrap_or_default();
    shop.replacen("rules:\n", rules, 1) + RULES
}

fn body(dice: &mut Dice, id: u64) -> kopilka_core::order::OrderBody {
    let status = dice.pick(&[BodyStatus::Placed, BodyStatus::Paid, BodyStatus::Paid, BodyStatus::Completed]);
    let amount = 10_000 * (1 + dice.below(9) as i64);
    let body = order(&id.to_string(), status, amount);
    match dice.below(3) {
        0 => with_points(body, PointsAsk::UpTo(Points(1 + dice.below(300) as i64))),
        _ => body,
    }
}

fn registration(dice: &mut Dice, number: u64, known: &[MemberId]) -> Change {
    Change::Register(Registration {
        ext: Some(number.to_string()),
        phones: vec![format!("+7912{number:07}")],
        referrer: (!known.is_empty() && dice.below(2) == 0).then(|| dice.pick(known)),
        birth_date: kopilka_core::time::Day::new(1980, 3, 1 + dice.below(28) as i8),
        ..Registration::default()
    })
}

/// Something that may happen to the accounts known so far.
fn step(dice: &mut Dice, known: &[MemberId], number: u64) -> Change {
    let (one, other) = (MemberRef::Id(dice.pick(known)), MemberRef::Id(dice.pick(known)));
    match dice.below(13) {
        0 => registration(dice, number, known),
        1..=4 => {
            let id = dice.below(40);
            Change::PutOrder { member: Some(one), body: body(dice, id) }
        }
        5..=6 => back(&dice.below(40).to_string(), 1 + dice.below(2) as i64),
        7 => Change::Cancel { key: key(&dice.below(40).to_string()), occurred_at: None },
        8 => adjustment(dice.pick(known), dice.below(400) as i64 - 150),
        9 => Change::Transfer { from: one, to: other, points: Points(1 + dice.below(200) as i64) },
        10 => match dice.below(3) {
            0 => Change::GiveOffer { member: one, offer: "week".to_owned() },
            _ => Change::Erase { member: one },
        },
        _ => Change::Merge { member: one, into: other, api_key: "k".to_owned() },
    }
}

async fn live(seed: u64) -> (u64, u64) {
    let world = World::new().await;
    publish(&world.service, &program(), true).await;
    let mut dice = Dice(seed);
    let mut known: Vec<MemberId> = Vec::new();
    let (mut merged, mut refused) = (0, 0);
    for number in 0..STEPS {
        let change = match number {
            0..=5 => registration(&mut dice, number, &known),
            _ => step(&mut dice, &known, number),
        };
        let (registers, merges) =
            (matches!(change, Change::Register(_)), matches!(change, Change::Merge { .. }));
        match world.write(&format!("{seed}/{number}"), change).await {
            Ok(done) if registers => known.push(done.member),
            Ok(done) if merges => {
                merged += 1;
                if dice.below(2) == 0 {
                    world.service.carry(world.program, &done).await;
                }
            }
            Ok(_) => {}
            Err(ServiceError::Refused(_)) => refused += 1,
            Err(other) => panic!("seed {seed}, step {number}: {other}"),
        }
        match dice.below(12) {
            0 => world.relayed().await,
            1 => drop(world.prove().await),
            _ => {}
        }
    }
    world.relayed().await;
    assert_eq!(world.prove().await.under_way, 0, "seed {seed}");
    world.clock("2027-06-01T12:00:00+03:00").await;
    world.relayed().await;
    world.prove().await;
    (merged, refused)
}

async fn the_books_hold_whatever_becomes_one_and_when() {
    let mut merged = 0;
    for seed in 0..LIVES {
        let (these, refused) = live(seed).await;
        merged += these;
        assert!(refused < STEPS * 3 / 4, "seed {seed}: nearly everything was refused");
    }
    assert!(merged > 2 * LIVES, "{merged} merges");
}
