//! The reward catalogue: one row per refusal, what a claim costs, and what taking it back gives back.

use crate::stage::*;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::member::{CLAIMS_MAX, MemberStatus};
use kopilka_core::order::{BodyStatus, OrderBody, Pricing};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
attributes: [{ id: staff, kind: yes_no }]
coupons: { campaigns: [{ id: thanks, codes: made, discount: { percent: 10 } }] }
rules: []
rewards:
  - { id: mug, cost: 30, stock: 3, per_member: 2 }
  - { id: code, cost: 20, gives: { coupon: thanks } }
  - { id: later, cost: 1, from: 2026-04-01, to: 2026-04-30 }
  - { id: staff-only, cost: 1, if: { attribute: { staff: true } } }
  - { id: card, cost: 0 }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn claim(reward: &str, random: u64) -> Command {
    Command::ClaimReward { reward: reward.into(), code: CouponCode::make("", random).unwrap() }
}

fn settle(claim: u32, handed_over: bool) -> Command {
    Command::SettleClaim { claim, handed_over }
}

#[test]
fn a_claim_costs_its_points_and_waits_to_be_handed_over() {
    let mut bench = Bench::with_points(shop(), 100);
    bench.run(claim("mug", 1)).unwrap();
    assert_eq!((bench.available(), bench.book.member.claims.len()), (70, 1));
    bench.run(settle(1, true)).unwrap();
    assert_eq!((bench.available(), bench.book.member.claims.len()), (70, 0));
    assert_eq!(bench.run(settle(1, false)).unwrap_err(), Refusal::ClaimUnknown);
    // Taken back: points, the member's count and the stock are as before.
    bench.run(claim("mug", 2)).unwrap();
    let done = bench.run(settle(2, false)).unwrap();
    assert!(matches!(done.outcome, Outcome::ClaimSettled { points: Points(30), handed_over: false, .. }));
    assert_eq!((bench.available(), bench.book.counters.value("reward:mug")), (70, 1));
    bench.run(claim("mug", 3)).unwrap();
    assert_eq!(bench.run(claim("mug", 4)).unwrap_err(), Refusal::RewardLimit { reward: "mug".into() });
}

#[test]
fn points_of_a_claim_taken_back_go_to_the_lots_they_came_from() {
    let mut bench = Bench::new(shop());
    bench.give(20, Some(at("2026-03-10T00:00:00+03:00")));
    bench.give(20, None);
    bench.run(claim("mug", 1)).unwrap();
    assert_eq!(bench.available(), 10);
    bench.until("2026-03-20T00:00:00+03:00");
    let done = bench.run(settle(1, false)).unwrap();
    // Twenty of them had burnt meanwhile: the program keeps dates.
    assert!(matches!(done.outcome, Outcome::ClaimSettled { points: Points(10), .. }));
    assert_eq!(bench.available(), 20);
}

#[test]
fn a_reward_can_be_a_coupon_of_ones_own_that_works_at_once() {
    let mut bench = Bench::with_points(shop(), 20);
    let done = bench.run(claim("code", 77)).unwrap();
    let Outcome::RewardClaimed { code: Some(code), .. } = done.outcome else { panic!("{:?}", done.outcome) };
    assert!(bench.book.member.claims.is_empty(), "nothing is left to hand over");
    let body = order("A", BodyStatus::Placed, &[("x", 1, 10_000)], None);
    bench.run(put(OrderBody { coupons: vec![code], pricing: Some(Pricing::Engine), ..body })).unwrap();
    assert_eq!(bench.book.orders[&key("A")].due().0, 9_000);
}

#[test]
fn what_cannot_be_claimed_is_refused_with_its_reason() {
    let reward = |id: &str| id.to_owned();
    let mut bench = Bench::with_points(shop(), 29);
    let rows = [
        ("none", Refusal::RewardUnknown { reward: reward("none") }),
        ("later", Refusal::RewardNotOffered { reward: reward("later") }),
        ("staff-only", Refusal::RewardNotForMember { reward: reward("staff-only") }),
        ("mug", Refusal::InsufficientPoints { available: Points(29), wanted: Points(30) }),
    ];
    for (id, refusal) in rows {
        assert_eq!(bench.run(claim(id, 1)).unwrap_err(), refusal);
    }
    bench.until("2026-04-30T23:59:00+03:00");
    bench.run(claim("later", 1)).unwrap();
    bench.until("2026-05-01T00:00:00+03:00");
    assert_eq!(
        bench.run(claim("later", 1)).unwrap_err(),
        Refusal::RewardNotOffered { reward: reward("later") }
    );
    bench.book.counters.load("reward:mug".into(), 3);
    assert_eq!(bench.run(claim("mug", 1)).unwrap_err(), Refusal::RewardGone { reward: reward("mug") });
    for (status, refusal) in [
        (MemberStatus::Frozen, Refusal::MemberFrozen),
        (MemberStatus::Blocked, Refusal::MemberBlocked),
        (MemberStatus::Guest, Refusal::MemberUnknown),
    ] {
        bench.book.member.status = status;
        assert_eq!(bench.run(claim("card", 1)).unwrap_err(), refusal);
    }
    let mut bench = Bench::new(shop());
    for n in 0..CLAIMS_MAX as u64 {
        bench.run(claim("card", n)).unwrap();
    }
    assert_eq!(bench.run(claim("card", 99)).unwrap_err(), Refusal::TooManyClaims { claims: CLAIMS_MAX });
}
