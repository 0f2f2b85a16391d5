//! Rewards where they are kept: a stock that many members want, codes made with the claim, the proof.

use crate::world::*;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::Outcome;
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    a_stock_is_not_passed_by_claims_of_one_moment,
    a_coupon_is_made_with_its_claim_and_a_repeated_claim_gets_the_first,
);

const REWARDS: &str = "\ncoupons: { campaigns: [{ id: thanks, codes: made, discount: { percent: 10 } }] }\n\
    rewards:\n  - { id: mug, cost: 10, stock: 3 }\n  - { id: code, cost: 20, gives: { coupon: thanks } }\n";

async fn world() -> World {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}{REWARDS}"), true).await;
    world
}

fn claim(member: kopilka_core::ids::MemberId, reward: &str, random: u64) -> Change {
    let code = CouponCode::make("", random).unwrap();
    Change::ClaimReward { member: MemberRef::Id(member), reward: reward.into(), code }
}

async fn a_stock_is_not_passed_by_claims_of_one_moment() {
    let world = world().await;
    let mut tasks = Vec::new();
    for n in 0..12 {
        let member = world.member(&format!("r{n}")).await;
        let write = world.ask(Some(&format!("k{n}")), claim(member, "mug", n));
        let service = world.service.clone();
        tasks.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut claimed = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(done) => claimed.push(done.member),
            Err(error) => {
                let gone = Refusal::RewardGone { reward: "mug".into() };
                assert_eq!(error, ServiceError::Refused(gone));
            }
        }
    }
    assert_eq!(claimed.len(), 3);
    let offered = world.service.catalogue(world.program, Some(MemberRef::Id(claimed[0]))).await.unwrap();
    assert_eq!(offered[0].left, Some(0));
    assert!(matches!(offered[0].refused, Some(Refusal::RewardGone { .. })));
    assert!(offered[1].refused.is_none());
    let back = Change::SettleClaim { member: MemberRef::Id(claimed[0]), claim: 1, handed_over: false };
    world.write("back", back).await.unwrap();
    assert_eq!(world.available(claimed[0]).await, 500);
    world.write("again", claim(claimed[1], "mug", 99)).await.unwrap();
    world.prove().await;
}

async fn a_coupon_is_made_with_its_claim_and_a_repeated_claim_gets_the_first() {
    let world = world().await;
    let member = world.member("42").await;
    let first = world.write("k", claim(member, "code", 1)).await.unwrap();
    // The repeated request has drawn another code; the key says that it is the first claim.
    let input_hash = world.ask(None, claim(member, "code", 1)).input_hash;
    let again = Write { input_hash, ..world.ask(Some("k"), claim(member, "code", 2)) };
    let again = world.service.write(again).await.unwrap();
    assert_eq!((&again.outcome, again.replayed), (&first.outcome, true));
    let Outcome::RewardClaimed { code: Some(code), .. } = &first.outcome else { panic!("{first:?}") };
    let state = world.service.code(world.program, CouponCode::read(code).unwrap()).await.unwrap();
    let made = state.made.unwrap();
    assert_eq!((state.campaign.as_str(), made.owner), ("thanks", Some(member)));
    world.prove().await;
}
