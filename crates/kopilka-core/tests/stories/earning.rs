//! What rules give, row by row: rates by category, groups, bases, caps, conditions.

use crate::stage::*;
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::{BaseAmount, BodyStatus, LineKind, OrderBody, PointsAsk, Quantity, Tax};
use kopilka_core::points::Points;
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
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
