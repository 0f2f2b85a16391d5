//! Levels and achievements: stored with the member, judged again when they are due, proved by the fold.

use crate::world::*;
use kopilka_core::decide::{achievement_standings, tier_standing};
use kopilka_core::ids::MemberId;
use kopilka_core::order::BodyStatus;

on_both_engines!(a_level_is_reached_judged_again_and_lost_with_a_return);

async fn standing(world: &World, member: MemberId) -> (String, u32) {
    let now = world.service.now(world.program);
    let versions = world.service.versions(world.program).unwrap();
    let program = versions.at(now).unwrap();
    let book = world.service.book(world.program, member).await.unwrap();
    let tier = tier_standing(program, &book.member, now).unwrap().tier.to_string();
    (tier, achievement_standings(program, &book.member)[0].reached)
}

async fn a_level_is_reached_judged_again_and_lost_with_a_return() {
    let world = World::new().await;
    let levels = "tiers: { by: money_paid, over: rolling 12 months, levels: [{ id: base }, \
        { id: silver, from: 1000.00, rates: { cashback: 7 } }] }\n\
        achievements: [{ id: spent, counts: money_paid, goal: 2500.00 }]\n";
    let rule = "  - { id: won, when: achievement.reached, then: [{ credit: { points: 50 } }] }\n";
    // The example's own tests know nothing of what is added to it.
    let plain = PROGRAM.split("\ntests:").next().unwrap_or_default();
    let text = format!("{levels}{}\n", plain.replace("rules:\n", &format!("rules:\n{rule}")));
    publish(&world.service, &text, true).await;
    let member = world.member("42").await;
    world.put(Some(member), order("o1", BodyStatus::Paid, 100_000)).await.unwrap();
    assert_eq!(standing(&world, member).await, ("silver".into(), 0));
    world.put(Some(member), order("o2", BodyStatus::Paid, 50_000)).await.unwrap();
    assert_eq!(standing(&world, member).await, ("silver".into(), 1));
    assert_eq!(world.available(member).await, 550);
    let world = world.reopen();
    world.prove().await;
    world.write("back", back("o2", 2)).await.unwrap();
    assert_eq!(standing(&world, member).await, ("silver".into(), 0));
    assert_eq!(world.available(member).await, 500);
    world.clock("2027-03-02T00:00:00+03:00").await;
    assert_eq!(standing(&world, member).await, ("base".into(), 0));
    let program = world.program;
    let entries = world.service.read(move |r| r.entries(program, member, None, 100)).await.unwrap();
    assert_eq!(entries.iter().filter(|e| e.cause == "tier_review").count(), 1);
    world.prove().await;
}
