//! Cards without a person close by themselves, and only those.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::BodyStatus;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_service::*;

on_both_engines!(
    a_card_closes_unless_somebody_claims_it,
    what_is_brought_along_has_the_whole_time,
    two_cards_that_become_one_have_the_whole_time,
);

const CARDS: [&str; 3] = ["2000000000008", "4006381333931", "5901234123457"];

async fn world() -> World {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}\nunclaimed_cards: {{ close_after: 30 days }}\n"), true).await;
    world
}

fn card(number: &str) -> Registration {
    Registration { cards: vec![number.to_owned()], ..Registration::default() }
}

async fn status(world: &World, member: MemberId) -> MemberStatus {
    world.service.book(world.program, member).await.unwrap().member.status
}

/// As the row has it.
async fn due(world: &World, member: MemberId) -> Option<Instant> {
    let program = world.program;
    world.service.read(move |r| r.member(program, member)).await.unwrap().unwrap().next_due
}

async fn a_card_closes_unless_somebody_claims_it() {
    let world = world().await;
    let (nobodys, claimed) =
        (world.register("a", card(CARDS[0])).await.member, world.register("b", card(CARDS[1])).await.member);
    let ext = Registration { ext: Some("42".to_owned()), ..card(CARDS[2]) };
    let known = world.register("c", ext).await.member;
    assert_eq!(due(&world, nobodys).await, Some(at("2026-03-31T12:00:00+03:00")));
    let phones = Some(vec!["+79123456789".to_owned()]);
    let patch = PersonPatch { phones, ..PersonPatch::default() };
    world.write("p", Change::PatchMember { member: MemberRef::Id(claimed), patch }).await.unwrap();
    world.prove().await;
    world.clock("2026-03-31T11:59:59+03:00").await;
    assert_eq!(world.available(nobodys).await, 500, "the welcome");
    world.clock("2026-03-31T12:00:00+03:00").await;
    for member in [claimed, known] {
        assert_eq!(
            (status(&world, member).await, world.available(member).await),
            (MemberStatus::Active, 500)
        );
    }
    let by_card = MemberRef::Card(CARDS[0].to_owned());
    let body = order("A", BodyStatus::Paid, 100_000);
    let put = Change::PutOrder { member: Some(by_card), body };
    world.service.write(world.ask(None, put)).await.unwrap();
    assert_eq!((status(&world, nobodys).await, world.available(nobodys).await), (MemberStatus::Blocked, 0));
    // Nobody else is given the number; the person may still be told, and support opens the account.
    let again = world.register("d", card(CARDS[0])).await;
    assert!(again.existed && again.member == nobodys);
    world.prove().await;
}

async fn what_is_brought_along_has_the_whole_time() {
    let world = world().await;
    let brought = Brought {
        registration: card(CARDS[0]),
        imported: kopilka_core::decide::Imported {
            registered_at: Some(at("2020-01-01T00:00:00+03:00")),
            ..Default::default()
        },
    };
    let member = world.write("i", Change::Import(Box::new(brought))).await.unwrap().member;
    assert_eq!(due(&world, member).await, Some(at("2026-03-31T12:00:00+03:00")));
    world.prove().await;
}

async fn two_cards_that_become_one_have_the_whole_time() {
    let world = world().await;
    let old = world.register("a", card(CARDS[0])).await.member;
    world.clock("2026-03-20T12:00:00+03:00").await;
    let new = world.register("b", card(CARDS[1])).await.member;
    let change =
        Change::Merge { member: MemberRef::Id(old), into: MemberRef::Id(new), api_key: "k".to_owned() };
    let done = world.write("m", change).await.unwrap();
    world.service.carry(world.program, &done).await;
    assert_eq!(due(&world, new).await, Some(at("2026-04-19T12:00:00+03:00")));
    world.prove().await;
    world.clock("2026-04-19T12:00:00+03:00").await;
    let spend = order("A", BodyStatus::Paid, 100_000);
    let refused = world
        .put(
            Some(new),
            with_points(spend, kopilka_core::order::PointsAsk::Exact(kopilka_core::points::Points(1))),
        )
        .await;
    assert_eq!(refused, Err(Refusal::MemberBlocked.into()));
    world.prove().await;
}
