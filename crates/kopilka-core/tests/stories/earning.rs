//! What rules give, row by row: rates by category, groups, bases, caps, conditions.

use crate::stage::*;
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::{BaseAmount, BodyStatus, LineKind, OrderBody, PointsAsk, Quantity, Tax};
use kopilka_core::points::Points;
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
use kopilka_core::range::Range;
use kopilka_core::time::Day;

fn of_category(category: &str) -> LineMatch {
    LineMatch { categories: vec![category.into()], ..LineMatch::default() }
}

fn percent_of(id: &str, of: LineMatch, percent: i64) -> Rule {
    let rate = Rate(percent * 10_000);
    rule(id, Trigger::OrderPaid, CreditAmount::Percent { of, rates: vec![], rate })
}

/// Shoes for 1,000.00, a ball for 500.00, delivery 300.00, a gift card for 2,000.00; 100 points are there.
fn cart(ask: Option<PointsAsk>) -> OrderBody {
    let lines = [("shoes", 1, 100_000), ("ball", 1, 50_000), ("delivery", 1, 30_000), ("card", 1, 200_000)];
    let mut body = order("A", BodyStatus::Paid, &lines, ask);
    body.lines[0].category = Some("shoes/running".into());
    body.lines[1].category = Some("balls".into());
    body.lines[2].kind = LineKind::Delivery;
    body.lines[3].kind = LineKind::GiftCard;
    body
}

fn earned(p: Program, body: OrderBody) -> Vec<(String, i64)> {
    let mut bench = Bench::with_points(p, 100);
    bench.run(put(body)).unwrap();
    let order = &bench.book.orders[&key("A")];
    order.credits.iter().map(|c| (c.rule.to_string(), c.issued.0)).collect()
}

