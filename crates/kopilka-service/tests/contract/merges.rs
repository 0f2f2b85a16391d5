//! Two accounts become one: every name and order leads to the one that stays, once, and the books prove it.

use crate::world::*;
use kopilka_core::decide::Outcome;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_service::relay::relayed;
use kopilka_service::rows::EntryRow;
use kopilka_service::*;

on_both_engines!(
    every_name_and_order_leads_to_the_account_that_stays,
    a_merge_is_carried_once_and_waits_for_nobody,
    keys_of_both_accounts_are_answered,
    what_is_on_its_way_reaches_the_account_that_stays,
    two_accounts_never_become_part_of_each_other,
    a_preview_says_what_comes_and_writes_nothing,
    the_erasure_of_the_one_erases_both,
    the_person_may_leave_while_an_account_is_on_its_way,
    much_needs_another_person,
    an_adjustment_of_before_can_be_taken_back,
    one_row_per_refusal,
);

/// The sports shop, which lets points go from one to another and has levels.
async fn world() -> World {
    let world = World::new().await;
    let text = format!(
        "{PROGRAM}\ntransfers: {{ min_points: 10, max_points: 1000 }}\napproval: {{ merge_above: 5000 }}\n"
    );
    publish(&world.service, &text, true).await;
    world
}

fn person(ext: &str, phone: &str, card: &str) -> Registration {
    Registration {
        ext: Some(ext.to_owned()),
        phones: vec![phone.to_owned()],
        cards: vec![card.to_owned()],
        ..Registration::default()
    }
}

async fn anna(world: &World) -> MemberId {
    world.register("anna", person("42", "+79120000001", "2000000000008")).await.member
}
async fn boris(world: &World) -> MemberId {
    world.register("boris", person("43", "+79120000002", "4006381333931")).await.member
}

fn merge(from: MemberId, into: MemberId) -> Change {
    Change::Merge { member: MemberRef::Id(from), into: MemberRef::Id(into), api_key: "k1".to_owned() }
}

/// A merge with all that follows from it.
async fn through(world: &World, key: &str, change: Change) -> Done {
    let done = world.write(key, change).await.unwrap();
    world.service.carry(world.program, &done).await;
    done
}

/// A merge whose first step alone is done, as after a crash.
async fn left(world: &World, key: &str, change: Change) -> EntryRow {
    let done = world.write(key, change).await.unwrap();
    entry(world, done.entry).await
}

async fn entry(world: &World, entry: Option<EntryId>) -> EntryRow {
    let (program, id) = (world.program, entry.unwrap());
    world.service.read(move |r| r.entry(program, id)).await.unwrap().unwrap()
}

async fn every_name_and_order_leads_to_the_account_that_stays() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    world.adjust("a", anna, 300).await.unwrap();
    let paid = with_points(order("a1", BodyStatus::Paid, 100_000), PointsAsk::UpTo(Points(200)));
    world.put(Some(anna), paid).await.unwrap();
    let held = with_points(order("a2", BodyStatus::Placed, 100_000), PointsAsk::UpTo(Points(100)));
    world.put(Some(anna), held.clone()).await.unwrap();
    world.put(Some(boris), order("b1", BodyStatus::Paid, 50_000)).await.unwrap();
    let done = through(&world, "m", merge(anna, boris)).await;
    let moved = Outcome::Merged { into: boris, points: Points(690), debt: Points(0), orders: 2 };
    assert_eq!((done.member, &done.outcome), (anna, &moved));
    let names = [
        MemberRef::Id(anna),
        MemberRef::Ext("42".to_owned()),
        MemberRef::Ext("43".to_owned()),
        MemberRef::Phone("8 912 000 00 01".to_owned()),
        MemberRef::Card("2000000000008".to_owned()),
    ];
    for (position, name) in names.into_iter().enumerate() {
        assert_eq!(world.service.find_member(world.program, name.clone()).await.unwrap(), boris, "{name:?}");
        let happen = Change::Adjust {
            member: name.clone(),
            adjustment: match adjustment(boris, 1) {
                Change::Adjust { adjustment, .. } => adjustment,
                _ => unreachable!(),
            },
        };
        assert_eq!(world.write(&format!("n{position}"), happen).await.unwrap().member, boris, "{name:?}");
    }
    world.prove().await;
    let paid = OrderBodyOf(held).paid();
    assert_eq!(world.put(Some(anna), paid).await.unwrap().member, boris);
    let back_all = world.write("r", back("a1", 2)).await.unwrap();
    assert_eq!(back_all.member, boris);
    assert_eq!(world.write("r2", back("a2", 2)).await.unwrap().member, boris);
    world.prove().await;
    let book = world.service.book(world.program, boris).await.unwrap();
    // Of the second welcome what was in its lot is gone; the 300 that orders had taken came back.
    let (welcomes, given, names, earned_for_b1) = (500 + 300, 300, 5, 50);
    let all = book.member.balance_booked();
    let sum = Points(welcomes + given + names + earned_for_b1);
    assert_eq!((all.outstanding(), all.held), (sum, Points(0)));
    let history = world.service.read({
        let program = world.program;
        move |r| r.entries_of_order(program, &key("a1"))
    });
    let causes: Vec<String> = history.await.unwrap().into_iter().map(|entry| entry.cause).collect();
    assert_eq!(causes, ["order", "account_left", "account_joined", "return"]);
}

