//! Sets of goods, gifts, and campaigns that need no code.

use crate::stage::*;
use kopilka_core::coupon::CouponRefusal;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineKind, OrderBody, Pricing};
use kopilka_core::program::Program;
use kopilka_core::trace::Step;
use proptest::prelude::*;

fn shop(rest: &str) -> Program {
    let text = format!("program: shop\ncurrency: RUB\ntimezone: UTC\nrules: []\n{rest}");
    compiled(&text)
}

/// Article, pieces, price of one.
type Cart = &'static [(&'static str, i64, i64)];

/// What comes off each line of a cart: (article, pieces, price).
fn off(discounts: &str, lines: &[(&str, i64, i64)]) -> Vec<i64> {
    let mut bench = Bench::new(shop(&format!("discounts:\n{discounts}")));
    bench.run(put(cart("A", lines))).unwrap();
    let order = &bench.book.orders[&key("A")];
    order.lines.iter().map(|l| l.list.0 - l.discounted.0).collect()
}

fn cart(id: &str, lines: &[(&str, i64, i64)]) -> OrderBody {
    let mut body = order(id, BodyStatus::Placed, lines, None);
    for (at, line) in body.lines.iter_mut().enumerate() {
        line.id = format!("{at}").into();
    }
    OrderBody { pricing: Some(Pricing::Engine), ..body }
}

#[test]
fn pieces_bought_lower_other_pieces_or_the_cheaper_of_their_own() {
    let other = "  - { id: d, percent: 100, of: { sku: shirt }, on: { bought: { of: { sku: coat }, pieces: 2 }, gives: 1 } }";
    let rows: [(Cart, &[i64]); 4] = [
        (&[("coat", 1, 900), ("shirt", 3, 100)], &[0, 0]),
        (&[("coat", 2, 900), ("shirt", 3, 100)], &[0, 100]),
        (&[("coat", 5, 900), ("shirt", 1, 100), ("shirt", 4, 80)], &[0, 0, 160]),
        (&[("coat", 4, 900)], &[0]),
    ];
    for (lines, expected) in rows {
        assert_eq!(off(other, lines), expected, "{lines:?}");
    }
    // Two and one free, of the same goods: the dearer count as bought.
    let same = "  - { id: d, percent: 100, on: { bought: { pieces: 2 } } }";
    let rows: [(Cart, &[i64]); 5] = [
        (&[("a", 2, 500)], &[0]),
        (&[("a", 3, 500)], &[500]),
        (&[("a", 5, 500)], &[500]),
        (&[("a", 6, 500)], &[1_000]),
        (&[("a", 1, 500), ("b", 2, 900), ("c", 3, 100)], &[0, 0, 200]),
    ];
    for (lines, expected) in rows {
        assert_eq!(off(same, lines), expected, "{lines:?}");
    }
    // Of a set that cannot be whole as much as there is: two bought, two wanted, one there.
    let two = "  - { id: d, amount: 1.00, on: { bought: { pieces: 2 }, gives: 2 } }";
    assert_eq!(off(two, &[("a", 3, 500)]), [100]);
    // Goods that count for both: those that are lowered no longer count as bought.
    let mixed = "  - { id: d, percent: 100, of: { sku: [a, b] }, on: { bought: { of: { sku: [b, c] }, pieces: 2 } } }";
    assert_eq!(off(mixed, &[("a", 1, 300), ("b", 2, 100), ("c", 2, 900)]), [0, 100, 0]);
}

#[test]
fn full_groups_first_pieces_and_delivery() {
    let groups = "  - { id: d, amount: 5.00, on: each_piece, in_groups_of: 3 }";
    assert_eq!(off(groups, &[("a", 2, 1_000), ("b", 1, 1_000), ("c", 1, 1_000)]), [1_000, 500, 0]);
    assert_eq!(off(groups, &[("a", 2, 1_000)]), [0]);
    assert_eq!(
        off(groups, &[("a", 3, 100), ("b", 1, 900)]),
        [200, 500],
        "the dearest first, never below nothing"
    );
    let flexible = "  - { id: d, amount: 1.13, next: 2.11, on: each_line }";
    assert_eq!(off(flexible, &[("a", 1, 1_000), ("b", 3, 1_000), ("c", 2, 150)]), [113, 535, 300]);

    let whole = "discounts:\n  - { id: d, amount: 20.00, on: order_with_delivery }";
    for (price, off) in [(0, [0, 1_000]), (1_000, [1_000, 1_000]), (3_000, [1_500, 500])] {
        let mut bench = Bench::new(shop(whole));
        let mut body = cart("A", &[("a", 1, price), ("delivery", 1, 1_000)]);
        body.lines[1].kind = LineKind::Delivery;
        bench.run(put(body)).unwrap();
        let lines = &bench.book.orders[&key("A")].lines;
        assert_eq!([lines[0].list.0 - lines[0].discounted.0, lines[1].list.0 - lines[1].discounted.0], off);
    }
}

