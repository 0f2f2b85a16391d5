//! What an order promises when it is placed: pending until it is paid, gone when it never is.

use crate::stage::*;
use kopilka_core::book::quote;
use kopilka_core::decide::Context;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, OrderBody};
use kopilka_core::points::Points;
use kopilka_core::program::{AccrualFrom, CreditAmount, Limits, MemberLimit, Most, Program, Span, Trigger};
use kopilka_core::time::Period;

/// A hundred points for placing, ten percent for paying.
fn promising() -> Program {
    let mut p = program();
    p.rules.push(rule("placed", Trigger::OrderPlaced, CreditAmount::Fixed(Points(100))));
    p.rules.push(percent("paid", 10));
    p.expires = Some(Period::Days(90));
    p
}

fn body(status: BodyStatus) -> OrderBody {
    order("A", status, &[("x", 4, 10_000)], None)
}

fn pending(bench: &Bench) -> i64 {
    bench.book.member.balance_at(bench.now).pending.0
}

#[test]
fn a_promise_waits_for_the_payment_whatever_the_clock_says() {
    let mut bench = Bench::new(promising());
    bench.run(put(body(BodyStatus::Shipped))).unwrap();
    bench.until("2026-05-20T12:00:00+03:00");
    assert_eq!((pending(&bench), bench.available()), (100, 0), "shipped: ninety days");
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    assert_eq!((pending(&bench), bench.available()), (0, 140));
    let ends = bench.book.member.lots.iter().map(|l| l.expires_at);
    assert!(ends.eq([Some(at("2026-08-18T12:00:00+03:00")); 2]), "ninety days from the payment");
}

#[test]
fn a_promise_of_an_order_that_waits_for_its_completion_waits_too() {
    let mut p = promising();
    p.accrual_from = AccrualFrom::Completed;
    let mut bench = Bench::new(p);
    bench.run(put(body(BodyStatus::Placed))).unwrap();
    bench.run(put(body(BodyStatus::Paid))).unwrap();
    assert_eq!((pending(&bench), bench.available()), (140, 0));
    bench.run(put(body(BodyStatus::Completed))).unwrap();
    assert_eq!((pending(&bench), bench.available()), (0, 140));
}

#[test]
fn a_return_elsewhere_never_takes_what_an_unpaid_order_promises() {
    let mut bench = Bench::new(promising());
    bench.run(put(order("B", BodyStatus::Paid, &[("y", 1, 100_000)], None))).unwrap();
    bench.give(-200, None);
    bench.run(put(body(BodyStatus::Placed))).unwrap();
    bench.run(cancel("B")).unwrap();
    assert_eq!((pending(&bench), bench.net()), (100, -200));
    bench.run(cancel("A")).unwrap();
    assert_eq!((pending(&bench), bench.net()), (0, -200), "nothing of it was ever lost elsewhere");
}

#[test]
fn what_was_paid_less_than_due_counts_and_a_return_takes_its_share() {
    let mut p = promising();
    p.rules[0] = rule("placed", Trigger::OrderPlaced, percent_of(20));
    let mut bench = Bench::new(p);
    bench.run(put(body(BodyStatus::Placed))).unwrap();
    assert_eq!(pending(&bench), 80);
    bench.run(put(OrderBody { paid: Some(Money(20_000)), ..body(BodyStatus::Paid) })).unwrap();
    assert_eq!(bench.available(), 40 + 20);
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(bench.available(), 30 + 15);
    bench.run(cancel("A")).unwrap();
    assert_eq!((bench.net(), bench.book.member.lots.len()), (0, 0));
}

fn percent_of(percent: i64) -> CreditAmount {
    let rate = kopilka_core::money::Rate(percent * 10_000);
    CreditAmount::Percent { of: Default::default(), rates: vec![], rate }
}

#[test]
fn a_quote_of_a_placed_order_does_not_count_what_it_promised_itself() {
    let mut p = promising();
    p.rules[0].limits = Limits {
        per_member: Some(MemberLimit { most: Most::Times(1), span: Span::Ever }),
        ..Limits::default()
    };
    let mut bench = Bench::new(p);
    bench.run(put(body(BodyStatus::Placed))).unwrap();
    let ctx = Context { versions: &bench.versions, now: bench.now };
    let earned = |id: &str| -> i64 {
        let asked = OrderBody { key: key(id), ..body(BodyStatus::Placed) };
        quote(ctx, &bench.book, &asked).unwrap().earned.iter().map(|e| e.points.0).sum()
    };
    assert_eq!((earned("A"), earned("B")), (140, 40));
}
