//! An order's life in numbers: each test is one short story.

use crate::stage::*;
use kopilka_core::decide::Outcome;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus::*, OrderStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::{Clawback, CreditAmount, LateShortfall, OnRefund, Trigger};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Period;

fn exact(points: i64) -> Option<PointsAsk> {
    Some(PointsAsk::Exact(Points(points)))
}

#[test]
fn a_paid_order_earns_on_money_really_paid() {
    let mut p = program();
    p.rules.push(percent("back5", 5));
    let mut bench = Bench::with_points(p, 300);
    bench.run(put(order("A", Paid, &[("ball", 1, 100_000)], exact(300)))).unwrap();
    let state = &bench.book.orders[&key("A")];
    assert_eq!((state.due(), state.points_earned_net()), (Money(70_000), Points(35)));
    assert_eq!(bench.net(), 35);
}

#[test]
fn fixed_credits_shrink_with_what_remains() {
    let mut p = program();
    p.rules.push(rule("thirty", Trigger::OrderPaid, CreditAmount::Fixed(Points(29))));
    let mut bench = Bench::new(p);
    bench.run(put(order("A", Paid, &[("x", 3, 10_000)], None))).unwrap();
    let mut seen = vec![bench.net()];
    for _ in 0..3 {
        bench.run(give_back("A", &[("x", 1)])).unwrap();
        seen.push(bench.net());
    }
    assert_eq!(seen, [29, 19, 9, 0]);
}

#[test]
fn a_hold_keeps_points_and_lapses_by_itself() {
    let mut bench = Bench::with_points(program(), 500);
    bench.run(put(order("A", Placed, &[("x", 1, 100_000)], exact(400)))).unwrap();
    let balance = bench.book.member.balance_at(bench.now);
    assert_eq!((balance.available, balance.held), (Points(100), Points(400)));
    bench.until("2026-03-31T12:00:00+03:00");
    assert_eq!(bench.available(), 500);
    // The late payment finds its points in the lot that had held them.
    bench.run(put(order("A", Paid, &[("x", 1, 100_000)], exact(400)))).unwrap();
    assert_eq!(bench.available(), 100);
}

#[test]
fn a_late_payment_revives_what_burnt_and_owes_the_rest() {
    let mut bench = Bench::new(program());
    bench.give(300, Some(at("2026-04-05T00:00:00+03:00")));
    bench.give(200, None);
    bench.run(put(order("A", Placed, &[("x", 1, 100_000)], exact(500)))).unwrap();
    bench.until("2026-04-10T12:00:00+03:00");
    assert_eq!(bench.available(), 200, "the first lot burnt after the lapse");
    bench.run(put(order("B", Paid, &[("x", 1, 15_000)], exact(150)))).unwrap();
    let done = bench.run(put(order("A", Paid, &[("x", 1, 100_000)], exact(500)))).unwrap();
    let Outcome::Order(outcome) = done.outcome else { panic!() };
    assert_eq!(outcome.shortfall, Points(150));
    assert_eq!(bench.net(), -150);
    // The return is the exact inverse: the debt goes first, the burnt points are gone.
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.net(), 50);
}

#[test]
fn a_repaid_shortfall_comes_back_to_the_lot_that_repaid_it() {
    let mut p = program();
    p.holds.late_shortfall = LateShortfall::Debt;
    let mut bench = Bench::with_points(p, 100);
    bench.run(put(order("A", Placed, &[("x", 1, 100_000)], exact(100)))).unwrap();
    bench.until("2026-04-01T12:00:00+03:00");
    bench.run(put(order("B", Paid, &[("x", 1, 10_000)], exact(100)))).unwrap();
    bench.run(put(order("A", Paid, &[("x", 1, 100_000)], exact(100)))).unwrap();
    assert_eq!(bench.net(), -100);
    bench.give(250, None);
    assert_eq!(bench.net(), 150);
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.net(), 250);
}

#[test]
fn removed_pieces_are_treated_as_returned() {
    let mut bench = Bench::with_points(program(), 300);
    let body = |n| order("A", Placed, &[("x", n, 100_000)], exact(300));
    bench.run(put(body(3))).unwrap();
    bench.run(put(body(2))).unwrap();
    let state = &bench.book.orders[&key("A")];
    assert_eq!((state.due_remaining(), state.points_spent_net()), (Money(180_000), Points(200)));
    bench.run(put(order("A", Paid, &[("x", 2, 100_000)], exact(300)))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].due(), Money(180_000));
    bench.run(give_back("A", &[("x", 2)])).unwrap();
    assert_eq!(bench.net(), 300);
}

