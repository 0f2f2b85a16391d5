//! Cards that are lost, replaced and found again: a blocked number leads to nobody and is given to nobody.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::order::BodyStatus;
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    a_blocked_card_finds_nobody_and_its_replacement_does,
    a_blocked_card_is_given_to_nobody,
    a_card_that_was_found_is_freed,
    only_a_members_own_card_is_blocked,
    an_erased_person_takes_the_blocked_card_along,
);

const OLD: &str = "4006381333931";
const NEW: &str = "2000000000008";

fn holder(ext: &str, card: &str) -> Registration {
    Registration { ext: Some(ext.to_owned()), cards: vec![card.to_owned()], ..Registration::default() }
}

fn set(member: MemberId, card: &str, blocked: bool, replacement: Option<&str>) -> Change {
    let replacement = replacement.map(str::to_owned);
    let change = CardChange { card: card.to_owned(), blocked, replacement };
    Change::SetCard { member: MemberRef::Id(member), change }
}

async fn found(world: &World, card: &str) -> Result<MemberId, ServiceError> {
    world.service.find_member(world.program, MemberRef::Card(card.to_owned())).await
}

fn refused<T>(refusal: Refusal) -> Result<T, ServiceError> {
    Err(refusal.into())
}

async fn a_blocked_card_finds_nobody_and_its_replacement_does() {
    let world = World::new().await;
    let member = world.register("r", holder("1", OLD)).await.member;
    // As people write it.
    let lost = set(member, "4006381-333931", true, Some(NEW));
    world.write("lost", lost.clone()).await.unwrap();
    assert!(world.write("lost", lost).await.unwrap().replayed);
    assert_eq!(found(&world, OLD).await, refused(Refusal::CardBlocked));
    assert_eq!(found(&world, NEW).await, Ok(member));
    let by = |card: &str, id: &str| Change::PutOrder {
        member: Some(MemberRef::Card(card.to_owned())),
        body: order(id, BodyStatus::Paid, 10_000),
    };
    let stolen = world.service.write(world.ask(None, by(OLD, "A"))).await;
    assert_eq!(stolen, refused(Refusal::CardBlocked));
    let own = world.service.write(world.ask(None, by(NEW, "A"))).await.unwrap();
    assert_eq!((own.member, own.balance.available.0), (member, 500), "the points are the member's");
    world.write("again", set(member, OLD, true, None)).await.unwrap();
    world.prove().await;
}

async fn a_blocked_card_is_given_to_nobody() {
    let world = World::new().await;
    let member = world.register("r", holder("1", OLD)).await.member;
    let other = world.register("o", holder("2", NEW)).await.member;
    let taken = world.write("t", set(member, OLD, true, Some(NEW))).await;
    assert_eq!(taken, refused(Refusal::IdentifierTaken { kind: "card" }));
    world.write("lost", set(member, OLD, true, None)).await.unwrap();
    let thief = world.write("x", Change::Register(holder("3", OLD))).await;
    assert_eq!(thief, refused(Refusal::CardBlocked));
    // Nor to one who has it already, but by freeing it.
    for to in [member, other] {
        let patch = PersonPatch { cards: Some(vec![OLD.to_owned()]), ..PersonPatch::default() };
        let patch = Change::PatchMember { member: MemberRef::Id(to), patch };
        assert_eq!(world.write(&format!("p{to}"), patch).await, refused(Refusal::CardBlocked));
    }
    assert_eq!(
        world.write("y", set(other, NEW, true, Some(OLD))).await,
        refused(Refusal::CardBlocked),
        "a replacement is no way around"
    );
    assert_eq!(found(&world, NEW).await, Ok(other), "nothing of what was refused was done");
    world.prove().await;
}

async fn a_card_that_was_found_is_freed() {
    let world = World::new().await;
    let member = world.register("r", holder("1", OLD)).await.member;
    world.write("lost", set(member, OLD, true, None)).await.unwrap();
    world.write("found", set(member, OLD, false, None)).await.unwrap();
    assert_eq!(found(&world, OLD).await, Ok(member));
    world.prove().await;
}

async fn only_a_members_own_card_is_blocked() {
    let world = World::new().await;
    let member = world.register("r", holder("1", OLD)).await.member;
    let other = world.member("2").await;
    assert_eq!(world.write("a", set(other, OLD, true, None)).await, refused(Refusal::CardUnknown));
    let wrong = world.write("b", set(member, "4006381333932", true, None)).await;
    assert_eq!(wrong, refused(Refusal::InvalidIdentifier { kind: "card" }));
    let silent = Write { reason: None, ..world.ask(Some("c"), set(member, OLD, true, None)) };
    assert_eq!(world.service.write(silent).await, refused(Refusal::ReasonMissing));
    assert_eq!(found(&world, OLD).await, Ok(member));
    world.prove().await;
}

async fn an_erased_person_takes_the_blocked_card_along() {
    let world = World::new().await;
    let member = world.register("r", holder("1", OLD)).await.member;
    world.write("lost", set(member, OLD, true, Some(NEW))).await.unwrap();
    world.write("e", Change::Erase { member: MemberRef::Id(member) }).await.unwrap();
    assert_eq!(found(&world, OLD).await, refused(Refusal::MemberUnknown));
    let again = world.register("r2", holder("9", OLD)).await;
    assert_eq!(
        (again.existed, again.balance.available.0),
        (false, 0),
        "welcomed before, by the blocked card"
    );
    assert_eq!(world.write("z", set(member, NEW, true, None)).await, refused(Refusal::MemberAnonymized));
    world.prove().await;
}
