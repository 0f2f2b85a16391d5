//! A person is erased: every place where something of a person can stand is filled with marked words first,
//! and afterwards none of them is anywhere.

use crate::world::*;
use kopilka_core::attribute::{AttributeValue, Attributes};
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Day;
use kopilka_service::*;
use std::path::Path;

on_both_engines!(
    nothing_of_an_erased_person_is_left_and_the_books_stand,
    what_comes_once_does_not_come_again_for_two_years,
    orders_of_an_erased_person_are_paid_and_come_back_without_points,
    an_erasure_is_answered_again_under_its_key,
    whoever_was_erased_is_no_receiver_and_no_referrer,
);

/// The sports shop with an attribute, transfers, and points that friends bring.
fn program() -> String {
    let own = PROGRAM.replace("rules:\n", "rules:\n  - id: friends\n    when: referral.registered\n    then: [{ credit: { to: referrer, points: 40 } }]\n");
    format!("{own}\nattributes: [{{ id: note, kind: text }}]\ntransfers: {{}}\n")
}

async fn world() -> World {
    let mut world = World::new().await;
    world.program =
        publish(&world.service, &program().replace("program: sports-store", "program: erasing"), true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    world
}

/// What a person's field is filled with; each is found by itself.
const MARKS: [&str; 10] = [
    "Marked-Name",
    // A word of the name, by which it is looked for.
    "wordmark",
    "+79991112233",
    "+79994445566",
    "marked@old.example",
    "marked@new.example",
    "MARKED-EXT",
    "4006381333931",
    "Marked-Attribute",
    "Marked-Reason",
];
const BORN: &str = "1987-06-05";

fn person() -> Registration {
    let note = ("note".into(), AttributeValue::Text("Marked-Attribute".into()));
    Registration {
        ext: Some("MARKED-EXT".to_owned()),
        phones: vec!["+79991112233".to_owned()],
        emails: vec!["marked@old.example".to_owned()],
        cards: vec!["4006381333931".to_owned()],
        name: Some("Marked-Name Wordmark".to_owned()),
        birth_date: Day::parse(BORN),
        language: Some("ru".to_owned()),
        attributes: Attributes([note].into()),
        ..Registration::default()
    }
}

fn because(write: Write, reason: &str) -> Write {
    Write { reason: Some(reason.to_owned()), ..write }
}

fn erase(member: MemberId) -> Change {
    Change::Erase { member: MemberRef::Id(member) }
}

/// A life in which every field is told once, and changed once where it can be.
async fn a_life(world: &World) -> MemberId {
    let member = world.register("Marked-Name registers", person()).await.member;
    let patch = PersonPatch {
        phones: Some(vec!["+79994445566".to_owned()]),
        emails: Some(vec!["marked@new.example".to_owned()]),
        ..PersonPatch::default()
    };
    world.write("p", Change::PatchMember { member: MemberRef::Id(member), patch }).await.unwrap();
    let given = world.ask(Some("Marked-Name adjusts"), adjustment(member, 100));
    world.service.write(because(given, "Marked-Reason of an operator")).await.unwrap();
    let visit = Change::Visit { by: VisitBy::Link(member), visitor: "Marked-Name's cookie".to_owned() };
    world.write("v", visit).await.unwrap();
    let paid = with_points(order("A", BodyStatus::Paid, 100_000), PointsAsk::Exact(Points(50)));
    world.put(Some(member), paid).await.unwrap();
    member
}

/// Where a mark stands, in all the files of the directory.
fn found_in(dir: &Path, marks: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()) {
        let bytes = std::fs::read(&file).unwrap();
        for mark in marks {
            if bytes.windows(mark.len()).any(|window| window == mark.as_bytes()) {
                found.push(format!("{mark} in {}", file.display()));
            }
        }
    }
    found
}

/// Every row of every table as text: what a dump would hold.
async fn told_by_the_tables(world: &World) -> Vec<String> {
    let Some(url) = &world.place.database else { return Vec::new() };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()";
    let mut found = Vec::new();
    for table in client.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        for row in client.query(&format!("SELECT t::text FROM {table} t"), &[]).await.unwrap() {
            let text: String = row.get(0);
            // Bytes are written in hexadecimal digits.
            let hex = |mark: &&&str| mark.bytes().map(|b| format!("{b:02x}")).collect::<String>();
            let told =
                MARKS.iter().chain([&BORN]).filter(|mark| text.contains(**mark) || text.contains(&hex(mark)));
            found.extend(told.map(|mark| format!("{mark} in {table}: {text}")));
        }
    }
    found
}

