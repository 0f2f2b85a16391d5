//! Personal offers where they are kept: orders of one moment, a repeated key, the proof of the journal.

use crate::world::*;
use kopilka_core::order::{BodyStatus, OrderBody, Pricing};
use kopilka_service::*;

on_both_engines!(an_offer_for_one_order_is_used_by_one_of_many,);

const OFFERS: &str = "\noffers: [{ id: once, for: 10 days, times: 1 }]\n\
    discounts: [{ id: tenth, percent: 10, if: { offer: once } }]\n";

async fn an_offer_for_one_order_is_used_by_one_of_many() {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}{OFFERS}"), true).await;
    let member = world.member("42").await;
    let give = || Change::GiveOffer { member: MemberRef::Id(member), offer: "once".into() };
    let first = world.write("g", give()).await.unwrap();
    let again = world.write("g", give()).await.unwrap();
    assert_eq!((&again.outcome, again.replayed), (&first.outcome, true));
    let activate = Change::ActivateOffer { member: MemberRef::Id(member), offer: "once".into() };
    let acts = world.write("a", activate).await.unwrap();
    assert_eq!(acts.outcome, first.outcome, "it acts since it was given");

    let mut tasks = Vec::new();
    for n in 0..8 {
        let body = order(&format!("o{n}"), BodyStatus::Placed, 5_000);
        let body = OrderBody { pricing: Some(Pricing::Engine), ..body };
        let write = world.ask(None, Change::PutOrder { member: Some(MemberRef::Id(member)), body });
        let service = world.service.clone();
        tasks.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut dues = Vec::new();
    for task in tasks {
        dues.push(task.await.unwrap().unwrap().order.unwrap().due().0);
    }
    dues.sort();
    assert_eq!((dues[0], dues[1]), (9_000, 10_000));

    // A checkout's time passes: the use is free again, and the proof finds every row as its journal says.
    world.service.set_clock(world.program, at("2026-04-05T12:00:00+03:00")).await.unwrap();
    let withdraw = Change::WithdrawOffer { member: MemberRef::Id(member), offer: "once".into() };
    let reason = Write { reason: Some("over".into()), ..world.ask(Some("w"), withdraw) };
    world.service.write(reason).await.unwrap();
    let book = world.service.book(world.program, member).await.unwrap();
    assert!(book.member.offers.is_empty() && book.member.uses.is_empty() && book.member.reserved.is_empty());
    world.prove().await;
}
