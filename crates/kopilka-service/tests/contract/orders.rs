//! Orders: to whom they belong, what they take from the product table, spends at the same moment.

use crate::world::*;
use kopilka_core::order::{BodyStatus, OrderStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::product::Product;
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    an_order_is_placed_paid_and_returned,
    an_order_belongs_to_one_member,
    a_guests_order_earns_nothing_and_can_be_returned,
    a_cancel_before_its_order_leaves_a_mark,
    lines_take_from_the_product_table_what_they_do_not_say,
    parallel_spends_never_take_more_than_there_is,
);

async fn an_order_is_placed_paid_and_returned() {
    let world = World::new().await;
    let member = world.member("42").await;
    let body = with_points(order("o1", BodyStatus::Placed, 50_000), PointsAsk::Exact(Points(200)));
    let placed = world.put(Some(member), body.clone()).await.unwrap();
    assert_eq!((placed.balance.available.0, placed.balance.held.0), (300, 200));
    let again = world.put(Some(member), body.clone()).await.unwrap();
    assert!(again.entry.is_none(), "the same body twice is once");
    assert_eq!(again.order, placed.order);
    let paid = world
        .put(Some(member), kopilka_core::order::OrderBody { status: BodyStatus::Paid, ..body })
        .await
        .unwrap();
    assert_eq!((paid.balance.available.0, paid.balance.held.0), (300, 0));
    assert_eq!(paid.balance.pending.0, 40, "5 % of what was paid in money");
    world.write("b1", back("o1", 1)).await.unwrap();
    let emptied = world.write("b2", back("o1", 1)).await.unwrap();
    assert_eq!((emptied.balance.available.0, emptied.balance.pending.0), (500, 0));
    assert_eq!(emptied.order.unwrap().status, OrderStatus::Returned);
    let again = world.write("b2", back("o1", 1)).await.unwrap();
    assert!(again.replayed);
    let program = world.program;
    let entries = world.service.read(move |r| r.entries_of_order(program, &key("o1"))).await.unwrap();
    assert_eq!(entries.len(), 4, "placed, paid, two returns");
    world.prove().await;
}

async fn an_order_belongs_to_one_member() {
    let world = World::new().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    world.put(Some(anna), order("o1", BodyStatus::Placed, 100)).await.unwrap();
    let stolen = world.put(Some(boris), order("o1", BodyStatus::Paid, 100)).await;
    assert_eq!(stolen, Err(Refusal::OrderOfAnotherMember.into()));
    let nameless = world.put(None, order("o1", BodyStatus::Paid, 100)).await.unwrap();
    assert_eq!(nameless.member, anna, "who is known already need not be told again");
    assert_eq!(world.write("b", back("nothing", 1)).await, Err(Refusal::OrderUnknown.into()));
    world.prove().await;
}

async fn a_guests_order_earns_nothing_and_can_be_returned() {
    let world = World::new().await;
    let paid = world.put(None, order("g1", BodyStatus::Paid, 100_000)).await.unwrap();
    assert_eq!(paid.balance.pending.0, 0);
    let again = world.put(None, order("g1", BodyStatus::Paid, 100_000)).await.unwrap();
    assert_eq!((again.member, again.entry), (paid.member, None));
    world.write("b", back("g1", 2)).await.unwrap();
    let refused = world.adjust("a", paid.member, 10).await;
    assert_eq!(refused, Err(Refusal::MemberUnknown.into()));
    world.prove().await;
}

async fn a_cancel_before_its_order_leaves_a_mark() {
    let world = World::new().await;
    let member = world.member("42").await;
    world.write("c", Change::Cancel { key: key("o1"), occurred_at: None }).await.unwrap();
    let late = world.put(Some(member), order("o1", BodyStatus::Placed, 100)).await.unwrap();
    assert_eq!(late.order.unwrap().status, OrderStatus::Cancelled);
    world.prove().await;
}

async fn lines_take_from_the_product_table_what_they_do_not_say() {
    let world = World::new().await;
    let member = world.member("42").await;
    let gift = Product {
        sku: "shoe".to_owned(),
        name: "A card".to_owned(),
        category: Some("gift-cards".into()),
        ..Product::default()
    };
    let body = with_points(order("o1", BodyStatus::Placed, 50_000), PointsAsk::Exact(Points(200)));
    let quote =
        world.service.quote(world.program, Some(MemberRef::Id(member)), body.clone(), true).await.unwrap();
    assert_eq!(quote.quote.limit.map(|l| l.limit), Some(Points(200)));
    world.service.put_products(world.program, vec![gift]).await.unwrap();
    let refused = world.put(Some(member), body.clone()).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::SpendingLimit { .. }))), "{refused:?}");
    let quote = world
        .service
        .quote(world.program, Some(MemberRef::Id(member)), with_points(body, PointsAsk::Max), true)
        .await
        .unwrap();
    assert_eq!(quote.quote.limit.map(|l| l.limit), Some(Points(0)));
    world.prove().await;
}

async fn parallel_spends_never_take_more_than_there_is() {
    let world = World::new().await;
    let member = world.member("42").await;
    let calls: Vec<_> = (0..64)
        .map(|n| {
            let write = world.ask(Some(&format!("k{n}")), adjustment(member, -70));
            let service = world.service.clone();
            tokio::spawn(async move { service.write(write).await })
        })
        .collect();
    let mut taken = 0;
    for call in calls {
        taken += usize::from(call.await.unwrap().is_ok());
    }
    assert_eq!(taken, 7, "500 points are enough for seven");
    world.prove().await;
}
