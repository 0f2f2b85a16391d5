//! Idempotency: the first answer for ever, wherever the key is kept meanwhile.

use crate::world::*;
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    the_same_key_answers_the_same_for_ever,
    the_same_key_with_other_content_is_refused,
    doubled_commands_in_one_group_are_one,
    refusals_are_not_stored,
    a_busy_member_remembers_every_key_without_a_projection,
    an_adjustment_is_reversed_once,
    api_keys_are_known_until_they_are_revoked,
);

fn same(first: &Done, again: &Done) {
    assert!(again.replayed && !first.replayed);
    let figures = |d: &Done| (d.member, d.seq, d.entry, d.balance, d.outcome.clone(), d.version, d.now);
    assert_eq!(figures(first), figures(again));
}

async fn the_same_key_answers_the_same_for_ever() {
    let world = World::new().await;
    let member = world.member("42").await;
    let first = world.adjust("a", member, -10).await.unwrap();
    assert_eq!(first.balance.available.0, 490);
    world.adjust("b", member, -10).await.unwrap();
    same(&first, &world.adjust("a", member, -10).await.unwrap());
    // After a restart.
    let world = world.reopen();
    same(&first, &world.adjust("a", member, -10).await.unwrap());
    // After the projection has taken the keys over and a write has taken them out of the row.
    let background = world.service.start_background();
    let newest = world.adjust("c", member, -10).await.unwrap();
    world.service.wait_for_seq(world.program, member, newest.seq).await.unwrap();
    world.adjust("d", member, -10).await.unwrap();
    let program = world.program;
    let row = world.service.read(move |r| r.member(program, member)).await.unwrap().unwrap();
    assert_eq!(row.keys.len(), 1, "only the newest key is in the row");
    same(&first, &world.adjust("a", member, -10).await.unwrap());
    background.stop();
    let world = world.reopen();
    same(&first, &world.adjust("a", member, -10).await.unwrap());
    assert_eq!(world.available(member).await, 460);
    world.prove().await;
}

async fn the_same_key_with_other_content_is_refused() {
    let world = World::new().await;
    let member = world.member("42").await;
    world.adjust("a", member, -10).await.unwrap();
    assert_eq!(world.adjust("a", member, -11).await, Err(ServiceError::IdempotencyConflict));
    let registration = Registration { ext: Some("43".to_owned()), ..Registration::default() };
    let conflict = world.write("register 42", Change::Register(registration)).await;
    assert_eq!(conflict, Err(ServiceError::IdempotencyConflict));
    let elsewhere = Write { scope: "shop/other".to_owned(), ..world.ask(Some("a"), adjustment(member, -11)) };
    assert!(world.service.write(elsewhere).await.is_ok(), "another scope is another key");
    let other = world.member("43").await;
    assert!(!world.adjust("a", other, -10).await.unwrap().replayed, "another member is another key");
    world.prove().await;
}

async fn doubled_commands_in_one_group_are_one() {
    let world = World::new().await;
    let member = world.member("42").await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (service, write) = (world.service.clone(), world.ask(Some("a"), adjustment(member, -10)));
            tokio::spawn(async move { service.write(write).await.unwrap() })
        })
        .collect();
    let mut done = Vec::new();
    for call in calls {
        done.push(call.await.unwrap());
    }
    assert_eq!(done.iter().filter(|d| !d.replayed).count(), 1);
    assert!(done.iter().all(|d| d.entry == done[0].entry && d.balance == done[0].balance));
    assert_eq!(world.available(member).await, 490);
    world.prove().await;
}

async fn refusals_are_not_stored() {
    let world = World::new().await;
    let member = world.member("42").await;
    let refused = world.adjust("a", member, -501).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::InsufficientPoints { .. }))));
    world.adjust("b", member, 100).await.unwrap();
    assert!(!world.adjust("a", member, -501).await.unwrap().replayed);
    world.prove().await;
}

async fn a_busy_member_remembers_every_key_without_a_projection() {
    let world = World::new().await;
    let member = world.member("42").await;
    for n in 0..200 {
        world.adjust(&format!("k{n}"), member, -1).await.unwrap();
    }
    for n in [0, 1, 50, 150, 199] {
        assert!(world.adjust(&format!("k{n}"), member, -1).await.unwrap().replayed, "{n}");
    }
    assert_eq!(world.available(member).await, 300);
    world.prove().await;
}

async fn an_adjustment_is_reversed_once() {
    let world = World::new().await;
    let member = world.member("42").await;
    let taken = world.adjust("a", member, -100).await.unwrap();
    let entry = taken.entry.unwrap();
    let reversed = world.write("r", Change::Reverse { member, entry }).await.unwrap();
    assert_eq!(reversed.balance.available.0, 500);
    same(&reversed, &world.write("r", Change::Reverse { member, entry }).await.unwrap());
    assert_eq!(
        world.write("r2", Change::Reverse { member, entry }).await,
        Err(Refusal::NotReversible.into())
    );
    let own = Change::Reverse { member, entry: reversed.entry.unwrap() };
    assert_eq!(world.write("r3", own).await, Err(Refusal::NotReversible.into()));
    world.prove().await;
}

async fn api_keys_are_known_until_they_are_revoked() {
    let world = World::new().await;
    let new = NewKey {
        program: world.program,
        shop: "shop".to_owned(),
        name: "till".to_owned(),
        scopes: vec!["pos".to_owned()],
    };
    let (info, secret) = world.service.create_key(new).await.unwrap();
    let caller = world.service.authenticate(&secret).unwrap();
    assert_eq!((caller.program, caller.shop.as_str()), (world.program, "shop"));
    assert!(world.service.authenticate(&format!("{secret}x")).is_none());
    let world = world.reopen();
    assert!(world.service.authenticate(&secret).is_some());
    world.service.revoke_key(&info.id).await.unwrap();
    assert!(world.service.authenticate(&secret).is_none());
    assert!(world.service.keys(Some(world.program))[0].revoked_at.is_some());
    assert_eq!(world.service.revoke_key("k_0").await, Err(ServiceError::KeyUnknown));
}