/// The body that says paid of one that was placed.
struct OrderBodyOf(kopilka_core::order::OrderBody);

impl OrderBodyOf {
    fn paid(self) -> kopilka_core::order::OrderBody {
        kopilka_core::order::OrderBody { status: BodyStatus::Paid, ..self.0 }
    }
}

async fn a_merge_is_carried_once_and_waits_for_nobody() {
    let mut world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    world.put(Some(anna), order("a1", BodyStatus::Paid, 100_000)).await.unwrap();
    let left = left(&world, "m", merge(anna, boris)).await;
    // On its way: what asks for the account or its orders waits; the books hold.
    let asked = world.adjust("wait", anna, 1).await;
    assert_eq!(asked.unwrap_err(), Refusal::MergeUnderWay.into());
    let returned = world.write("wait2", back("a1", 1)).await;
    assert_eq!(returned.unwrap_err(), Refusal::MergeUnderWay.into());
    assert!(world.prove().await.under_way > 0);
    world = world.reopen();
    let write = relayed(&left).unwrap();
    let joined = world.service.write(write.clone()).await.unwrap();
    world.prove().await;
    assert_eq!(world.adjust("wait", anna, 1).await.unwrap().member, boris);
    for _ in 0..2 {
        let again = world.service.write(write.clone()).await.unwrap();
        assert!(again.replayed);
        assert_eq!((again.entry, &again.outcome), (joined.entry, &joined.outcome));
    }
    world.relayed().await;
    let verified = world.prove().await;
    assert_eq!(verified.under_way, 0);
    // Nothing of the person is kept with the account that ended.
    let program = world.program;
    let person = world.service.read(move |r| r.person(program, anna)).await.unwrap().unwrap();
    assert_eq!(person, rows::Person::default());
}

async fn keys_of_both_accounts_are_answered() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    let first = world.adjust("a", anna, 30).await.unwrap();
    let second = world.adjust("b", boris, 40).await.unwrap();
    let merged = through(&world, "m", merge(anna, boris)).await;
    for (key, member, points, done) in [("a", anna, 30, &first), ("b", boris, 40, &second)] {
        let again = world.adjust(key, member, points).await.unwrap();
        assert!(again.replayed);
        assert_eq!((again.entry, &again.outcome), (done.entry, &done.outcome));
    }
    let again = through(&world, "m", merge(anna, boris)).await;
    assert!(again.replayed);
    assert_eq!((again.entry, again.outcome), (merged.entry, merged.outcome));
    let other = world.adjust("a", anna, 31).await;
    assert_eq!(other.unwrap_err(), ServiceError::IdempotencyConflict);
}

async fn what_is_on_its_way_reaches_the_account_that_stays() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    let carl = world.member("44").await;
    let send = |from, to: MemberId| Change::Transfer {
        from: MemberRef::Id(from),
        to: MemberRef::Id(to),
        points: Points(100),
    };
    // To Anna, and from Anna to one who declines: it comes back to lots of hers, which are Boris's by then.
    world.write("t1", send(carl, anna)).await.unwrap();
    let blocked = Change::SetStatus { member: MemberRef::Id(carl), status: MemberStatus::Blocked };
    world.write("s", blocked).await.unwrap();
    world.write("t2", send(anna, carl)).await.unwrap();
    through(&world, "m", merge(anna, boris)).await;
    world.relayed().await;
    let verified = world.prove().await;
    assert_eq!(verified.under_way, 0);
    // One welcome of two is left, the later one in part: its own lot had 400.
    let left = world.available(boris).await;
    assert_eq!(left, 500 + 100 + 100);
    let own = world.write("t3", send(boris, anna)).await;
    assert_eq!(own.unwrap_err(), Refusal::TransferToSelf.into());
}

