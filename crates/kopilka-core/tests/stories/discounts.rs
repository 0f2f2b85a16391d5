//! What discounts take off, row by row, and what becomes of them in an order's life.

use crate::stage::*;
use kopilka_core::book::quote;
use kopilka_core::decide::Context;
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::{BodyStatus, LineKind, OrderBody, OrderState, Pricing, Quantity};
use kopilka_core::points::Points;
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
use kopilka_core::range::Range;
use kopilka_core::trace::{Silence, Step};

pub fn discount(id: &str, off: Off, on: On) -> Discount {
    Discount {
        id: id.into(),
        only_if: Condition::Always,
        of: LineMatch::default(),
        off,
        on,
        max_pieces: None,
        groups_of: None,
        bought: None,
        cap: None,
        group: None,
        priority: 0,
        of_list: false,
    }
}

pub fn percent_off(percent: i64) -> Off {
    Off::Percent(Rate(percent * 10_000))
}

fn with(discounts: Vec<Discount>) -> Program {
    let mut p = program();
    p.discounts = discounts;
    p
}

/// An order priced by the program: lines of (id, pieces, price).
fn cart(lines: &[(&str, i64, i64)]) -> OrderBody {
    OrderBody { pricing: Some(Pricing::Engine), ..order("A", BodyStatus::Placed, lines, None) }
}

fn placed(program: Program, body: OrderBody) -> OrderState {
    let mut bench = Bench::new(program);
    bench.run(put(body)).unwrap();
    bench.book.orders[&key("A")].clone()
}

/// Money off each line.
fn off(discounts: Vec<Discount>, lines: &[(&str, i64, i64)]) -> Vec<i64> {
    let order = placed(with(discounts), cart(lines));
    order.lines.iter().map(|l| l.list.0 - l.discounted.0).collect()
}

#[test]
fn each_place_counts_and_rounds_in_its_own_way() {
    let of = |sku: &str| LineMatch { skus: vec![sku.into()], ..LineMatch::default() };
    let two = Some(Quantity::pieces(2));
    let rows: Vec<(&str, Discount, &[i64])> = vec![
        ("3 % of 19.89 is 0.5967 a piece", discount("d", percent_off(3), On::EachPiece), &[120, 3]),
        ("3 % of 39.78 is 1.1934 a line", discount("d", percent_off(3), On::EachLine), &[119, 2]),
        ("once on 40.31, spread", discount("d", percent_off(3), On::Order), &[119, 2]),
        (
            "an amount is never more than the line",
            discount("d", Off::Amount(Money(60)), On::EachLine),
            &[60, 53],
        ),
        ("an amount of each piece", discount("d", Off::Amount(Money(10)), On::EachPiece), &[20, 30]),
        ("an amount on the order", discount("d", Off::Amount(Money(100)), On::Order), &[99, 1]),
        ("a price of each piece", discount("d", Off::Price(Money(1_000)), On::EachPiece), &[1_978, 0]),
        ("a price of the order", discount("d", Off::Price(Money(4_000)), On::Order), &[31, 0]),
        ("the cheapest piece", discount("d", percent_off(100), On::Cheapest), &[0, 18]),
        (
            "two of the cheapest",
            Discount { max_pieces: two, ..discount("d", percent_off(100), On::Cheapest) },
            &[0, 36],
        ),
        ("each second, the dearest counted first", discount("d", percent_off(100), On::Nth(2)), &[1_989, 18]),
        ("only some lines", Discount { of: of("y"), ..discount("d", percent_off(50), On::Order) }, &[0, 27]),
        (
            "one piece of each line",
            Discount { max_pieces: Some(Quantity::ONE), ..discount("d", percent_off(10), On::EachLine) },
            &[199, 2],
        ),
        (
            "a cap is spread like the discount",
            Discount { cap: Some(Money(100)), ..discount("d", percent_off(10), On::EachLine) },
            &[99, 1],
        ),
        (
            "the row that the lines reach",
            discount(
                "d",
                Off::Table(vec![
                    (Money(0), RowOff::Percent(Rate(1))),
                    (Money(4_031), RowOff::Amount(Money(500))),
                ]),
                On::Order,
            ),
            &[493, 7],
        ),
    ];
    // 2 × 19.89 and 3 pieces of 0.53 together: 17.67 kopecks each.
    for (what, discount, expected) in rows {
        let mut body = cart(&[("x", 2, 1_989), ("y", 3, 18)]);
        body.lines[1].amount = Some(Money(53));
        let order = placed(with(vec![discount]), body);
        let off: Vec<i64> = order.lines.iter().map(|l| l.list.0 - l.discounted.0).collect();
        assert_eq!(off, expected, "{what}");
        assert_eq!(
            order.lines.iter().flat_map(|l| &l.discounts).map(|d| d.amount.0).sum::<i64>(),
            off.iter().sum::<i64>()
        );
    }
}