async fn nothing_of_an_erased_person_is_left_and_the_books_stand() {
    let world = world().await;
    // Neighbours on the same pages stay.
    for n in 0..30 {
        world.member(&format!("neighbour {n}")).await;
    }
    let member = a_life(&world).await;
    let all: Vec<&str> = MARKS.iter().copied().chain([BORN]).collect();
    let before = match world.place.database {
        Some(_) => told_by_the_tables(&world).await,
        None => found_in(world.place.path(), &all),
    };
    // What a patch has replaced is gone from the tables of a server, and may still be in a file's log.
    for mark in all.iter().filter(|mark| !["+79991112233", "marked@old.example"].contains(mark)) {
        assert!(before.iter().any(|found| found.starts_with(mark)), "{mark} was never written");
    }
    let erased =
        world.service.write(because(world.ask(Some("e"), erase(member)), "asked by letter")).await.unwrap();
    assert_eq!(erased.balance, kopilka_core::member::Balance::default());
    for n in 30..60 {
        world.member(&format!("neighbour {n}")).await;
    }
    assert_eq!(told_by_the_tables(&world).await, Vec::<String>::new());
    for name in [
        MemberRef::Ext("MARKED-EXT".to_owned()),
        MemberRef::Phone("+79994445566".to_owned()),
        MemberRef::Email("marked@new.example".to_owned()),
        MemberRef::Card("4006381333931".to_owned()),
    ] {
        let found = world.service.find_member(world.program, name).await;
        assert_eq!(found, Err(Refusal::MemberUnknown.into()));
    }
    let patch = PersonPatch { name: Some(Some("Marked-Name".to_owned())), ..PersonPatch::default() };
    let again = Change::PatchMember { member: MemberRef::Id(member), patch };
    assert_eq!(world.write("p2", again).await, Err(Refusal::MemberAnonymized.into()));
    let program = world.program;
    let entries = world.service.read(move |r| r.entries(program, member, None, 50)).await.unwrap();
    let reasons: Vec<_> = entries.iter().filter_map(|entry| entry.reason.as_deref()).collect();
    assert_eq!(reasons, ["asked by letter"], "only why the person left is told");
    world.prove().await;
    let world = world.reopen();
    let in_files =
        if world.place.database.is_some() { Vec::new() } else { found_in(world.place.path(), &all) };
    assert_eq!(in_files, Vec::<String>::new(), "the log was written back when the service stopped");
    if world.place.database.is_none() {
        let copies = tempfile::tempdir().unwrap();
        care::back_up(world.place.path(), &copies.path().join("copy.db"), false).unwrap();
        assert_eq!(found_in(copies.path(), &all), Vec::<String>::new());
    }
    world.prove().await;
}

async fn what_comes_once_does_not_come_again_for_two_years() {
    let world = world().await;
    let first = world.register("r1", person()).await;
    assert_eq!(first.balance.available.0, 500, "the welcome");
    world.write("e", erase(first.member)).await.unwrap();
    // Any one of the identifiers is enough, in any spelling.
    let by_phone = Registration { phones: vec!["8 999 111 22 33".to_owned()], ..Registration::default() };
    let second = world.register("r2", by_phone.clone()).await;
    assert_ne!(second.member, first.member);
    assert_eq!((second.existed, second.balance.available.0), (false, 0));
    let by_card = Registration { cards: vec!["4006381333931".to_owned()], ..Registration::default() };
    assert_eq!(world.register("r3", by_card.clone()).await.balance.available.0, 0);
    assert_eq!(world.available(world.member("new").await).await, 500);
    // The clock of the new one runs from its own erasure.
    world.write("e2", erase(second.member)).await.unwrap();
    world.clock("2028-02-29T12:00:00+03:00").await;
    assert_eq!(world.register("r4", by_phone.clone()).await.balance.available.0, 0);
    let kept = world.register("r5", by_card).await;
    assert!(kept.existed, "it is a member");
    assert_eq!(world.service.forget_former(world.program).await, Ok(0), "nothing is over yet");
    world.clock("2028-03-01T12:00:00+03:00").await;
    let email = Registration { emails: vec!["marked@old.example".to_owned()], ..Registration::default() };
    assert_eq!(world.register("r6", email).await.balance.available.0, 500);
    Scheduler::new(world.service.clone()).run().unwrap();
    let left = world.service.forget_former(world.program).await;
    assert_eq!(left, Ok(0), "the scheduler has forgotten what is over");
    world.prove().await;
}