#[test]
fn added_pieces_are_decided_on_their_own() {
    let mut p = program();
    p.spending.max_share = kopilka_core::money::Rate(500_000);
    let mut bench = Bench::with_points(p, 1_000);
    let ask = Some(PointsAsk::Max);
    bench.run(put(order("A", Placed, &[("x", 1, 20_000)], ask))).unwrap();
    bench.run(put(order("A", Placed, &[("x", 2, 20_000), ("y", 1, 5_000)], ask))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].points_spent_net(), Points(225));
    bench.run(put(order("A", Placed, &[("y", 1, 9_000)], ask))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].points_spent_net(), Points(45), "a dearer line comes anew");
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.available(), 1_000);
}

#[test]
fn an_order_paid_whole_by_points_is_paid_when_placed() {
    let mut bench = Bench::with_points(program(), 1_000);
    bench.run(put(order("A", Placed, &[("x", 1, 20_000)], Some(PointsAsk::Max)))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].status, OrderStatus::Paid);
}

#[test]
fn points_that_come_back_after_their_date() {
    let story = |on_refund| {
        let mut p = program();
        p.returns.on_refund = on_refund;
        let mut bench = Bench::new(p);
        bench.give(100, Some(at("2026-03-11T12:00:00+03:00")));
        bench.now = at("2026-03-10T12:00:00+03:00");
        bench.run(put(order("A", Paid, &[("x", 1, 10_000)], exact(100)))).unwrap();
        bench.now = at("2026-03-20T12:00:00+03:00");
        bench.run(cancel("A")).unwrap();
        let now = bench.net();
        bench.until("2026-03-22T12:00:00+03:00");
        (now, bench.net())
    };
    assert_eq!(story(OnRefund::Keep), (0, 0));
    assert_eq!(story(OnRefund::Resume), (100, 0), "one day was left when they were spent");
    assert_eq!(story(OnRefund::Regrant(Period::Days(30))), (100, 100));
}

#[test]
fn what_is_taken_back_and_spent_goes_the_programs_way() {
    let story = |clawback| {
        let mut p = program();
        p.rules.push(percent("back5", 5));
        p.returns.clawback = clawback;
        let mut bench = Bench::new(p);
        bench.run(put(order("A", Paid, &[("x", 1, 1_000_000)], None))).unwrap();
        bench.run(put(order("B", Paid, &[("x", 1, 50_000)], exact(500)))).unwrap();
        bench.run(cancel("A")).unwrap();
        (bench.net(), bench.book.member.lifetime.shop_loss.0)
    };
    assert_eq!(story(Clawback::Debt), (-500, 0));
    assert_eq!(story(Clawback::FloorAtZero), (0, 500));
    assert_eq!(story(Clawback::PendingOnly), (0, 500));
}

#[test]
fn a_debt_is_repaid_by_what_becomes_available_and_written_off_after_its_term() {
    let mut p = program();
    p.rules.push(percent("back5", 5));
    p.active_after = Period::Days(14);
    let mut bench = Bench::new(p);
    bench.run(put(order("A", Paid, &[("x", 1, 1_000_000)], None))).unwrap();
    bench.until("2026-03-16T12:00:00+03:00");
    bench.run(put(order("B", Paid, &[("x", 1, 50_000)], exact(500)))).unwrap();
    bench.run(cancel("A")).unwrap();
    bench.run(put(order("C", Paid, &[("x", 1, 200_000)], None))).unwrap();
    assert_eq!(bench.net(), -500, "pending points repay nothing");
    bench.until("2026-03-30T12:00:00+03:00");
    assert_eq!(bench.net(), -400);
    bench.until("2027-03-17T12:00:00+03:00");
    assert_eq!((bench.net(), bench.book.member.lifetime.written_off.0), (0, 400));
}

#[test]
fn points_that_burnt_unspent_are_not_taken_again() {
    let mut p = program();
    let mut cashback = percent("back5", 5);
    let kopilka_core::program::Effect::Credit(effect) = &mut cashback.then[0] else { panic!() };
    effect.expires = Some(kopilka_core::program::Validity::For(Period::Days(30)));
    p.rules.push(cashback);
    let mut bench = Bench::new(p);
    bench.run(put(order("A", Paid, &[("x", 1, 1_000_000)], None))).unwrap();
    bench.run(put(order("B", Paid, &[("x", 1, 30_000)], exact(300)))).unwrap();
    bench.until("2026-05-01T12:00:00+03:00");
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.net(), -300, "300 were spent, 200 burnt");
}

