//! Guests' orders: claimed by a code, once, in time; nothing of the address stands anywhere but its hash.

use crate::world::*;
use kopilka_core::decide::Outcome;
use kopilka_core::ids::{CodeId, MemberId};
use kopilka_core::order::{BodyStatus, OrderBody};
use kopilka_core::refusal::Refusal;
use kopilka_service::relay::relayed;
use kopilka_service::*;

on_both_engines!(
    an_order_is_claimed_by_a_code_to_its_address,
    an_order_is_claimed_once_and_in_time,
    a_claim_is_carried_once_and_the_order_waits_for_it,
    keys_of_before_the_claim_are_answered,
    a_claimed_order_goes_along_with_a_merge,
    support_binds_what_has_no_address,
    an_address_is_forgotten_with_the_person_and_with_time,
    one_row_per_refusal,
);

const PHONE: &str = "+79123456789";

/// The sports shop: five percent after two weeks; here guests may claim for 30 days.
async fn world() -> World {
    let world = World::new().await;
    let text = format!("{PROGRAM}\nguest_orders: {{ claim: {{ within: 30 days }} }}\n");
    publish(&world.service, &text, true).await;
    world
}

async fn guest(world: &World, body: OrderBody) -> Done {
    let contact =
        GuestContact { phone: Some("8 (912) 345-67-89".to_owned()), email: Some("A@Example.com".to_owned()) };
    world.service.write(world.ask(None, Change::PutGuestOrder { contact, body })).await.unwrap()
}

async fn paid(world: &World, id: &str) -> MemberId {
    guest(world, order(id, BodyStatus::Paid, 100_000)).await.member
}

/// A code to the address that was told.
async fn confirmed(world: &World, what: CodeFor) -> CodeId {
    let made = world.service.make_code(world.program, what, ("k".to_owned(), false)).await.unwrap().unwrap();
    world
        .service
        .verify_code(world.program, "k".to_owned(), made.id, made.digits.clone())
        .await
        .unwrap()
        .unwrap();
    made.id
}

async fn by_phone(world: &World) -> CodeId {
    confirmed(world, CodeFor::Phone(PHONE.to_owned())).await
}

fn claim(member: MemberId, id: &str, code: CodeId) -> Change {
    Change::ClaimGuestOrder { member: MemberRef::Id(member), order: key(id), code }
}

async fn through(world: &World, name: &str, change: Change) -> Done {
    let done = world.write(name, change).await.unwrap();
    world.service.carry(world.program, &done).await;
    done
}

async fn pending(world: &World, member: MemberId) -> i64 {
    let now = world.service.now(world.program);
    world.service.book(world.program, member).await.unwrap().member.balance_at(now).pending.0
}

async fn owner(world: &World, id: &str) -> Option<MemberId> {
    let (program, order) = (world.program, key(id));
    world.service.read(move |r| r.order(program, &order)).await.unwrap().map(|(member, _)| member)
}

async fn shown(world: &World, code: CodeId) -> Result<Vec<String>, ServiceError> {
    let found = world.service.guest_orders(world.program, code).await?;
    Ok(found.into_iter().map(|found| found.order.key.order.to_string()).collect())
}

async fn an_order_is_claimed_by_a_code_to_its_address() {
    let world = world().await;
    let row = paid(&world, "G").await;
    guest(&world, order("unpaid", BodyStatus::Placed, 100_000)).await;
    let anna = world.member("1").await;
    let (by_phone, by_email) =
        (by_phone(&world).await, confirmed(&world, CodeFor::Email("a@example.com".to_owned())).await);
    let other = confirmed(&world, CodeFor::Phone("+79120000000".to_owned())).await;
    assert_eq!(shown(&world, by_phone).await, Ok(vec!["G".to_owned()]));
    assert_eq!(shown(&world, by_email).await, Ok(vec!["G".to_owned()]));
    assert_eq!(shown(&world, other).await, Ok(vec![]));
    assert_eq!(world.write("o", claim(anna, "G", other)).await, Err(Refusal::NothingToClaim.into()));
    let done = through(&world, "c", claim(anna, "G", by_phone)).await;
    assert_eq!(done.outcome, Outcome::OrderHandedOver { to: anna, order: key("G") });
    assert_eq!((owner(&world, "G").await, pending(&world, anna).await), (Some(anna), 100));
    assert_eq!(shown(&world, by_email).await, Ok(vec![]));
    world.prove().await;
    // It is the member's as any other: what is told of it reaches her.
    assert_eq!(world.put(Some(anna), order("G", BodyStatus::Paid, 100_000)).await.unwrap().member, anna);
    assert_eq!(world.write("r", back("G", 2)).await.unwrap().member, anna);
    assert_eq!(pending(&world, anna).await, 0);
    let (program, key) = (world.program, key("G"));
    let entries = world.service.read(move |r| r.entries_of_order(program, &key)).await.unwrap();
    let of: Vec<MemberId> = entries.iter().map(|entry| entry.member).collect();
    assert_eq!(of, [row, row, anna, anna], "placed, handed over, claimed, returned");
    world.prove().await;
}

