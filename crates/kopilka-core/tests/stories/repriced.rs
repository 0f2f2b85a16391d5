//! Discounts withheld from refunds: whatever comes back in whatever order, all of it is all that was paid.

use crate::property::{ORDERS, command, moves};
use crate::stage::*;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, OrderBody, OrderKey, Pricing, ReturnBody, ReturnedLines};
use kopilka_core::program::Program;
use kopilka_core::trace::Step;
use proptest::prelude::*;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
returns: { on_threshold_broken: { discount: reprice } }
coupons: { campaigns: [{ id: big, code: BIG, if: { order_total: { from: 300.00 } }, discount: { percent: 7 } }] }
discounts:
  - { id: fixed, amount: 30.00, if: { order_total: { from: 200.00 } } }
  - { id: pieces, percent: 11, if: { quantity: { from: 4 } }, on: each_line }
  - { id: table, by_table: [{ from: 100.00, percent: 3 }, { from: 400.00, percent: 9 }] }
rules:
  - { id: base, when: order.paid, then: [{ credit: { percent: 5 } }] }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn back(order: &str, lines: ReturnedLines) -> Command {
    let key: OrderKey = key(order);
    Command::ReturnPieces(ReturnBody { key, lines, delivery: false, occurred_at: None })
}

#[test]
fn what_is_withheld_is_told_to_the_cashier() {
    let mut bench = Bench::new(shop());
    let body = order("A", BodyStatus::Paid, &[("x", 1, 15_000), ("y", 1, 10_000)], None);
    let body = OrderBody { pricing: Some(Pricing::Engine), ..body };
    bench.run(put(body)).unwrap();
    // 30.00 off 250.00, and 3 % of the rest: 213.40 were paid.
    let one = ReturnedLines::Lines(vec![("y".into(), kopilka_core::order::Quantity::pieces(1))]);
    let done = bench.run(back("A", one)).unwrap();
    let Outcome::Returned(told) = &done.outcome else { panic!("{:?}", done.outcome) };
    // 85.36 were paid for the second; 18.00 of the fixed discount fell on the first.
    assert_eq!((told.refund, told.withheld), (Money(6_736), Money(1_800)));
    let withheld = Step::DiscountWithheld { discounts: vec!["fixed".into()], amount: Money(1_800) };
    assert!(done.entry.unwrap().trace.contains(&withheld));
    let done = bench.run(back("A", ReturnedLines::All)).unwrap();
    let Outcome::Returned(told) = &done.outcome else { panic!("{:?}", done.outcome) };
    assert_eq!((told.refund, told.withheld), (Money(21_340 - 6_736), Money::ZERO));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn property_all_that_was_paid_comes_back(steps in prop::collection::vec(moves(3), 1..25)) {
        let mut bench = Bench::new(shop());
        for step in &steps {
            let mut command = command(step);
            if let Command::PutOrder { body, .. } = &mut command {
                body.pricing = Some(Pricing::Engine);
                body.coupons = vec!["BIG".into()];
            }
            let done = bench.run(command);
            if let Ok(Outcome::Returned(told)) = done.map(|done| done.outcome) {
                prop_assert!(told.refund.0 >= 0 && told.withheld.0 >= 0, "{:?}", told);
            }
        }
        for order in ORDERS {
            let _ = bench.run(cancel(order));
        }
        for order in ORDERS.iter().filter_map(|order| bench.book.orders.get(&key(order))) {
            let paid: Money = order.lines.iter().map(|line| line.counted).sum();
            prop_assert!(!order.is_paid() || order.refunded == paid, "{:?} of {:?}", order.refunded, paid);
        }
        prop_assert_eq!(bench.book.member.purchases.paid, Money::ZERO);
    }
}
