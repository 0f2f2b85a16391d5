//! Reports over all members: right by the members' own rows, bounded by the projections.

use crate::world::*;
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::order::{BodyStatus, OrderBody, OrderKey, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::time::Day;
use kopilka_service::*;
use std::time::Duration;

on_both_engines!(
    who_loses_points_stands_in_order_of_end_with_what_burns,
    held_spent_revoked_and_burnt_points_are_not_in_it,
    what_a_lot_has_left_is_asked_of_the_member_and_not_of_the_list,
    an_order_that_renews_points_moves_them_out_of_the_report,
    a_card_at_one_till_all_day_is_shown_and_cancelled_orders_do_not_count,
    a_purchase_counts_on_the_day_it_happened_in_the_programs_zone,
    reports_come_by_pages_and_tell_nothing_of_another_program,
    the_lists_of_the_reports_come_back_the_same,
    a_clock_that_is_moved_at_once_leaves_no_list_behind,
    a_version_in_another_zone_leaves_the_list_of_lots_right,
);

const DAY: &str = "2026-03-01";

/// Lets the projections catch up with the journal.
async fn caught_up(world: &World) {
    let background = world.service.start_background();
    for _ in 0..400 {
        let lots = world.service.expiring_report(world.program, 1, None, 1).await.unwrap();
        if !lots.as_of.behind && !flagged(world, DAY).await.as_of.behind {
            background.stop();
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the projections stay behind");
}

async fn credit(world: &World, member: MemberId, points: i64, ends: Option<&str>) {
    let adjustment = Adjustment {
        points: Points(points),
        active_at: None,
        expires_at: ends.map(at),
        gift: false,
        allow_debt: false,
    };
    let key = format!("{member} {points} {ends:?}");
    world.write(&key, Change::Adjust { member: MemberRef::Id(member), adjustment }).await.unwrap();
}

/// End, member, points, net balance.
async fn expiring(world: &World, days: u16) -> Vec<(String, MemberId, i64, i64)> {
    let report = world.service.expiring_report(world.program, days, None, 500).await.unwrap();
    assert_eq!(report.next, None);
    let row = |b: &Burning| (b.ends_at.to_string(), b.member, b.points.0, b.balance.net().0);
    report.rows.iter().map(row).collect()
}

fn on(day: &str) -> FraudAsked {
    FraudAsked { day: Day::parse(day).unwrap(), shop: None, after: None, limit: 500 }
}

async fn flagged(world: &World, day: &str) -> FraudReport {
    world.service.fraud_report(world.program, on(day)).await.unwrap()
}

/// Purchases, shop, cashier.
async fn counts(world: &World, day: &str) -> Vec<(i64, String, String)> {
    let place = |f: Flagged| (f.place.purchases, f.place.shop, f.place.cashier);
    flagged(world, day).await.rows.into_iter().map(place).collect()
}

/// Paid at a till: 2,000.00 in all.
fn at_till(id: &str, cashier: &str, time: Option<&str>) -> OrderBody {
    let body = order(id, BodyStatus::Paid, 100_000);
    OrderBody { cashier: Some(cashier.into()), occurred_at: time.map(at), ..body }
}

async fn plain_world() -> World {
    let world = World::new().await;
    let text = "program: sports-store\ncurrency: RUB\ntimezone: Europe/Moscow\npoints: { ends: exact }\n\
        accrual: { active_after: 14 days }\n\
        rules:\n- { id: back, when: order.paid, then: [{ credit: { percent: 5, expires: 1 month } }] }\n";
    publish(&world.service, text, true).await;
    world
}

async fn who_loses_points_stands_in_order_of_end_with_what_burns() {
    let world = plain_world().await;
    let (anna, boris) = (world.member("a").await, world.member("b").await);
    for (member, points, ends) in [
        (anna, 500, Some("2026-03-05T12:00:00+03:00")),
        (anna, 30, Some("2026-03-05T12:00:00+03:00")),
        (anna, 7, Some("2026-03-02T00:00:00+03:00")),
        (anna, 200, None),
        (boris, 300, Some("2026-03-05T12:00:00+03:00")),
        // Exactly a week from now is within a week, a moment later is not.
        (boris, 20, Some("2026-03-08T12:00:00+03:00")),
        (boris, 1, Some("2026-03-08T12:00:01+03:00")),
    ] {
        credit(&world, member, points, ends).await;
    }
    caught_up(&world).await;
    let (week, last) = ("2026-03-05T09:00:00Z".to_owned(), "2026-03-08T09:00:00Z".to_owned());
    let first = "2026-03-01T21:00:00Z".to_owned();
    let expected = vec![
        (first, anna, 7, 737),
        (week.clone(), anna, 530, 737),
        (week, boris, 300, 321),
        (last, boris, 20, 321),
    ];
    assert_eq!(expiring(&world, 7).await, expected);
    assert_eq!(expiring(&world, 1).await, expected[..1]);
    assert_eq!(expiring(&world, 366).await.len(), 5);
    let report = world.service.expiring_report(world.program, 7, None, 500).await.unwrap();
    assert_eq!(
        (report.as_of.at, report.until),
        (at("2026-03-01T12:00:00+03:00"), at("2026-03-08T12:00:00+03:00"))
    );
    assert!(report.as_of.entry > EntryId(0));
    world.prove().await;
}

async fn held_spent_revoked_and_burnt_points_are_not_in_it() {
    let world = plain_world().await;
    let ends = Some("2026-03-05T12:00:00+03:00");
    let (held, spent, taken) = (world.member("h").await, world.member("s").await, world.member("t").await);
    for member in [held, spent, taken] {
        credit(&world, member, 100, ends).await;
    }
    let ask = |id: &str, status| with_points(order(id, status, 10_000), PointsAsk::Exact(Points(40)));
    world.put(Some(held), ask("h", BodyStatus::Placed)).await.unwrap();
    world.put(Some(spent), ask("s", BodyStatus::Paid)).await.unwrap();
    world.adjust("taken", taken, -100).await.unwrap();
    caught_up(&world).await;
    let left = |rows: Vec<(String, MemberId, i64, i64)>| -> Vec<(MemberId, i64)> {
        rows.into_iter().map(|(_, member, points, _)| (member, points)).collect()
    };
    assert_eq!(left(expiring(&world, 7).await), [(held, 60), (spent, 60)]);
    // What the order gives back in time burns with the rest.
    world.write("c", Change::Cancel { key: key("h"), occurred_at: None }).await.unwrap();
    assert_eq!(left(expiring(&world, 7).await), [(held, 100), (spent, 60)]);
    // At its end a lot is due, and due is no longer about to burn: whether or not it was booked.
    world.clock("2026-03-05T12:00:00+03:00").await;
    assert_eq!(left(expiring(&world, 7).await), []);
    caught_up(&world).await;
    assert_eq!(left(expiring(&world, 7).await), []);
    world.prove().await;
}

async fn what_a_lot_has_left_is_asked_of_the_member_and_not_of_the_list() {
    let world = plain_world().await;
    let member = world.member("42").await;
    credit(&world, member, 100, Some("2026-03-05T12:00:00+03:00")).await;
    caught_up(&world).await;
    let before = world.service.expiring_report(world.program, 7, None, 10).await.unwrap();
    assert_eq!((before.rows[0].points.0, before.as_of.behind), (100, false));
    // Nothing fills the lists any more: they say 100 still.
    world.adjust("some", member, -30).await.unwrap();
    let after = world.service.expiring_report(world.program, 7, None, 10).await.unwrap();
    assert_eq!((after.rows[0].points.0, after.rows[0].balance.net().0), (70, 70));
    assert_eq!((after.as_of.entry, after.as_of.behind), (before.as_of.entry, true));
    world.adjust("rest", member, -70).await.unwrap();
    assert_eq!(expiring(&world, 7).await, []);
}

async fn an_order_that_renews_points_moves_them_out_of_the_report() {
    let world = World::new().await;
    let text = "program: sports-store\ncurrency: RUB\ntimezone: Europe/Moscow\n\
        points: { ends: exact, expires: { after_last_order: 5 days } }\n\
        rules:\n- { id: back, when: order.paid, then: [{ credit: { percent: 5 } }] }\n";
    publish(&world.service, text, true).await;
    let member = world.member("42").await;
    world.put(Some(member), order("o1", BodyStatus::Paid, 10_000)).await.unwrap();
    caught_up(&world).await;
    assert_eq!(expiring(&world, 7).await, [("2026-03-06T09:00:00Z".to_owned(), member, 10, 10)]);
    world.clock("2026-03-03T12:00:00+03:00").await;
    world.put(Some(member), order("o2", BodyStatus::Paid, 10_000)).await.unwrap();
    // The old end stands in the list and no longer in the row.
    assert_eq!(expiring(&world, 7).await, []);
    caught_up(&world).await;
    assert_eq!(expiring(&world, 7).await, [("2026-03-08T09:00:00Z".to_owned(), member, 20, 20)]);
    world.prove().await;
}

async fn a_card_at_one_till_all_day_is_shown_and_cancelled_orders_do_not_count() {
    let world = plain_world().await;
    let (member, other) = (world.member("42").await, world.member("43").await);
    for n in 0..6 {
        let time = format!("2026-03-01T0{n}:30:00+03:00");
        world.put(Some(member), at_till(&format!("o{n}"), "k1", Some(&time))).await.unwrap();
        world.put(Some(member), at_till(&format!("p{n}"), &format!("k{n}"), None)).await.unwrap();
        world.put(Some(other), order(&format!("q{n}"), BodyStatus::Placed, 100)).await.unwrap();
        // Every guest is somebody else.
        world.put(None, at_till(&format!("g{n}"), "k9", None)).await.unwrap();
    }
    // Seven with k1: six of the one series, one of the other.
    world.write("c", Change::Cancel { key: key("o5"), occurred_at: None }).await.unwrap();
    world.write("c2", Change::Cancel { key: key("p1"), occurred_at: None }).await.unwrap();
    caught_up(&world).await;
    assert_eq!(counts(&world, DAY).await, [], "five are usual");
    world.put(Some(member), at_till("o6", "k1", Some("2026-03-01T11:00:00+03:00"))).await.unwrap();
    // Half of one and the whole of another come back: the card was shown all the same.
    world.write("r0", back("o0", 1)).await.unwrap();
    world.write("r1", back("o1", 2)).await.unwrap();
    caught_up(&world).await;
    let report = flagged(&world, DAY).await;
    assert_eq!((report.rows.len(), report.max_purchases_per_day), (1, 5));
    let row = &report.rows[0];
    assert_eq!((row.place.member, row.place.purchases), (member, 6));
    assert_eq!((row.place.shop.as_str(), row.place.cashier.as_str()), ("shop", "k1"));
    // Four whole and a half of 2,000.00 each; 5 % of it, though nothing of that can be spent yet.
    assert_eq!((row.money.0, row.points.0), (900_000, 450));
    let times = (at("2026-03-01T00:30:00+03:00"), at("2026-03-01T11:00:00+03:00"));
    assert_eq!((row.first_at, row.last_at), times);
    world.prove().await;
}

async fn a_purchase_counts_on_the_day_it_happened_in_the_programs_zone() {
    let world = plain_world().await;
    let text = "program: sports-store\ncurrency: RUB\ntimezone: Europe/Moscow\n\
        fraud: { max_purchases_per_day: 1 }\n";
    publish(&world.service, text, true).await;
    let member = world.member("42").await;
    // 28 February in Moscow, by its first and its last second.
    for (id, time) in [("a", "2026-02-27T21:00:00Z"), ("b", "2026-02-28T20:59:59Z")] {
        world.put(Some(member), at_till(id, "k1", Some(time))).await.unwrap();
    }
    world.put(Some(member), at_till("c", "k1", Some("2026-02-28T21:00:00Z"))).await.unwrap();
    caught_up(&world).await;
    let till = |purchases| vec![(purchases, "shop".to_owned(), "k1".to_owned())];
    assert_eq!(counts(&world, "2026-02-28").await, till(2));
    assert_eq!(counts(&world, "2026-02-27").await, []);
    assert_eq!(counts(&world, "2026-03-01").await, []);
    // Placed the day before, bought when it was paid.
    world.put(Some(member), at_till("d", "k1", None)).await.unwrap();
    caught_up(&world).await;
    assert_eq!(counts(&world, "2026-03-01").await, till(2));
    world.prove().await;
}

async fn reports_come_by_pages_and_tell_nothing_of_another_program() {
    let world = plain_world().await;
    let members = [world.member("1").await, world.member("2").await, world.member("3").await];
    for (n, member) in (0_i64..).zip(members) {
        credit(&world, member, 10, Some("2026-03-05T12:00:00+03:00")).await;
        for purchase in 0..6 + n % 2 {
            let mut body = at_till(&format!("{n}-{purchase}"), "k1", None);
            let shop = if n == 2 { "north" } else { "south" };
            body.key = OrderKey { shop: shop.into(), ..body.key };
            body.cashier = (n != 0).then(|| "k1".into());
            world.put(Some(member), body).await.unwrap();
        }
    }
    caught_up(&world).await;
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = world.service.expiring_report(world.program, 7, after, 1).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.member));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, members);
    let (mut asked, mut seen) = (FraudAsked { limit: 1, ..on(DAY) }, Vec::new());
    loop {
        let page = world.service.fraud_report(world.program, asked.clone()).await.unwrap();
        seen.extend(page.rows.iter().map(|row| (row.place.member, row.place.purchases)));
        asked.after = page.next;
        if asked.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [(members[1], 7), (members[0], 6), (members[2], 6)]);
    let north = FraudAsked { shop: Some("north".to_owned()), ..on(DAY) };
    let north = world.service.fraud_report(world.program, north).await.unwrap();
    assert_eq!(north.rows.iter().map(|row| row.place.member).collect::<Vec<_>>(), [members[2]]);

    let other =
        publish(&world.service, &PROGRAM.replace("program: sports-store", "program: other"), true).await;
    world.service.set_clock(other, at("2026-03-01T12:00:00+03:00")).await.unwrap();
    let expiring = world.service.expiring_report(other, 366, None, 500).await.unwrap();
    assert_eq!((expiring.rows, expiring.next), (vec![], None));
    assert_eq!(world.service.fraud_report(other, on(DAY)).await.unwrap().rows, []);
}

