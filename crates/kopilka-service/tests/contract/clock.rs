//! Time: what is due happens once, at its time or as soon as somebody looks.

use crate::world::*;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::time::Day;
use kopilka_service::*;

on_both_engines!(
    a_clock_is_free_before_the_first_command_and_goes_only_forward_after,
    a_moving_clock_does_everything_at_its_own_time,
    a_stop_is_caught_up_each_thing_once,
    the_scheduler_finds_what_is_due_by_itself,
    a_new_version_with_a_birthday_rule_reaches_who_is_there_already,
);

fn born(ext: &str, day: &str) -> Registration {
    Registration { ext: Some(ext.to_owned()), birth_date: Day::parse(day), ..Registration::default() }
}

async fn a_clock_is_free_before_the_first_command_and_goes_only_forward_after() {
    let world = World::new().await;
    world.clock("2020-01-01T00:00:00Z").await;
    world.clock("2010-01-01T00:00:00Z").await;
    world.member("42").await;
    let now = at("2010-01-01T00:00:00Z");
    assert_eq!(world.service.now(world.program), now, "a set clock stands still");
    let back = world.service.set_clock(world.program, at("2009-12-31T23:59:59Z")).await;
    assert_eq!(back, Err(ServiceError::ClockBackwards { now }));
    assert_eq!(world.service.set_clock(world.program, now).await, Ok(now));
    let world = world.reopen();
    assert_eq!(world.service.now(world.program), now);
    let live = publish(&world.service, PROGRAM, false).await;
    let moved = world.service.set_clock(live, at("2030-01-01T00:00:00Z")).await;
    assert_eq!(moved, Err(ServiceError::ClockOfLiveProgram));
    world.prove().await;
}

async fn a_moving_clock_does_everything_at_its_own_time() {
    let world = World::new().await;
    let member = world.register("r", born("42", "1990-05-10")).await.member;
    let paid = world.put(Some(member), order("o1", BodyStatus::Paid, 100_000)).await.unwrap();
    assert_eq!(paid.balance.pending.0, 100);
    world.clock("2026-03-15T12:00:00+03:00").await;
    assert_eq!(world.available(member).await, 600, "after 14 days");
    world.clock("2026-05-11T00:00:00+03:00").await;
    assert_eq!(world.available(member).await, 1500, "the cashback died, the birthday came");
    world.clock("2028-01-01T00:00:00+03:00").await;
    assert_eq!(world.available(member).await, 500, "two birthdays came and went");
    let program = world.program;
    let entries = world.service.read(move |r| r.entries(program, member, None, 100)).await.unwrap();
    let causes: Vec<&str> = entries.iter().rev().map(|e| e.cause.as_str()).collect();
    assert_eq!(
        causes,
        ["register", "order", "activation", "expiry", "birthday", "expiry", "birthday", "expiry"]
    );
    world.prove().await;
}

async fn a_stop_is_caught_up_each_thing_once() {
    let world = World::new().await;
    let mut members = Vec::new();
    for n in 0..300 {
        members.push(world.register(&format!("r{n}"), born(&n.to_string(), "1990-05-10")).await.member);
    }
    // A live program's scheduler meets everything late: the clock is moved without running anything.
    let background = world.service.start_background();
    let last = *members.last().unwrap();
    world.service.wait_for_seq(world.program, last, 1).await.unwrap();
    background.stop();
    let world = world.reopen();
    world.clock("2026-05-10T10:00:00+03:00").await;
    let background = world.service.start_background();
    world.clock("2026-05-10T10:00:00+03:00").await;
    background.stop();
    for member in members {
        assert_eq!(world.available(member).await, 1500);
    }
    let verified = world.prove().await;
    assert_eq!((verified.members, verified.entries), (300, 600));
}

async fn the_scheduler_finds_what_is_due_by_itself() {
    let place = Place::new().await;
    let service = place.open().unwrap();
    let text = PROGRAM.replace("active_after: 14 days", "active_after: 0 days");
    let text = text.split("\ntests:").next().unwrap().to_owned();
    let program = publish(&service, &text, false).await;
    let world = World { place, service, program };
    let background = world.service.start_background();
    let member = world.member("42").await;
    let body = with_points(order("o1", BodyStatus::Placed, 50_000), PointsAsk::Exact(Points(100)));
    world.put(Some(member), body).await.unwrap();
    let soon = world.service.now(program).plus_seconds(1);
    let lapsing = Change::Adjust {
        member: MemberRef::Id(member),
        adjustment: kopilka_core::decide::Adjustment {
            points: Points(50),
            active_at: None,
            expires_at: Some(soon),
            gift: true,
            allow_debt: false,
        },
    };
    let done = world.write("a", lapsing).await.unwrap();
    assert_eq!(done.balance.available.0, 450);
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let head = world.service.read(move |r| r.head(program, member)).await.unwrap().unwrap();
    assert_eq!(head.0, done.seq + 1, "the expiry was booked once");
    assert_eq!(world.available(member).await, 400);
    background.stop();
    world.prove().await;
}

async fn a_new_version_with_a_birthday_rule_reaches_who_is_there_already() {
    let place = Place::new().await;
    let service = place.open().unwrap();
    let without_tests = PROGRAM.split("\ntests:").next().unwrap().to_owned();
    let (start, rest) = without_tests.split_once("  - id: birthday").unwrap();
    let (_, end) = rest.split_once("  - id: cashback").unwrap();
    let plain = format!("{start}  - id: cashback{end}");
    let program = publish(&service, &plain, true).await;
    let world = World { place, service, program };
    world.clock("2026-03-01T12:00:00+03:00").await;
    let member = world.register("r", born("42", "1990-05-10")).await.member;
    assert_eq!(publish(&world.service, &without_tests, true).await, program);
    world.clock("2026-05-10T00:00:00+03:00").await;
    assert_eq!(world.available(member).await, 1500);
    assert_eq!(world.service.programs()[0].newest, 2);
    assert_eq!(publish(&world.service, &without_tests, true).await, program);
    assert_eq!(world.service.programs()[0].newest, 2, "the same text is the same version");
    world.prove().await;
}