const GIFTS: &str = r#"
coupons:
  together: last
  campaigns:
    - { id: three, codes: none, gift: { sku: cabinet, for_each: { of: { sku: cabinet }, pieces: 3 } } }
    - { id: big, codes: none, if: { order_total: { from: 150.00 } }, gift: { sku: mug, pieces: 2 }, limits: { total: 2, per_member: 1 } }
    - { id: ten, codes: none, discount: { amount: 10.00 }, limits: { total: 3 }, if: { line: { sku: lamp } } }
    - { id: test, code: TEST, discount: { percent: 10 } }
    - { id: gift, code: GIFT, gift: { sku: pen } }
"#;

impl Bench {
    fn placed(&mut self, body: OrderBody) -> Vec<(String, i64)> {
        let id = body.key.clone();
        self.run(put(body)).unwrap();
        self.book.orders[&id].gifts().map(|(_, sku, pieces)| (sku.to_string(), pieces)).collect()
    }
}

fn given(list: &[(&str, i64)]) -> Vec<(String, i64)> {
    list.iter().map(|(sku, pieces)| ((*sku).to_owned(), *pieces)).collect()
}

#[test]
fn gifts_are_given_for_each_set_and_by_condition_and_coupons_do_not_drive_them_out() {
    let mut bench = Bench::new(shop(GIFTS));
    let with = |body: OrderBody, code: &str| OrderBody { coupons: vec![code.into()], ..body };
    let body = with(cart("A", &[("cabinet", 7, 1_000)]), "TEST");
    assert_eq!(bench.placed(body), given(&[("cabinet", 2)]));
    let order = &bench.book.orders[&key("A")];
    assert_eq!((order.due().0, order.coupons.len()), (6_300, 2), "what acts by itself goes beside a coupon");
    assert_eq!(bench.placed(cart("B", &[("a", 1, 14_999)])), given(&[]));
    assert_eq!(bench.placed(with(cart("C", &[("a", 1, 15_000)]), "gift")), given(&[("mug", 2), ("pen", 1)]));
    // Once a member, and the reservation comes back with a cancel.
    assert_eq!(bench.placed(cart("D", &[("a", 1, 15_000)])), given(&[]));
    bench.run(cancel("C")).unwrap();
    assert_eq!(bench.placed(cart("E", &[("a", 1, 15_000)])), given(&[("mug", 2)]));
    // The shop's own prices are facts: nothing is given that it did not say.
    let facts = OrderBody { pricing: Some(Pricing::Shop), ..cart("F", &[("cabinet", 3, 1_000)]) };
    assert_eq!(bench.placed(facts), given(&[]));
}

#[test]
fn a_campaign_without_a_code_has_its_limit_and_says_why_it_is_silent() {
    let mut bench = Bench::new(shop(GIFTS));
    for (id, due) in [("A", 4_000), ("B", 4_000), ("C", 4_000), ("D", 5_000)] {
        let done = bench.run(put(cart(id, &[("lamp", 1, 5_000)]))).unwrap();
        assert_eq!(bench.book.orders[&key(id)].due(), Money(due), "{id}");
        let trace = done.entry.unwrap().trace;
        let why = trace.iter().find_map(|step| match step {
            Step::PromotionSilent { campaign, why } if campaign == "ten" => Some(*why),
            _ => None,
        });
        assert_eq!(why, (id == "D").then_some(CouponRefusal::LimitTotal));
    }
    bench.run(cancel("A")).unwrap();
    bench.run(put(cart("E", &[("lamp", 1, 5_000)]))).unwrap();
    assert_eq!(bench.book.orders[&key("E")].due(), Money(4_000));
}

/// All ways to lower pieces, tried: so many are bought, so many others are lowered.
fn by_hand(only_bought: i64, both: i64, only_target: i64, buy: i64, gives: i64) -> i64 {
    let mut best = 0;
    for sets in 0..=(only_bought + both) / buy {
        let used = (sets * buy - only_bought).max(0);
        best = best.max((both - used + only_target).min(sets * gives));
    }
    best
}

proptest! {
    /// As many pieces are lowered as any choice of sets allows.
    #[test]
    fn sets_are_counted_to_the_buyers_best(
        a in 0_i64..9, b in 0_i64..9, c in 0_i64..9, buy in 1_i64..5, gives in 1_i64..5,
    ) {
        let discount = format!(
            "  - {{ id: d, amount: 1.00, of: {{ sku: [b, c] }}, on: {{ bought: {{ of: {{ sku: [a, b] }}, pieces: {buy} }}, gives: {gives} }} }}"
        );
        let all = [("a", a, 500), ("b", b, 500), ("c", c, 500)];
        let lines: Vec<(&str, i64, i64)> = all.into_iter().filter(|(_, pieces, _)| *pieces > 0).collect();
        prop_assume!(!lines.is_empty());
        let lowered = off(&discount, &lines).iter().sum::<i64>() / 100;
        prop_assert_eq!(lowered, by_hand(a, b, c, buy, gives));
    }
}
