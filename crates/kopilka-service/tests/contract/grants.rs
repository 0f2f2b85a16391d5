//! What rules give beside points, where it is kept: codes that can be used and are withdrawn, levels, marks.

use crate::world::*;
use kopilka_core::coupon::CouponCode;
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, Gave, OrderBody, Pricing};
use kopilka_service::*;
use std::collections::BTreeSet;

on_both_engines!(
    a_code_that_a_rule_gave_lowers_the_price_and_goes_with_its_order,
    codes_of_one_moment_are_all_different,
    a_level_and_marks_of_operators_stand_in_the_row,
);

const GRANTS: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
tags: [vip]
coupons: { campaigns: [{ id: thanks, codes: made, discount: { percent: 10 } }] }
tiers: { by: money_paid, over: for_ever, levels: [{ id: base }, { id: gold, from: 100000.00, discount: 3 }] }
rules:
  - { id: again, when: order.paid, then: [{ coupon: { campaign: thanks, for: 14 days } }, { tag: vip }] }
"#;

async fn world() -> World {
    let world = World::new().await;
    publish(&world.service, &GRANTS.replace("program: shop", "program: sports-store"), true).await;
    world
}

async fn paid(world: &World, member: MemberId, id: &str, coupon: Option<&CouponCode>) -> Done {
    let coupons = coupon.map(|code| code.as_str().into()).into_iter().collect();
    let body = order(id, BodyStatus::Paid, 10_000);
    let body = OrderBody { pricing: Some(Pricing::Engine), coupons, ..body };
    let change = Change::PutOrder { member: Some(MemberRef::Id(member)), body };
    world.service.write(world.ask(None, change)).await.unwrap()
}

fn code_of(done: &Done) -> CouponCode {
    let gave = &done.order.as_ref().unwrap().gave;
    let code = gave.iter().find_map(|given| match &given.gave {
        Gave::Coupon(coupon) => Some(coupon.code.clone()),
        _ => None,
    });
    code.unwrap_or_else(|| panic!("{gave:?}"))
}

async fn a_code_that_a_rule_gave_lowers_the_price_and_goes_with_its_order() {
    let world = world().await;
    let (member, other) = (world.member("42").await, world.member("43").await);
    let code = code_of(&paid(&world, member, "A", None).await);
    let state = world.service.code(world.program, code.clone()).await.unwrap();
    let made = state.made.unwrap();
    assert_eq!((state.campaign.as_str(), made.owner, made.blocked), ("thanks", Some(member), false));
    assert_eq!(made.expires_at, Some(at("2026-03-16T00:00:00+03:00")));

    let lowered = paid(&world, member, "B", Some(&code)).await;
    let full = paid(&world, other, "C", Some(&code)).await;
    assert_eq!(lowered.order.unwrap().due().0 * 10, full.order.as_ref().unwrap().due().0 * 9);

    world.write("back", back("A", 2)).await.unwrap();
    let made = world.service.code(world.program, code.clone()).await.unwrap().made.unwrap();
    assert!(made.blocked, "it went with the order that gave it");
    let late = paid(&world, member, "D", Some(&code)).await;
    assert_eq!(late.order.unwrap().due(), full.order.unwrap().due());
    let book = world.service.book(world.program, member).await.unwrap();
    assert!(book.member.tags.len() == 1, "D has marked the member again");
    world.prove().await;
}

async fn codes_of_one_moment_are_all_different() {
    let world = world().await;
    let mut tasks = Vec::new();
    for n in 0..20 {
        let member = world.member(&format!("r{}", n % 5)).await;
        let body = order(&format!("o{n}"), BodyStatus::Paid, 10_000);
        let write = world.ask(None, Change::PutOrder { member: Some(MemberRef::Id(member)), body });
        let service = world.service.clone();
        tasks.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut codes = BTreeSet::new();
    for task in tasks {
        codes.insert(code_of(&task.await.unwrap().unwrap()));
    }
    assert_eq!(codes.len(), 20);
    world.prove().await;
}

async fn a_level_and_marks_of_operators_stand_in_the_row() {
    let world = world().await;
    let member = world.member("42").await;
    let give = |tier: Option<&str>| Change::SetTier {
        member: MemberRef::Id(member),
        tier: tier.map(str::to_owned),
        until: None,
    };
    let because =
        |key: &str, change| Write { reason: Some("a friend".into()), ..world.ask(Some(key), change) };
    let silent = Write { reason: None, ..because("silent", give(Some("gold"))) };
    let refused = world.service.write(silent).await;
    assert_eq!(refused, Err(kopilka_core::refusal::Refusal::ReasonMissing.into()));
    world.service.write(because("gold", give(Some("gold")))).await.unwrap();
    let mark = Change::SetTags { member: MemberRef::Id(member), add: vec!["vip".into()], remove: vec![] };
    world.write("vip", mark).await.unwrap();
    let book = world.service.book(world.program, member).await.unwrap();
    assert_eq!((book.member.standing.levels.len(), book.member.tags.len()), (1, 1));
    let bought = paid(&world, member, "A", None).await;
    assert_eq!(bought.order.unwrap().tier.as_deref(), Some("gold"));
    world.service.write(because("none", give(None))).await.unwrap();
    let book = world.service.book(world.program, member).await.unwrap();
    assert!(book.member.standing.levels.is_empty());
    world.prove().await;
}