/// What is for an account on its way may come to the relay before the account itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_relay_carries_an_account_before_what_is_for_it() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    let carl = world.member("44").await;
    let (from, to) = (MemberRef::Id(carl), MemberRef::Id(anna));
    world.write("t", Change::Transfer { from, to, points: Points(100) }).await.unwrap();
    left(&world, "m", merge(anna, boris)).await;
    let service = world.service.clone();
    let relay = move || {
        let mut relay = Relay::new(service);
        (0..3).try_for_each(|_| relay.run())
    };
    tokio::task::spawn_blocking(relay).await.unwrap().unwrap();
    assert_eq!(world.prove().await.under_way, 0);
    assert_eq!(world.available(boris).await, 600);
}

async fn two_accounts_never_become_part_of_each_other() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    let carl = world.member("44").await;
    let left = left(&world, "m", merge(anna, boris)).await;
    // (from, into): whoever takes part takes part in nothing else.
    for (key, from, into) in [("x1", boris, anna), ("x2", boris, carl), ("x3", carl, boris)] {
        let refused = world.write(key, merge(from, into)).await;
        assert_eq!(refused.unwrap_err(), Refusal::MergeUnderWay.into(), "{key}");
    }
    world.service.write(relayed(&left).unwrap()).await.unwrap();
    world.relayed().await;
    assert_eq!(world.write("x1", merge(boris, anna)).await.unwrap_err(), Refusal::MergeWithSelf.into());
    // The next one takes both along.
    through(&world, "x2", merge(boris, carl)).await;
    let found = world.service.find_member(world.program, MemberRef::Id(anna)).await.unwrap();
    assert_eq!(found, carl);
    assert_eq!(world.adjust("late", anna, 5).await.unwrap().member, carl);
    world.prove().await;
}

async fn a_preview_says_what_comes_and_writes_nothing() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    world.adjust("a", anna, 300).await.unwrap();
    world.put(Some(anna), order("a1", BodyStatus::Paid, 100_000)).await.unwrap();
    let before = world.prove().await.entries;
    let preview = || {
        let (from, into) = (MemberRef::Ext("42".to_owned()), MemberRef::Ext("43".to_owned()));
        world.service.preview_merge(world.program, from, into)
    };
    let told = preview().await.unwrap();
    assert_eq!((told.from, told.into, told.orders, told.second_person), (anna, boris, 1, false));
    assert_eq!((told.taken_back, told.before.0.available), (Points(500), Points(800)));
    assert_eq!(world.prove().await.entries, before);
    through(&world, "m", merge(anna, boris)).await;
    let book = world.service.book(world.program, boris).await.unwrap();
    assert_eq!(book.member.balance_at(world.service.now(world.program)), told.after);
    // By now both lead to one.
    assert_eq!(preview().await.unwrap_err(), Refusal::MergeWithSelf.into());
}

async fn the_erasure_of_the_one_erases_both() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    let carl = world.member("44").await;
    for (key, member) in [("a", anna), ("b", boris), ("c", carl)] {
        world.adjust(key, member, 10).await.unwrap();
    }
    through(&world, "m1", merge(anna, boris)).await;
    world.relayed().await;
    through(&world, "m2", merge(boris, carl)).await;
    world.relayed().await;
    world.write("e", Change::Erase { member: MemberRef::Id(anna) }).await.unwrap();
    world.relayed().await;
    let program = world.program;
    for member in [anna, boris, carl] {
        let entries = world.service.read(move |r| r.entries(program, member, None, 100)).await.unwrap();
        let told: Vec<&EntryRow> = entries.iter().filter(|entry| entry.reason.is_some()).collect();
        assert!(told.iter().all(|entry| entry.cause == "erased"), "{told:?}");
        let person = world.service.read(move |r| r.person(program, member)).await.unwrap().unwrap();
        assert_eq!(person, rows::Person::default());
        let refused = world.adjust("late", member, 1).await;
        assert_eq!(refused.unwrap_err(), Refusal::MemberAnonymized.into());
    }
    for name in ["42", "43", "44"] {
        let found = world.service.find_member(program, MemberRef::Ext(name.to_owned())).await;
        assert_eq!(found.unwrap_err(), Refusal::MemberUnknown.into());
    }
    // Once is for ever, by any of the names.
    let again = world.register("again", person("42", "+79120000001", "2000000000008")).await;
    assert_eq!(again.outcome, Outcome::Registered { points: Points(0) });
    world.prove().await;
}