async fn the_lists_of_the_reports_come_back_the_same() {
    let world = plain_world().await;
    let member = world.member("42").await;
    credit(&world, member, 10, Some("2026-03-05T12:00:00+03:00")).await;
    for n in 0..8 {
        world.put(Some(member), at_till(&format!("o{n}"), "k1", None)).await.unwrap();
    }
    world.write("c", Change::Cancel { key: key("o1"), occurred_at: None }).await.unwrap();
    caught_up(&world).await;
    let before = (expiring(&world, 7).await, flagged(&world, DAY).await);
    assert_eq!((before.0.len(), before.1.rows.len()), (1, 1));
    world.service.stop();
    let writer = world.place.store().writer().unwrap();
    writer.begin().unwrap();
    writer.drop_projections().unwrap();
    writer.commit().unwrap();
    drop(writer);
    let world = world.reopen();
    assert_eq!(expiring(&world, 7).await, []);
    assert!(flagged(&world, DAY).await.as_of.behind);
    caught_up(&world).await;
    assert_eq!((expiring(&world, 7).await, flagged(&world, DAY).await), before);
    world.prove().await;
}

/// Whoever moves the clock brings the pages up to date; the sums by month have to hear of it too.
async fn a_clock_that_is_moved_at_once_leaves_no_list_behind() {
    let world = plain_world().await;
    let background = world.service.start_background();
    let member = world.member("42").await;
    credit(&world, member, 10, Some("2026-03-05T12:00:00+03:00")).await;
    world.clock("2026-03-02T12:00:00+03:00").await;
    for _ in 0..400 {
        let report = world.service.expiring_report(world.program, 7, None, 10).await.unwrap();
        if !report.as_of.behind {
            assert_eq!(report.rows.len(), 1);
            background.stop();
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the list of lots stays behind");
}

/// A lot that ends at midnight in Moscow ends in another month in New York.
async fn a_version_in_another_zone_leaves_the_list_of_lots_right() {
    let mut world = World::new().await;
    let text = "program: zones\ncurrency: RUB\ntimezone: Europe/Moscow\n\
        rules: [{ id: all, when: order.paid, then: [{ credit: { percent: 1 } }] }]\n";
    world.program = publish(&world.service, text, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let member = world.member("1").await;
    credit(&world, member, 10, Some("2026-06-01T00:30:00+03:00")).await;
    caught_up(&world).await;
    publish(&world.service, &text.replace("Europe/Moscow", "America/New_York"), true).await;
    credit(&world, member, 20, Some("2026-06-01T00:30:00+03:00")).await;
    caught_up(&world).await;
    world.prove().await;
}
