//! Guests' orders that become a member's: what they earn, since when it waits, and what comes back.

use crate::stage::*;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::guest::GuestEvent;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::ledger::Event;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{BodyStatus, OrderBody, OrderState};
use kopilka_core::points::Points;
use kopilka_core::program::*;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Period;

const ANNA: MemberId = MemberId(1);

/// Five percent after a day, in a program that lets guests' orders be claimed for 30 days.
fn claimable() -> Program {
    Program {
        rules: vec![percent("p", 5)],
        active_after: Period::Days(1),
        guest_orders: Some(Period::Days(30)),
        ..program()
    }
}

fn guest(program: &Program) -> Bench {
    let mut bench = Bench::new(program.clone());
    bench.book.member.id = MemberId(7);
    bench.book.member.status = MemberStatus::Guest;
    bench
}

fn hand_over(order: &str) -> Command {
    Command::HandOver { to: ANNA, order: key(order), bound_by: None }
}

fn left(guest: &mut Bench, order: &str) -> Box<OrderState> {
    let left = guest.run(hand_over(order)).unwrap();
    let left = left.entry.unwrap().events.into_iter().find_map(|event| match event {
        Event::Guest(GuestEvent::Left { order, .. }) => Some(order),
        _ => None,
    });
    left.unwrap()
}

/// Both steps; what the order has earned.
fn claim(guest: &mut Bench, anna: &mut Bench, order: &str) -> i64 {
    guest.now = anna.now;
    let order = left(guest, order);
    let command = Command::ClaimOrder { from: guest.book.member.id, entry: EntryId(3), order };
    match anna.run(command).unwrap().outcome {
        Outcome::OrderClaimed { points, .. } => points.0,
        other => panic!("{other:?}"),
    }
}

fn bought(id: &str, status: BodyStatus) -> OrderBody {
    order(id, status, &[("1", 2, 50_000)], None)
}

#[test]
fn what_it_earns_waits_since_the_claim_and_comes_back_with_the_goods() {
    let program = claimable();
    let (mut guest, mut anna) = (guest(&program), Bench::new(program));
    guest.run(put(bought("g", BodyStatus::Paid))).unwrap();
    assert!(guest.book.member.lots.is_empty(), "a guest earns nothing");
    anna.until("2026-03-11T12:00:00+03:00");
    assert_eq!(claim(&mut guest, &mut anna, "g"), 50);
    assert!(guest.book.orders.get(&key("g")).is_none());
    assert_eq!(guest.book.member.purchases.orders, 0);
    assert_eq!((anna.book.member.purchases.orders, anna.available()), (1, 0));
    anna.until("2026-03-12T11:59:59+03:00");
    assert_eq!(anna.available(), 0, "a day has not passed since the claim");
    anna.until("2026-03-12T12:00:00+03:00");
    assert_eq!(anna.available(), 50);
    anna.run(give_back("g", &[("1", 1)])).unwrap();
    assert_eq!(anna.net(), 25);
    anna.run(give_back("g", &[("1", 1)])).unwrap();
    assert_eq!((anna.net(), anna.book.member.purchases.orders), (0, 0));
}

const SHOP: &str = "
program: shop
currency: RUB
guest_orders: { claim: { within: 30 days } }
tiers:
  by: money_paid
  over: rolling 12 months
  levels:
    - { id: silver }
    - { id: gold, from: 1000.00, rates: { cashback: 10 } }
rules:
  - { id: cashback, when: order.paid, then: [{ credit: { percent: 3 } }] }
";

#[test]
fn it_earns_by_its_own_version_and_at_the_lowest_level() {
    let first = Program { version: 1, ..compiled(SHOP) };
    let second = Program { version: 2, ..compiled(&SHOP.replace("percent: 3", "percent: 50")) };
    let (mut guest, mut anna) = (guest(&first), Bench::new(first));
    guest.run(put(bought("g", BodyStatus::Paid))).unwrap();
    anna.run(put(bought("own", BodyStatus::Paid))).unwrap();
    anna.run(put(bought("gold", BodyStatus::Paid))).unwrap();
    let earned = |bench: &Bench, id: &str| bench.book.orders[&key(id)].points_earned_net().0;
    assert_eq!((earned(&anna, "own"), earned(&anna, "gold")), (30, 100), "she has reached gold");
    anna.versions.push(at("2026-03-02T00:00:00+03:00"), second);
    anna.until("2026-03-03T12:00:00+03:00");
    guest.versions = anna.versions.clone();
    assert_eq!(claim(&mut guest, &mut anna, "g"), 30);
}

