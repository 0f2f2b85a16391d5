//! Points that live from the last paid order: each order puts their end off, a whole return takes that back.

use crate::stage::*;
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::{OnRefund, Program};
use kopilka_core::time::{Instant, Period};

/// Points live 90 days after the last paid order.
fn renewed() -> Program {
    let mut p = program();
    p.expires = Some(Period::Days(90));
    p.renewed_by_orders = true;
    p
}

fn buy(bench: &mut Bench, id: &str, price: i64, ask: Option<PointsAsk>) {
    bench.run(put(order(id, BodyStatus::Paid, &[("x", 2, price)], ask))).unwrap();
}

fn noon(day: &str) -> Instant {
    at(&format!("{day}T12:00:00+03:00"))
}

/// The end of each lot, in the order of their numbers.
fn ends(bench: &Bench) -> Vec<Instant> {
    let mut lots = bench.book.member.lots.clone();
    lots.sort_by_key(|l| l.no);
    lots.into_iter().map(|l| l.expires_at.unwrap()).collect()
}

#[test]
fn each_paid_order_puts_the_end_off_and_its_whole_return_takes_that_back() {
    let mut bench = Bench::with_points(renewed(), 500);
    assert_eq!(ends(&bench), [noon("2026-05-30")], "90 days from the day they came");
    bench.until("2026-04-01T12:00:00+03:00");
    buy(&mut bench, "A", 10_000, None);
    assert_eq!(ends(&bench), [noon("2026-06-30")]);
    bench.until("2026-05-01T12:00:00+03:00");
    buy(&mut bench, "B", 10_000, None);
    assert_eq!(ends(&bench), [noon("2026-07-30")]);
    // A part keeps the order, and with it the renewal.
    bench.run(give_back("B", &[("x", 1)])).unwrap();
    assert_eq!(ends(&bench), [noon("2026-07-30")]);
    bench.run(give_back("B", &[("x", 1)])).unwrap();
    assert_eq!(ends(&bench), [noon("2026-06-30")], "as the order before has it");
    bench.run(cancel("A")).unwrap();
    assert_eq!(ends(&bench), [noon("2026-05-30")], "as they came");
}

#[test]
fn an_older_order_that_comes_back_changes_nothing_while_a_newer_one_remains() {
    let mut bench = Bench::with_points(renewed(), 500);
    bench.until("2026-04-01T12:00:00+03:00");
    buy(&mut bench, "A", 10_000, None);
    bench.until("2026-05-01T12:00:00+03:00");
    buy(&mut bench, "B", 10_000, None);
    bench.run(cancel("A")).unwrap();
    assert_eq!(ends(&bench), [noon("2026-07-30")]);
}

#[test]
fn no_return_leaves_less_than_fourteen_days_and_none_gives_more_than_there_was() {
    let mut bench = Bench::with_points(renewed(), 500);
    bench.until("2026-05-25T12:00:00+03:00");
    buy(&mut bench, "A", 10_000, None);
    // Past the own end, 30 May, that the renewal had carried them over.
    bench.until("2026-06-10T12:00:00+03:00");
    bench.run(cancel("A")).unwrap();
    assert_eq!(ends(&bench), [noon("2026-06-24")]);
    bench.until("2026-06-24T12:00:00+03:00");
    assert_eq!((bench.available(), bench.book.member.lots.len()), (0, 0));

    let mut bench = Bench::with_points(renewed(), 500);
    bench.until("2026-05-25T12:00:00+03:00");
    buy(&mut bench, "A", 10_000, None);
    bench.until("2026-08-20T12:00:00+03:00");
    bench.run(cancel("A")).unwrap();
    assert_eq!(ends(&bench), [noon("2026-08-23")], "three days were left, and three remain");
}

