//! Accounts that several people use: what each may do, and by which phone or card each is known.

use crate::world::*;
use kopilka_core::holder::{HOLDERS_MAX, HolderNo, Rights};
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, OrderBody, PointsAsk, Pricing};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::HolderPerson;
use kopilka_service::*;

on_both_engines!(
    a_holder_earns_and_spends_as_far_as_the_rights_say,
    an_order_stays_as_its_buyer_had_it,
    a_holder_who_is_taken_off_takes_phone_and_card_along,
    an_identifier_is_one_holders,
    refusals_change_nothing,
    a_holders_new_card_is_that_holders,
    an_account_with_holders_is_not_merged_away,
    an_erased_account_has_no_holders,
    an_exchange_and_an_order_that_names_nobody_are_their_buyers,
    what_a_holder_is_known_by_never_becomes_the_owners,
);

const OWNER: &str = "+79120000001";
const SON: &str = "+79120000002";
const CARD: &str = "2000000000008";
const NEW: &str = "4006381333931";
const NO: HolderNo = HolderNo(2);

async fn family(world: &World) -> MemberId {
    let registration = Registration { phones: vec![OWNER.to_owned()], ..Registration::default() };
    world.register("family", registration).await.member
}

pub fn set(member: MemberId, no: HolderNo, rights: &[&str], phones: &[&str], cards: &[&str]) -> Change {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let person = HolderPerson {
        no,
        name: Some("Сын".to_owned()),
        phones: texts(phones),
        emails: Vec::new(),
        cards: texts(cards),
    };
    let rights = Rights::named(rights.iter().copied()).unwrap();
    let to = Some(HolderTold { rights, person });
    Change::SetHolder { member: MemberRef::Id(member), change: HolderChange { no, to } }
}

fn off(member: MemberId, no: HolderNo) -> Change {
    Change::SetHolder { member: MemberRef::Id(member), change: HolderChange { no, to: None } }
}

fn buys(phone: &str, id: &str, points: Option<PointsAsk>) -> Change {
    let mut body = order(id, BodyStatus::Paid, 10_000);
    body.points = points;
    if points.is_some() {
        body.pricing = Some(Pricing::Engine);
    }
    Change::PutOrder { member: Some(MemberRef::Phone(phone.to_owned())), body }
}

fn refused<T>(refusal: Refusal) -> Result<T, ServiceError> {
    Err(refusal.into())
}

async fn a_holder_earns_and_spends_as_far_as_the_rights_say() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &["earn"], &[SON], &[])).await.unwrap();
    let bought = world.service.write(world.ask(None, buys(SON, "A", None))).await.unwrap();
    assert_eq!((bought.member, bought.balance.available.0), (member, 500), "it earns for all");
    // Points are not the son's: neither as many as he wants, nor as many as there are.
    let exact =
        world.service.write(world.ask(None, buys(SON, "B", Some(PointsAsk::Exact(Points(100)))))).await;
    assert_eq!(exact, refused(Refusal::HolderSpendsNothing { holder: NO }));
    let most = world.service.write(world.ask(None, buys(SON, "B", Some(PointsAsk::Max)))).await.unwrap();
    assert_eq!(most.order.unwrap().points_spent_net(), Points(0));
    let to = world.member("friend").await;
    let give = Change::Transfer {
        from: MemberRef::Phone(SON.to_owned()),
        to: MemberRef::Id(to),
        points: Points(100),
    };
    assert_eq!(world.write("t", give).await, refused(Refusal::HolderSpendsNothing { holder: NO }));

    // The other way round.
    world.write("h2", set(member, NO, &["spend"], &[SON], &[])).await.unwrap();
    let spent = world.service.write(world.ask(None, buys(SON, "C", Some(PointsAsk::Max)))).await.unwrap();
    let spent = spent.order.unwrap();
    assert!(spent.points_spent_net().0 > 0, "{spent:?}");
    assert!(spent.credits.is_empty() && spent.earns_nothing, "{spent:?}");
    let owner = world.service.write(world.ask(None, buys(OWNER, "D", None))).await.unwrap();
    assert!(!owner.order.unwrap().credits.is_empty());
    world.prove().await;
}

async fn an_order_stays_as_its_buyer_had_it() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &[], &[SON], &[])).await.unwrap();
    let placed = |phone: &str, id: &str, status| Change::PutOrder {
        member: Some(MemberRef::Phone(phone.to_owned())),
        body: order(id, status, 10_000),
    };
    // Who pays later changes nothing.
    for (first, then, id, earns) in [(SON, OWNER, "A", false), (OWNER, SON, "B", true)] {
        world.service.write(world.ask(None, placed(first, id, BodyStatus::Placed))).await.unwrap();
        let paid = world.service.write(world.ask(None, placed(then, id, BodyStatus::Paid))).await.unwrap();
        assert_eq!(!paid.order.unwrap().credits.is_empty(), earns, "{id}");
    }
    world.prove().await;
}

