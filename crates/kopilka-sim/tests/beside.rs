//! A shop's own orders under two versions: what was bought by the engine itself, decided once more.

use kopilka_core::book::{Book, execute};
use kopilka_core::decide::{Command, Context};
use kopilka_core::ids::MemberId;
use kopilka_core::member::Member;
use kopilka_core::money::Money;
use kopilka_core::order::{
    BodyStatus, LineBody, OrderBody, OrderKey, PointsAsk, Pricing, Quantity, ReturnBody, ReturnedLines,
};
use kopilka_core::points::Points;
use kopilka_core::program::{Program, Versions, compile};
use kopilka_core::time::Instant;
use kopilka_sim::{Beside, Buyer, Compared, Did, LARGEST};

const BASE: &str = "
program: shop
currency: RUB
timezone: Europe/Moscow
accrual: { base: paid_goods }
spending: { max_share: 50 }
rules:
  - { id: cashback, when: order.paid, then: [{ credit: { percent: 5 } }] }
  - { id: first, when: order.paid, if: { first_order: true }, then: [{ credit: { points: 300 } }] }
discounts:
  - { id: sale, percent: 10, of: { sku: [boots] } }
";

fn program(text: &str) -> Program {
    let compiled = compile(text);
    compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn since() -> Instant {
    at("2026-03-01T00:00:00Z")
}

/// A member on the way through real life, under the program of then.
struct Life {
    book: Book,
    versions: Versions,
}

impl Life {
    fn begin() -> Life {
        let mut life =
            Life { book: Book::new(Member::new(MemberId(7))), versions: Versions::only(program(BASE)) };
        let register = Command::Register { welcome: false, referrer: None, former: false };
        life.does("2025-01-01T00:00:00Z", register);
        life
    }
    fn does(&mut self, when: &str, command: Command) {
        let ctx = Context { versions: &self.versions, now: at(when) };
        execute(ctx, &mut self.book, &command).unwrap();
    }
    fn buys(&mut self, when: &str, id: &str, sku: &str, rubles: i64) {
        let order = order(id, sku, rubles);
        self.does(when, Command::PutOrder { body: order, hash: 0 });
    }
    fn buyer(&self) -> Buyer {
        Buyer {
            member: self.book.member.clone(),
            person: self.book.person.clone(),
            codes: Vec::new(),
            orders: self.book.orders.iter().filter(|order| !order.is_closed()).cloned().collect(),
        }
    }
}

fn order(id: &str, sku: &str, rubles: i64) -> OrderBody {
    let key = OrderKey { shop: "main".into(), order: id.into() };
    let lines = vec![LineBody::goods("1", sku, Quantity::pieces(2), Money(rubles * 50))];
    let pricing = Some(Pricing::Engine);
    OrderBody { pricing, points: Some(PointsAsk::Max), ..OrderBody::plain(key, BodyStatus::Paid, lines) }
}

fn beside(other: &str, buyers: &[Buyer]) -> Compared {
    let until = at("2026-03-31T00:00:00Z");
    let mut beside = Beside::new([program(BASE), program(other)], since(), until);
    buyers.iter().for_each(|buyer| beside.buyer(buyer));
    beside.done()
}

fn did(times: u64, points: i64, money: i64) -> Did {
    Did { times, points: Points(points), money: Money(money) }
}

fn a_month() -> Life {
    let mut life = Life::begin();
    life.buys("2026-02-01T10:00:00Z", "old", "boots", 10_000);
    life.buys("2026-03-02T10:00:00Z", "A", "socks", 2_000);
    life.buys("2026-03-03T10:00:00Z", "B", "boots", 1_000);
    life
}

#[test]
fn the_same_rules_come_to_what_really_happened() {
    let life = a_month();
    let compared = beside(BASE, &[life.buyer()]);
    let [before, after] = &compared.sums;
    assert_eq!(before, after);
    assert_eq!((compared.members, compared.changed, before.orders), (1, 0, 2));
    assert!(compared.largest.is_empty() && before.refused.is_empty());
    let real: Vec<_> = life.book.orders.iter().filter(|order| order.key.order != "old").collect();
    assert_eq!(before.given, real.iter().map(|order| order.points_earned_net()).sum::<Points>());
    assert_eq!(before.spent, real.iter().map(|order| order.points_spent_net()).sum::<Points>());
    assert_eq!(before.due, real.iter().map(|order| order.due()).sum::<Money>());
    assert!(before.spent > Points::ZERO, "the first order's points were spent");
    // The order before the span was the first one, so none of these is.
    assert_eq!(before.rules["first"], Did::default());
    assert_eq!(before.reductions["sale"], did(1, 0, 10_000));
}

#[test]
fn what_came_back_is_in_neither() {
    let mut life = a_month();
    let key = OrderKey { shop: "main".into(), order: "A".into() };
    let lines = ReturnedLines::Lines(vec![("1".into(), Quantity::pieces(1))]);
    let back = ReturnBody { key, lines, delivery: false, occurred_at: None };
    life.does("2026-03-05T10:00:00Z", Command::ReturnPieces(back));
    let key = OrderKey { shop: "main".into(), order: "B".into() };
    life.does("2026-03-05T11:00:00Z", Command::CancelOrder { key, occurred_at: None });
    let compared = beside(&BASE.replace("percent: 5", "percent: 10"), &[life.buyer()]);
    let [before, after] = &compared.sums;
    assert_eq!((before.orders, after.orders), (1, 1));
    let left = life.book.orders.iter().find(|order| order.key.order == "A").unwrap();
    assert_eq!(before.given, left.points_earned_net());
    assert_eq!(after.given, Points(before.given.0 * 2));
}

#[test]
fn rules_that_multiply_are_counted_and_their_points_stand_with_the_others() {
    let twice = BASE.replace(
        "discounts:",
        "  - { id: twice, when: order.paid, then: [{ multiply: { by: 2 } }] }\ndiscounts:",
    );
    let compared = beside(&twice, &[a_month().buyer()]);
    let [before, after] = &compared.sums;
    assert_eq!((after.rules["twice"].times, after.rules["twice"].points), (2, Points::ZERO));
    // 5 and then 10 percent of 1,250 and of 838, each rounded down.
    assert_eq!(before.rules["cashback"].points, Points(62 + 41));
    assert_eq!(after.rules["cashback"].points, Points(125 + 83));
    assert!(!before.rules.contains_key("twice"));
    assert_eq!(compared.changed, 2);
}

#[test]
fn the_largest_changes_are_kept_and_no_more_of_them() {
    let mut life = Life::begin();
    for number in 0..LARGEST as i64 + 5 {
        life.buys(&format!("2026-03-02T10:{number:02}:00Z"), &number.to_string(), "boots", 1_000 + number);
    }
    let compared = beside(&BASE.replace("percent: 10", "percent: 20"), &[life.buyer()]);
    assert_eq!((compared.changed, compared.largest.len()), (LARGEST as u64 + 5, LARGEST));
    assert!(compared.largest.is_sorted_by(|a, b| a.weight >= b.weight));
    let first = &compared.largest[0];
    assert!(first.came[1].discounts > first.came[0].discounts && first.came[1].due < first.came[0].due);
}

#[test]
fn members_who_bought_nothing_in_the_span_are_no_part_of_it() {
    let mut life = Life::begin();
    life.buys("2026-02-01T10:00:00Z", "old", "boots", 10_000);
    life.buys("2026-03-31T10:00:00Z", "late", "boots", 10_000);
    let compared = beside(&BASE.replace("percent: 5", "percent: 10"), &[life.buyer()]);
    assert_eq!((compared.members, compared.sums[0].orders, compared.changed), (0, 0, 0));
}
