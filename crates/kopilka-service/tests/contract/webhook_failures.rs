//! What becomes of events when receivers, servers and networks fail.

use crate::receiver::*;
use crate::webhooks::*;
use crate::world::*;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_service::*;
use std::collections::BTreeSet;

on_both_engines!(
    an_hour_of_failures_loses_nothing_and_keeps_the_order_of_each_member,
    what_is_given_up_releases_the_members_next_and_holds_up_nobody_else,
    an_endpoint_that_is_gone_is_not_asked_again_until_somebody_says_so,
    an_endpoint_that_fails_for_days_is_switched_off_with_nothing_given_up,
    a_sudden_end_between_telling_and_writing_down_tells_again_under_the_same_id,
    an_endpoint_has_no_more_waiting_than_it_may,
    a_redirect_is_not_followed,
);

async fn an_hour_of_failures_loses_nothing_and_keeps_the_order_of_each_member() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    receiver.answers(|heard| if heard.id().len() % 2 == 0 { 500 } else { 302 });
    let mut members = Vec::new();
    for ext in 0..6 {
        members.push(outside.world.member(&ext.to_string()).await);
    }
    for minute in 0..60 {
        if minute % 10 == 0 {
            for member in &members {
                outside.world.adjust(&format!("{minute}"), *member, 1).await.unwrap();
            }
        }
        outside.pass(60);
    }
    assert!(receiver.acknowledged().is_empty() && !receiver.heard().is_empty());
    let heads: BTreeSet<String> = receiver.heard().iter().map(Heard::member).collect();
    assert!(receiver.heard().iter().all(|h| h.kind() == "member.registered"), "a later event overtook");
    assert_eq!(heads.len(), members.len(), "one member's failure holds up the others");
    receiver.answers(|_| 200);
    // The pause that has begun is of two hours.
    for _ in 0..18 {
        outside.pass(600);
    }
    assert_once_and_in_order(&receiver, &outside.events(&[]).await);
    assert_same_bodies(&receiver);
    assert!(outside.log(id, Some(DeliveryState::Waiting)).await.is_empty());
}

async fn what_is_given_up_releases_the_members_next_and_holds_up_nobody_else() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &["member.registered", "points.accrued"]).await;
    let (bad, good) = (outside.world.member("bad").await, outside.world.member("good").await);
    let poison = bad.to_string();
    let is_poison = move |h: &Heard| h.kind() == "member.registered" && h.member() == poison;
    receiver.answers(move |heard| if is_poison(heard) { 500 } else { 200 });
    let heard_of = |member: MemberId| {
        let member = member.to_string();
        receiver.heard().iter().filter(|h| h.is_acknowledged() && h.member() == member).count()
    };
    for day in 0..5 {
        // Others get through all the while, so the endpoint is well.
        outside.world.adjust(&format!("{day}"), good, 1).await.unwrap();
        for _ in 0..24 {
            outside.pass(3_600);
        }
        assert_eq!(heard_of(good), 3 + day, "day {day}");
        assert_eq!(heard_of(bad), usize::from(day >= 3), "day {day}");
    }
    assert_eq!(outside.state(id).await, WebhookState::Enabled);
    let given_up = outside.log(id, Some(DeliveryState::GivenUp)).await;
    let [row] = given_up.as_slice() else { panic!("{given_up:?}") };
    assert_eq!((row.tries, row.status, row.failure.as_deref()), (10, Some(500), Some("status")));
    // Asked for by hand it comes after all.
    receiver.answers(|_| 200);
    let event = outgoing::event_id(row.key.entry, row.key.position);
    outside.world.service.retry_delivery(outside.world.program, id, &event).await.unwrap();
    outside.deliver();
    assert!(receiver.acknowledged().contains(&event));
    assert!(outside.log(id, Some(DeliveryState::GivenUp)).await.is_empty());
}

async fn an_endpoint_that_is_gone_is_not_asked_again_until_somebody_says_so() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    receiver.answers(|_| 410);
    outside.world.member("42").await;
    outside.deliver();
    assert_eq!(outside.state(id).await, WebhookState::Gone);
    let asked = receiver.heard().len();
    assert_eq!(asked, 1);
    outside.world.member("43").await;
    outside.pass(86_400);
    assert_eq!(receiver.heard().len(), asked);
    receiver.answers(|_| 200);
    outside.enable(id).await;
    outside.deliver();
    assert_once_and_in_order(&receiver, &outside.events(&[]).await);
}

async fn an_endpoint_that_fails_for_days_is_switched_off_with_nothing_given_up() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    receiver.answers(|_| 503);
    outside.world.member("42").await;
    let mut hours = 0;
    while outside.state(id).await == WebhookState::Enabled {
        outside.pass(3_600);
        hours += 1;
        assert!(hours < 24 * 7, "it is asked for ever");
    }
    assert!((72..=96).contains(&hours), "{hours}");
    assert_eq!(outside.state(id).await, WebhookState::Failing);
    outside.world.member("43").await;
    outside.pass(3_600);
    assert!(outside.log(id, Some(DeliveryState::GivenUp)).await.is_empty());
    receiver.answers(|_| 200);
    outside.enable(id).await;
    outside.deliver();
    assert_once_and_in_order(&receiver, &outside.events(&[]).await);
    let row = outside.world.service.webhook(outside.world.program, id).await.unwrap();
    assert_eq!((row.state, row.failing_since), (WebhookState::Enabled, None));
}

