//! How much rules give: tables by amount, multipliers, rules that count alone, limits that refuse.

use crate::stage::*;
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::{BodyStatus, OrderBody, Pricing, RowGives, TableRow, Tax};
use kopilka_core::points::Points;
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;

fn table(rows: &[(i64, RowGives)], marginal: bool) -> CreditAmount {
    let rows = rows.iter().map(|(from, gives)| TableRow { from: Money(*from), gives: *gives }).collect();
    CreditAmount::Table { of: LineMatch::default(), rows, marginal }
}

fn paid(rule: CreditAmount) -> Rule {
    crate::stage::rule("r", Trigger::OrderPaid, rule)
}

fn of_sku(sku: &str) -> LineMatch {
    LineMatch { skus: vec![sku.into()], ..LineMatch::default() }
}

fn multiply(id: &str, by: i64, of: LineMatch) -> Rule {
    let effect = Effect::Multiply(Multiplier { of, by: Rate(by * 10_000) });
    Rule { then: vec![effect], ..percent(id, 1) }
}

/// What an order of one article earns.
fn earned(rules: Vec<Rule>, amount: i64) -> i64 {
    let mut p = program();
    p.rules = rules;
    let mut bench = Bench::new(p);
    bench.run(put(order("A", BodyStatus::Paid, &[("x", 1, amount)], None))).unwrap();
    bench.net()
}

#[test]
fn amounts_of_the_program_contain_a_tax_that_lines_add() {
    let text = |amounts: &str, discount: &str| {
        format!(
            "program: p\ncurrency: RUB\ntimezone: UTC\namounts: {amounts}\nrules: []\ndiscounts: [{discount}]\n"
        )
    };
    // A line of 100.00 with 20 % on top.
    let due = |amounts: &str, discount: &str| {
        let mut bench = Bench::new(compiled(&text(amounts, discount)));
        let mut body = order("A", BodyStatus::Placed, &[("x", 1, 10_000)], None);
        body.lines[0].tax = Some(Tax { rate: Rate(200_000), added: true });
        bench.run(put(OrderBody { pricing: Some(Pricing::Engine), ..body })).unwrap();
        bench.book.orders[&key("A")].due().0
    };
    let rows = [
        ("{ id: d, percent: 10, cap: 9.00 }", 11_100, 10_920),
        ("{ id: d, percent: 10 }", 10_800, 10_800),
        ("{ id: d, amount: 12.00 }", 10_800, 10_560),
        ("{ id: d, price: 60.00 }", 6_000, 7_200),
        ("{ id: d, percent: 50, if: { order_total: { from: 120.00 } } }", 6_000, 12_000),
        ("{ id: d, percent: 50, if: { order_total_list: { from: 120.01 } } }", 12_000, 12_000),
        ("{ id: d, percent: 50, if: { line: { sku: x, total: { from: 110.00 } } } }", 6_000, 12_000),
    ];
    for (discount, gross, net) in rows {
        assert_eq!((due("gross", discount), due("net", discount)), (gross, net), "{discount}");
    }
}

#[test]
fn the_row_that_the_base_reaches_holds_for_all_of_it() {
    let percents: Vec<(i64, RowGives)> = [(0, 3), (300_000, 5), (1_000_000, 7)]
        .map(|(from, p)| (from, RowGives::Percent(Rate(p * 10_000))))
        .to_vec();
    let by_amount = [(0, 0), (299_999, 89), (300_000, 150), (999_999, 499), (1_000_000, 700)];
    for (amount, points) in by_amount {
        assert_eq!(earned(vec![paid(table(&percents, false))], amount), points, "{amount}");
    }
    let slices = [(299_999, 89), (300_000, 90), (400_000, 140), (1_000_000, 440), (1_100_000, 510)];
    for (amount, points) in slices {
        assert_eq!(earned(vec![paid(table(&percents, true))], amount), points, "slices of {amount}");
    }
    let per = |points, per| RowGives::PerAmount { points: Points(points), per: Money(per) };
    let steps = [(10_000, RowGives::Points(Points(1))), (50_000, per(1, 5_000)), (100_000, per(3, 10_000))];
    for (amount, points) in [(9_999, 0), (10_000, 1), (49_999, 1), (50_000, 10), (99_999, 19), (109_999, 30)]
    {
        assert_eq!(earned(vec![paid(table(&steps, false))], amount), points, "steps of {amount}");
    }
}