#[test]
fn the_document_says_whether_and_how_long() {
    let within = |text: &str| compiled(&SHOP.replace("{ claim: { within: 30 days } }", text)).guest_orders;
    for (text, expected) in [
        ("never", None),
        ("{ claim: {} }", Some(Period::Days(30))),
        ("{ claim: { within: 2 months } }", Some(Period::Months(2))),
    ] {
        assert_eq!(within(text), expected, "{text}");
    }
    assert_eq!(
        compiled(&SHOP.replace("guest_orders: { claim: { within: 30 days } }", "")).guest_orders,
        None
    );
}

#[test]
fn what_waits_for_the_completion_waits_for_both() {
    let program = Program { accrual_from: AccrualFrom::Completed, ..claimable() };
    let (mut guest, mut anna) = (guest(&program), Bench::new(program));
    guest.run(put(bought("g", BodyStatus::Paid))).unwrap();
    anna.until("2026-03-05T12:00:00+03:00");
    assert_eq!(claim(&mut guest, &mut anna, "g"), 50);
    // Told late of a completion from before the claim: the day counts from the claim all the same.
    let told = at("2026-03-04T12:00:00+03:00");
    let done = OrderBody { occurred_at: Some(told), ..bought("g", BodyStatus::Completed) };
    anna.run(put(done)).unwrap();
    anna.until("2026-03-06T11:59:59+03:00");
    assert_eq!(anna.available(), 0);
    anna.until("2026-03-06T12:00:00+03:00");
    assert_eq!(anna.available(), 50);
}

#[test]
fn one_row_per_refusal() {
    let (on, off) = (claimable(), Program { guest_orders: None, ..claimable() });
    let paid = || vec![put(bought("g", BodyStatus::Paid))];
    let returned = vec![put(bought("g", BodyStatus::Paid)), give_back("g", &[("1", 2)])];
    let last = "2026-03-31T11:59:59+03:00";
    let cases: Vec<(&Program, Vec<Command>, &str, Option<Refusal>)> = vec![
        (&on, vec![], last, Some(Refusal::NothingToClaim)),
        (&off, paid(), last, Some(Refusal::GuestOrdersOff)),
        (&on, returned, last, Some(Refusal::NothingToClaim)),
        (&on, vec![cancel("g")], last, Some(Refusal::NothingToClaim)),
        (&on, vec![put(bought("g", BodyStatus::Shipped))], last, Some(Refusal::OrderNotPaid)),
        (&on, paid(), "2026-03-31T12:00:00+03:00", Some(Refusal::ClaimTooLate)),
        (&on, paid(), last, None),
    ];
    for (program, before, now, expected) in cases {
        let mut bench = guest(program);
        before.into_iter().for_each(|command| drop(bench.run(command).unwrap()));
        bench.now = at(now);
        assert_eq!(bench.run(hand_over("g")).err(), expected, "{now}");
    }
    let mut member = Bench::new(on);
    member.run(put(bought("g", BodyStatus::Paid))).unwrap();
    assert_eq!(member.run(hand_over("g")).err(), Some(Refusal::NothingToClaim), "it is a member's");
}

#[test]
fn what_support_binds_is_counted_by_till_and_operator() {
    let program = claimable();
    let mut guest = guest(&program);
    let body = OrderBody { cashier: Some("olga".into()), ..bought("g", BodyStatus::Paid) };
    guest.run(put(body)).unwrap();
    let bind = Command::HandOver { to: ANNA, order: key("g"), bound_by: Some("ivan".into()) };
    let entry = guest.run(bind).unwrap().entry.unwrap();
    let counted = entry.events.iter().find_map(|event| match event {
        Event::UseCounted { what, by } => Some((what.to_string(), *by)),
        _ => None,
    });
    assert_eq!(counted, Some(("bound:2026-03:4:4:mainolgaivan".to_owned(), 1)));
    assert_eq!(guest.book.member.balance_booked().outstanding(), Points(0));
}
