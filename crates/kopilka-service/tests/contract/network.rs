//! Who brought whom: links, coupons, levels, and what returns take from referrers, each on its own member.

use crate::world::*;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::Outcome;
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, Gave, OrderBody, Pricing};
use kopilka_core::referral::How;
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    an_order_of_a_friend_rewards_every_level_once,
    a_return_takes_what_is_left_of_the_reward,
    a_coupon_of_a_friend_binds_with_the_first_order_and_falls_with_it,
    a_visit_counts_for_its_time_and_the_last_one_wins,
    a_code_of_nobody_and_ones_own_coupon_are_refused,
    a_limit_of_rewards_is_the_referrers,
);

const NETWORK: &str = r#"
program: sports-store
currency: RUB
timezone: Europe/Moscow
accrual: { active_after: 14 days }
referral: { within: 10 days }
coupons: { campaigns: [{ id: invite, codes: made, refers: true, discount: { percent: 10 } }] }
rules:
  - { id: code, when: member.registered, then: [{ coupon: invite }] }
  - { id: hello, when: member.registered, if: { referred: true }, then: [{ credit: { points: 7 } }] }
  - { id: base, when: order.paid, then: [{ credit: { percent: 1 } }] }
  - id: friend
    when: referral.ordered
    then: [{ credit: { to: referrer, points: 50, per: 1000.00 } }, { credit: { to: referrer, level: 2, percent: 1 } }]
    limits: { per_member: { points: 1000 } }
  - { id: invited, when: referral.registered, then: [{ credit: { to: referrer, points: 5 } }] }
"#;

async fn world() -> World {
    let world = World::new().await;
    publish(&world.service, NETWORK, true).await;
    world
}

async fn brought(world: &World, ext: &str, by: Option<MemberId>) -> MemberId {
    let registration = Registration { ext: Some(ext.to_owned()), referrer: by, ..Registration::default() };
    world.register(ext, registration).await.member
}

/// Of two pieces, in kopecks each.
async fn buy(world: &World, member: MemberId, id: &str, status: BodyStatus, price: i64) -> Done {
    let body = OrderBody { pricing: Some(Pricing::Engine), ..order(id, status, price) };
    world.put(Some(member), body).await.unwrap()
}

async fn pending(world: &World, member: MemberId) -> i64 {
    world.relayed().await;
    let book = world.service.book(world.program, member).await.unwrap();
    book.member.balance_at(at("2026-03-01T12:00:00+03:00")).pending.0
}

async fn an_order_of_a_friend_rewards_every_level_once() {
    let world = world().await;
    let first = brought(&world, "1", None).await;
    let second = brought(&world, "2", Some(first)).await;
    let third = brought(&world, "3", Some(second)).await;
    assert_eq!(world.available(third).await, 7, "who was brought is greeted");
    world.relayed().await;
    assert_eq!((world.available(first).await, world.available(second).await), (5, 12));

    let body = buy(&world, third, "A", BodyStatus::Paid, 125_000).await;
    assert_eq!(body.order.unwrap().rewards.len(), 2);
    assert_eq!((pending(&world, second).await, pending(&world, first).await), (100, 25));
    // The same body again is no other order.
    buy(&world, third, "A", BodyStatus::Paid, 125_000).await;
    assert_eq!((pending(&world, second).await, pending(&world, first).await), (100, 25));
    let book = world.service.book(world.program, second).await.unwrap();
    assert_eq!((book.member.invited.registered, book.member.invited.orders), (1, 1));
    world.prove().await;
}

async fn a_return_takes_what_is_left_of_the_reward() {
    let world = world().await;
    let first = brought(&world, "1", None).await;
    let second = brought(&world, "2", Some(first)).await;
    let third = brought(&world, "3", Some(second)).await;
    buy(&world, third, "A", BodyStatus::Paid, 125_000).await;
    assert_eq!(pending(&world, second).await, 100);
    world.write("one", back("A", 1)).await.unwrap();
    assert_eq!((pending(&world, second).await, pending(&world, first).await), (50, 12));
    world.write("all", back("A", 1)).await.unwrap();
    assert_eq!((pending(&world, second).await, pending(&world, first).await), (0, 0));

    // What the referrer has spent stays the shop's: nothing else is touched.
    buy(&world, third, "B", BodyStatus::Paid, 100_000).await;
    world.relayed().await;
    world.clock("2026-04-01T12:00:00+03:00").await;
    let before = world.available(second).await;
    world.adjust("spent", second, -before).await.unwrap();
    world.write("late", back("B", 2)).await.unwrap();
    world.relayed().await;
    let book = world.service.book(world.program, second).await.unwrap();
    assert_eq!((world.available(second).await, book.member.debt().0), (0, 0));
    world.prove().await;
}

async fn invitation(world: &World, member: MemberId) -> CouponCode {
    let program = world.program;
    let codes = world.service.read(move |r| r.coupons_of(program, member, 10)).await.unwrap();
    let own: Vec<(CouponCode, MemberId)> = codes.into_iter().map(|made| (made.code, member)).collect();
    own.into_iter().next().map(|(code, _)| code).unwrap()
}