async fn an_order_is_claimed_once_and_in_time() {
    let world = world().await;
    paid(&world, "G").await;
    paid(&world, "H").await;
    let (anna, boris) = (world.member("1").await, world.member("2").await);
    let code = by_phone(&world).await;
    let first = through(&world, "c", claim(anna, "G", code)).await;
    let again = world.write("c", claim(anna, "G", code)).await.unwrap();
    assert!(again.replayed && again.outcome == first.outcome);
    for (name, member) in [("c2", anna), ("c3", boris)] {
        let refused = world.write(name, claim(member, "G", code)).await;
        assert_eq!(refused, Err(Refusal::AlreadyClaimed.into()));
    }
    assert_eq!((pending(&world, anna).await, pending(&world, boris).await), (100, 0));
    world.clock("2026-03-31T12:00:00+03:00").await;
    let late = by_phone(&world).await;
    assert_eq!(world.write("late", claim(boris, "H", late)).await, Err(Refusal::ClaimTooLate.into()));
    assert_eq!(shown(&world, late).await, Ok(vec![]));
    world.prove().await;
}

async fn a_claim_is_carried_once_and_the_order_waits_for_it() {
    let world = world().await;
    paid(&world, "G").await;
    let anna = world.member("1").await;
    let code = by_phone(&world).await;
    let left = world.write("c", claim(anna, "G", code)).await.unwrap();
    // As after a crash: the guest's row has let go of it and the member has not taken it.
    for change in [back("G", 1), Change::Cancel { key: key("G"), occurred_at: None }] {
        assert_eq!(world.write("early", change).await, Err(Refusal::ClaimUnderWay.into()));
    }
    let told = world.put(None, order("G", BodyStatus::Completed, 100_000)).await;
    assert_eq!(told, Err(Refusal::ClaimUnderWay.into()));
    assert_eq!(world.write("c2", claim(anna, "G", code)).await, Err(Refusal::AlreadyClaimed.into()));
    world.prove().await;
    let (program, id) = (world.program, left.entry.unwrap());
    let entry = world.service.read(move |r| r.entry(program, id)).await.unwrap().unwrap();
    for _ in 0..3 {
        world.service.write(relayed(&entry).unwrap()).await.unwrap();
    }
    world.relayed().await;
    assert_eq!((owner(&world, "G").await, pending(&world, anna).await), (Some(anna), 100));
    assert_eq!(world.write("early", back("G", 1)).await.unwrap().member, anna);
    world.prove().await;
}

async fn keys_of_before_the_claim_are_answered() {
    let world = world().await;
    let row = paid(&world, "G").await;
    let first = world.write("r", back("G", 1)).await.unwrap();
    assert_eq!(first.member, row);
    let anna = world.member("1").await;
    let code = by_phone(&world).await;
    through(&world, "c", claim(anna, "G", code)).await;
    assert_eq!(pending(&world, anna).await, 50, "of what was left");
    let again = world.write("r", back("G", 1)).await.unwrap();
    assert!(again.replayed && again.outcome == first.outcome);
    assert_eq!(pending(&world, anna).await, 50, "nothing came back twice");
    world.prove().await;
}

async fn a_claimed_order_goes_along_with_a_merge() {
    let world = world().await;
    paid(&world, "G").await;
    paid(&world, "H").await;
    let (anna, boris) = (world.member("1").await, world.member("2").await);
    let code = by_phone(&world).await;
    through(&world, "c", claim(anna, "G", code)).await;
    world.write("h", claim(anna, "H", code)).await.unwrap();
    let merge =
        Change::Merge { member: MemberRef::Id(anna), into: MemberRef::Id(boris), api_key: "k".to_owned() };
    through(&world, "m", merge).await;
    world.relayed().await;
    assert_eq!((owner(&world, "G").await, owner(&world, "H").await), (Some(boris), Some(boris)));
    assert_eq!(pending(&world, boris).await, 200);
    world.prove().await;
}