async fn the_person_may_leave_while_an_account_is_on_its_way() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    world.put(Some(anna), order("a1", BodyStatus::Paid, 100_000)).await.unwrap();
    left(&world, "m", merge(anna, boris)).await;
    world.write("e", Change::Erase { member: MemberRef::Id(boris) }).await.unwrap();
    world.relayed().await;
    world.prove().await;
    let book = world.service.book(world.program, boris).await.unwrap();
    assert_eq!(book.member.balance_booked().outstanding(), Points(0));
    // The order comes back all the same, and what is earned is nobody's.
    world.write("r", back("a1", 2)).await.unwrap();
    world.prove().await;
    let again = world.register("again", person("42", "+79120000001", "2000000000008")).await;
    assert_eq!(again.outcome, Outcome::Registered { points: Points(0) });
}

async fn much_needs_another_person() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    world.adjust("a", anna, 6000).await.unwrap();
    let asked = through(&world, "m1", merge(anna, boris)).await;
    assert_eq!(asked.outcome, Outcome::MergeProposed { into: boris, points: Points(6500) });
    let same = world.write("m2", merge(anna, boris)).await;
    assert_eq!(same.unwrap_err(), Refusal::SecondPersonNeeded.into());
    let change =
        Change::Merge { member: MemberRef::Id(anna), into: MemberRef::Id(boris), api_key: "k2".to_owned() };
    let write = Write { operator: Some("petr".to_owned()), ..world.ask(Some("m3"), change) };
    let done = world.service.write(write).await.unwrap();
    world.service.carry(world.program, &done).await;
    assert!(matches!(done.outcome, Outcome::Merged { .. }));
    world.prove().await;
}

async fn an_adjustment_of_before_can_be_taken_back() {
    let world = world().await;
    let (anna, boris) = (anna(&world).await, boris(&world).await);
    world.adjust("b", boris, 1000).await.unwrap();
    let given = world.adjust("a", anna, 70).await.unwrap();
    through(&world, "m", merge(anna, boris)).await;
    let before = world.available(boris).await;
    let reverse = Change::Reverse { member: anna, entry: given.entry.unwrap() };
    assert_eq!(world.write("r", reverse.clone()).await.unwrap().member, boris);
    assert_eq!(world.available(boris).await, before - 70);
    let again = world.write("r2", reverse).await;
    assert_eq!(again.unwrap_err(), Refusal::NotReversible.into());
    world.prove().await;
}

async fn one_row_per_refusal() {
    let world = world().await;
    let (anna, gone) = (anna(&world).await, boris(&world).await);
    world.write("e", Change::Erase { member: MemberRef::Id(gone) }).await.unwrap();
    let guest = world.put(None, order("g", BodyStatus::Paid, 100)).await.unwrap().member;
    let rows = [
        (anna, anna, Refusal::MergeWithSelf),
        (anna, MemberId(5), Refusal::MemberUnknown),
        (MemberId(5), anna, Refusal::MemberUnknown),
        (anna, guest, Refusal::MemberUnknown),
        (guest, anna, Refusal::MemberUnknown),
        (anna, gone, Refusal::MemberAnonymized),
        (gone, anna, Refusal::MemberAnonymized),
    ];
    for (from, into, refusal) in rows {
        let refused = world.write("m", merge(from, into)).await;
        assert_eq!(refused.unwrap_err(), refusal.into(), "{from} {into}");
    }
    let write = Write { reason: None, ..world.ask(Some("m"), merge(anna, gone)) };
    assert_eq!(world.service.write(write).await.unwrap_err(), Refusal::ReasonMissing.into());
}
