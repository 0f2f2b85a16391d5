//! Consents stand with the person, pay once a channel, and decide who is in which segment.

use crate::world::*;
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, Pricing};
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::{Proof, live, subscribed};
use kopilka_service::*;

on_both_engines!(
    a_consent_pays_once_and_a_withdrawal_is_always_taken,
    a_consent_told_late_revives_nothing,
    what_cannot_be_meant_is_refused_and_leaves_nothing,
    a_segment_is_asked_by_quotes_orders_and_lists_alike,
    a_segment_that_no_rule_names_knows_what_was_bought_and_who_it_is,
);

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
control_group: { share: 10, salt: "2026" }
segments:
  - { id: near, if: { any: [{ region: Тверь }, { language: en }] } }
  - { id: reachable, if: { all: [{ segment: near }, { subscribed: [email, sms] }] } }
rules:
  - { id: heard, when: member.subscribed, then: [{ credit: { points: 100 } }] }
  - { id: by-mail, when: { member.subscribed: email }, then: [{ credit: { points: 30 } }] }
  - { id: local, when: order.paid, if: { segment: reachable }, then: [{ credit: { percent: 10 } }] }
discounts:
  - { id: neighbours, percent: 5, if: { segment: near } }
"#;

async fn shop() -> World {
    let mut world = World::new().await;
    world.program = publish(&world.service, SHOP, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    world
}

fn marketing(channel: Channel) -> ConsentTold {
    let proof = Proof { text_version: Some("v3".into()), ip: Some("192.0.2.7".into()), ..Proof::default() };
    ConsentTold { purpose: Purpose::Marketing, channel: Some(channel), at: None, proof }
}

fn give(member: MemberId, consents: Vec<ConsentTold>) -> Change {
    let patch = PersonPatch { consents, ..PersonPatch::default() };
    Change::PatchMember { member: MemberRef::Id(member), patch }
}

fn withdraw(member: MemberId, channel: Option<Channel>) -> Change {
    let withdrawn = Some(WithdrawalTold { channel, ..WithdrawalTold::default() });
    let patch = PersonPatch { withdrawn, ..PersonPatch::default() };
    Change::PatchMember { member: MemberRef::Id(member), patch }
}

async fn person(world: &World, member: MemberId) -> rows::Person {
    let program = world.program;
    world.service.read(move |r| r.person(program, member)).await.unwrap().unwrap()
}

async fn a_consent_pays_once_and_a_withdrawal_is_always_taken() {
    let world = shop().await;
    let registration = Registration {
        ext: Some("42".into()),
        consents: vec![marketing(Channel::Sms)],
        ..Registration::default()
    };
    let done = world.register("r", registration).await;
    let (member, available) = (done.member, done.balance.available.0);
    assert_eq!(available, 100, "the first of all");
    let given = world.write("a", give(member, vec![marketing(Channel::Email)])).await.unwrap();
    assert_eq!(given.balance.available.0, 130, "and e-mail");
    let again = world.write("a", give(member, vec![marketing(Channel::Email)])).await.unwrap();
    assert!(again.replayed, "the same request is once");
    world.write("b", withdraw(member, Some(Channel::Email))).await.unwrap();
    let kept = person(&world, member).await;
    assert_eq!(subscribed(&kept.consents).list().collect::<Vec<_>>(), [Channel::Sms]);
    let back = world.write("c", give(member, vec![marketing(Channel::Email)])).await.unwrap();
    assert_eq!(back.balance.available.0, 130, "not a second time");
    world.write("d", withdraw(member, None)).await.unwrap();
    let world = world.reopen();
    let kept = person(&world, member).await;
    assert_eq!(live(&kept.consents), Vec::<&rows::Consent>::new());
    let told: Vec<(bool, Option<Channel>)> = kept.consents.iter().map(|c| (c.given, c.channel)).collect();
    let (sms, email) = (Some(Channel::Sms), Some(Channel::Email));
    assert_eq!(
        told,
        [(true, sms), (true, email), (false, email), (true, email), (false, sms), (false, email)]
    );
    assert_eq!(kept.consents[0].proof.ip.as_deref(), Some("192.0.2.7"));
    // The journal learns nothing of the proof.
    let program = world.program;
    let entries = world.service.read(move |r| r.entries(program, member, None, 50)).await.unwrap();
    assert!(!format!("{entries:?}").contains("192.0.2.7"));
    world.prove().await;
}

async fn a_consent_told_late_revives_nothing() {
    let world = shop().await;
    let member = world.member("42").await;
    world.write("a", give(member, vec![marketing(Channel::Email)])).await.unwrap();
    let began = person(&world, member).await.consents[0].at;
    world.clock("2026-03-02T12:00:00+03:00").await;
    world.write("b", withdraw(member, None)).await.unwrap();
    let late = ConsentTold { at: Some(began.plus_seconds(3600)), ..marketing(Channel::Email) };
    world.write("c", give(member, vec![late])).await.unwrap();
    assert!(subscribed(&person(&world, member).await.consents).is_none());
    world.prove().await;
}

async fn what_cannot_be_meant_is_refused_and_leaves_nothing() {
    let world = shop().await;
    let member = world.member("42").await;
    let bare = ConsentTold { channel: None, ..marketing(Channel::Email) };
    let other = ConsentTold { purpose: Purpose::PersonalData, ..marketing(Channel::Email) };
    let now = world.service.now(world.program);
    let future = ConsentTold { at: Some(now.plus_seconds(1)), ..marketing(Channel::Email) };
    for (key, told, refusal) in [
        ("a", vec![bare], Refusal::ConsentChannel),
        ("b", vec![marketing(Channel::Sms), other], Refusal::ConsentChannel),
        ("c", vec![marketing(Channel::Sms), future], Refusal::ConsentTime),
        ("d", vec![marketing(Channel::Sms); 201], Refusal::TooManyConsents { consents: 0 }),
    ] {
        assert_eq!(world.write(key, give(member, told)).await, Err(refusal.into()), "{key}");
    }
    assert!(person(&world, member).await.consents.is_empty());
    // What was given up to the limit can still be taken back.
    world.write("e", give(member, vec![marketing(Channel::Sms); 200])).await.unwrap();
    world.write("f", withdraw(member, None)).await.unwrap();
    assert!(subscribed(&person(&world, member).await.consents).is_none());
    world.prove().await;
}

async fn a_segment_is_asked_by_quotes_orders_and_lists_alike() {
    let world = shop().await;
    let (near, far) = (world.member("near").await, world.member("far").await);
    let region = PersonPatch {
        region: Some(Some("Тверь".into())),
        consents: vec![marketing(Channel::Push), marketing(Channel::Sms)],
        ..PersonPatch::default()
    };
    world.write("a", Change::PatchMember { member: MemberRef::Id(near), patch: region }).await.unwrap();
    for (n, member, due, earned) in [("n", near, 190_000, 190), ("f", far, 200_000, 0)] {
        let mut body = order(n, BodyStatus::Paid, 100_000);
        body.pricing = Some(Pricing::Engine);
        let who = Some(MemberRef::Id(member));
        let quoted = world.service.quote(world.program, who, body.clone(), false).await.unwrap().quote;
        assert_eq!(quoted.order.due().0, due, "quote {n}");
        let paid = world.put(Some(member), body).await.unwrap().order.unwrap();
        assert_eq!((paid.due().0, paid.points_earned_net().0), (due, earned), "order {n}");
    }
    let belongs = world.service.belongs(world.program, near).await.unwrap();
    assert_eq!(belongs.segments, ["near", "reachable"]);
    let page = |after| world.service.segment_page(world.program, "reachable".into(), after, 1);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = page(after).await.unwrap().unwrap();
        assert!(page.looked_at <= 1);
        found.extend(page.members);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, [near]);
    let none = world.service.segment_page(world.program, "nobody".into(), None, 1).await;
    assert_eq!(none, Ok(None));
    assert_eq!(world.service.belongs(world.program, MemberId(7)).await, Err(Refusal::MemberUnknown.into()));
    world.prove().await;
}