#[test]
fn a_return_falls_back_to_the_row_that_remains() {
    let rows = [(0, RowGives::Percent(Rate(30_000))), (300_000, RowGives::Percent(Rate(50_000)))];
    let mut p = program();
    p.rules = vec![paid(table(&rows, false))];
    let mut bench = Bench::new(p);
    bench.run(put(order("A", BodyStatus::Paid, &[("x", 2, 100_000), ("y", 1, 100_000)], None))).unwrap();
    assert_eq!(bench.net(), 150);
    bench.run(give_back("A", &[("y", 1)])).unwrap();
    assert_eq!(bench.net(), 60, "3 % of what remains");
    bench.run(give_back("A", &[("x", 2)])).unwrap();
    assert_eq!(bench.net(), 0);
}

#[test]
fn multipliers_act_before_rounding_and_the_largest_holds() {
    let per = CreditAmount::PerAmount { of: LineMatch::default(), points: Points(1), per: Money(100) };
    assert_eq!(
        earned(vec![paid(per.clone()), multiply("m", 150, LineMatch::default())], 1_999),
        28,
        "19 × 1.5"
    );
    let both = |p: &mut Program| {
        p.rules = vec![
            multiply("twice", 200, of_sku("x")),
            percent("five", 5),
            multiply("thrice", 300, of_sku("x")),
            rule("piece", Trigger::OrderPaid, CreditAmount::PerPiece { of: of_sku("y"), points: Points(10) }),
            rule("fixed", Trigger::OrderPaid, CreditAmount::Fixed(Points(7))),
        ];
    };
    // 5 % of 100.30 × factor and of 50.10 once; ten points for y; fixed points stay.
    for (combine, percents) in [(Combine::Largest, 17), (Combine::Product, 32), (Combine::Sum, 22)] {
        let mut p = program();
        both(&mut p);
        p.multipliers = combine;
        let mut bench = Bench::new(p);
        bench.run(put(order("A", BodyStatus::Paid, &[("x", 1, 10_030), ("y", 1, 5_010)], None))).unwrap();
        assert_eq!(bench.net(), percents + 10 + 7, "{combine:?}");
        bench.run(give_back("A", &[("x", 1)])).unwrap();
        let fixed_share = 7 * 5_010 / (10_030 + 5_010);
        assert_eq!(bench.net(), 2 + 10 + fixed_share, "what remains was never multiplied");
    }
}

#[test]
fn what_a_multiplier_adds_to_steps_counts_steps_of_its_lines() {
    let per = CreditAmount::PerAmount { of: LineMatch::default(), points: Points(10), per: Money(10_000) };
    let mut p = program();
    p.rules = vec![rule("per", Trigger::OrderPaid, per), multiply("m", 200, of_sku("x"))];
    let mut bench = Bench::new(p);
    bench.run(put(order("A", BodyStatus::Paid, &[("x", 1, 15_000), ("y", 1, 15_000)], None))).unwrap();
    assert_eq!(bench.net(), 30 + 10, "three steps, and one that x fills alone once more");
}

#[test]
fn a_rule_that_counts_alone_wins_only_by_giving_more() {
    let alone = |points| {
        let fixed = rule("alone", Trigger::OrderPaid, CreditAmount::Fixed(Points(points)));
        let mut p = program();
        p.groups = vec![Group { id: "alone".into(), mode: GroupMode::Exclusive }];
        p.rules = vec![Rule { group: Some(0), ..fixed }, percent("five", 5), percent("two", 2)];
        let mut bench = Bench::new(p);
        bench.run(put(order("A", BodyStatus::Paid, &[("x", 1, 100_000)], None))).unwrap();
        bench.net()
    };
    assert_eq!([alone(69), alone(70), alone(71)], [70, 70, 71]);
}

#[test]
fn a_limit_cuts_or_refuses() {
    for (overflow, expected) in [(Overflow::Cut, 40), (Overflow::Refuse, 0)] {
        let limits = Limits { per_order: Some(Points(40)), overflow, ..Limits::default() };
        assert_eq!(earned(vec![Rule { limits, ..percent("r", 5) }], 100_000), expected);
        assert_eq!(earned(vec![Rule { limits, ..percent("r", 5) }], 80_000), 40, "at the limit");
    }
}