async fn a_holder_who_is_taken_off_takes_phone_and_card_along() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &["earn", "spend"], &[SON], &[CARD])).await.unwrap();
    let card = || MemberRef::Card(CARD.to_owned());
    let named = world.service.holder_named(world.program, card()).await.unwrap().unwrap();
    assert_eq!((named.no, named.rights.spend, named.rights.see), (NO, true, false));
    // Fewer identifiers are fewer ways to come.
    world.write("h2", set(member, NO, &["earn", "spend"], &[SON], &[])).await.unwrap();
    assert_eq!(world.service.find_member(world.program, card()).await, refused(Refusal::MemberUnknown));
    world.write("off", off(member, NO)).await.unwrap();
    let gone = MemberRef::Phone(SON.to_owned());
    assert_eq!(world.service.find_member(world.program, gone).await, refused(Refusal::MemberUnknown));
    let again = world.write("off2", off(member, NO)).await;
    assert_eq!(again, refused(Refusal::HolderUnknown { holder: NO }));
    // Whoever still has a token of that holder may do nothing with it.
    let body = order("A", BodyStatus::Paid, 10_000);
    let late = Change::PutOrder { member: Some(MemberRef::Holder(member, NO)), body };
    let late = world.service.write(world.ask(None, late)).await.unwrap();
    assert!(late.order.unwrap().credits.is_empty());
    // The number is free for somebody else.
    let other = Registration { phones: vec![SON.to_owned()], ..Registration::default() };
    assert_ne!(world.register("o", other).await.member, member);
    world.prove().await;
}

async fn an_identifier_is_one_holders() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("a", set(member, NO, &["earn"], &[SON], &[])).await.unwrap();
    let taken = refused(Refusal::IdentifierTaken { kind: "phone" });
    assert_eq!(world.write("b", set(member, HolderNo(3), &["spend"], &[SON], &[])).await, taken);
    let other = world.member("stranger").await;
    assert_eq!(world.write("c", set(other, NO, &["earn"], &[SON], &[])).await, taken);
    // The owner's own is not taken from the owner; and a list of the owner's leaves the holders' as they are.
    assert_eq!(world.write("o", set(member, HolderNo(3), &["spend"], &[OWNER], &[])).await, taken);
    world.write("d", set(member, HolderNo(3), &["spend"], &["8 912 000-00-03"], &[])).await.unwrap();
    let patch = PersonPatch { phones: Some(vec![OWNER.to_owned()]), ..PersonPatch::default() };
    let patch = Change::PatchMember { member: MemberRef::Id(member), patch };
    world.write("e", patch).await.unwrap();
    let program = world.program;
    let person = world.service.read(move |r| r.person(program, member)).await.unwrap().unwrap();
    let phones: Vec<_> = person.holders.iter().map(|holder| (holder.no.0, holder.phones.len())).collect();
    assert_eq!(phones, [(2, 1), (3, 1)]);
    assert_eq!(person.phones.len(), 3);
    world.prove().await;
}

async fn refusals_change_nothing() {
    let world = World::new().await;
    let member = family(&world).await;
    for no in 1..=HOLDERS_MAX as u8 {
        world.write(&format!("h{no}"), set(member, HolderNo(no), &["earn"], &[], &[])).await.unwrap();
    }
    let one_more = world.write("more", set(member, HolderNo(99), &["earn"], &[SON], &[CARD])).await;
    assert_eq!(one_more, refused(Refusal::TooManyHolders { holders: HOLDERS_MAX }));
    let wrong = world.write("w", set(member, NO, &["earn"], &["12"], &[])).await;
    assert_eq!(wrong, refused(Refusal::InvalidIdentifier { kind: "phone" }));
    for gone in [MemberRef::Phone(SON.to_owned()), MemberRef::Card(CARD.to_owned())] {
        assert_eq!(world.service.find_member(world.program, gone).await, refused(Refusal::MemberUnknown));
    }
    world.prove().await;
}

