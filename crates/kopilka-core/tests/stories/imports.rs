//! What was before the program: one row per refusal, and what it never brings.

use crate::stage::*;
use kopilka_core::decide::{BroughtPurchases, Command, Imported, ImportedLot, LotEnd};
use kopilka_core::member::MemberStatus;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, OrderBody};
use kopilka_core::points::Points;
use kopilka_core::program::Program;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
tags: [vip]
tiers:
  by: money_paid
  over: rolling 12 months
  levels: [{ id: base }, { id: silver, from: 50.00 }, { id: gold, from: 500.00 }]
achievements: [{ id: second, counts: orders, goal: 2 }]
rules:
  - { id: welcome, when: member.registered, then: [{ credit: { points: 500 } }] }
  - { id: base, when: order.paid, then: [{ credit: { percent: 5 } }, { tag: vip }] }
  - { id: whole, when: order.completed, then: [{ credit: { points: 3 } }] }
  - { id: risen, when: tier.changed, then: [{ credit: { points: 7 } }] }
  - { id: twice, when: achievement.reached, then: [{ credit: { points: 9 } }] }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn import(imported: Imported) -> Command {
    Command::Import(Box::new(imported))
}

fn lot(points: i64, active_at: Option<&str>, end: LotEnd) -> Imported {
    let lot = ImportedLot { points: Points(points), active_at: active_at.map(at), end };
    Imported { lot: Some(lot), ..Imported::default() }
}

#[test]
fn an_import_is_refused_in_order_of_precedence() {
    let mut bench = Bench::new(shop());
    let until = |text: &str| LotEnd::At(at(text));
    let tier = |tier: &str| Imported { tier: Some(tier.into()), ..lot(1, None, LotEnd::Never) };
    let bought = |paid: i64, last: &str| {
        let bought = BroughtPurchases { orders: 1, paid: Money(paid), last_at: Some(at(last)) };
        Imported { bought: Some(bought), ..Imported::default() }
    };
    let cases = [
        (Imported { registered_at: Some(at("2100-01-01T00:00:00Z")), ..tier("none") }, "occurred_in_future"),
        (bought(1, "2100-01-01T00:00:00Z"), "occurred_in_future"),
        (bought(-1, "2020-01-01T00:00:00Z"), "amount_out_of_range"),
        (lot(0, None, LotEnd::Program), "points_out_of_range"),
        (lot(-1, None, LotEnd::Program), "points_out_of_range"),
        (lot(1, Some("2150-01-01T00:00:00Z"), until("2140-01-01T00:00:00Z")), "points_out_of_range"),
        (lot(1, None, until("2020-01-01T00:00:00Z")), "points_expired"),
        (tier("none"), "tier_unknown"),
        (
            Imported {
                tier_until: Some(at("2020-01-01T00:00:00Z")),
                tags: vec!["no".into()],
                ..tier("gold")
            },
            "until_passed",
        ),
        (Imported { tags: vec!["no".into()], ..tier("base") }, "tag_unknown"),
    ];
    for (imported, code) in cases {
        assert_eq!(bench.run(import(imported)).unwrap_err().code(), code);
    }
    assert_eq!(bench.book.member.lots, [], "a refusal leaves the book as it was");
    bench.book.member.status = MemberStatus::Anonymized;
    assert_eq!(bench.run(import(tier("none"))).unwrap_err().code(), "member_anonymized");
}

#[test]
fn orders_of_before_count_and_their_returns_bring_nothing_either() {
    let mut bench = Bench::new(shop());
    bench.run(import(lot(100, None, LotEnd::Never))).unwrap();
    let body = |id: &str, status| {
        let body = order(id, status, &[("shoe", 1, 60_000)], None);
        OrderBody { earns_nothing: true, ..body }
    };
    for (id, status) in [("A", BodyStatus::Completed), ("B", BodyStatus::Paid)] {
        bench.run(put(body(id, status))).unwrap();
    }
    let member = &bench.book.member;
    assert_eq!((member.lots.len(), member.purchases.orders, member.tags.len()), (1, 2, 0));
    assert_eq!(member.standing.levels.len(), 2, "silver and gold, and no gift for them");
    assert_eq!(member.standing.achievements[0].reached, 1);
    for id in ["A", "B"] {
        bench.run(give_back(id, &[("shoe", 1)])).unwrap();
    }
    let member = &bench.book.member;
    assert_eq!((member.lots.len(), member.lots[0].free, member.purchases.orders), (1, Points(100), 0));
    assert_eq!((member.standing.levels.len(), member.standing.achievements[0].reached), (0, 0));
}