#[test]
fn delivery_and_gift_cards_are_left_alone() {
    let body = |discounts| {
        let mut body = cart(&[("x", 1, 1_000), ("d", 1, 500), ("card", 1, 700)]);
        body.lines[1].kind = LineKind::Delivery;
        body.lines[2].kind = LineKind::GiftCard;
        let order = placed(with(discounts), body);
        order.lines.iter().map(|l| l.list.0 - l.discounted.0).collect::<Vec<_>>()
    };
    assert_eq!(body(vec![discount("d", percent_off(50), On::Order)]), [500, 0, 0]);
    assert_eq!(body(vec![discount("d", Off::Amount(Money(9_999)), On::Order)]), [1_000, 0, 0]);
    assert_eq!(body(vec![discount("d", percent_off(100), On::Delivery)]), [0, 500, 0]);
}

#[test]
fn each_discount_counts_on_what_the_earlier_left() {
    let lines = [("shirt", 1, 3_000), ("pants", 1, 4_000)];
    let shirts = || Discount {
        of: LineMatch { skus: vec!["shirt".into()], ..LineMatch::default() },
        ..discount("shirts", percent_off(20), On::EachLine)
    };
    let ten = |least| Discount {
        only_if: Condition::OrderTotal(Range::from(least)),
        ..discount("ten", Off::Amount(Money(1_000)), On::Order)
    };
    let due = |discounts| 7_000 - off(discounts, &lines).iter().sum::<i64>();
    assert_eq!(due(vec![shirts(), ten(6_400)]), 5_400, "24 + 40 reach the threshold");
    assert_eq!(due(vec![shirts(), ten(6_401)]), 6_400);
    let half = |id: &str, of_list| Discount { of_list, ..discount(id, percent_off(50), On::Order) };
    assert_eq!(due(vec![half("a", false), half("b", false)]), 1_750);
    assert_eq!(due(vec![half("a", false), half("b", true)]), 0, "simple addition");
}

#[test]
fn floors_hold_whatever_is_added_up() {
    let mut p = with(vec![
        discount("a", percent_off(50), On::Order),
        discount("b", Off::Amount(Money(9_000)), On::Order),
    ]);
    p.discount_limits = DiscountLimits { max_share: Rate(600_000), least_per_piece: Money(500) };
    let order = placed(p, cart(&[("x", 1, 10_001), ("y", 3, 600)]));
    let left: Vec<i64> = order.lines.iter().map(|l| l.discounted.0).collect();
    assert_eq!(left, [4_001, 1_500]);
}

#[test]
fn groups_take_the_best_or_the_first() {
    let lines = [("x", 1, 10_000), ("y", 1, 1_000)];
    let in_group = |off, on| Discount { group: Some(0), ..discount("d", off, on) };
    let group = |mode| {
        let mut p = with(vec![
            in_group(Off::Amount(Money(300)), On::EachLine),
            in_group(percent_off(10), On::EachLine),
        ]);
        p.groups = vec![Group { id: "g".into(), mode }];
        let order = placed(p, cart(&lines));
        order.lines.iter().map(|l| l.list.0 - l.discounted.0).collect::<Vec<_>>()
    };
    assert_eq!(group(GroupMode::Best), [1_000, 300], "for each line its best");
    assert_eq!(group(GroupMode::First), [300, 300]);
    assert_eq!(group(GroupMode::Sum), [1_270, 370]);
    assert_eq!(group(GroupMode::Exclusive), [1_000, 100], "one for the whole order");
}