async fn a_segment_that_no_rule_names_knows_what_was_bought_and_who_it_is() {
    const PLAIN: &str = r#"{"program": "plain", "currency": "RUB",
        "segments": [{"id": "walkers", "if": {"bought_before": {"sku": "shoe"}}},
            {"id": "local", "if": {"region": "Тверь"}}],
        "rules": [{"id": "cashback", "when": "order.paid", "then": [{"credit": {"percent": 5}}]}]}"#;
    let mut world = World::new().await;
    world.program = publish(&world.service, PLAIN, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let (buyer, neighbour) = (world.member("buyer").await, world.member("neighbour").await);
    world.put(Some(buyer), order("A", BodyStatus::Paid, 100_000)).await.unwrap();
    let region = PersonPatch { region: Some(Some("Тверь".into())), ..PersonPatch::default() };
    let patch = Change::PatchMember { member: MemberRef::Id(neighbour), patch: region };
    world.write("r", patch).await.unwrap();
    for (member, segment) in [(buyer, "walkers"), (neighbour, "local")] {
        let belongs = world.service.belongs(world.program, member).await.unwrap();
        assert_eq!(belongs.segments, [segment]);
        let page = world.service.segment_page(world.program, segment.to_owned(), None, 10).await;
        assert_eq!(page.unwrap().unwrap().members, [member]);
    }
    world.prove().await;
}