fn check(edit: impl Fn(&mut Program), ask: Option<PointsAsk>, expected: &[(&str, i64)]) {
    let mut p = program();
    edit(&mut p);
    let seen = earned(p, cart(ask));
    let seen: Vec<(&str, i64)> = seen.iter().map(|(r, p)| (r.as_str(), *p)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn gift_cards_and_delivery_earn_nothing_by_default() {
    check(|p| p.rules.push(percent("r", 10)), None, &[("r", 150)]);
    check(
        |p| {
            p.rules.push(percent("r", 10));
            p.base.lines = BaseLines::All;
        },
        None,
        &[("r", 180)],
    );
}

#[test]
fn the_base_is_paid_or_before_points_or_list() {
    let all = Some(PointsAsk::Max);
    let base = |amount| {
        move |p: &mut Program| {
            p.rules.push(percent("r", 10));
            p.base.amount = amount;
        }
    };
    check(base(BaseAmount::Paid), all, &[("r", 140)]);
    check(base(BaseAmount::BeforePoints), all, &[("r", 150)]);
    let mut p = program();
    base(BaseAmount::List)(&mut p);
    let mut body = cart(None);
    body.lines[0].shop_discount = Money(20_000);
    assert_eq!(earned(p, body), [("r".to_owned(), 150)]);
}

#[test]
fn tax_may_be_taken_out_of_the_base() {
    for (added, expected) in [(false, 250), (true, 300)] {
        let mut p = program();
        p.rules.push(percent("r", 10));
        p.base.net_of_tax = true;
        let mut body = order("A", BodyStatus::Paid, &[("x", 1, 300_000)], None);
        body.lines[0].tax = Some(Tax { rate: Rate(200_000), added });
        assert_eq!(earned(p, body), [("r".to_owned(), expected)], "added: {added}");
    }
}

#[test]
fn rates_by_category_are_rounded_once() {
    let rates = vec![(of_category("shoes"), Rate(33_333)), (of_category("balls"), Rate(66_666))];
    let amount = CreditAmount::Percent { of: LineMatch::default(), rates, rate: Rate(10_000) };
    // 33.333 + 33.333 = 66.666, once rounded; apart they would be 33 + 33.
    check(|p| p.rules.push(rule("r", Trigger::OrderPaid, amount.clone())), None, &[("r", 66)]);
}

#[test]
fn rules_add_up_unless_a_group_says_otherwise() {
    let rules = |mode: Option<GroupMode>| {
        move |p: &mut Program| {
            p.groups = mode.map(|mode| Group { id: "g".into(), mode }).into_iter().collect();
            let group = mode.map(|_| 0);
            p.rules.push(Rule { group, ..percent("all", 5) });
            p.rules.push(Rule { group, ..percent_of("shoes", of_category("shoes"), 10) });
        }
    };
    check(rules(None), None, &[("all", 75), ("shoes", 100)]);
    check(rules(Some(GroupMode::Sum)), None, &[("all", 75), ("shoes", 100)]);
    check(rules(Some(GroupMode::Best)), None, &[("all", 25), ("shoes", 100)]);
    check(rules(Some(GroupMode::First)), None, &[("all", 75)]);
}

#[test]
fn a_group_with_order_rules_is_decided_per_order() {
    let with = |fixed: i64, mode| {
        move |p: &mut Program| {
            p.groups = vec![Group { id: "g".into(), mode }];
            p.rules.push(Rule { group: Some(0), ..percent("percent", 5) });
            let amount = CreditAmount::Fixed(Points(fixed));
            p.rules.push(Rule { group: Some(0), ..rule("fixed", Trigger::OrderPaid, amount) });
        }
    };
    check(with(74, GroupMode::Best), None, &[("percent", 75)]);
    check(with(75, GroupMode::Best), None, &[("percent", 75)]);
    check(with(76, GroupMode::Best), None, &[("fixed", 76)]);
    check(with(76, GroupMode::First), None, &[("percent", 75)]);
}

#[test]
fn per_amount_counts_whole_steps_and_per_piece_counts_pieces() {
    let per = CreditAmount::PerAmount { of: LineMatch::default(), points: Points(50), per: Money(100_000) };
    check(|p| p.rules.push(rule("per", Trigger::OrderPaid, per.clone())), None, &[("per", 50)]);
    let mut p = program();
    let of = LineMatch { skus: vec!["shoes".into()], ..LineMatch::default() };
    p.rules.push(rule("piece", Trigger::OrderPaid, CreditAmount::PerPiece { of, points: Points(300) }));
    p.rules[0].limits.per_order = Some(Points(700));
    let mut body = cart(None);
    body.lines[0].quantity = Quantity::pieces(3);
    let mut bench = Bench::new(p);
    bench.run(put(body)).unwrap();
    assert_eq!(bench.net(), 700, "900, cut by the cap");
    bench.run(give_back("A", &[("shoes", 1)])).unwrap();
    assert_eq!(bench.net(), 600, "two pieces are under the cap");
}

#[test]
fn conditions_look_at_the_clock_and_the_till() {
    // The bench stands at Sunday, 1 March 2026, 12:00 in Moscow; the shop is `main`.
    let day = |text: &str| Day::parse(text);
    let yes = [
        Condition::Date { from: day("2026-03-01"), to: day("2026-03-01") },
        Condition::Weekdays(vec![7]),
        Condition::Hours { from: 12 * 60, to: 13 * 60 },
        Condition::Hours { from: 22 * 60, to: 12 * 60 + 1 },
        Condition::Shops(vec!["main".into()]),
        Condition::None(vec![Condition::Weekdays(vec![1]), Condition::Channels(vec!["web".into()])]),
        Condition::Any(vec![Condition::Weekdays(vec![1]), Condition::Shops(vec!["main".into()])]),
    ];
    let no = [
        Condition::Date { from: day("2026-03-02"), to: None },
        Condition::Date { from: None, to: day("2026-02-28") },
        Condition::Hours { from: 11 * 60, to: 12 * 60 },
        Condition::Channels(vec!["web".into()]),
        Condition::Cashiers(vec!["k1".into()]),
        Condition::All(vec![Condition::Weekdays(vec![7]), Condition::Weekdays(vec![1])]),
        Condition::None(vec![Condition::Weekdays(vec![7])]),
    ];
    for (conditions, points) in [(&yes[..], 75), (&no[..], 0)] {
        for condition in conditions {
            let mut p = program();
            p.rules.push(Rule { only_if: condition.clone(), ..percent("r", 5) });
            let sum: i64 = earned(p, cart(None)).iter().map(|(_, p)| p).sum();
            assert_eq!(sum, points, "{condition:?}");
        }
    }
}

/// Three lines of goods, one of them lowered by the shop, and a delivery.
fn rich_order(id: &str) -> kopilka_core::order::OrderBody {
    let mut body = order(id, BodyStatus::Paid, &[("boots", 2, 50_000), ("socks", 3, 10_000)], None);
    body.pricing = Some(kopilka_core::order::Pricing::Engine);
    body.lines[0].category = Some("shoes/boots".into());
    body.lines[1].shop_discount = Money(3_000);
    let mut delivery = body.lines[0].clone();
    (delivery.id, delivery.kind, delivery.price) = ("d".into(), LineKind::Delivery, Money(99_900));
    body.lines.push(delivery);
    body
}

#[test]
fn conditions_measure_the_order_and_its_lines() {
    let range = |least, most| Range { least, most };
    let lines = |of: LineMatch| Condition::Lines { of, total: None, quantity: None };
    let shoes = || of_category("shoes");
    let yes = [
        Condition::OrderTotal(range(Some(127_000), Some(127_000))),
        Condition::OrderTotalList(range(Some(130_000), Some(130_000))),
        Condition::Quantity(range(Some(5_000), Some(5_000))),
        lines(shoes()),
        Condition::Lines {
            of: shoes(),
            total: Some(Range::exactly(100_000)),
            quantity: Some(Range::exactly(2_000)),
        },
        lines(LineMatch { on_sale: Some(true), ..LineMatch::default() }),
        lines(LineMatch { price: Some(range(Some(10_000), Some(10_000))), ..LineMatch::default() }),
    ];
    let no = [
        Condition::OrderTotal(Range::from(127_001)),
        Condition::OrderTotalList(range(None, Some(129_999))),
        Condition::Quantity(Range::from(5_001)),
        lines(of_category("food")),
        Condition::Lines { of: shoes(), total: Some(Range::from(100_001)), quantity: None },
        lines(LineMatch { on_sale: Some(true), ..shoes() }),
    ];
    for (conditions, points) in [(&yes[..], 10), (&no[..], 0)] {
        for condition in conditions {
            let mut p = program();
            let fixed = rule("r", Trigger::OrderPaid, CreditAmount::Fixed(Points(10)));
            p.rules.push(Rule { only_if: condition.clone(), ..fixed });
            let sum: i64 = earned(p, rich_order("A")).iter().map(|(_, p)| p).sum();
            assert_eq!(sum, points, "{condition:?}");
        }
    }
}

#[test]
fn a_credit_falls_when_a_return_breaks_its_threshold() {
    let threshold = Condition::All(vec![
        Condition::OrderTotal(Range::from(100_000)),
        Condition::Lines { of: of_category("shoes"), total: None, quantity: None },
    ]);
    for (keep_broken, left) in [(false, [59, 0, 0]), (true, [59, 34, 9])] {
        let mut p = program();
        p.returns.keep_broken = keep_broken;
        p.rules.push(Rule { only_if: threshold.clone(), ..percent("five", 5) });
        let mut bench = Bench::new(p);
        bench.run(put(rich_order("A"))).unwrap();
        assert_eq!(bench.net(), 63, "5 % of 1,270.00");
        for (line, expected) in [("socks", left[0]), ("boots", left[1]), ("boots", left[2])] {
            bench.run(give_back("A", &[(line, 1)])).unwrap();
            assert_eq!(bench.net(), expected, "{line} back, keep {keep_broken}");
        }
    }
}

#[test]
fn orders_before_are_counted_and_returned_orders_never_were() {
    let fixed = |id: &str, points, only_if| Rule {
        only_if,
        ..rule(id, Trigger::OrderPaid, CreditAmount::Fixed(Points(points)))
    };
    let mut p = program();
    p.rules.push(fixed("first", 1, Condition::OrderNumber(Range::exactly(1))));
    p.rules.push(fixed("second", 10, Condition::OrderNumber(Range::exactly(2))));
    p.rules.push(fixed("paid", 100, Condition::MoneyPaid(Range::exactly(100_000))));
    p.rules.push(fixed("back-again", 1_000, Condition::DaysSinceLastOrder(Range::from(30))));
    p.rules.push(fixed("young", 10_000, Condition::Age(Range { least: None, most: Some(17) })));
    let mut bench = Bench::new(p);
    bench.book.person.birth_date = Day::parse("2008-03-05");
    bench.book.member.registered_at = Some(bench.now);
    let mut buy = |id: &str, when: &str| {
        bench.now = at(when);
        let before = bench.net();
        bench.run(put(order(id, BodyStatus::Paid, &[("x", 1, 100_000)], None))).unwrap();
        let earned = bench.net() - before;
        if id == "B" {
            bench.run(give_back("B", &[("x", 1)])).unwrap();
        }
        earned
    };
    assert_eq!(buy("A", "2026-03-01T12:00:00+03:00"), 10_001);
    assert_eq!(buy("B", "2026-03-02T12:00:00+03:00"), 10_110);
    assert_eq!(buy("C", "2026-03-31T12:00:00+03:00"), 1_110, "B was returned whole: A is 30 days ago");
    assert_eq!(buy("D", "2026-04-01T12:00:00+03:00"), 0);
    assert_eq!(bench.book.member.purchases.orders, 3);
    assert_eq!(bench.book.member.purchases.paid, Money(300_000));
}
