//! Orders that are completed: what waits for it, what comes with it, and who says so.

use crate::stage::*;
use kopilka_core::decide::Command;
use kopilka_core::ledger::{Dated, Event};
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, OrderBody, OrderStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::{
    AccrualFrom, CreditAmount, Limits, MemberLimit, Most, Program, Span, Trigger, Validity,
};
use kopilka_core::time::Period;

/// Ten percent, three days after the completion, which comes in twenty days at the latest.
fn waiting() -> Program {
    let mut p = program();
    p.accrual_from = AccrualFrom::Completed;
    p.complete_after = Period::Days(20);
    p.active_after = Period::Days(3);
    p.expires = Some(Period::Days(90));
    p.rules.push(percent("back", 10));
    p
}

fn body(status: BodyStatus) -> OrderBody {
    order("A", status, &[("x", 2, 50_000)], None)
}

fn at_day(bench: &Bench) -> Vec<(String, String)> {
    let lots = bench.book.member.lots.iter();
    lots.map(|l| (l.active_at.to_string(), l.expires_at.unwrap().to_string())).collect()
}

#[test]
fn points_are_dated_by_the_latest_completion_and_brought_forward_by_an_earlier_one() {
    let mut bench = Bench::new(waiting());
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    let dates =
        |from: &str, to: &str| vec![(format!("2026-{from}T09:00:00Z"), format!("2026-{to}T09:00:00Z"))];
    assert_eq!(at_day(&bench), dates("03-24", "06-22"));
    bench.until("2026-03-05T12:00:00+03:00");
    let done = bench.run(put(body(BodyStatus::Completed))).unwrap();
    assert_eq!(at_day(&bench), dates("03-08", "06-06"));
    let moved = |e: &Event| matches!(e, Event::LotsDated { why: Dated::Completed, .. });
    assert!(done.entry.unwrap().events.iter().any(moved));
    let order = &bench.book.orders[&key("A")];
    assert_eq!((order.status, order.completed_at), (OrderStatus::Completed, Some(bench.now)));
    assert!(bench.book.member.completing.is_empty());
    bench.until("2026-03-08T12:00:00+03:00");
    assert_eq!(bench.available(), 100);
}

#[test]
fn an_order_that_nobody_completes_is_completed_by_its_term_even_after_a_stop() {
    let mut bench = Bench::new(waiting());
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    bench.until("2026-06-01T12:00:00+03:00");
    let order = &bench.book.orders[&key("A")];
    assert_eq!(order.status, OrderStatus::Completed);
    assert_eq!(order.completed_at, Some(at("2026-03-21T12:00:00+03:00")), "when it was due");
    assert_eq!(bench.available(), 100);
    // A word that comes after the term changes nothing, nor does the same word again.
    for _ in 0..2 {
        assert!(bench.run(put(body(BodyStatus::Completed))).unwrap().entry.is_none());
    }
}

#[test]
fn a_program_that_never_speaks_of_completion_waits_for_none() {
    let mut p = waiting();
    p.accrual_from = AccrualFrom::Paid;
    let mut bench = Bench::new(p);
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    assert!(bench.book.member.completing.is_empty());
    bench.run(put(body(BodyStatus::Completed))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].status, OrderStatus::Completed);
    bench.until("2026-03-04T12:00:00+03:00");
    assert_eq!(bench.available(), 100);
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!((bench.available(), bench.book.orders[&key("A")].status), (50, OrderStatus::Completed));
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.available(), 0);
}

#[test]
fn a_delay_of_none_makes_points_available_with_the_completion_and_they_repay_debts() {
    let mut p = waiting();
    p.active_after = Period::Days(0);
    let mut bench = Bench::with_points(p, 100);
    let debit = kopilka_core::decide::Adjustment {
        points: Points(-130),
        active_at: None,
        expires_at: None,
        gift: false,
        allow_debt: true,
    };
    bench.run(Command::Adjust(debit)).unwrap();
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    assert_eq!((bench.available(), bench.net()), (0, -30));
    bench.run(put(body(BodyStatus::Completed))).unwrap();
    assert_eq!((bench.available(), bench.net()), (70, 70));
}

