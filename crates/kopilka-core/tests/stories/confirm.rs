//! Points that the member agrees to by a one-time code: who is asked, of what, and when it is told.

use crate::stage::*;
use kopilka_core::decide::{Agreement, Command};
use kopilka_core::order::{BodyStatus, Expect, OrderBody, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::{ConfirmSpending, Program, Spending};
use kopilka_core::refusal::Refusal;

const ALWAYS: ConfirmSpending = ConfirmSpending::Always;
const WITHOUT_CARD: ConfirmSpending = ConfirmSpending::WithoutCard;

fn asks(confirm: ConfirmSpending) -> Program {
    let plain = program();
    Program { spending: Spending { confirm, ..plain.spending.clone() }, ..plain }
}

fn with(card: bool, confirmed: i64) -> Agreement {
    Agreement::Asked { card, confirmed: Points(confirmed) }
}

fn buy(points: Option<PointsAsk>) -> OrderBody {
    order("A", BodyStatus::Placed, &[("a", 1, 100_000)], points)
}

#[test]
fn each_policy_asks_whom_it_means() {
    let (none, refused) = (None, |points| Some(Refusal::CodeRequired { points: Points(points) }));
    let above = ConfirmSpending::Above(Points(300));
    let exact = |points| Some(PointsAsk::Exact(Points(points)));
    for (confirm, agreement, ask, expected) in [
        (ConfirmSpending::Never, with(false, 0), exact(300), none.clone()),
        (ALWAYS, with(true, 0), exact(300), refused(300)),
        (ALWAYS, with(true, 299), exact(300), refused(300)),
        (ALWAYS, with(true, 300), exact(300), none.clone()),
        (ALWAYS, with(false, 0), None, none.clone()),
        (ALWAYS, with(false, 0), exact(0), none.clone()),
        (ALWAYS, with(false, 0), Some(PointsAsk::Max), refused(500)),
        (ALWAYS, with(false, 400), Some(PointsAsk::UpTo(Points(400))), none.clone()),
        (ALWAYS, Agreement::NotAsked, exact(300), none.clone()),
        (WITHOUT_CARD, with(true, 0), exact(300), none.clone()),
        (WITHOUT_CARD, with(false, 0), exact(300), refused(300)),
        (above, with(false, 0), exact(300), none.clone()),
        (above, with(false, 0), exact(301), refused(301)),
    ] {
        let mut bench = Bench::with_points(asks(confirm), 500);
        bench.book.agreement = agreement;
        let done = bench.run(put(buy(ask)));
        assert_eq!(done.err(), expected, "{confirm:?} {agreement:?} {ask:?}");
    }
}

#[test]
fn it_is_the_last_thing_that_is_told() {
    let mut bench = Bench::with_points(asks(ALWAYS), 500);
    bench.book.agreement = with(false, 0);
    let missing = bench.run(put(buy(Some(PointsAsk::Exact(Points(501))))));
    let told = Refusal::InsufficientPoints { available: Points(500), wanted: Points(501) };
    assert_eq!(missing.err(), Some(told), "nobody is sent a code for what cannot be had");
    let expect = Some(Expect { to_pay: kopilka_core::money::Money(1), points: Points(500) });
    let changed = bench.run(put(OrderBody { expect, ..buy(Some(PointsAsk::Max)) }));
    assert!(matches!(changed, Err(Refusal::QuoteChanged { .. })), "{changed:?}");
}

#[test]
fn what_was_agreed_to_is_paid_without_another_code_and_more_is_not() {
    let mut bench = Bench::with_points(asks(ALWAYS), 500);
    bench.book.agreement = with(false, 300);
    let ask = Some(PointsAsk::Exact(Points(300)));
    bench.run(put(buy(ask))).unwrap();
    // Half an hour later the code confirms nothing any more.
    bench.book.agreement = with(false, 0);
    let lines = [("a", 1, 100_000), ("b", 1, 50_000)];
    let more = order("A", BodyStatus::Placed, &lines, Some(PointsAsk::Exact(Points(400))));
    let refused = bench.run(put(OrderBody { revision: Some(2), ..more }));
    assert_eq!(
        refused.err(),
        Some(Refusal::CodeRequired { points: Points(400) }),
        "the whole order's points"
    );
    let grown = order("A", BodyStatus::Placed, &lines, ask);
    bench.run(put(OrderBody { revision: Some(3), ..grown })).unwrap();
    let paid = order("A", BodyStatus::Paid, &lines, ask);
    bench.run(put(OrderBody { revision: Some(4), ..paid })).unwrap();
    assert_eq!(bench.available(), 200);
}

#[test]
fn the_new_order_of_an_exchange_asks_too() {
    let mut bench = Bench::with_points(asks(ALWAYS), 500);
    bench.book.agreement = with(false, 500);
    bench.run(put(order("A", BodyStatus::Paid, &[("a", 1, 100_000)], Some(PointsAsk::Max)))).unwrap();
    let Command::ReturnPieces(back) = give_back("A", &[("a", 1)]) else { unreachable!() };
    let new = order("B", BodyStatus::Paid, &[("b", 1, 100_000)], Some(PointsAsk::Max));
    let exchange = Command::Exchange { back, order: new, hash: 7 };
    bench.book.agreement = with(false, 0);
    let refused = bench.run(exchange.clone());
    assert_eq!(refused.err(), Some(Refusal::CodeRequired { points: Points(500) }));
    bench.book.agreement = with(false, 500);
    bench.run(exchange).unwrap();
    assert_eq!(bench.available(), 0);
}

#[test]
fn a_card_without_a_person_earns_and_spends_once_somebody_can_be_reached() {
    let plain = program();
    let spending = Spending { contact_needed: true, ..plain.spending.clone() };
    let transfers = kopilka_core::program::Transfers { allowed: true, ..Default::default() };
    let mut bench = Bench::with_points(Program { spending, transfers, ..plain }, 500);
    let exact = |points| buy(Some(PointsAsk::Exact(Points(points))));
    let refused = Some(Refusal::ContactNeeded);
    assert_eq!(bench.run(put(exact(300))).err(), refused);
    let send = |to, points| Command::Transfer { to: kopilka_core::ids::MemberId(to), points: Points(points) };
    assert_eq!(bench.run(send(2, 10)).err(), refused);
    bench.run(put(buy(Some(PointsAsk::Max)))).unwrap();
    assert_eq!(bench.available(), 500, "as much as can be had is nothing");
    bench.book.person.known.phone = true;
    bench.run(send(2, 10)).unwrap();
    let more = OrderBody { key: key("B"), ..exact(300) };
    bench.run(put(more)).unwrap();
    assert_eq!(bench.available(), 190);
}

#[test]
fn an_order_is_not_dated_back_to_before_the_guard() {
    let guarded = Program { version: 2, ..asks(ALWAYS) };
    let guarded =
        Program { spending: Spending { contact_needed: true, ..guarded.spending.clone() }, ..guarded };
    let mut bench = Bench::with_points(program(), 500);
    let from = at("2026-03-02T12:00:00+03:00");
    bench.versions.push(from, guarded);
    bench.now = at("2026-03-03T12:00:00+03:00");
    bench.book.agreement = with(false, 0);
    let before = Some(at("2026-03-01T13:00:00+03:00"));
    let dated_back = || OrderBody { occurred_at: before, ..buy(Some(PointsAsk::Exact(Points(300)))) };
    assert_eq!(bench.run(put(dated_back())).err(), Some(Refusal::ContactNeeded));
    bench.book.person.known.phone = true;
    let refused = bench.run(put(dated_back())).err();
    assert_eq!(refused, Some(Refusal::CodeRequired { points: Points(300) }));
    bench.book.agreement = with(false, 300);
    bench.run(put(dated_back())).unwrap();
}