async fn with_code(world: &World, member: MemberId, id: &str, status: BodyStatus, code: &CouponCode) -> Done {
    let coupons = vec![code.as_str().into()];
    let body = order(id, status, 100_000);
    let body = OrderBody { pricing: Some(Pricing::Engine), coupons, ..body };
    world.put(Some(member), body).await.unwrap()
}

async fn a_coupon_of_a_friend_binds_with_the_first_order_and_falls_with_it() {
    let world = world().await;
    let (friend, newcomer) = (brought(&world, "1", None).await, brought(&world, "2", None).await);
    let code = invitation(&world, friend).await;
    let placed = with_code(&world, newcomer, "A", BodyStatus::Placed, &code).await;
    assert_eq!(placed.order.unwrap().due().0, 180_000);
    let book = world.service.book(world.program, newcomer).await.unwrap();
    let referrer = book.member.referrer.unwrap();
    assert_eq!((referrer.member, referrer.how), (friend, How::Coupon));
    let cancel = Change::Cancel { key: key("A"), occurred_at: None };
    world.write("cancel", cancel).await.unwrap();
    let book = world.service.book(world.program, newcomer).await.unwrap();
    assert!(book.member.referrer.is_none(), "nothing was bought, so nobody was brought");

    with_code(&world, newcomer, "B", BodyStatus::Paid, &code).await;
    assert_eq!(pending(&world, friend).await, 50, "one full thousand of 1,800.00");
    // Who has paid is bound for ever, and another's coupon changes nothing.
    let other = invitation(&world, brought(&world, "3", None).await).await;
    let refused = with_code(&world, newcomer, "C", BodyStatus::Paid, &other).await;
    assert!(refused.order.unwrap().coupons[0].refused.is_some(), "one invitation a member");
    let book = world.service.book(world.program, newcomer).await.unwrap();
    assert_eq!(book.member.referrer.unwrap().member, friend);
    world.prove().await;
}

async fn a_visit_counts_for_its_time_and_the_last_one_wins() {
    let world = world().await;
    let (one, two) = (brought(&world, "1", None).await, brought(&world, "2", None).await);
    let visit = |referrer| Change::Visit { by: VisitBy::Link(referrer), visitor: "cookie".into() };
    let counted = |done: &Done| matches!(done.outcome, Outcome::Visited { counted: true });
    assert!(counted(&world.write("v1", visit(one)).await.unwrap()));
    assert!(!counted(&world.write("v2", visit(one)).await.unwrap()), "the same visitor again");
    assert!(counted(&world.write("v3", visit(two)).await.unwrap()));
    let come = |ext: &str, visitor: &str| Registration {
        ext: Some(ext.to_owned()),
        visitor: Some(visitor.to_owned()),
        ..Registration::default()
    };
    let third = world.register("r3", come("3", "cookie")).await.member;
    let book = world.service.book(world.program, third).await.unwrap();
    assert_eq!(book.member.referrer.map(|referrer| referrer.member), Some(two));
    world.clock("2026-03-11T12:00:00+03:00").await;
    let fourth = world.register("r4", come("4", "cookie")).await.member;
    let fifth = world.register("r5", come("5", "another")).await.member;
    for member in [fourth, fifth] {
        let book = world.service.book(world.program, member).await.unwrap();
        assert!(book.member.referrer.is_none());
    }
    let book = world.service.book(world.program, one).await.unwrap();
    assert_eq!(book.member.invited.visits, 1);
    world.prove().await;
}

async fn a_code_of_nobody_and_ones_own_coupon_are_refused() {
    let world = world().await;
    let registration = Registration { referrer: Some(MemberId(7)), ..Registration::default() };
    let refused = world.write("r", Change::Register(registration)).await;
    assert_eq!(refused, Err(Refusal::ReferrerUnknown.into()));
    let member = brought(&world, "1", None).await;
    let own = invitation(&world, member).await;
    let done = with_code(&world, member, "A", BodyStatus::Paid, &own).await;
    let refused = done.order.as_ref().unwrap().coupons[0].refused;
    assert_eq!(refused.map(|why| why.code()), Some("own_invitation"));
    assert!(done.order.unwrap().gave.iter().all(|given| !matches!(given.gave, Gave::Coupon(_))));
    world.prove().await;
}

async fn a_limit_of_rewards_is_the_referrers() {
    let world = world().await;
    let friend = brought(&world, "1", None).await;
    for (n, ext) in ["2", "3", "4"].into_iter().enumerate() {
        let member = brought(&world, ext, Some(friend)).await;
        buy(&world, member, &format!("o{n}"), BodyStatus::Paid, 450_000).await;
    }
    // 450 for each, 1,000 at most; returns give the room back.
    assert_eq!(pending(&world, friend).await, 1_000);
    world.write("back", back("o0", 2)).await.unwrap();
    world.relayed().await;
    let member = brought(&world, "5", Some(friend)).await;
    buy(&world, member, "o9", BodyStatus::Paid, 450_000).await;
    assert_eq!(pending(&world, friend).await, 1_000);
    world.prove().await;
}