async fn a_sudden_end_between_telling_and_writing_down_tells_again_under_the_same_id() {
    let clock = Clock::manual(at("2026-03-01T12:00:00+03:00"));
    let dies = Faults::new(|step| step == Step::Delivered);
    let world = World::with(|given| OpenOptions { faults: dies, ..options(&clock, given) }).await;
    beat(&world.service);
    let receiver = Receiver::start().await;
    let (_, secret) = endpoint(&world.service, world.program, &receiver, &[]).await;
    world.member("42").await;
    let mut deliverer = Deliverer::new(world.service.clone()).unwrap();
    let ended = tokio::task::block_in_place(|| deliverer.run());
    assert_eq!(ended, Err(ServiceError::Stopping));
    let told = receiver.acknowledged();
    assert_eq!(told.len(), 1);
    drop(deliverer);
    let World { place, service, program } = world;
    let service = reopened_with(service, || options(&clock, place.options()));
    let world = World { place, service, program };
    // The dead one's tasks are free when its silence has been noticed.
    let mut deliverer = Deliverer::new(world.service.clone()).unwrap();
    for _ in 0..100 {
        beat(&world.service);
        tokio::task::block_in_place(|| deliverer.run()).unwrap();
        if receiver.heard().len() > told.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(receiver.heard()[1].id(), told[0], "it is told again");
    assert_same_bodies(&receiver);
    let all: BTreeSet<String> = receiver.acknowledged().into_iter().collect();
    let page = world.service.events_after(world.program, EntryId(0), 100).await.unwrap();
    assert_eq!(all, page.events.iter().map(|event| event.id.clone()).collect());
    assert!(receiver.heard().iter().all(|heard| heard.is_signed_with(&secret)));
}

async fn an_endpoint_has_no_more_waiting_than_it_may() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    receiver.answers(|_| 500);
    let mut members = Vec::new();
    for n in 0..20 {
        members.push(outside.world.member(&n.to_string()).await);
    }
    for n in 0..115 {
        let writes = members.iter().map(|member| {
            let write = outside.world.ask(Some(&n.to_string()), adjustment(*member, 1));
            let service = outside.world.service.clone();
            tokio::spawn(async move { service.write(write).await.unwrap() })
        });
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap();
        }
    }
    outside.deliver();
    let (service, program) = (outside.world.service.clone(), outside.world.program);
    let waiting = service.read(move |r| r.deliveries_waiting(program, id)).await.unwrap();
    assert!((2_000..2_100).contains(&waiting), "{waiting}");
    receiver.answers(|_| 200);
    outside.enable(id).await;
    outside.deliver();
    assert_once_and_in_order(&receiver, &outside.events(&[]).await);
}

async fn a_redirect_is_not_followed() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &["member.registered"]).await;
    receiver.answers(|_| 307);
    outside.world.member("42").await;
    outside.deliver();
    let log = outside.log(id, None).await;
    assert_eq!((log[0].status, log[0].failure.as_deref()), (Some(307), Some("status")));
    assert_eq!((log[0].tries, log[0].state), (1, DeliveryState::Waiting));
}

/// What only a database with several servers can do.
mod several {
    crate::world::on_postgres!(one_server_of_several_tells_and_another_takes_over);
    use super::one_server_of_several_tells_and_another_takes_over;
}

async fn one_server_of_several_tells_and_another_takes_over() {
    let place = Place::new().await;
    let clock = Clock::default();
    let first = Service::open(options(&clock, place.options())).unwrap();
    let second = Service::open(options(&clock, place.options())).unwrap();
    let program = publish(&first, PROGRAM, true).await;
    let world = World { place, service: first, program };
    let receiver = Receiver::start().await;
    let backgrounds = [world.service.start_background(), second.start_background()];
    endpoint(&world.service, program, &receiver, &[]).await;
    let members = [world.member("1").await, world.member("2").await];
    let [first_threads, second_threads] = backgrounds;
    let all = async |service: &Service| {
        for _ in 0..200 {
            let page = service.events_after(program, EntryId(0), 500).await.unwrap();
            let ids: Vec<String> = page.events.into_iter().map(|event| event.id).collect();
            if !page.more && receiver.acknowledged().len() >= ids.len() {
                return ids;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("events do not arrive");
    };
    assert_once_and_in_order(&receiver, &all(&world.service).await);
    // The other one has read by now which programs there are.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    first_threads.stop();
    world.service.stop();
    let world = World { service: second, ..world };
    for n in 0..5 {
        for member in members {
            world.adjust(&format!("{n}"), member, 1).await.unwrap();
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_once_and_in_order(&receiver, &all(&world.service).await);
    second_threads.stop();
}

/// A receiver that never answers holds up nobody but itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_receiver_holds_up_nobody_else() {
    let outside = Outside::new().await;
    let (silent, well) = (Receiver::start().await, Receiver::start().await);
    silent.answers(|_| SILENCE);
    for _ in 0..8 {
        outside.endpoint(&silent, &[]).await;
    }
    outside.endpoint(&well, &[]).await;
    let background = outside.world.service.start_background();
    for n in 0..20 {
        outside.world.member(&n.to_string()).await;
    }
    let expected = outside.events(&[]).await;
    for _ in 0..200 {
        if well.acknowledged().len() == expected.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_once_and_in_order(&well, &expected);
    assert!(!silent.heard().is_empty());
    background.stop();
}