#[test]
fn a_mismatch_at_payment_counts_the_lower() {
    let mut p = program();
    p.rules.push(percent("back5", 5));
    let mut bench = Bench::new(p);
    let mut body = order("A", Paid, &[("x", 1, 100_000), ("y", 1, 50_000)], None);
    body.paid = Some(Money(120_000));
    bench.run(put(body)).unwrap();
    assert_eq!(bench.net(), 60);
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(bench.book.orders[&key("A")].refunded, Money(80_000), "no more than was paid");
    bench.run(cancel("A")).unwrap();
    assert_eq!((bench.net(), bench.book.orders[&key("A")].refunded), (0, Money(120_000)));
}

#[test]
fn an_exchange_may_be_paid_by_points_past_their_date() {
    let mut bench = Bench::new(program());
    bench.give(100, Some(at("2026-03-11T12:00:00+03:00")));
    bench.run(put(order("A", Paid, &[("x", 1, 10_000)], exact(100)))).unwrap();
    bench.now = at("2026-03-20T12:00:00+03:00");
    let back = match give_back("A", &[("x", 1)]) {
        kopilka_core::decide::Command::ReturnPieces(back) => back,
        _ => unreachable!(),
    };
    let new = order("B", Paid, &[("y", 1, 6_000)], exact(60));
    let exchange = kopilka_core::decide::Command::Exchange { back: back.clone(), order: new, hash: 1 };
    bench.run(exchange).unwrap();
    assert_eq!(bench.book.orders[&key("B")].due(), Money(0));
    assert_eq!((bench.net(), bench.book.member.lifetime.expired.0), (0, 40));
    let refused = order("C", Paid, &[("y", 1, 6_000)], exact(60));
    let again = kopilka_core::decide::Command::Exchange { back, order: refused, hash: 2 };
    assert!(bench.run(again).is_err(), "what is returned cannot be returned again");
}

#[test]
fn each_order_refusal_has_its_row() {
    let mut bench = Bench::with_points(program(), 100);
    let lines = [("x", 2, 10_000)];
    let row = |bench: &mut Bench, command| bench.run(command).map(|_| ()).unwrap_err().code();
    assert_eq!(row(&mut bench, put(order("A", Paid, &[], None))), "no_lines");
    let dup = order("A", Paid, &[("x", 1, 1), ("x", 1, 1)], None);
    assert_eq!(row(&mut bench, put(dup)), "duplicate_line");
    let many: Vec<String> = (0..1001).map(|i| i.to_string()).collect();
    let many: Vec<(&str, i64, i64)> = many.iter().map(|id| (id.as_str(), 1, 1)).collect();
    assert_eq!(row(&mut bench, put(order("A", Paid, &many, None))), "too_many_lines");
    assert_eq!(row(&mut bench, put(order("A", Paid, &[("x", 0, 1)], None))), "quantity_out_of_range");
    assert_eq!(row(&mut bench, put(order("A", Paid, &[("x", 1, -1)], None))), "amount_out_of_range");
    assert_eq!(row(&mut bench, put(order("A", Paid, &[("x", 1000, i64::MAX)], None))), "amount_out_of_range");
    let mut discount = order("A", Paid, &[("x", 1, 100)], None);
    discount.lines[0].shop_discount = Money(101);
    assert_eq!(row(&mut bench, put(discount)), "discount_above_amount");
    let mut future = order("A", Paid, &lines, None);
    future.occurred_at = Some(bench.now.plus_seconds(301));
    assert_eq!(row(&mut bench, put(future)), "occurred_in_future");
    assert_eq!(row(&mut bench, put(order("A", Paid, &lines, exact(101)))), "insufficient_points");
    assert_eq!(row(&mut bench, put(order("A", Paid, &lines, exact(-1)))), "points_out_of_range");
    assert_eq!(row(&mut bench, give_back("A", &[("x", 1)])), "order_unknown");
    bench.run(put(order("A", Placed, &lines, None))).unwrap();
    assert_eq!(row(&mut bench, give_back("A", &[("x", 1)])), "order_not_paid");
    bench.run(put(order("A", Paid, &lines, None))).unwrap();
    assert_eq!(row(&mut bench, put(order("A", Paid, &[("x", 1, 10_000)], None))), "use_returns");
    assert_eq!(row(&mut bench, give_back("A", &[("z", 1)])), "line_unknown");
    assert_eq!(row(&mut bench, give_back("A", &[("x", 3)])), "return_exceeds");
    assert_eq!(row(&mut bench, give_back("A", &[])), "nothing_to_return");
    bench.run(cancel("A")).unwrap();
    bench.now = bench.now.plus_seconds(60);
    assert_eq!(row(&mut bench, put(order("A", Paid, &[("x", 3, 10_000)], None))), "order_cancelled");
    assert_eq!(row(&mut bench, give_back("A", &[("x", 1)])), "order_cancelled");
}

