//! Sums by day and how members buy: what they say is what happened, each thing once.

use crate::world::*;
use kopilka_core::decide::Adjustment;
use kopilka_core::measures::DaySums;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::time::Day;
use kopilka_service::*;
use std::time::Duration;

on_both_engines!(
    each_day_has_what_happened_on_it_by_the_programs_calendar,
    sums_are_added_once_however_often_the_journal_is_read,
    members_are_counted_by_what_remains_of_their_orders,
    another_program_has_sums_of_its_own,
    members_are_counted_where_they_stand,
);

async fn days(world: &World, from: &str, to: &str) -> Vec<(String, DaySums)> {
    let (from, to) = (Day::parse(from).unwrap(), Day::parse(to).unwrap());
    let background = world.service.start_background();
    for _ in 0..400 {
        let report = world.service.days_report(world.program, from, to).await.unwrap();
        let other = world.service.expiring_report(world.program, 1, None, 1).await.unwrap();
        if !report.as_of.behind && !other.as_of.behind {
            background.stop();
            return report
                .days
                .into_iter()
                .map(|(day, sums)| (Day::of_number(day).to_string(), sums))
                .collect();
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the sums stay behind");
}

async fn given(world: &World, member: kopilka_core::ids::MemberId, points: i64, ends: &str) {
    let adjustment = Adjustment {
        points: Points(points),
        active_at: None,
        expires_at: Some(at(ends)),
        gift: false,
        allow_debt: false,
    };
    let change = Change::Adjust { member: MemberRef::Id(member), adjustment };
    world.write(&format!("{member} {points}"), change).await.unwrap();
}

async fn world() -> World {
    let world = World::new().await;
    let text =
        "program: sports-store\ncurrency: RUB\ntimezone: Europe/Moscow\npoints: { ends: exact }\nrules: []\n";
    publish(&world.service, text, true).await;
    world
}

/// Two members, two days: 500 given, 40 spent on an order and 10 of them back, 460 and 10 burnt.
async fn lived(world: &World) {
    let (anna, boris) = (world.member("a").await, world.member("b").await);
    given(world, anna, 500, "2026-03-03T00:30:00+03:00").await;
    let paid = with_points(order("1", BodyStatus::Paid, 10_000), PointsAsk::Exact(Points(40)));
    world.put(Some(anna), paid).await.unwrap();
    world.put(Some(boris), order("2", BodyStatus::Paid, 20_000)).await.unwrap();
    world.write("c", Change::Cancel { key: key("1"), occurred_at: None }).await.unwrap();
    world.clock("2026-03-04T12:00:00+03:00").await;
    world.put(Some(boris), order("3", BodyStatus::Paid, 5_000)).await.unwrap();
}

async fn each_day_has_what_happened_on_it_by_the_programs_calendar() {
    let world = world().await;
    lived(&world).await;
    let days = days(&world, "2026-02-01", "2026-03-31").await;
    let names: Vec<&str> = days.iter().map(|(day, _)| day.as_str()).collect();
    assert_eq!(names, ["2026-03-01", "2026-03-03", "2026-03-04"]);
    let first = days[0].1;
    assert_eq!((first.members, first.orders, first.orders_with_points), (2, 2, 1));
    assert_eq!(
        (first.points.issued, first.points.spent, first.points.come_back),
        (Points(500), Points(40), Points(40))
    );
    // Burnt half an hour after midnight in Moscow, the day before in Greenwich.
    assert_eq!((days[1].1.points.expired, days[1].1.orders), (Points(500), 0));
    assert_eq!((days[2].1.orders, days[2].1.members), (1, 0));
    world.prove().await;
}

async fn sums_are_added_once_however_often_the_journal_is_read() {
    let world = world().await;
    lived(&world).await;
    let before = days(&world, "2026-02-01", "2026-03-31").await;
    let world = world.reopen();
    assert_eq!(days(&world, "2026-02-01", "2026-03-31").await, before);
    let store = world.place.store();
    let writer = store.writer().unwrap();
    writer.begin().unwrap();
    writer.drop_projections().unwrap();
    writer.commit().unwrap();
    drop(writer);
    let empty = world.service.days_report(world.program, Day::EPOCH, Day::parse("2026-12-31").unwrap()).await;
    assert_eq!(empty.unwrap().days.len(), 0);
    let world = world.reopen();
    assert_eq!(days(&world, "2026-02-01", "2026-03-31").await, before, "filled again");
}

async fn members_are_counted_by_what_remains_of_their_orders() {
    let world = world().await;
    assert_eq!(world.service.customers_report(world.program).await.unwrap(), None);
    lived(&world).await;
    days(&world, "2026-02-01", "2026-03-31").await;
    let counted = world.service.count_customers(world.program).await.unwrap();
    let report = &counted.customers;
    // The cancelled order is nobody's purchase.
    assert_eq!((report.members, report.orders, report.repeat), (1, 2, 1));
    assert_eq!(report.days.values().map(|day| day.orders).sum::<u32>(), 2);
    assert!(report.money > Money::ZERO);
    assert_eq!(world.service.customers_report(world.program).await.unwrap(), Some(counted));
}

async fn another_program_has_sums_of_its_own() {
    let world = world().await;
    lived(&world).await;
    days(&world, "2026-02-01", "2026-03-31").await;
    let text = "program: other\ncurrency: RUB\nrules: []\n";
    let other = publish(&world.service, text, true).await;
    let report =
        world.service.days_report(other, Day::EPOCH, Day::parse("2026-12-31").unwrap()).await.unwrap();
    assert_eq!(report.days.len(), 0);
    assert_eq!(world.service.count_customers(other).await.unwrap().customers.members, 0);
    assert_eq!(world.service.liability_report(other).await.unwrap().months, []);
}

async fn members_are_counted_where_they_stand() {
    let world = World::new().await;
    let text = "program: sports-store\ncurrency: RUB\ntimezone: Europe/Moscow\nrules: []\n\
        tiers:\n  by: money_paid\n  over: rolling 12 months\n  levels:\n    - { id: base }\n    - { id: gold, from: 300.00 }\n\
        achievements: [{ id: two, counts: orders, goal: 2 }]\n\
        rewards: [{ id: mug, cost: 10 }]\n";
    publish(&world.service, text, true).await;
    assert_eq!(world.service.standings_report(world.program).await.unwrap(), None);
    let (anna, boris) = (world.member("a").await, world.member("b").await);
    given(&world, anna, 500, "2027-03-03T00:30:00+03:00").await;
    for id in ["1", "2"] {
        world.put(Some(anna), order(id, BodyStatus::Paid, 10_000)).await.unwrap();
    }
    world.put(Some(boris), order("3", BodyStatus::Paid, 10_000)).await.unwrap();
    // A guest's order is no member.
    world.put(None, order("4", BodyStatus::Paid, 10_000)).await.unwrap();
    let code = kopilka_core::coupon::CouponCode::make("", 1).unwrap();
    let claim = Change::ClaimReward { member: MemberRef::Id(anna), reward: "mug".to_owned(), code };
    world.write("claim", claim).await.unwrap();
    let counted = world.service.count_standings(world.program).await.unwrap();
    let report = &counted.standings;
    assert_eq!(report.members, 2);
    assert_eq!((report.levels.get("base"), report.levels.get("gold")), (Some(&1), Some(&1)));
    assert_eq!(report.achievements["two"].members, 1);
    assert_eq!((report.claims["mug"].count, report.claims["mug"].points), (1, Points(10)));
    let waiting: Vec<_> = report.waiting.iter().map(|claim| (claim.member, claim.claim)).collect();
    assert_eq!(waiting, [(anna, 1)]);
    assert_eq!(world.service.standings_report(world.program).await.unwrap(), Some(counted.clone()));
    let settle = Change::SettleClaim { member: MemberRef::Id(anna), claim: 1, handed_over: true };
    world.write("settle", settle).await.unwrap();
    let again = world.service.count_standings(world.program).await.unwrap();
    assert!(again.standings.waiting.is_empty() && again.standings.claims.is_empty());
    world.prove().await;
}
