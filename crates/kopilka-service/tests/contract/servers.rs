//! Several servers on one database: one journal, one answer a key, one effect an entry, whoever does the
//! work.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_service::*;
use std::time::Duration;

on_postgres!(
    two_servers_never_spend_more_than_there_is,
    a_key_is_one_key_on_every_server,
    the_same_order_told_to_two_servers_is_one_order,
    one_registration_told_to_two_servers_makes_one_member,
    a_silent_server_is_taken_over,
    a_server_taken_for_dead_writes_nothing_more,
    transfers_arrive_once_with_two_relays,
    a_price_told_to_one_server_is_known_to_the_other,
    an_installation_moves_to_a_file_and_back,
    a_lost_connection_is_made_anew,
);

/// Another server of the same database, with the same key file.
fn another(world: &World) -> Service {
    world.place.open().unwrap()
}

/// The same question asked of another server.
async fn ask(service: &Service, world: &World, key: Option<&str>, change: Change) -> WriteResult {
    service.write(world.ask(key, change)).await
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..300 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within 15 seconds: {what}");
}

async fn two_servers_never_spend_more_than_there_is() {
    let world = World::new().await;
    let other = another(&world);
    let member = world.member("42").await;
    let mut calls = Vec::new();
    for n in 0..64 {
        let service = if n % 2 == 0 { world.service.clone() } else { other.clone() };
        let body =
            with_points(order(&format!("o{n}"), BodyStatus::Paid, 50_000), PointsAsk::Exact(Points(70)));
        let write = world.ask(None, Change::PutOrder { member: Some(MemberRef::Id(member)), body });
        calls.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut accepted = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(ServiceError::Refused(refusal)) => assert_eq!(refusal.code(), "insufficient_points"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((accepted, world.available(member).await), (7, 10));
    other.stop();
    world.prove().await;
}

async fn a_key_is_one_key_on_every_server() {
    let world = World::new().await;
    let other = another(&world);
    let member = world.member("42").await;
    let mut calls = Vec::new();
    for n in 0..40 {
        for service in [&world.service, &other] {
            let (service, write) =
                (service.clone(), world.ask(Some(&format!("k{n}")), adjustment(member, -1)));
            calls.push(tokio::spawn(async move { service.write(write).await.unwrap() }));
        }
    }
    let mut entries = std::collections::BTreeMap::new();
    for call in calls {
        let done = call.await.unwrap();
        *entries.entry(done.entry.unwrap()).or_insert(0) += 1;
    }
    assert!(entries.len() == 40 && entries.values().all(|count| *count == 2), "{entries:?}");
    assert_eq!(world.available(member).await, 460);
    let clash = ask(&other, &world, Some("k0"), adjustment(member, -2)).await;
    assert_eq!(clash, Err(ServiceError::IdempotencyConflict));
    other.stop();
    world.prove().await;
}

async fn the_same_order_told_to_two_servers_is_one_order() {
    let world = World::new().await;
    let other = another(&world);
    let member = world.member("42").await;
    let mut calls = Vec::new();
    for n in 0..20 {
        for service in [&world.service, &other] {
            let body = order(&format!("o{n}"), BodyStatus::Paid, 10_000);
            let change = Change::PutOrder { member: Some(MemberRef::Ext("42".to_owned())), body };
            let (service, write) = (service.clone(), world.ask(None, change));
            calls.push(tokio::spawn(async move { service.write(write).await.unwrap() }));
        }
    }
    let mut written = 0;
    for call in calls {
        written += usize::from(call.await.unwrap().entry.is_some());
    }
    assert_eq!(written, 20, "the second telling changed nothing");
    let book = world.service.book(world.program, member).await.unwrap();
    assert_eq!(book.member.balance_at(world.service.now(world.program)).pending, Points(20 * 10));
    other.stop();
    world.prove().await;
}

async fn one_registration_told_to_two_servers_makes_one_member() {
    let world = World::new().await;
    let other = another(&world);
    let mut calls = Vec::new();
    for n in 0..30 {
        for (at, service) in [&world.service, &other].into_iter().enumerate() {
            let registration =
                Registration { phones: vec![format!("+7912345{n:04}")], ..Registration::default() };
            let write = world.ask(Some(&format!("r{n}-{at}")), Change::Register(registration));
            let service = service.clone();
            calls.push(tokio::spawn(async move { service.write(write).await.unwrap() }));
        }
    }
    let mut made = 0;
    for call in calls {
        made += usize::from(!call.await.unwrap().existed);
    }
    assert_eq!(made, 30);
    other.stop();
    assert_eq!(world.prove().await.members, 30);
}

/// A member with a lot that ends in a moment of real time.
async fn member_with_a_short_lot(world: &World, ext: &str, seconds: i64) -> MemberId {
    let member = world.member(ext).await;
    let ends = world.service.now(world.program).plus_seconds(seconds);
    let short = Change::Adjust {
        member: MemberRef::Id(member),
        adjustment: kopilka_core::decide::Adjustment {
            points: Points(50),
            active_at: None,
            expires_at: Some(ends),
            gift: true,
            allow_debt: false,
        },
    };
    world.write(&format!("short {ext}"), short).await.unwrap();
    member
}

async fn a_silent_server_is_taken_over() {
    let place = Place::new().await;
    let service = place.open().unwrap();
    let program = publish(&service, PROGRAM, false).await;
    let world = World { place, service, program };
    // It does all the work, then dies without a word.
    let first = world.service.start_background();
    let mut members = Vec::new();
    for n in 0..12 {
        members.push(member_with_a_short_lot(&world, &format!("x{n}"), 9).await);
    }
    drop(first);
    let dead = world.service.clone();
    let other = another(&world);
    let background = other.start_background();
    let heads = |service: &Service| {
        let (service, members) = (service.clone(), members.clone());
        async move {
            let query = move |r: &Reader| -> Result<Vec<i64>, StoreError> {
                members.iter().map(|m| Ok(r.head(program, *m)?.map_or(0, |h| h.0))).collect()
            };
            service.read(query).await.unwrap()
        }
    };
    assert!(heads(&other).await.iter().all(|seq| *seq == 2));
    until("the other server books what is due", async || heads(&other).await.iter().all(|seq| *seq == 3))
        .await;
    let refused = dead.write(world.ask(Some("late"), adjustment(members[0], 1))).await;
    assert_eq!(refused, Err(ServiceError::Stopping), "the dead may not write any more");
    until("the projections are taken over", async || {
        let (newest, cursor) =
            other.read(|r| Ok((r.newest_entry()?, r.cursor(kopilka_store::Consumer::Pages)?))).await.unwrap();
        cursor >= newest
    })
    .await;
    background.stop();
    other.stop();
    world.prove().await;
}

async fn a_server_taken_for_dead_writes_nothing_more() {
    let world = World::new().await;
    let member = world.member("42").await;
    let store = world.place.store();
    let writer = store.writer().unwrap();
    let row = writer.reads().servers().unwrap()[0];
    assert!(writer.remove_server(row.seal).unwrap());
    assert_eq!(world.adjust("k", member, 1).await, Err(ServiceError::Stopping));
    let again = another(&world);
    assert_eq!(ask(&again, &world, Some("k"), adjustment(member, 1)).await.unwrap().balance.available.0, 501);
    again.stop();
    world.prove().await;
}

async fn transfers_arrive_once_with_two_relays() {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}\ntransfers: {{ min_points: 1 }}\n"), true).await;
    let other = another(&world);
    let relays = [world.service.start_background(), other.start_background()];
    let mut members = Vec::new();
    for n in 0..8 {
        members.push(world.member(&format!("x{n}")).await);
    }
    for n in 0..80 {
        let (from, to) = (members[n % 8], members[(n * 3 + 1) % 8]);
        let change = Change::Transfer { from: MemberRef::Id(from), to: MemberRef::Id(to), points: Points(5) };
        let service = if n % 2 == 0 { &world.service } else { &other };
        match ask(service, &world, Some(&format!("t{n}")), change).await {
            Ok(_) => {}
            Err(ServiceError::Refused(refusal)) => assert_eq!(refusal.code(), "transfer_to_self"),
            Err(other) => panic!("{other}"),
        }
    }
    until("everything has arrived", async || {
        let mut sum = 0;
        for member in &members {
            sum += world.available(*member).await;
        }
        sum == 8 * 500
    })
    .await;
    for relay in relays {
        relay.stop();
    }
    other.stop();
    assert_eq!(world.prove().await.under_way, 0);
}

async fn a_price_told_to_one_server_is_known_to_the_other() {
    let world = World::new().await;
    let other = another(&world);
    let background = other.start_background();
    let member = world.member("42").await;
    let paid = |id: &str| Change::PutOrder {
        member: Some(MemberRef::Id(member)),
        body: with_points(order(id, BodyStatus::Placed, 10_000), PointsAsk::Max),
    };
    let open = ask(&other, &world, None, paid("before")).await.unwrap();
    assert!(open.order.unwrap().lines[0].category.is_none());
    let product = kopilka_core::product::Product {
        sku: "shoe".to_owned(),
        category: Some("shoes".into()),
        ..kopilka_core::product::Product::default()
    };
    world.service.put_products(world.program, vec![product]).await.unwrap();
    let mut number = 0;
    until("the other server sees the product", async || {
        number += 1;
        let done = ask(&other, &world, None, paid(&format!("after{number}"))).await.unwrap();
        done.order.unwrap().lines[0].category.is_some()
    })
    .await;
    background.stop();
    other.stop();
    world.prove().await;
}

async fn an_installation_moves_to_a_file_and_back() {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}\ntransfers: {{ min_points: 1 }}\n"), true).await;
    let anna = world.member("42").await;
    let boris = world.member("43").await;
    for n in 0..30 {
        let body = with_points(order(&format!("o{n}"), BodyStatus::Paid, 10_000), PointsAsk::UpTo(Points(3)));
        world.put(Some(anna), body).await.unwrap();
    }
    // One that is on its way stays on its way.
    let change = Change::Transfer { from: MemberRef::Id(anna), to: MemberRef::Id(boris), points: Points(5) };
    world.write("t", change).await.unwrap();
    let from =
        care::Installation { dir: world.place.path().to_owned(), database: world.place.database.clone() };
    let dir = tempfile::tempdir().unwrap();
    let to = care::Installation { dir: dir.path().join("moved"), database: None };
    let beating = world.service.start_background();
    let served = care::migrate_database(&from, &to, &|_, _| {}).unwrap_err().to_string();
    assert!(served.contains("stop it first"), "{served}");
    beating.stop();
    world.service.stop();
    let proof = world.place.verify();
    let moved = care::migrate_database(&from, &to, &|_, _| {}).unwrap();
    assert_eq!((moved.proof.differences, &moved.proof), (0, &proof));
    let full = care::migrate_database(&from, &to, &|_, _| {}).unwrap_err().to_string();
    assert!(full.contains("not empty"), "{full}");
    let back = Place::new().await;
    let home = care::Installation { dir: back.path().to_owned(), database: back.database.clone() };
    assert_eq!(care::migrate_database(&to, &home, &|_, _| {}).unwrap().proof, proof);
    let service = back.open().unwrap();
    let world = World { place: back, service, program: world.program };
    let again = world.adjust("k", anna, -1).await.unwrap();
    assert_eq!(again.balance.available.0, 500 - 30 * 3 - 5 - 1);
    let relay = world.service.start_background();
    until("what was on its way arrives", async || world.available(boris).await == 505).await;
    relay.stop();
    world.prove().await;
}

async fn a_lost_connection_is_made_anew() {
    let world = World::new().await;
    let background = world.service.start_background();
    let member = world.member("42").await;
    let url = std::env::var("KOPILKA_TEST_POSTGRES").unwrap();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let schema = world.place.database.clone().unwrap();
    let schema = schema.rsplit("%3D").next().unwrap().to_owned();
    let mut done = 0;
    for round in 0..5 {
        // Sessions of this test alone: others run at the same time.
        let killed = client
            .query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
                &[&schema],
            )
            .await
            .unwrap();
        assert!(round > 0 || killed.len() > 3, "there were connections to lose");
        for n in 0..20 {
            let written = world.adjust(&format!("k{round}-{n}"), member, -1).await;
            match written {
                Ok(_) => done += 1,
                Err(ServiceError::Unavailable | ServiceError::Busy) => {
                    // Nobody knows whether it was done; the same key tells.
                    world.adjust(&format!("k{round}-{n}"), member, -1).await.unwrap();
                    done += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(world.available(member).await, 500 - done);
    background.stop();
    world.prove().await;
}