async fn orders_of_an_erased_person_are_paid_and_come_back_without_points() {
    let world = world().await;
    let member = world.register("r", person()).await.member;
    let held = with_points(order("A", BodyStatus::Placed, 100_000), PointsAsk::Exact(Points(50)));
    world.put(Some(member), held.clone()).await.unwrap();
    world.put(Some(member), order("B", BodyStatus::Placed, 50_000)).await.unwrap();
    let refused = world.write("e", erase(member)).await;
    assert_eq!(refused, Err(Refusal::PointsHeld { points: Points(50) }.into()));
    world
        .put(Some(member), kopilka_core::order::OrderBody { status: BodyStatus::Paid, ..held })
        .await
        .unwrap();
    world.write("e", erase(member)).await.unwrap();
    // The shop still calls its customer as it always did.
    let by_ext = Change::PutOrder {
        member: Some(MemberRef::Ext("MARKED-EXT".to_owned())),
        body: order("B", BodyStatus::Paid, 50_000),
    };
    let paid = world.service.write(world.ask(None, by_ext)).await.unwrap();
    assert_eq!((paid.member, paid.balance.outstanding().0), (member, 0));
    let back = world.write("b", back("A", 2)).await.unwrap();
    assert_eq!(back.balance.outstanding().0, 0, "fifty points came back and ended");
    let new = world.put(Some(member), order("C", BodyStatus::Paid, 10_000)).await;
    assert_eq!(new, Err(Refusal::MemberAnonymized.into()));
    world.prove().await;
}

async fn an_erasure_is_answered_again_under_its_key() {
    let world = world().await;
    let member = world.register("r", person()).await.member;
    let by_ext = Change::Erase { member: MemberRef::Ext("MARKED-EXT".to_owned()) };
    let first = world.write("e", by_ext.clone()).await.unwrap();
    let again = world.write("e", by_ext).await.unwrap();
    assert_eq!((again.replayed, again.outcome, again.member), (true, first.outcome, member));
    assert_eq!(world.write("e2", erase(member)).await, Err(Refusal::MemberAnonymized.into()));
    let silent = Write { reason: None, ..world.ask(Some("e3"), erase(member)) };
    assert_eq!(world.service.write(silent).await, Err(Refusal::ReasonMissing.into()));
    world.prove().await;
}

async fn whoever_was_erased_is_no_receiver_and_no_referrer() {
    let world = world().await;
    let boris = world.member("boris").await;
    let anna = world.register("r", person()).await.member;
    let visit = Change::Visit { by: VisitBy::Link(anna), visitor: "a cookie".to_owned() };
    world.write("v", visit.clone()).await.unwrap();
    let friend =
        Registration { ext: Some("friend".to_owned()), referrer: Some(anna), ..Registration::default() };
    world.register("f", friend.clone()).await;
    world.write("e", erase(anna)).await.unwrap();
    // The news of the friend meets nobody who earns.
    world.relayed().await;
    assert_eq!(world.available(anna).await, 0);
    let send = Change::Transfer { from: MemberRef::Id(boris), to: MemberRef::Id(anna), points: Points(100) };
    world.write("t", send).await.unwrap();
    assert_eq!(world.available(boris).await, 400);
    world.relayed().await;
    assert_eq!((world.available(boris).await, world.available(anna).await), (500, 0), "it came home");
    let other = Registration { ext: Some("other".to_owned()), ..friend };
    assert_eq!(world.write("o", Change::Register(other)).await, Err(Refusal::ReferrerUnknown.into()));
    assert!(world.write("v2", visit).await.is_err());
    let by_cookie = Registration {
        ext: Some("third".to_owned()),
        visitor: Some("a cookie".to_owned()),
        ..Registration::default()
    };
    let third = world.register("third", by_cookie).await.member;
    let book = world.service.book(world.program, third).await.unwrap();
    assert_eq!((book.member.referrer, book.member.status), (None, MemberStatus::Active));
    world.prove().await;
}

/// While a server runs the log is not cut off by its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_running_server_is_emptied_after_an_erasure() {
    on_file(async {
        let world = world().await;
        let background = world.service.start_background();
        let member = a_life(&world).await;
        assert!(!found_in(world.place.path(), &MARKS).is_empty());
        world.write("e", erase(member)).await.unwrap();
        for _ in 0..200 {
            if found_in(world.place.path(), &MARKS).is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert_eq!(found_in(world.place.path(), &MARKS), Vec::<String>::new());
        background.stop();
        world.prove().await;
    })
    .await;
}
