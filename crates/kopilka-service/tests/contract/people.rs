//! Members: found in every spelling, registered once, changed, kept apart by program.

use crate::world::*;
use kopilka_core::attribute::{AttributeValue, Attributes};
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{BodyStatus, Pricing};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Day;
use kopilka_service::*;

on_both_engines!(
    a_member_is_found_in_every_spelling,
    a_known_identifier_answers_with_its_member_and_gives_nothing,
    registrations_at_the_same_moment_make_one_member,
    a_patch_moves_names_and_takes_none_that_is_taken,
    a_birth_date_told_later_brings_the_next_birthday,
    a_birthday_told_on_its_day_is_booked,
    a_status_needs_a_reason,
    another_program_sees_nothing,
    what_is_known_of_the_person_decides_quote_and_order_alike,
    an_attribute_that_nobody_declared_is_refused,
    an_order_is_judged_by_the_person_as_its_own_version_asks,
    a_repeated_registration_is_answered_whatever_is_declared_by_then,
    events_never_pass_a_limit_of_all_members,
    what_was_bought_before_is_read_with_the_member,
    people_are_found_by_the_beginning_of_any_word_of_the_name,
    pages_of_people_go_on_where_the_page_before_ended,
    purchases_are_told_the_newest_first_and_guests_have_none,
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

async fn a_birthday_told_on_its_day_is_booked() {
    let world = World::new().await;
    let member = world.member("42").await;
    let patch = PersonPatch { birth_date: Some(Day::parse("1990-03-01")), ..PersonPatch::default() };
    world.write("p", Change::PatchMember { member: MemberRef::Id(member), patch }).await.unwrap();
    assert_eq!(world.available(member).await, 1500);
    // The journal tells of every point: a due entry that was lost would show here.
    world.prove().await;
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

/// No rule speaks of birthdays, so nothing but the conditions asks for the person.
const GROWN: &str = "
program: grown
currency: RUB
timezone: Europe/Moscow
points: { ends: exact }
attributes:
  - { id: group, kind: text, values: [vip] }
  - { id: visits, kind: number }
rules:
  - { id: grown, when: order.paid, if: { age: { at_least: 18 } }, then: [{ credit: { percent: 5 } }] }
  - { id: often, when: order.paid, if: { attribute: { visits: { at_least: 3 } } }, then: [{ credit: { percent: 2 } }] }
discounts:
  - { id: vip, percent: 10, if: { attribute: { group: vip } } }
";

fn told(id: &str, value: AttributeValue) -> (kopilka_core::ShortText, Option<AttributeValue>) {
    (id.into(), Some(value))
}

fn tell(
    member: kopilka_core::ids::MemberId,
    attributes: Vec<(kopilka_core::ShortText, Option<AttributeValue>)>,
) -> Change {
    let patch = PersonPatch { attributes, ..PersonPatch::default() };
    Change::PatchMember { member: MemberRef::Id(member), patch }
}

async fn what_is_known_of_the_person_decides_quote_and_order_alike() {
    let mut world = World::new().await;
    world.program = publish(&world.service, GROWN, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let member = world.register("r1", anna()).await.member;
    // 5 % for her age; then 2 % more for her visits and a tenth off for her group; then the group goes.
    let steps = [
        (None, 100_000, 50),
        (Some(told("visits", AttributeValue::Number(3))), 100_000, 70),
        (Some(told("group", AttributeValue::Text("vip".into()))), 90_000, 63),
        (Some(("group".into(), None)), 100_000, 70),
    ];
    for (n, (change, due, earned)) in steps.into_iter().enumerate() {
        if let Some(change) = change {
            world.write(&format!("p{n}"), tell(member, vec![change])).await.unwrap();
        }
        let mut body = order(&format!("o{n}"), BodyStatus::Paid, 50_000);
        body.pricing = Some(Pricing::Engine);
        let who = Some(MemberRef::Id(member));
        let quoted = world.service.quote(world.program, who, body.clone(), true).await.unwrap().quote;
        let points: i64 = quoted.earned.iter().map(|rule| rule.points.0).sum();
        assert_eq!((quoted.order.due().0, points), (due, earned), "quote {n}");
        let placed = world.put(Some(member), body).await.unwrap().order.unwrap();
        assert_eq!((placed.due().0, placed.points_earned_net().0), (due, earned), "order {n}");
    }
    // They outlive the process and stand with the person.
    let world = world.reopen();
    let program = world.program;
    let person = world.service.read(move |r| r.person(program, member)).await.unwrap().unwrap();
    assert_eq!(person.attributes.0.len(), 1);
    assert_eq!(person.attributes.get("visits"), Some(&AttributeValue::Number(3)));
    world.prove().await;
}

async fn an_attribute_that_nobody_declared_is_refused() {
    let mut world = World::new().await;
    world.program = publish(&world.service, GROWN, true).await;
    let member = world.member("42").await;
    let unknown = world.write("p1", tell(member, vec![told("colour", AttributeValue::YesNo(true))])).await;
    assert_eq!(unknown, Err(Refusal::AttributeUnknown { attribute: "colour".to_owned() }.into()));
    let invalid = || Err(Refusal::AttributeValueInvalid { attribute: "group".to_owned() }.into());
    for (n, value) in [AttributeValue::Text("gold".into()), AttributeValue::Number(1)].into_iter().enumerate()
    {
        assert_eq!(world.write(&format!("q{n}"), tell(member, vec![told("group", value)])).await, invalid());
    }
    let attributes = Attributes([("group".into(), AttributeValue::Text("b".into()))].into());
    let registration = Registration { ext: Some("44".into()), attributes, ..Registration::default() };
    assert_eq!(world.write("r", Change::Register(registration)).await, invalid());
    let found = world.service.find_member(world.program, MemberRef::Ext("44".to_owned())).await;
    assert_eq!(found, Err(Refusal::MemberUnknown.into()), "nothing of it was kept");
    // What is not there can be taken away.
    world.write("gone", tell(member, vec![("colour".into(), None)])).await.unwrap();
    world.prove().await;
}

/// The second version asks nothing of the person and hears of no visits.
fn plainer() -> String {
    let rest =
        GROWN.split_once("rules:").unwrap().0.replace("  - { id: group, kind: text, values: [vip] }\n", "");
    format!("{rest}rules:\n  - {{ id: all, when: order.paid, then: [{{ credit: {{ percent: 1 }} }}] }}\n")
}

async fn an_order_is_judged_by_the_person_as_its_own_version_asks() {
    let mut world = World::new().await;
    world.program = publish(&world.service, GROWN, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let member = world.register("r1", anna()).await.member;
    world.put(Some(member), order("o1", BodyStatus::Placed, 50_000)).await.unwrap();
    world.clock("2026-03-02T12:00:00+03:00").await;
    publish(&world.service, &plainer(), true).await;
    let paid = world.put(Some(member), order("o1", BodyStatus::Paid, 50_000)).await.unwrap().order.unwrap();
    assert_eq!(paid.points_earned_net().0, 50, "5 % for her age, as the first version says");
    world.prove().await;
}

async fn a_repeated_registration_is_answered_whatever_is_declared_by_then() {
    let mut world = World::new().await;
    world.program = publish(&world.service, GROWN, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let attributes = Attributes([("group".into(), AttributeValue::Text("vip".into()))].into());
    let registration = Registration { attributes, ..anna() };
    let first = world.register("r1", registration.clone()).await;
    world.clock("2026-03-02T12:00:00+03:00").await;
    publish(&world.service, &plainer(), true).await;
    let again = world.register("r1", registration.clone()).await;
    assert_eq!((again.member, again.replayed), (first.member, true));
    // Under another key it is a known member, who gets nothing and is asked nothing.
    let known = world.register("r2", registration).await;
    assert_eq!((known.member, known.existed), (first.member, true));
    world.prove().await;
}

const VISITED: &str = "
program: visited
currency: RUB
events: [{ id: visit }, { id: review }]
rules:
  - { id: first, when: { event: review }, then: [{ credit: { points: 10 } }], limits: { total: { times: 3 } } }
";

async fn events_never_pass_a_limit_of_all_members() {
    let mut world = World::new().await;
    world.program = publish(&world.service, VISITED, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let (mut tasks, mut members) = (Vec::new(), Vec::new());
    for n in 0..8 {
        let member = MemberRef::Id(world.member(&n.to_string()).await);
        members.push(member.clone());
        let write = world.ask(
            Some(&format!("e{n}")),
            Change::Happen { member, event: "review".to_owned(), data: Attributes::default() },
        );
        let service = world.service.clone();
        tasks.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut given = 0;
    for task in tasks {
        given += task.await.unwrap().unwrap().balance.available.0;
    }
    assert_eq!(given, 30);
    // In the next version the events stand in another order, and one is gone.
    world.clock("2026-03-02T12:00:00+03:00").await;
    let text =
        VISITED.replace("{ id: visit }, { id: review }", "{ id: review }").replace("times: 3", "times: 4");
    publish(&world.service, &text, true).await;
    let member = members.remove(0);
    let tell = |event: &str| Change::Happen {
        member: member.clone(),
        event: event.to_owned(),
        data: Attributes::default(),
    };
    assert_eq!(world.write("e8", tell("review")).await.unwrap().balance.available.0 % 10, 0);
    assert!(world.write("e0", tell("review")).await.unwrap().replayed);
    assert_eq!(world.write("e0", tell("visit")).await, Err(ServiceError::IdempotencyConflict));
    let unknown = Refusal::EventUnknown { event: "visit".to_owned() };
    assert_eq!(world.write("e9", tell("visit")).await, Err(unknown.into()));
    world.prove().await;
}

async fn what_was_bought_before_is_read_with_the_member() {
    let world = World::new().await;
    let again = "  - id: again
    when: order.paid
    if: { all: [{ shop: shop }, { bought_before: { within: 30 days, orders: { from: 2 } } }] }
    then: [{ credit: { points: 77 } }]\n";
    let text = PROGRAM.replacen("rules:\n", &format!("rules:\n{again}"), 1);
    assert_ne!(text, PROGRAM);
    let member = world.member("42").await;
    // Orders of before the version count too: they are read, not remembered.
    world.put(Some(member), order("A", BodyStatus::Paid, 100_000)).await.unwrap();
    assert_eq!(publish(&world.service, &text, true).await, world.program);
    world.put(Some(member), order("B", BodyStatus::Paid, 100_000)).await.unwrap();
    let world = world.reopen();
    let quoted = |id: &'static str| {
        let body = order(id, BodyStatus::Paid, 100_000);
        world.service.quote(world.program, Some(MemberRef::Id(member)), body, false)
    };
    let by_rule = |quote: QuoteAnswer| quote.quote.earned.iter().any(|earned| earned.rule == "again");
    assert!(by_rule(quoted("C").await.unwrap()));
    world.put(Some(member), order("C", BodyStatus::Paid, 100_000)).await.unwrap();
    assert!(by_rule(quoted("D").await.unwrap()));
    world.write("back", back("A", 2)).await.unwrap();
    world.write("back 2", back("B", 2)).await.unwrap();
    assert!(!by_rule(quoted("D").await.unwrap()));
    world.prove().await;
}

async fn named(world: &World, ext: &str, name: &str) -> MemberId {
    let registration =
        Registration { ext: Some(ext.to_owned()), name: Some(name.to_owned()), ..Registration::default() };
    world.register(&format!("register {ext}"), registration).await.member
}

/// Whom a part of a name finds, in order of id.
async fn found(world: &World, asked: &str) -> Vec<MemberId> {
    let (program, asked) = (world.program, asked.to_owned());
    let read = move |r: &Reader| r.people_named(program, &asked, None, 50);
    let (people, next) = world.service.read(read).await.unwrap();
    assert_eq!(next, None);
    let mut ids: Vec<_> = people.iter().map(|somebody| somebody.member.id).collect();
    ids.sort();
    ids
}

async fn people_are_found_by_the_beginning_of_any_word_of_the_name() {
    let world = World::new().await;
    let anna = named(&world, "1", "Анна Петровна Ёлкина").await;
    let boris = named(&world, "2", "БОРИС АННЕНКОВ").await;
    let olga = named(&world, "3", "Olga O'Neil, Olga").await;
    for (asked, whom) in [
        ("анн", &[anna, boris][..]),
        ("АНН елк", &[anna]),
        ("елкина анна", &[anna]),
        ("ёлк петр ан", &[anna]),
        ("нна", &[]),
        ("бор анн", &[boris]),
        ("olg", &[olga]),
        ("neil olga", &[olga]),
        ("%", &[]),
        ("_нна", &[]),
        ("", &[]),
        ("анна борис", &[]),
        ("'; DROP TABLE person_word; --", &[]),
    ] {
        assert_eq!(found(&world, asked).await, whom, "{asked}");
    }
    let renamed =
        PersonPatch { name: Some(Some("Анна Соколова".to_owned())), ..PersonPatch::default() };
    world.write("p", Change::PatchMember { member: MemberRef::Id(anna), patch: renamed }).await.unwrap();
    assert_eq!(found(&world, "елк").await, []);
    assert_eq!(found(&world, "сок").await, [anna]);
    let other = publish(&world.service, &PROGRAM.replace("sports-store", "other"), true).await;
    let elsewhere = world.service.read(move |r| r.people_named(other, "анн", None, 50)).await.unwrap();
    assert_eq!(elsewhere, (vec![], None));
    world.write("e", Change::Erase { member: MemberRef::Id(boris) }).await.unwrap();
    assert_eq!(found(&world, "бор").await, []);
    world.prove().await;
}

async fn pages_of_people_go_on_where_the_page_before_ended() {
    let world = World::new().await;
    let mut all = Vec::new();
    for n in 0..7 {
        // Two words begin alike: each person is told once all the same.
        all.push(named(&world, &n.to_string(), &format!("Мария Марина{n}")).await);
    }
    let program = world.program;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let from = after.clone();
        let (page, next) =
            world.service.read(move |r| r.people_named(program, "мари", from, 3)).await.unwrap();
        seen.extend(page.iter().map(|somebody| somebody.member.id));
        after = next;
        if after.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, all);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let (page, next) = world.service.read(move |r| r.people_newest(program, before, 3)).await.unwrap();
        seen.extend(page.iter().map(|somebody| somebody.member.id));
        before = next;
        if before.is_none() {
            break;
        }
    }
    all.reverse();
    assert_eq!(seen, all, "the newest first");
}

async fn purchases_are_told_the_newest_first_and_guests_have_none() {
    let world = World::new().await;
    let anna = world.member("1").await;
    for (n, day) in ["02", "03", "04", "04", "05"].iter().enumerate() {
        world.clock(&format!("2026-03-{day}T12:00:00+03:00")).await;
        world.put(Some(anna), order(&n.to_string(), BodyStatus::Paid, 10_000)).await.unwrap();
    }
    let guest = world.put(None, order("guest", BodyStatus::Paid, 10_000)).await.unwrap();
    let background = world.service.start_background();
    world.service.wait_for_seq(world.program, guest.member, guest.seq).await.unwrap();
    background.stop();
    let program = world.program;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let from = before.clone();
        let (page, more) = world.service.read(move |r| r.purchases_newest(program, from, 2)).await.unwrap();
        seen.extend(page.iter().map(|row| row.key.order.to_string()));
        before = page.last().map(|row| (row.bought_at, row.member, row.key.clone()));
        if !more {
            break;
        }
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
    assert!(world.service.read(move |r| r.order(program, &key("guest"))).await.unwrap().is_some());
}