async fn a_holders_new_card_is_that_holders() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &["earn"], &[], &[CARD])).await.unwrap();
    let change = CardChange { card: CARD.to_owned(), blocked: true, replacement: Some(NEW.to_owned()) };
    world.write("lost", Change::SetCard { member: MemberRef::Id(member), change }).await.unwrap();
    let named = world.service.holder_named(world.program, MemberRef::Card(NEW.to_owned())).await;
    assert_eq!(named.unwrap().map(|holder| holder.no), Some(NO));
    // Found again, the old one is the holder's as before, not the owner's.
    let change = CardChange { card: CARD.to_owned(), blocked: false, replacement: None };
    world.write("found", Change::SetCard { member: MemberRef::Id(member), change }).await.unwrap();
    let named = world.service.holder_named(world.program, MemberRef::Card(CARD.to_owned())).await;
    assert_eq!(named.unwrap().map(|holder| holder.no), Some(NO));
    world.prove().await;
}

async fn an_account_with_holders_is_not_merged_away() {
    let world = World::new().await;
    let (member, other) = (family(&world).await, world.member("other").await);
    world.write("h", set(member, NO, &["earn"], &[SON], &[])).await.unwrap();
    let merge = |from, into| Change::Merge {
        member: MemberRef::Id(from),
        into: MemberRef::Id(into),
        api_key: "k".to_owned(),
    };
    let refusal = world.write("m", merge(member, other)).await;
    assert_eq!(refusal, refused(Refusal::MergeHolders { holders: 1 }));
    world.write("m2", merge(other, member)).await.unwrap();
    world.prove().await;
}

async fn an_erased_account_has_no_holders() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &["earn"], &[SON], &[CARD])).await.unwrap();
    world.write("e", Change::Erase { member: MemberRef::Id(member) }).await.unwrap();
    let program = world.program;
    let row = world.service.read(move |r| r.member(program, member)).await.unwrap().unwrap();
    assert!(row.member.holders.is_empty());
    let gone = MemberRef::Phone(SON.to_owned());
    assert_eq!(world.service.find_member(world.program, gone).await, refused(Refusal::MemberUnknown));
    let late = world.write("h2", set(member, NO, &["earn"], &[], &[])).await;
    assert_eq!(late, refused(Refusal::MemberAnonymized));
    world.prove().await;
}

async fn an_exchange_and_an_order_that_names_nobody_are_their_buyers() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &[], &[SON], &[])).await.unwrap();
    world.service.write(world.ask(None, buys(SON, "A", None))).await.unwrap();
    let Change::Return(back) = back("A", 2) else { panic!("no return") };
    let order = order("B", BodyStatus::Paid, 10_000);
    let exchanged = world.write("x", Change::Exchange { back, order }).await.unwrap().order.unwrap();
    assert!(exchanged.credits.is_empty() && exchanged.holder == Some(NO), "{exchanged:?}");
    // An unpaid order of the son's grows, and whoever sends it names nobody: the owner's points stay.
    world.service.write(world.ask(None, buys(OWNER, "C", None))).await.unwrap();
    let placed = |amount, points| OrderBody {
        points,
        pricing: Some(Pricing::Engine),
        ..crate::world::order("D", BodyStatus::Placed, amount)
    };
    let first =
        Change::PutOrder { member: Some(MemberRef::Phone(SON.to_owned())), body: placed(10_000, None) };
    world.service.write(world.ask(None, first)).await.unwrap();
    let grown = Change::PutOrder { member: None, body: placed(20_000, Some(PointsAsk::Max)) };
    let grown = world.service.write(world.ask(None, grown)).await.unwrap().order.unwrap();
    assert_eq!(grown.points_spent_net(), Points(0), "{grown:?}");
    world.prove().await;
}

async fn what_a_holder_is_known_by_never_becomes_the_owners() {
    let world = World::new().await;
    let member = family(&world).await;
    world.write("h", set(member, NO, &[], &[SON], &[CARD])).await.unwrap();
    // A list of the owner's that leaves the son's phone out.
    let patch = PersonPatch { phones: Some(vec!["+79120000009".to_owned()]), ..PersonPatch::default() };
    world.write("p", Change::PatchMember { member: MemberRef::Id(member), patch }).await.unwrap();
    let named = world.service.holder_named(world.program, MemberRef::Phone(SON.to_owned())).await;
    assert_eq!(named.unwrap().map(|holder| holder.no), Some(NO));
    // A lost card of a holder who goes is nobody's of the account: it is not found again as the owner's.
    let lost = CardChange { card: CARD.to_owned(), blocked: true, replacement: None };
    world.write("l", Change::SetCard { member: MemberRef::Id(member), change: lost }).await.unwrap();
    world.write("off", off(member, NO)).await.unwrap();
    let found = CardChange { card: CARD.to_owned(), blocked: false, replacement: None };
    let found = world.write("f", Change::SetCard { member: MemberRef::Id(member), change: found }).await;
    assert_eq!(found, refused(Refusal::CardUnknown));
    world.prove().await;
}