#[test]
fn goods_that_differ_are_a_return_and_a_cancel_before_is_final() {
    let mut bench = Bench::new(waiting());
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    let fewer = order("A", BodyStatus::Completed, &[("x", 1, 50_000)], None);
    assert_eq!(bench.run(put(fewer)).unwrap_err().code(), "use_returns");
    bench.run(cancel("A")).unwrap();
    bench.now = bench.now.plus_seconds(60);
    assert_eq!(bench.run(put(body(BodyStatus::Completed))).unwrap_err().code(), "order_cancelled");
    assert!(bench.book.member.completing.is_empty());
}

#[test]
fn what_a_completion_gives_is_an_order_s_own_credit() {
    let mut p = waiting();
    let mut kept = rule("kept", Trigger::OrderCompleted, CreditAmount::Fixed(Points(29)));
    kept.limits = Limits {
        per_member: Some(MemberLimit { most: Most::Times(1), span: Span::Month }),
        ..Limits::default()
    };
    p.rules.push(kept);
    let mut bench = Bench::new(p);
    let pay = |id: &str, status| put(order(id, status, &[("x", 3, 10_000)], None));
    bench.run(pay("A", BodyStatus::Paid)).unwrap();
    let counted = |bench: &Bench| bench.book.member.uses.iter().map(|u| u.used).sum::<i64>();
    assert_eq!(counted(&bench), 0, "nothing yet");
    bench.until("2026-04-02T12:00:00+03:00");
    let earned = |bench: &Bench, id: &str| bench.book.orders[&key(id)].points_earned_net().0;
    assert_eq!((earned(&bench, "A"), counted(&bench)), (59, 1), "completed on 21 March");
    // March's use is given back to March, whenever the goods come back.
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(earned(&bench, "A"), 20 + 19);
    bench.run(cancel("A")).unwrap();
    assert_eq!((earned(&bench, "A"), counted(&bench), bench.net()), (0, 0, 0));
    bench.run(pay("B", BodyStatus::Completed)).unwrap();
    bench.run(pay("C", BodyStatus::Completed)).unwrap();
    assert_eq!((earned(&bench, "B"), earned(&bench, "C")), (59, 30), "once a month");
}

#[test]
fn a_completed_order_s_points_pay_and_come_back_as_any_other() {
    let mut bench = Bench::new(waiting());
    bench.run(put(body(BodyStatus::Completed))).unwrap();
    bench.until("2026-03-05T12:00:00+03:00");
    let ask = Some(PointsAsk::Exact(Points(100)));
    bench.run(put(order("B", BodyStatus::Completed, &[("y", 1, 50_000)], ask))).unwrap();
    assert_eq!(bench.book.orders[&key("B")].due(), Money(40_000));
    bench.run(cancel("A")).unwrap();
    // Order B's pending forty go first, what is missing is owed.
    assert_eq!(bench.net(), -60);
    bench.run(cancel("B")).unwrap();
    assert_eq!((bench.net(), bench.book.member.lots.len()), (0, 0));
}

#[test]
fn lives_of_every_kind_are_counted_from_the_completion() {
    let mut p = waiting();
    let kopilka_core::program::Effect::Credit(mut effect) = p.rules[0].then[0].clone() else { panic!() };
    effect.expires = Some(Validity::EndOf(kopilka_core::program::CalendarPeriod::Month));
    p.rules[0].then.push(kopilka_core::program::Effect::Credit(effect));
    let mut bench = Bench::new(p);
    bench.now = at("2026-03-20T12:00:00+03:00");
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    let ends = |bench: &Bench| at_day(bench).into_iter().map(|(_, end)| end).collect::<Vec<_>>();
    assert_eq!(ends(&bench), ["2026-07-11T09:00:00Z", "2026-04-30T21:00:00Z"]);
    bench.until("2026-03-21T12:00:00+03:00");
    bench.run(put(body(BodyStatus::Completed))).unwrap();
    assert_eq!(ends(&bench), ["2026-06-22T09:00:00Z", "2026-03-31T21:00:00Z"]);
}
