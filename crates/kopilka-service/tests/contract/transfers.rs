//! Transfers: the sender's write, what it brings about on the other member, each applied once.

use crate::world::*;
use kopilka_core::decide::Outcome;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::member::MemberStatus;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_service::relay::{CAUSES, relayed, undeliverable};
use kopilka_service::rows::EntryRow;
use kopilka_service::*;

on_both_engines!(
    what_was_sent_is_received_once_however_often_it_is_handed_over,
    the_first_answer_stands_when_the_receiver_has_another_name_now,
    what_is_declined_comes_back_once,
    what_was_sent_to_nobody_comes_back,
    the_causes_name_every_entry_that_concerns_another_member,
    a_program_without_transfers_refuses_them,
);

/// The sports shop, which now lets its buyers give points to each other.
async fn world() -> World {
    let world = World::new().await;
    let text = format!("{PROGRAM}\ntransfers: {{ min_points: 10, max_points: 1000 }}\n");
    publish(&world.service, &text, true).await;
    world
}

fn transfer(from: MemberId, to: MemberRef, points: i64) -> Change {
    Change::Transfer { from: MemberRef::Id(from), to, points: Points(points) }
}

async fn entry(world: &World, entry: Option<EntryId>) -> EntryRow {
    let (program, id) = (world.program, entry.unwrap());
    world.service.read(move |r| r.entry(program, id)).await.unwrap().unwrap()
}

async fn balances(world: &World, members: [MemberId; 2]) -> [i64; 2] {
    [world.available(members[0]).await, world.available(members[1]).await]
}

async fn what_was_sent_is_received_once_however_often_it_is_handed_over() {
    let mut world = world().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    let change = transfer(anna, MemberRef::Ext("43".to_owned()), 300);
    let sent = world.write("t1", change.clone()).await.unwrap();
    assert_eq!(sent.outcome, Outcome::Transferred { to: boris, points: Points(300) });
    assert_eq!(balances(&world, [anna, boris]).await, [200, 500]);
    let row = entry(&world, sent.entry).await;
    let write = relayed(&row).unwrap();
    assert_eq!((write.scope.as_str(), write.key.as_deref()), ("relay", Some(row.id.to_string().as_str())));
    let first = world.service.write(write.clone()).await.unwrap();
    assert_eq!(first.outcome, Outcome::TransferReceived { points: Points(300), gone: Points(0) });
    world = world.reopen();
    for _ in 0..2 {
        let again = world.service.write(write.clone()).await.unwrap();
        assert!(again.replayed);
        assert_eq!((again.member, again.entry, again.outcome), (boris, first.entry, first.outcome.clone()));
    }
    assert_eq!(balances(&world, [anna, boris]).await, [200, 800]);
    assert!(world.write("t1", change).await.unwrap().replayed);
    assert_eq!(balances(&world, [anna, boris]).await, [200, 800]);
    let received = entry(&world, first.entry).await;
    assert!(relayed(&received).is_none(), "nothing follows from what was received");
    world.prove().await;
}

async fn the_first_answer_stands_when_the_receiver_has_another_name_now() {
    let world = world().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    let change = transfer(anna, MemberRef::Ext("43".to_owned()), 300);
    let sent = world.write("t1", change.clone()).await.unwrap();
    let patch = PersonPatch { ext: Some(Some("44".to_owned())), ..PersonPatch::default() };
    world.write("p1", Change::PatchMember { member: MemberRef::Id(boris), patch }).await.unwrap();
    let again = world.write("t1", change.clone()).await.unwrap();
    assert_eq!((again.entry, again.replayed), (sent.entry, true));
    assert_eq!(world.write("t2", change).await, Err(Refusal::MemberUnknown.into()));
    world.prove().await;
}

async fn what_is_declined_comes_back_once() {
    let world = world().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    let block = Change::SetStatus { member: MemberRef::Id(boris), status: MemberStatus::Blocked };
    world.write("s", block).await.unwrap();
    let sent = world.write("t1", transfer(anna, MemberRef::Id(boris), 300)).await.unwrap();
    let declined = world.service.write(relayed(&entry(&world, sent.entry).await).unwrap()).await.unwrap();
    assert_eq!(declined.outcome, Outcome::TransferDeclined { points: Points(300) });
    let row = entry(&world, declined.entry).await;
    assert_eq!(row.cause, "transfer_declined");
    assert!(undeliverable(&row).is_none(), "who sent it exists");
    for replayed in [false, true] {
        let back = world.service.write(relayed(&row).unwrap()).await.unwrap();
        assert_eq!(back.outcome, Outcome::TransferCameBack { points: Points(300), gone: Points(0) });
        assert_eq!((back.member, back.replayed), (anna, replayed));
    }
    assert_eq!(balances(&world, [anna, boris]).await, [500, 500]);
    world.prove().await;
}

async fn what_was_sent_to_nobody_comes_back() {
    let world = world().await;
    let anna = world.member("42").await;
    let sent = world.write("t1", transfer(anna, MemberRef::Id(MemberId(7)), 300)).await.unwrap();
    let row = entry(&world, sent.entry).await;
    let refused = world.service.write(relayed(&row).unwrap()).await;
    assert_eq!(refused, Err(Refusal::MemberUnknown.into()));
    let back = world.service.write(undeliverable(&row).unwrap()).await.unwrap();
    assert_eq!(back.member, anna);
    assert!(world.service.write(undeliverable(&row).unwrap()).await.unwrap().replayed);
    assert_eq!(world.available(anna).await, 500);
    world.prove().await;
}

async fn the_causes_name_every_entry_that_concerns_another_member() {
    let world = world().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    world.put(Some(anna), order("A", kopilka_core::order::BodyStatus::Paid, 10_000)).await.unwrap();
    for (key, status) in [("s1", MemberStatus::Blocked), ("s2", MemberStatus::Active)] {
        world.write(key, Change::SetStatus { member: MemberRef::Id(boris), status }).await.unwrap();
        let sent = world.write(&format!("{key} t"), transfer(anna, MemberRef::Id(boris), 100)).await.unwrap();
        let mut next = relayed(&entry(&world, sent.entry).await);
        while let Some(write) = next {
            let done = world.service.write(write).await.unwrap();
            next = relayed(&entry(&world, done.entry).await);
        }
    }
    let mut seen = Vec::new();
    for member in [anna, boris] {
        let program = world.program;
        let rows = world.service.read(move |r| r.entries(program, member, None, 100)).await.unwrap();
        for row in rows {
            assert_eq!(relayed(&row).is_some(), CAUSES.contains(&row.cause.as_str()), "{}", row.cause);
            seen.push(row.cause);
        }
    }
    for cause in ["transfer", "transfer_received", "transfer_declined", "transfer_returned", "order"] {
        assert!(seen.iter().any(|c| c == cause), "{cause}");
    }
    world.prove().await;
}

async fn a_program_without_transfers_refuses_them() {
    let world = World::new().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    let refused = world.write("t1", transfer(anna, MemberRef::Id(boris), 300)).await;
    assert_eq!(refused, Err(Refusal::TransfersOff.into()));
    world.prove().await;
}