async fn support_binds_what_has_no_address() {
    let world = world().await;
    let body = OrderBody { cashier: Some("olga".into()), ..order("T", BodyStatus::Paid, 100_000) };
    world.put(None, body).await.unwrap();
    let anna = world.member("1").await;
    let bind = || Change::BindGuestOrder { member: MemberRef::Id(anna), order: key("T") };
    let nobody = Write { reason: None, ..world.ask(Some("b0"), bind()) };
    assert_eq!(world.service.write(nobody).await, Err(Refusal::ReasonMissing.into()));
    through(&world, "b", bind()).await;
    assert_eq!(world.write("b2", bind()).await, Err(Refusal::AlreadyClaimed.into()));
    assert_eq!((owner(&world, "T").await, pending(&world, anna).await), (Some(anna), 100));
    let report = async |day: &str, shop: Option<&str>| {
        let day = kopilka_core::time::Day::parse(day).unwrap();
        let asked = FraudAsked { day, shop: shop.map(str::to_owned), after: None, limit: 10 };
        world.service.fraud_report(world.program, asked).await.unwrap().bound
    };
    let of_olga =
        Bound { shop: "shop".to_owned(), cashier: "olga".to_owned(), operator: "anna".to_owned(), orders: 1 };
    assert_eq!(report("2026-03-17", Some("shop")).await, [of_olga], "of the whole month");
    assert_eq!(report("2026-03-17", Some("north")).await, []);
    assert_eq!(report("2026-04-01", None).await, []);
    world.prove().await;
    // The reason stands with the guest's row, and goes with the person all the same.
    let told = async || {
        let (program, order) = (world.program, key("T"));
        let entries = world.service.read(move |r| r.entries_of_order(program, &order)).await.unwrap();
        entries.iter().filter(|entry| entry.cause == "guest_order_left" && entry.reason.is_some()).count()
    };
    assert_eq!(told().await, 1);
    world.write("e", Change::Erase { member: MemberRef::Id(anna) }).await.unwrap();
    assert_eq!(told().await, 0);
    world.prove().await;
}

async fn an_address_is_forgotten_with_the_person_and_with_time() {
    let world = world().await;
    for id in ["G", "H"] {
        paid(&world, id).await;
    }
    let registration = Registration {
        ext: Some("1".to_owned()),
        phones: vec![PHONE.to_owned()],
        emails: vec!["a@example.com".to_owned()],
        ..Registration::default()
    };
    let anna = world.register("1", registration).await.member;
    let code = by_phone(&world).await;
    assert_eq!(shown(&world, code).await.unwrap().len(), 2);
    world.write("e", Change::Erase { member: MemberRef::Id(anna) }).await.unwrap();
    // The code went with the person, and who reads the phone now finds nothing of before.
    assert_eq!(shown(&world, code).await, Err(Refusal::ContactUnconfirmed.into()));
    let code = by_phone(&world).await;
    assert_eq!(shown(&world, code).await, Ok(vec![]));
    paid(&world, "I").await;
    world.clock("2026-03-31T12:00:00+03:00").await;
    world.service.forget_former(world.program).await.unwrap();
    let boris = world.member("2").await;
    let code = by_phone(&world).await;
    let gone = world.write("late", claim(boris, "I", code)).await;
    assert_eq!(gone, Err(Refusal::NothingToClaim.into()), "nothing is known of the address any more");
    world.prove().await;
}

async fn one_row_per_refusal() {
    let world = world().await;
    paid(&world, "G").await;
    let (anna, boris) = (world.member("1").await, world.member("2").await);
    world.put(Some(boris), order("own", BodyStatus::Paid, 100_000)).await.unwrap();
    let made =
        world.service.make_code(world.program, CodeFor::Phone(PHONE.to_owned()), ("k".to_owned(), false));
    let untold = made.await.unwrap().unwrap();
    let blocked = Change::SetStatus {
        member: MemberRef::Id(boris),
        status: kopilka_core::member::MemberStatus::Blocked,
    };
    world.write("block", blocked).await.unwrap();
    let bind = |id: &str| Change::BindGuestOrder { member: MemberRef::Id(anna), order: key(id) };
    for (position, (change, refusal)) in [
        (claim(MemberId(5), "G", untold.id), Refusal::MemberUnknown),
        (claim(boris, "G", untold.id), Refusal::MemberBlocked),
        (claim(anna, "G", untold.id), Refusal::ContactUnconfirmed),
        (claim(anna, "G", CodeId(1)), Refusal::ContactUnconfirmed),
        (bind("nothing"), Refusal::NothingToClaim),
        (bind("own"), Refusal::AlreadyClaimed),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = world.write(&format!("k{position}"), change).await;
        assert_eq!(refused, Err(refusal.into()), "{position}");
    }
    let contact = GuestContact { phone: Some("911".to_owned()), email: None };
    let wrong = Change::PutGuestOrder { contact, body: order("W", BodyStatus::Paid, 100_000) };
    let refused = world.service.write(world.ask(None, wrong)).await;
    assert_eq!(refused, Err(Refusal::InvalidIdentifier { kind: "phone" }.into()));
    assert_eq!(owner(&world, "W").await, None);
    world.prove().await;
}
