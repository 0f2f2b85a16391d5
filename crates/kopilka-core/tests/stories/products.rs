//! What articles have of their own: points, a share that points may pay, a price nothing goes below.

use crate::stage::*;
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::{BodyStatus, OrderBody, PointsAsk, Pricing};
use kopilka_core::points::Points;
use kopilka_core::product::{OwnPoints, OwnTerms};
use kopilka_core::program::Program;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: UTC
discounts:
  - { id: sale, percent: 50, on: each_line, of: { category: sale } }
  - { id: new, amount: 5.00, if: { line: { category: new, total: { from: 1.00 } } } }
rules:
  - { id: base, when: order.paid, then: [{ credit: { percent: 10 } }] }
  - { id: more, when: order.paid, then: [{ credit: { percent: 5 } }] }
  - { id: each, when: order.paid, then: [{ credit: { points: 1, each: piece } }] }
  - { id: twice, when: order.paid, if: { channel: web }, then: [{ multiply: { by: 2 } }] }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn with(id: &str, own: &[OwnTerms], lines: &[(&str, i64, i64)]) -> OrderBody {
    let mut body = order(id, BodyStatus::Paid, lines, None);
    for (line, own) in body.lines.iter_mut().zip(own) {
        line.own = Some(Box::new(own.clone()));
    }
    OrderBody { pricing: Some(Pricing::Engine), ..body }
}

fn own(points: OwnPoints) -> OwnTerms {
    OwnTerms { points: Some(points), ..OwnTerms::default() }
}

/// Points by source.
fn earned(bench: &Bench, id: &str) -> Vec<(String, i64)> {
    let credits = &bench.book.orders[&key(id)].credits;
    credits.iter().map(|c| (c.rule.to_string(), c.issued.0 - c.taken.0)).collect()
}

fn list(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(rule, points)| ((*rule).to_owned(), *points)).collect()
}

#[test]
fn points_of_an_article_stand_for_the_percents_of_all_rules_and_fall_with_returns() {
    let mut bench = Bench::new(shop());
    let terms = [
        own(OwnPoints::PerPiece(Points(7))),
        own(OwnPoints::Percent(Rate(0))),
        own(OwnPoints::Percent(Rate(30_000))),
    ];
    let lines = [("a", 3, 10_000), ("b", 1, 50_000), ("c", 1, 20_000), ("d", 1, 10_000)];
    bench.run(put(with("A", &terms, &lines))).unwrap();
    let expected = [("base", 10), ("more", 5), ("each", 6), ("product:points", 21), ("product:points", 6)];
    assert_eq!(earned(&bench, "A"), list(&expected));
    bench.run(give_back("A", &[("a", 1), ("c", 1)])).unwrap();
    let expected = [("base", 10), ("more", 5), ("each", 4), ("product:points", 14), ("product:points", 0)];
    assert_eq!(earned(&bench, "A"), list(&expected));
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.net(), 0);
    // A multiplier acts on them as on percents.
    let body = OrderBody { channel: Some("web".into()), ..with("B", &terms, &[("a", 1, 10_000)]) };
    bench.run(put(body)).unwrap();
    assert_eq!(earned(&bench, "B"), list(&[("each", 2), ("product:points", 14)]));
}

#[test]
fn points_pay_a_share_of_an_article_and_nothing_lowers_it_below_its_price() {
    let mut bench = Bench::with_points(shop(), 10_000);
    let share = |millionths| OwnTerms { spend_share: Some(Rate(millionths)), ..OwnTerms::default() };
    let least = OwnTerms { recommended_price: Some(Money(9_000)), ..OwnTerms::default() };
    let terms = [share(0), share(300_000), least.clone()];
    let body = with("A", &terms, &[("a", 1, 10_000), ("b", 1, 10_000), ("c", 2, 10_000)]);
    bench.run(put(OrderBody { points: Some(PointsAsk::Max), ..body })).unwrap();
    let by_points: Vec<i64> = bench.book.orders[&key("A")].lines.iter().map(|l| l.by_points.0).collect();
    assert_eq!(by_points, [0, 3_000, 2_000]);

    let mut body = with("B", &[least], &[("c", 2, 10_000)]);
    body.lines[0].category = Some("sale".into());
    bench.run(put(body)).unwrap();
    assert_eq!(bench.book.orders[&key("B")].due(), Money(18_000), "half would be 10 000");
}

#[test]
fn an_article_stands_in_several_categories() {
    let mut bench = Bench::new(shop());
    let terms = OwnTerms { also_in: vec!["new".into(), "sale/winter".into()], ..OwnTerms::default() };
    let mut body = with("A", &[terms], &[("c", 1, 10_000)]);
    body.lines[0].category = Some("shoes".into());
    bench.run(put(body)).unwrap();
    assert_eq!(bench.book.orders[&key("A")].due(), Money(4_500));
}
