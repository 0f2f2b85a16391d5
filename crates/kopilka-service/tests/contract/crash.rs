//! What is left when a process ends in the middle.

use crate::world::*;
use kopilka_core::ids::EntryId;
use kopilka_service::*;
use kopilka_store::Changes;

/// Nobody writes any more: all of the journal is settled.
const END: EntryId = EntryId(i64::MAX);

on_both_engines!(
    answered_writes_are_there_after_a_sudden_end,
    a_transaction_without_its_commit_never_was,
    a_changed_row_is_found_and_named,
    the_projections_come_back_the_same,
    a_projection_stopped_between_two_parts_is_no_difference,
);

async fn answered_writes_are_there_after_a_sudden_end() {
    let world = World::new().await;
    let member = world.member("42").await;
    for n in 0..20 {
        world.adjust(&format!("k{n}"), member, -1).await.unwrap();
    }
    // No stop: the log is not written back, nothing is told to end.
    let World { place, service, program } = world;
    let service = reopened(service, &place);
    let world = World { place, service, program };
    assert_eq!(world.available(member).await, 480);
    assert!(world.adjust("k0", member, -1).await.unwrap().replayed);
    world.prove().await;
}

async fn a_transaction_without_its_commit_never_was() {
    let world = World::new().await;
    let member = world.member("42").await;
    world.service.stop();
    let World { place, service, program } = world;
    drop(service);
    {
        let writer = place.store().writer().unwrap();
        writer.begin().unwrap();
        let mut row = writer.member(program, member).unwrap().unwrap();
        row.seq += 1;
        let before = row.seq - 1;
        writer.write(&Changes { members: vec![(row, before)], ..Changes::default() }).unwrap();
    }
    let world = World { service: place.open().unwrap(), place, program };
    assert_eq!(world.prove().await.entries, 1);
}

async fn a_changed_row_is_found_and_named() {
    let world = World::new().await;
    let member = world.member("42").await;
    world.prove().await;
    world.service.stop();
    let writer = world.place.store().writer().unwrap();
    let mut row = writer.reads().member(world.program, member).unwrap().unwrap();
    row.member.lots[0].free.0 += 1;
    writer.begin().unwrap();
    let before = row.seq;
    writer.write(&Changes { members: vec![(row, before)], ..Changes::default() }).unwrap();
    writer.commit().unwrap();
    let verified = world.place.verify();
    assert!(verified.differences >= 1);
    let first = verified.told[0].to_string();
    assert!(first.contains(&member.to_string()) && first.contains("lots"), "{first}");
}

#[tokio::test]
async fn one_process_serves_a_directory() {
    let world = World::new().await;
    assert!(matches!(world.place.open(), Err(OpenError::Running { .. })));
    let options = world.place.options();
    let beside = Service::open_beside(options).unwrap();
    let new = NewKey {
        program: world.program,
        shop: "shop".to_owned(),
        name: "made beside".to_owned(),
        scopes: vec![],
    };
    let background = world.service.start_background();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let (_, secret) = beside.create_key(new).await.unwrap();
    let refused = beside.write(world.ask(Some("r"), Change::Register(Registration::default()))).await;
    assert!(refused.is_err());
    beside.stop();
    for _ in 0..50 {
        if world.service.authenticate(&secret).is_some() {
            background.stop();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the serving process did not see the new key");
}

async fn the_projections_come_back_the_same() {
    let world = World::new().await;
    let member = world.member("42").await;
    for n in 0..60 {
        world.adjust(&format!("k{n}"), member, -1).await.unwrap();
    }
    world.service.stop();
    let writer = world.place.store().writer().unwrap();
    writer.begin().unwrap();
    writer.drop_projections().unwrap();
    let mut entries = 7;
    while entries == 7 {
        let pages = writer.reads().gather_pages(END, 7).unwrap();
        writer.put_batch(&pages).unwrap();
        let sums = writer.reads().gather_liability(END, 7, &|_, _| kopilka_store::MONTH_NEVER).unwrap();
        writer.put_batch(&sums).unwrap();
        entries = pages.entries;
    }
    writer.commit().unwrap();
    world.prove().await;
}

async fn a_projection_stopped_between_two_parts_is_no_difference() {
    let world = World::new().await;
    let member = world.member("42").await;
    for n in 0..300 {
        let body = order(&format!("o{n}"), kopilka_core::order::BodyStatus::Paid, 10_000);
        world.put(Some(member), body).await.unwrap();
    }
    world.service.stop();
    let store = world.place.store();
    {
        let writer = store.writer().unwrap();
        writer.begin().unwrap();
        writer.put_batch(&store.reader().unwrap().gather_pages(END, 10_000).unwrap()).unwrap();
        writer.commit().unwrap();
    }
    let world = world.reopen();
    for n in 0..300 {
        world.write(&format!("r{n}"), back(&format!("o{n}"), 1)).await.unwrap();
    }
    world.service.stop();
    let batch = store.reader().unwrap().gather_pages(END, 10_000).unwrap();
    assert!(batch.parts.len() > 2, "a batch of one part stops nowhere");
    let writer = store.writer().unwrap();
    for part in &batch.parts[..batch.parts.len() - 1] {
        writer.begin().unwrap();
        writer.put_part(part).unwrap();
        writer.commit().unwrap();
    }
    let verified = world.place.verify();
    assert_eq!(verified.differences, 0, "{:?}", verified.told);
}