#[test]
fn points_that_come_back_live_as_those_that_stayed() {
    for (asked, whole) in [(500, true), (300, true), (500, false), (300, false)] {
        let mut bench = Bench::with_points(renewed(), 500);
        bench.until("2026-05-25T12:00:00+03:00");
        buy(&mut bench, "A", 100_000, Some(PointsAsk::Exact(Points(asked))));
        // The lot's own end passes, and another order is paid while the points are away.
        bench.until("2026-06-10T12:00:00+03:00");
        buy(&mut bench, "B", 10_000, None);
        bench.until("2026-07-01T12:00:00+03:00");
        match whole {
            true => bench.run(cancel("A")).unwrap(),
            false => bench.run(give_back("A", &[("x", 1)])).unwrap(),
        };
        assert_eq!(ends(&bench), [noon("2026-09-08")], "{asked}: as order B has it");
        assert_eq!(bench.available(), if whole { 500 } else { 500 - asked / 2 });
    }
    // In parts or at once, with nothing else paid: the same end.
    for parts in [1, 2] {
        let mut bench = Bench::with_points(renewed(), 500);
        bench.until("2026-05-25T12:00:00+03:00");
        buy(&mut bench, "A", 100_000, Some(PointsAsk::Exact(Points(500))));
        bench.until("2026-06-10T12:00:00+03:00");
        for _ in 0..parts {
            bench.run(give_back("A", &[("x", 2 / parts)])).unwrap();
        }
        assert_eq!((ends(&bench), bench.available()), (vec![noon("2026-06-24")], 500));
    }
}

#[test]
fn held_points_are_renewed_and_a_new_grant_is_an_end_of_its_own() {
    let mut p = renewed();
    p.returns.on_refund = OnRefund::Regrant(Period::Days(10));
    let mut bench = Bench::with_points(p, 500);
    let held = order("A", BodyStatus::Placed, &[("x", 1, 100_000)], Some(PointsAsk::Max));
    bench.until("2026-05-25T12:00:00+03:00");
    bench.run(put(held)).unwrap();
    buy(&mut bench, "B", 10_000, None);
    bench.run(cancel("A")).unwrap();
    assert_eq!((ends(&bench), bench.available()), (vec![noon("2026-08-23")], 500));

    buy(&mut bench, "C", 100_000, Some(PointsAsk::Exact(Points(500))));
    bench.until("2026-09-10T12:00:00+03:00");
    // Nothing was paid for more than 90 days: the points come back dead and are granted anew.
    bench.run(give_back("C", &[("x", 1)])).unwrap();
    assert_eq!(ends(&bench), [noon("2026-09-20")]);
    buy(&mut bench, "D", 10_000, None);
    assert_eq!(ends(&bench), [noon("2026-12-09")]);
    bench.run(cancel("D")).unwrap();
    assert_eq!(ends(&bench), [noon("2026-09-24")], "fourteen days, the grant's own end being sooner");
}

#[test]
fn credits_of_an_order_live_from_the_day_they_can_be_spent() {
    let mut p = renewed();
    p.active_after = Period::Days(14);
    p.rules.push(percent("back", 10));
    let mut bench = Bench::new(p);
    buy(&mut bench, "A", 10_000, None);
    assert_eq!(ends(&bench), [noon("2026-06-13")], "14 days of waiting and 90 of life");
    bench.until("2026-03-10T12:00:00+03:00");
    buy(&mut bench, "B", 10_000, None);
    // 10 March + 90 days is before what the first already has.
    assert_eq!(ends(&bench), [noon("2026-06-13"), noon("2026-06-22")]);
}

#[test]
fn points_that_were_away_have_their_two_weeks_too() {
    let mut bench = Bench::with_points(renewed(), 500);
    buy(&mut bench, "A", 100_000, Some(PointsAsk::Exact(Points(200))));
    bench.until("2026-05-25T12:00:00+03:00");
    buy(&mut bench, "B", 10_000, None);
    bench.until("2026-06-10T12:00:00+03:00");
    bench.run(cancel("B")).unwrap();
    assert_eq!(ends(&bench), [noon("2026-06-24")]);
    // The rest goes elsewhere, and nothing of the lot is left to come back to.
    bench.give(-300, None);
    assert_eq!(bench.book.member.lots.len(), 0);
    bench.until("2026-06-15T12:00:00+03:00");
    bench.run(cancel("A")).unwrap();
    assert_eq!((bench.available(), ends(&bench)), (200, vec![noon("2026-06-24")]));
    bench.until("2026-06-24T12:00:00+03:00");
    assert_eq!(bench.available(), 0);
}
