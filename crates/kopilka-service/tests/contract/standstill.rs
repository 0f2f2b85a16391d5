//! A server that stood still for forty days: all that was due meanwhile happens once, in order, and nobody
//! loses points to the standstill itself.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::time::{Day, Instant};
use kopilka_service::*;

on_both_engines!(what_was_due_in_forty_days_happens_once_and_in_order);

/// Stands still until it is turned, for a program that is live.
fn options(clock: &Clock, place: &Place) -> OpenOptions {
    OpenOptions { clock: clock.clone(), ..place.options() }
}

/// Causes and effective times of a member's entries, the oldest first.
async fn lived(world: &World, member: MemberId) -> Vec<(String, Instant)> {
    let program = world.program;
    let entries = world.service.read(move |r| r.entries(program, member, None, 100)).await.unwrap();
    entries.into_iter().rev().map(|entry| (entry.cause, entry.effective_at)).collect()
}

fn told(lived: &[(String, Instant)]) -> Vec<(&str, Instant)> {
    lived.iter().map(|(cause, at)| (cause.as_str(), *at)).collect()
}

async fn catch_up(world: &World) {
    let service = world.service.clone();
    tokio::task::spawn_blocking(move || Scheduler::new(service).run()).await.unwrap().unwrap();
}

async fn what_was_due_in_forty_days_happens_once_and_in_order() {
    let place = Place::new().await;
    let start = at("2026-04-20T12:00:00+03:00");
    let clock = Clock::manual(start);
    let service = Service::open(options(&clock, &place)).unwrap();
    let program = publish(&service, PROGRAM, false).await;
    let world = World { place, service, program };
    let birthday = Registration {
        ext: Some("born in May".to_owned()),
        birth_date: Day::parse("1990-05-10"),
        ..Registration::default()
    };
    let born = world.register("born", birthday).await.member;
    let buyer = world.member("buyer").await;
    world.put(Some(buyer), order("bought", BodyStatus::Paid, 100_000)).await.unwrap();
    let waiting = world.member("waiting").await;
    let body = with_points(order("placed", BodyStatus::Placed, 50_000), PointsAsk::Exact(Points(100)));
    world.put(Some(waiting), body).await.unwrap();

    let World { place, service, .. } = world;
    service.stop();
    let end = at("2026-05-30T12:00:00+03:00");
    clock.turn_to(end);
    let service = reopened_with(service, || options(&clock, &place));
    let world = World { place, service, program };
    // Whoever looks before anything is booked sees what the time has made of it.
    assert_eq!(world.available(buyer).await, 600, "5 % of 2,000.00 beside the welcome, since 4 May");
    assert_eq!(world.available(waiting).await, 400, "the hold is not given back before its lapse is booked");
    catch_up(&world).await;

    let lives = lived(&world, born).await;
    assert_eq!(told(&lives), [("register", start), ("birthday", at("2026-05-10T00:00:00+03:00"))]);
    let gift = world.service.book(program, born).await.unwrap().member;
    let gift = gift.lots.iter().find(|lot| lot.source == "birthday").unwrap().clone();
    assert_eq!((gift.active_at, gift.expires_at), (end, Some(at("2026-06-03T00:00:00+03:00"))), "three days from now");
    assert_eq!(world.available(born).await, 1_500);

    let lives = lived(&world, buyer).await;
    let activated = at("2026-05-04T12:00:00+03:00");
    assert_eq!(told(&lives), [("register", start), ("order", start), ("activation", activated)]);
    let lives = lived(&world, waiting).await;
    let lapsed = at("2026-05-20T12:00:00+03:00");
    assert_eq!(told(&lives), [("register", start), ("order", start), ("lapse", lapsed)]);
    assert_eq!(world.available(waiting).await, 500);

    let before = entries(&world);
    catch_up(&world).await;
    assert_eq!(entries(&world), before, "once is once");
    // Forty more days: what the late gift and the cashback had left is over.
    clock.turn_to(at("2026-07-09T12:00:00+03:00"));
    catch_up(&world).await;
    let lives = lived(&world, born).await;
    assert_eq!(told(&lives)[2..], [("expiry", at("2026-06-03T00:00:00+03:00"))]);
    assert_eq!((world.available(born).await, world.available(buyer).await), (500, 500));
    world.prove().await;
}

/// How many there are of all members, as the proof counts them.
fn entries(world: &World) -> u64 {
    let verified = world.place.verify();
    assert_eq!(verified.told, vec![]);
    verified.entries
}