#[test]
fn each_spending_refusal_has_its_row() {
    let refused = |edit: &dyn Fn(&mut kopilka_core::program::Program), ask| {
        let mut p = program();
        edit(&mut p);
        let mut bench = Bench::with_points(p, 1_000);
        bench.run(put(order("A", Placed, &[("x", 1, 50_000)], exact(ask)))).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(&|p| p.spending.allowed = false, 10), Refusal::SpendingNotAllowed);
    let minimum = Money(60_000);
    assert_eq!(refused(&|p| p.spending.min_order = minimum, 10), Refusal::BelowMinimumOrder { minimum });
    let minimum = Points(50);
    assert_eq!(refused(&|p| p.spending.min_points = minimum, 10), Refusal::BelowMinimumPoints { minimum });
    let step = Points(20);
    let steps = |p: &mut kopilka_core::program::Program| p.spending.step = step;
    for ask in [10, 30] {
        assert_eq!(refused(&steps, ask), Refusal::SpendingStep { step, wanted: Points(ask) }, "{ask}");
    }
    let (limit, wanted) = (Points(100), Points(101));
    let share =
        |p: &mut kopilka_core::program::Program| p.spending.max_share = kopilka_core::money::Rate(200_000);
    assert_eq!(refused(&share, 101), Refusal::SpendingLimit { limit, wanted });
    let mut body = order("A", Placed, &[("x", 1, 50_000)], exact(10));
    body.expect = Some(kopilka_core::order::Expect { to_pay: Money(48_000), points: Points(20) });
    let mut bench = Bench::with_points(program(), 1_000);
    let refusal = bench.run(put(body)).map(|_| ()).unwrap_err();
    assert_eq!(refusal, Refusal::QuoteChanged { to_pay: Money(49_000), points: Points(10) });
    assert_eq!(bench.book.member.balance_at(bench.now).held, Points(0), "nothing is held");
}

#[test]
fn a_cancel_before_its_order_leaves_a_mark() {
    let mut bench = Bench::with_points(program(), 100);
    bench.run(cancel("A")).unwrap();
    let mut late = order("A", Paid, &[("x", 1, 10_000)], exact(100));
    late.occurred_at = Some(at("2026-02-28T12:00:00+03:00"));
    bench.run(put(late)).unwrap();
    assert_eq!(bench.book.orders[&key("A")].status, OrderStatus::Cancelled);
    assert_eq!(bench.available(), 100);
}

#[test]
fn a_quote_changes_nothing_and_says_what_more_would_bring() {
    let mut p = program();
    let (of, per) = (kopilka_core::product::LineMatch::default(), Money(100_000));
    p.rules.push(rule("per", Trigger::OrderPaid, CreditAmount::PerAmount { of, points: Points(50), per }));
    let mut bench = Bench::with_points(p, 400);
    let body = order("A", Placed, &[("x", 1, 250_000)], exact(400));
    let versions = bench.versions.clone();
    let ctx = kopilka_core::decide::Context { versions: &versions, now: bench.now };
    let before = bench.book.clone();
    let quote = kopilka_core::book::quote(ctx, &bench.book, &body).unwrap();
    assert_eq!(bench.book, before);
    assert_eq!((quote.order.due(), quote.earned[0].points), (Money(210_000), Points(100)));
    assert_eq!((quote.more[0].missing, quote.more[0].points), (Money(90_000), Points(50)));
    // Once placed, its own hold does not count against a new quote of the same order.
    bench.run(put(body.clone())).unwrap();
    let again = kopilka_core::book::quote(ctx, &bench.book, &body).unwrap();
    assert_eq!(again.order.due(), Money(210_000));
}