#[test]
fn sets_of_one_price_are_told_apart_by_points_and_the_others_are_told() {
    // Both take 100.00 off; points are earned on x alone, so the discount on y leaves more of them.
    let of = |sku: &str| LineMatch { skus: vec![sku.into()], ..LineMatch::default() };
    let one = |id: &str, sku: &str| Discount {
        of: of(sku),
        group: Some(0),
        ..discount(id, Off::Amount(Money(10_000)), On::Order)
    };
    let mut p = with(vec![one("on-x", "x"), one("on-y", "y")]);
    p.groups = vec![Group { id: "g".into(), mode: GroupMode::Best }];
    let amount = CreditAmount::Percent { of: of("x"), rates: vec![], rate: Rate(100_000) };
    p.rules.push(rule("ten", Trigger::OrderPaid, amount));
    let bench = Bench::new(p);
    let ctx = Context { versions: &bench.versions, now: bench.now };
    let quote = quote(ctx, &bench.book, &cart(&[("x", 1, 50_000), ("y", 1, 50_000)])).unwrap();
    assert_eq!(quote.earned[0].points, Points(50));
    let told = |step: &Step| quote.trace.contains(step);
    assert!(told(&Step::DiscountApplied { discount: "on-y".into(), amount: Money(10_000) }));
    assert!(told(&Step::DiscountSilent { discount: "on-x".into(), why: Silence::Excluded }));
    let others = quote.trace.iter().find_map(|step| match step {
        Step::SetsCompared { proven: true, others, .. } => Some(others.clone()),
        _ => None,
    });
    assert_eq!(others.unwrap()[0].discounts, ["on-x"]);
}

#[test]
fn prices_of_the_shop_are_facts() {
    let p = with(vec![discount("d", percent_off(10), On::Order)]);
    for (status, pricing, due) in [
        (BodyStatus::Paid, None, 1_000),
        (BodyStatus::Placed, None, 900),
        (BodyStatus::Placed, Some(Pricing::Shop), 1_000),
        (BodyStatus::Paid, Some(Pricing::Engine), 900),
    ] {
        let body = OrderBody { pricing, status, ..cart(&[("x", 1, 1_000)]) };
        assert_eq!(placed(p.clone(), body).due(), Money(due), "{status:?} {pricing:?}");
    }
    let bench = Bench::new(p);
    let ctx = Context { versions: &bench.versions, now: bench.now };
    let body = OrderBody { pricing: None, ..cart(&[("x", 1, 1_000)]) };
    assert_eq!(quote(ctx, &bench.book, &body).unwrap().order.due(), Money(900));
}

#[test]
fn lines_that_come_later_are_priced_as_of_the_placing_and_nothing_is_given_twice() {
    let mut p = with(vec![
        discount("hundred", Off::Amount(Money(10_000)), On::Order),
        Discount {
            only_if: Condition::OrderTotal(Range::from(100_000)),
            ..discount("ten", percent_off(10), On::EachLine)
        },
        Discount {
            only_if: Condition::Hours { from: 12 * 60, to: 13 * 60 },
            ..discount("noon", Off::Amount(Money(1_000)), On::EachLine)
        },
    ]);
    p.points = kopilka_core::points::PointUnit::new(0, 1_000_000, p.currency);
    let mut bench = Bench::new(p);
    bench.run(put(cart(&[("x", 1, 60_000)]))).unwrap();
    bench.now = at("2026-03-01T15:00:00+03:00");
    bench.run(put(cart(&[("x", 1, 60_000), ("y", 1, 60_000)]))).unwrap();
    let order = &bench.book.orders[&key("A")];
    let left: Vec<i64> = order.lines.iter().map(|l| l.discounted.0).collect();
    assert_eq!(left, [49_000, 53_000], "60 − 10 − 1; 60 − 6 − 1 with 109 in all");
    bench.run(put(cart(&[("x", 1, 60_000), ("y", 1, 60_000)]))).unwrap();
    bench.run(put(cart(&[("y", 1, 60_000)]))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].due_remaining(), Money(53_000));
}

#[test]
fn a_return_gives_back_what_was_paid_and_the_discount_stays() {
    let threshold = Condition::OrderTotalList(Range::from(100_000));
    let p = with(vec![Discount { only_if: threshold, ..discount("d", percent_off(10), On::Order) }]);
    let mut bench = Bench::new(p);
    let body = OrderBody { status: BodyStatus::Paid, ..cart(&[("x", 2, 30_000), ("y", 1, 40_000)]) };
    bench.run(put(body)).unwrap();
    bench.run(give_back("A", &[("y", 1)])).unwrap();
    let order = &bench.book.orders[&key("A")];
    assert_eq!((order.refunded, order.due_remaining()), (Money(36_000), Money(54_000)));
    bench.run(give_back("A", &[("x", 2)])).unwrap();
    assert_eq!(bench.book.orders[&key("A")].refunded, Money(90_000));
}
