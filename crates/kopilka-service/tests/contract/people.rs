//! Members: found in every spelling, registered once, changed, kept apart by program.

use crate::world::*;
use kopilka_core::member::MemberStatus;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Day;
use kopilka_service::*;

on_both_engines!(
    a_member_is_found_in_every_spelling,
    a_known_identifier_answers_with_its_member_and_gives_nothing,
    registrations_at_the_same_moment_make_one_member,
    a_patch_moves_names_and_takes_none_that_is_taken,
    a_birth_date_told_later_brings_the_next_birthday,
    a_status_needs_a_reason,
    another_program_sees_nothing,
);

fn anna() -> Registration {
    Registration {
        ext: Some("42".to_owned()),
        phones: vec!["8 (912) 345-67-89".to_owned()],
        emails: vec!["Anna@Example.com".to_owned()],
        cards: vec!["4006381333931".to_owned()],
        name: Some("Анна".to_owned()),
        birth_date: Day::parse("1990-05-10"),
        ..Registration::default()
    }
}

async fn a_member_is_found_in_every_spelling() {
    let world = World::new().await;
    let done = world.register("r1", anna()).await;
    assert!(!done.existed);
    assert_eq!(done.balance.available.0, 500, "the welcome");
    for name in [
        MemberRef::Id(done.member),
        MemberRef::Ext("42".to_owned()),
        MemberRef::Phone("+7 912 345 67 89".to_owned()),
        MemberRef::Phone("9123456789".to_owned()),
        MemberRef::Email("anna@EXAMPLE.com".to_owned()),
        MemberRef::Card("4006381333931".to_owned()),
    ] {
        let found = world.service.find_member(world.program, name.clone()).await;
        assert_eq!(found, Ok(done.member), "{name:?}");
    }
    let unknown = world.service.find_member(world.program, MemberRef::Ext("43".to_owned())).await;
    assert_eq!(unknown, Err(Refusal::MemberUnknown.into()));
    world.prove().await;
}

async fn a_known_identifier_answers_with_its_member_and_gives_nothing() {
    let world = World::new().await;
    let first = world.register("r1", anna()).await;
    let again = Registration { phones: vec!["79123456789".to_owned()], ..Registration::default() };
    let second = world.register("r2", again).await;
    assert_eq!((second.member, second.existed), (first.member, true));
    assert_eq!(second.balance.available.0, 500);
    let other = world.member("43").await;
    let both = Registration { ext: Some("43".to_owned()), ..anna() };
    let refused = world.write("r3", Change::Register(both)).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::IdentifierTaken { .. }))), "{refused:?}");
    assert_ne!(other, first.member);
    world.prove().await;
}

async fn registrations_at_the_same_moment_make_one_member() {
    let world = World::new().await;
    let calls = (0..20).map(|n| {
        let write = world.ask(Some(&format!("r{n}")), Change::Register(anna()));
        let service = world.service.clone();
        tokio::spawn(async move { service.write(write).await.unwrap() })
    });
    let mut members = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        members.push(call.await.unwrap());
    }
    assert!(members.iter().all(|done| done.member == members[0].member));
    assert_eq!(members.iter().filter(|done| !done.existed).count(), 1);
    assert_eq!(world.available(members[0].member).await, 500);
    world.prove().await;
}

async fn a_patch_moves_names_and_takes_none_that_is_taken() {
    let world = World::new().await;
    let anna = world.register("r1", anna()).await.member;
    let boris = world.member("43").await;
    let patch = |ext: Option<&str>, phones: Option<Vec<&str>>| PersonPatch {
        ext: ext.map(|e| Some(e.to_owned())),
        phones: phones.map(|list| list.into_iter().map(str::to_owned).collect()),
        ..PersonPatch::default()
    };
    let change = |member, patch| Change::PatchMember { member: MemberRef::Id(member), patch };
    let refused = world.write("p1", change(boris, patch(Some("42"), None))).await;
    assert_eq!(refused, Err(Refusal::IdentifierTaken { kind: "ext" }.into()));
    world.write("p2", change(anna, patch(None, Some(vec!["+49 30 901820"])))).await.unwrap();
    let by_new = MemberRef::Phone("+4930901820".to_owned());
    assert_eq!(world.service.find_member(world.program, by_new).await, Ok(anna));
    let by_old = MemberRef::Phone("89123456789".to_owned());
    assert!(world.service.find_member(world.program, by_old).await.is_err());
    world.write("p3", change(boris, patch(None, Some(vec!["89123456789"])))).await.unwrap();
    world.prove().await;
}

async fn a_birth_date_told_later_brings_the_next_birthday() {
    let world = World::new().await;
    let member = world.member("42").await;
    let patch = PersonPatch { birth_date: Some(Day::parse("1990-05-10")), ..PersonPatch::default() };
    world.write("p", Change::PatchMember { member: MemberRef::Id(member), patch }).await.unwrap();
    world.clock("2026-05-09T23:59:00+03:00").await;
    assert_eq!(world.available(member).await, 500);
    world.clock("2026-05-10T00:00:00+03:00").await;
    assert_eq!(world.available(member).await, 1500);
    world.prove().await;
    let future = PersonPatch { birth_date: Some(Day::parse("2026-05-11")), ..PersonPatch::default() };
    let change = Change::PatchMember { member: MemberRef::Id(member), patch: future };
    assert_eq!(world.write("p2", change).await, Err(Refusal::BirthDateImpossible.into()));
}

async fn a_status_needs_a_reason() {
    let world = World::new().await;
    let member = world.member("42").await;
    let change = Change::SetStatus { member: MemberRef::Id(member), status: MemberStatus::Blocked };
    let without = Write { reason: Some("  ".to_owned()), ..world.ask(Some("s"), change.clone()) };
    assert_eq!(world.service.write(without).await, Err(Refusal::ReasonMissing.into()));
    world.write("s", change).await.unwrap();
    world.prove().await;
}

async fn another_program_sees_nothing() {
    let world = World::new().await;
    let anna = world.register("r1", anna()).await;
    let live = publish(&world.service, PROGRAM, false).await;
    assert_ne!(live, world.program, "the same slug, live and as a sandbox, is two programs");
    assert_eq!(
        world.service.find_member(live, MemberRef::Id(anna.member)).await,
        Err(Refusal::MemberUnknown.into())
    );
    assert!(world.service.find_member(live, MemberRef::Ext("42".to_owned())).await.is_err());
    let steal = Write { program: live, ..world.ask(Some("a"), adjustment(anna.member, -1)) };
    assert_eq!(world.service.write(steal).await, Err(Refusal::MemberUnknown.into()));
    let same_key =
        Write { program: live, ..world.ask(Some("r1"), Change::Register(Registration::default())) };
    let other = world.service.write(same_key).await.unwrap();
    assert_ne!(other.member, anna.member);
    let (member, program, entry) = (anna.member, world.program, anna.entry.unwrap());
    let seen = world.service.read(move |r| {
        Ok((
            r.member(live, member)?,
            r.entry(live, entry)?,
            r.entries(live, member, None, 10)?,
            r.person(live, member)?,
        ))
    });
    let (row, entry, entries, person) = seen.await.unwrap();
    assert!(row.is_none() && entry.is_none() && entries.is_empty() && person.is_none());
    assert!(world.service.read(move |r| r.person(program, member)).await.unwrap().is_some());
    world.prove().await;
}
