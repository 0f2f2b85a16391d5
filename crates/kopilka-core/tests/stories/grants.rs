//! What is given beside points: one row per refusal, and what a row can hold. The rules themselves are in
//! `tests/specs/grants.yaml`.

use crate::property::{ORDERS, command, moves};
use crate::stage::*;
use kopilka_core::ShortText;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::member::MemberStatus;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::trace::{Silence, Step};
use proptest::prelude::*;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
tags: [vip, regular]
coupons: { campaigns: [{ id: own, codes: made, discount: { percent: 10 } }] }
tiers:
  by: money_paid
  over: rolling 12 months
  levels: [{ id: base }, { id: silver, from: 50.00 }, { id: gold, from: 500.00 }]
rules:
  - { id: base, when: order.paid, then: [{ credit: { percent: 5 } }] }
  - id: thanks
    when: order.paid
    then: [{ coupon: own }, { tag: regular }, { tier: { level: gold, for: 2 months } }]
    limits: { per_member: { times: 3 } }
  - { id: settled, when: order.paid, if: { tag: vip }, then: [{ untag: vip }] }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn tier(tier: Option<&str>, until: Option<&str>) -> Command {
    Command::SetTier { tier: tier.map(Into::into), until: until.map(at) }
}

fn tags(add: &[&str], remove: &[&str]) -> Command {
    let words = |list: &[&str]| list.iter().map(|tag| (*tag).into()).collect();
    Command::SetTags { add: words(add), remove: words(remove) }
}

#[test]
fn an_operator_is_refused_in_order_of_precedence() {
    let mut bench = Bench::new(shop());
    let unknown = |tier: &str| Refusal::TierUnknown { tier: tier.into() };
    let passed = "2026-02-01T00:00:00+03:00";
    assert_eq!(bench.run(tier(Some("platinum"), Some(passed))).unwrap_err(), unknown("platinum"));
    assert_eq!(bench.run(tier(Some("base"), None)).unwrap_err(), unknown("base"));
    assert_eq!(bench.run(tier(Some("gold"), Some(passed))).unwrap_err(), Refusal::UntilPassed);
    let tag = Refusal::TagUnknown { tag: "friend".into() };
    assert_eq!(bench.run(tags(&["vip", "friend"], &[])).unwrap_err(), tag);
    assert_eq!(bench.run(tags(&[], &["friend"])).unwrap_err(), tag);
    bench.book.member.status = MemberStatus::Guest;
    assert_eq!(bench.run(tier(Some("platinum"), None)).unwrap_err(), Refusal::MemberUnknown);
    assert_eq!(bench.run(tags(&["friend"], &[])).unwrap_err(), Refusal::MemberUnknown);
}

#[test]
fn an_operators_level_is_one_and_stands_to_its_moment() {
    let mut bench = Bench::new(shop());
    bench.run(tier(Some("silver"), None)).unwrap();
    let done = bench.run(tier(Some("gold"), Some("2026-03-05T10:00:00+03:00"))).unwrap();
    assert_eq!(done.outcome, Outcome::TierSet { tier: Some("gold".into()) });
    assert_eq!(bench.book.member.standing.levels.len(), 1);
    bench.until("2026-03-05T09:59:59+03:00");
    assert_eq!(bench.book.member.standing.levels.len(), 1);
    bench.until("2026-03-05T10:00:00+03:00");
    assert_eq!(bench.book.member.standing.levels.len(), 0);
}

#[test]
fn a_mark_that_stands_is_no_event_and_an_old_one_can_be_taken_away() {
    let mut bench = Bench::new(shop());
    let done = bench.run(tags(&["vip", "vip"], &["regular"])).unwrap();
    assert_eq!(done.outcome, Outcome::TagsSet { tags: vec!["vip".into()] });
    assert_eq!(done.entry.unwrap().events.len(), 1);
    assert!(bench.run(tags(&["vip"], &[])).unwrap().entry.is_none_or(|entry| entry.events.is_empty()));
    let mut fewer = shop();
    (fewer.tags, fewer.version) = (Vec::new(), 2);
    bench.versions.push(bench.now, fewer);
    bench.run(tags(&[], &["vip"])).unwrap();
    assert_eq!(bench.book.member.tags, Vec::<ShortText>::new());
}

#[test]
fn what_is_held_already_is_told_and_gives_nothing() {
    let mut bench = Bench::new(shop());
    let paid = |id: &str| put(order(id, kopilka_core::order::BodyStatus::Paid, &[("x", 1, 10_000)], None));
    bench.run(paid("A")).unwrap();
    let done = bench.run(paid("B")).unwrap();
    let silent = Step::RuleSilent { rule: "thanks".into(), why: Silence::HeldAlready };
    let silences = done.entry.unwrap().trace.into_iter().filter(|step| *step == silent).count();
    assert_eq!(silences, 2, "the mark, and the level that ends no later");
    assert_eq!(bench.book.member.last_coupon, 2);
    // A level for longer is given beside the one that falls with its order.
    bench.until("2026-03-02T12:00:00+03:00");
    bench.run(paid("C")).unwrap();
    assert_eq!(bench.book.member.standing.levels.iter().filter(|h| h.granted.is_some()).count(), 2);
    bench.run(paid("D")).unwrap();
    assert_eq!(bench.book.member.last_coupon, 3, "three times and no more");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever orders did, once nothing of them remains nothing that they gave does.
    #[test]
    fn property_emptied_orders_leave_nothing(
        steps in prop::collection::vec((moves(3), 0..60_i64), 1..30),
    ) {
        let mut bench = Bench::new(shop());
        bench.run(tags(&["vip"], &[])).unwrap();
        for (step, hours) in &steps {
            bench.now = bench.now.plus_seconds(hours * 3600);
            let _ = bench.run(command(step));
        }
        for order in ORDERS {
            let _ = bench.run(cancel(order));
        }
        for order in ORDERS.iter().filter_map(|order| bench.book.orders.get(&key(order))) {
            prop_assert!(order.gave.is_empty(), "{:?}", order.gave);
        }
        let member = &bench.book.member;
        prop_assert_eq!(&member.tags, &vec![ShortText::from("vip")]);
        prop_assert!(member.standing.levels.is_empty(), "{:?}", member.standing.levels);
        prop_assert!(member.uses.is_empty(), "{:?}", member.uses);
        prop_assert!(bench.book.codes.iter().all(|code| code.blocked));
    }
}
