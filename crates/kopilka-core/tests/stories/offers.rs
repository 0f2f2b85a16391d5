//! Personal offers: given, activated, used by orders and given back; one row per refusal.

use crate::property::{Move, ORDERS, command, moves};
use crate::stage::*;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::member::MemberStatus;
use kopilka_core::offer::{OFFERS_HELD_MAX, OfferState};
use kopilka_core::order::{BodyStatus, OrderBody, OrderKey, Pricing, ReturnBody, ReturnedLines};
use kopilka_core::program::Program;
use kopilka_core::program::document::check;
use kopilka_core::refusal::Refusal;
use kopilka_core::trace::Step;
use proptest::prelude::*;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
attributes: [{ id: staff, kind: yes_no }]
events: [{ id: review }]
offers:
  - { id: off, for: 10 days, times: 1 }
  - { id: double, for: 10 days, activate: by_member, times: 2 }
  - { id: always, for: 1 month }
  - { id: staff-only, for: 1 day, if: { attribute: { staff: true } } }
discounts:
  - { id: tenth, percent: 10, if: { offer: [off, always] } }
rules:
  - { id: base, when: order.paid, then: [{ credit: { percent: 5 } }] }
  - { id: twice, when: order.paid, if: { offer: double }, then: [{ multiply: { by: 2 } }] }
  - { id: thanks, when: { event: review }, then: [{ offer: off }], limits: { per_member: { times: 2 } } }
  - { id: come-back, when: order.paid, if: { order_total: { from: 5000.00 } }, then: [{ offer: off }] }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn give(offer: &str) -> Command {
    Command::GiveOffer { offer: offer.into() }
}

fn activate(offer: &str) -> Command {
    Command::ActivateOffer { offer: offer.into() }
}

fn withdraw(offer: &str) -> Command {
    Command::WithdrawOffer { offer: offer.into() }
}

fn buy(id: &str, status: BodyStatus, price: i64) -> Command {
    put(OrderBody { pricing: Some(Pricing::Engine), ..order(id, status, &[("x", 1, price)], None) })
}

fn due(bench: &Bench, order: &str) -> i64 {
    bench.book.orders[&key(order)].due().0
}

fn earned(bench: &Bench, order: &str) -> i64 {
    bench.book.orders[&key(order)].points_earned_net().0
}

fn all_back(order: &str) -> Command {
    let key: OrderKey = key(order);
    Command::ReturnPieces(ReturnBody { key, lines: ReturnedLines::All, delivery: true, occurred_at: None })
}

#[test]
fn an_offer_lowers_the_price_of_as_many_orders_as_it_says() {
    let mut bench = Bench::new(shop());
    bench.run(buy("A", BodyStatus::Paid, 10_000)).unwrap();
    let done = bench.run(give("off")).unwrap();
    assert!(matches!(done.outcome, Outcome::Offer { state: OfferState::Active, left: Some(1), .. }));
    let done = bench.run(buy("B", BodyStatus::Paid, 10_000)).unwrap();
    let used = Step::OfferUsed { offer: "off".into(), left: Some(0) };
    assert!(done.entry.unwrap().trace.contains(&used));
    bench.run(buy("C", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!((due(&bench, "A"), due(&bench, "B"), due(&bench, "C")), (10_000, 9_000, 10_000));
}

#[test]
fn its_term_ends_with_its_last_day_and_begins_anew_when_it_is_given_again() {
    let mut bench = Bench::new(shop());
    bench.run(give("off")).unwrap();
    bench.until("2026-03-11T23:59:59+03:00");
    bench.run(buy("A", BodyStatus::Placed, 10_000)).unwrap();
    bench.until("2026-03-12T00:00:00+03:00");
    bench.run(cancel("A")).unwrap();
    bench.run(buy("B", BodyStatus::Placed, 10_000)).unwrap();
    assert_eq!((due(&bench, "A"), due(&bench, "B")), (9_000, 10_000));
    bench.run(give("off")).unwrap();
    bench.run(buy("C", BodyStatus::Paid, 10_000)).unwrap();
    bench.run(give("off")).unwrap();
    assert_eq!(bench.book.member.offers.len(), 1, "never two of the same");
    assert!(bench.book.member.uses.is_empty(), "the uses of the one before went with it");
    bench.run(buy("D", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!((due(&bench, "C"), due(&bench, "D")), (9_000, 9_000));
    // What comes back of the one that was used before does not count for the new one.
    bench.run(all_back("C")).unwrap();
    let held = bench.book.member.offer("off").unwrap();
    assert_eq!(bench.book.member.uses_left(held), Some(0));
}

#[test]
fn a_use_is_reserved_by_a_placed_order_and_comes_back_when_nothing_comes_of_it() {
    let mut bench = Bench::new(shop());
    bench.run(give("off")).unwrap();
    bench.run(buy("A", BodyStatus::Placed, 10_000)).unwrap();
    bench.run(buy("B", BodyStatus::Placed, 10_000)).unwrap();
    assert_eq!((due(&bench, "A"), due(&bench, "B")), (9_000, 10_000));
    bench.run(cancel("A")).unwrap();
    bench.run(buy("C", BodyStatus::Reserved, 10_000)).unwrap();
    assert_eq!(due(&bench, "C"), 9_000);
    // The reservation of a checkout lapses; paid late, the order keeps its price and is counted again.
    bench.until("2026-03-01T13:00:00+03:00");
    let left = |bench: &Bench| bench.book.member.uses_left(bench.book.member.offer("off").unwrap());
    assert_eq!(left(&bench), Some(1));
    bench.run(buy("C", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!((due(&bench, "C"), left(&bench)), (9_000, Some(0)));
    // A return of everything gives the use back, and so does the cancel of a paid order.
    bench.run(all_back("C")).unwrap();
    assert_eq!(left(&bench), Some(1));
    bench.run(buy("D", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!(due(&bench, "D"), 9_000);
    bench.run(cancel("D")).unwrap();
    assert_eq!(left(&bench), Some(1));
}

#[test]
fn a_rule_asks_for_an_offer_that_the_member_has_activated() {
    let mut bench = Bench::new(shop());
    let done = bench.run(give("double")).unwrap();
    assert!(matches!(done.outcome, Outcome::Offer { state: OfferState::ToActivate, .. }));
    bench.run(buy("A", BodyStatus::Paid, 10_000)).unwrap();
    bench.run(activate("double")).unwrap();
    let again = bench.run(activate("double")).unwrap();
    assert!(again.entry.is_none(), "it acts already");
    for order in ["B", "C", "D"] {
        bench.run(buy(order, BodyStatus::Paid, 10_000)).unwrap();
    }
    let all: Vec<i64> = ["A", "B", "C", "D"].iter().map(|id| earned(&bench, id)).collect();
    assert_eq!(all, [5, 10, 10, 5]);
    assert_eq!(bench.run(activate("double")).unwrap_err(), Refusal::OfferEnded { offer: "double".into() });
    bench.run(all_back("B")).unwrap();
    bench.run(buy("E", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!(earned(&bench, "E"), 10);
    // Given again while it runs, it need not be activated again.
    bench.run(all_back("C")).unwrap();
    bench.run(give("double")).unwrap();
    bench.run(buy("F", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!(earned(&bench, "F"), 10);
}

#[test]
fn an_order_that_gains_nothing_by_an_offer_does_not_use_it() {
    let mut bench = Bench::new(shop());
    bench.run(give("double")).unwrap();
    bench.run(activate("double")).unwrap();
    bench.run(give("off")).unwrap();
    let left = |bench: &Bench, id| bench.book.member.uses_left(bench.book.member.offer(id).unwrap());
    // Too cheap to earn or to be lowered; then at the shop's own prices.
    bench.run(buy("A", BodyStatus::Paid, 4)).unwrap();
    assert_eq!((left(&bench, "double"), left(&bench, "off")), (Some(2), Some(1)));
    bench.run(put(order("B", BodyStatus::Paid, &[("x", 1, 10_000)], None))).unwrap();
    assert_eq!((left(&bench, "double"), left(&bench, "off")), (Some(1), Some(1)));
}

#[test]
fn of_several_that_would_do_the_first_is_used_and_a_use_without_a_number_is_counted_too() {
    let mut bench = Bench::new(shop());
    bench.run(give("always")).unwrap();
    bench.run(give("off")).unwrap();
    for order in ["A", "B", "C"] {
        bench.run(buy(order, BodyStatus::Paid, 10_000)).unwrap();
    }
    let used = |id: &str| bench.book.member.used(&bench.book.member.offer(id).unwrap().counter(), None);
    assert_eq!((used("off"), used("always"), due(&bench, "C")), (1, 2, 9_000));
}

#[test]
fn rules_give_offers_that_act_from_the_next_order_on() {
    let mut bench = Bench::new(shop());
    bench.run(buy("A", BodyStatus::Paid, 500_000)).unwrap();
    assert_eq!(due(&bench, "A"), 500_000);
    // It uses the one it has and is given a new one.
    bench.run(buy("B", BodyStatus::Paid, 600_000)).unwrap();
    bench.run(buy("C", BodyStatus::Paid, 10_000)).unwrap();
    bench.run(buy("D", BodyStatus::Paid, 10_000)).unwrap();
    assert_eq!((due(&bench, "B"), due(&bench, "C"), due(&bench, "D")), (540_000, 9_000, 10_000));
    for (event, acts) in [(1, true), (2, true), (3, false)] {
        bench.run(Command::Happen { event: "review".into(), data: Default::default() }).unwrap();
        bench.run(buy(&format!("E{event}"), BodyStatus::Paid, 10_000)).unwrap();
        let wanted = if acts { 9_000 } else { 10_000 };
        assert_eq!(due(&bench, &format!("E{event}")), wanted, "{event}");
    }
}

#[test]
fn lines_that_come_later_use_an_offer_and_a_quote_does_not() {
    let mut bench = Bench::new(shop());
    bench.run(give("off")).unwrap();
    bench.run(buy("A", BodyStatus::Placed, 4)).unwrap();
    let context = kopilka_core::decide::Context { versions: &bench.versions, now: bench.now };
    let body = order("A", BodyStatus::Placed, &[("x", 1, 4), ("y", 1, 10_000)], None);
    let quote = kopilka_core::book::quote(context, &bench.book, &body).unwrap();
    assert_eq!(quote.order.due().0, 9_004);
    bench.run(put(body.clone())).unwrap();
    assert_eq!(due(&bench, "A"), 9_004);
    let context = kopilka_core::decide::Context { versions: &bench.versions, now: bench.now };
    let quote = kopilka_core::book::quote(context, &bench.book, &body).unwrap();
    assert_eq!(quote.order.due().0, 9_004, "its own use does not stand in its way");
    bench.run(buy("B", BodyStatus::Placed, 10_000)).unwrap();
    assert_eq!(due(&bench, "B"), 10_000);
}

#[test]
fn what_cannot_be_given_or_activated_is_refused_with_its_reason() {
    let mut bench = Bench::new(shop());
    let offer = |id: &str| id.to_owned();
    let rows = [
        (give("none"), Refusal::OfferUnknown { offer: offer("none") }),
        (give("staff-only"), Refusal::OfferNotForMember { offer: offer("staff-only") }),
        (activate("none"), Refusal::OfferUnknown { offer: offer("none") }),
        (activate("off"), Refusal::OfferNotHeld { offer: offer("off") }),
        (withdraw("none"), Refusal::OfferUnknown { offer: offer("none") }),
        (withdraw("off"), Refusal::OfferNotHeld { offer: offer("off") }),
    ];
    for (command, refusal) in rows {
        assert_eq!(bench.run(command).unwrap_err(), refusal);
    }
    bench.run(give("double")).unwrap();
    bench.until("2026-03-12T00:00:00+03:00");
    assert_eq!(bench.run(activate("double")).unwrap_err(), Refusal::OfferEnded { offer: offer("double") });
    bench.run(give("off")).unwrap();
    assert!(bench.book.member.offer("double").is_none(), "over, it leaves when another is given");
    bench.run(withdraw("off")).unwrap();
    bench.run(buy("A", BodyStatus::Placed, 10_000)).unwrap();
    assert_eq!(due(&bench, "A"), 10_000);
    for (status, refusal) in
        [(MemberStatus::Blocked, Refusal::MemberBlocked), (MemberStatus::Guest, Refusal::MemberUnknown)]
    {
        bench.book.member.status = status;
        assert_eq!(bench.run(give("none")).unwrap_err(), refusal);
        assert_eq!(bench.run(activate("none")).unwrap_err(), refusal);
    }
}

#[test]
fn a_member_holds_so_many_offers_and_one_that_is_used_up_makes_room() {
    let many: String =
        (0..=OFFERS_HELD_MAX).map(|n| format!("  - {{ id: o{n}, for: 1 year, times: 1 }}\n")).collect();
    let mut bench = Bench::new(compiled(&format!(
        "program: shop\ncurrency: RUB\noffers:\n{many}discounts: [{{ id: d, percent: 10, if: {{ offer: o7 }} }}]\nrules: []\n"
    )));
    for n in 0..OFFERS_HELD_MAX {
        bench.run(give(&format!("o{n}"))).unwrap();
    }
    let last = format!("o{OFFERS_HELD_MAX}");
    assert_eq!(bench.run(give(&last)).unwrap_err(), Refusal::TooManyOffers { offers: OFFERS_HELD_MAX });
    bench.run(give("o3")).unwrap();
    bench.run(buy("A", BodyStatus::Paid, 10_000)).unwrap();
    bench.run(give(&last)).unwrap();
    assert!(bench.book.member.offer("o7").is_none());
    assert_eq!(bench.book.member.offers.len(), OFFERS_HELD_MAX);
}

#[test]
fn a_guest_and_another_member_know_nothing_of_an_offer() {
    let mut bench = Bench::new(shop());
    bench.run(give("off")).unwrap();
    bench.book.member.status = MemberStatus::Guest;
    bench.run(buy("A", BodyStatus::Placed, 10_000)).unwrap();
    assert_eq!(due(&bench, "A"), 10_000);
}

#[test]
fn an_owner_tries_offers_in_the_document_itself() {
    let tests = r#"
tests:
  - name: given, activated and used twice
    member: { existing: true }
    steps:
      - { at: 2026-03-01T12:00, offer: double }
      - { expect: { offers: [] } }
      - { activate: double }
      - { offer: always }
      - { expect: { offers: [double, always] } }
      - { order: A, paid: 100.00 }
      - { expect: { earned: 9, discount: 10.00 } }
      - { order: B, paid: 100.00 }
      - { expect: { offers: [always] } }
      - { activate: double }
      - { expect: { refused: offer_ended } }
      - { withdraw: always }
      - { expect: { offers: [] } }
      - { offer: staff-only }
      - { expect: { refused: offer_not_for_member } }
"#;
    let checked = check(&format!("{SHOP}{tests}"));
    let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty() && checked.tests.len() == 1, "{errors:#?}");
    let wrong = check(&format!("{SHOP}{}", tests.replacen("offers: []", "offers: [double]", 1)));
    let failed = wrong.diagnostics.iter().find(|d| d.code == "test_failed");
    assert!(failed.unwrap().text.en.contains("`offers` is -, expected double"), "{failed:?}");
}

/// What happens to offers among what happens to orders.
#[derive(Debug, Clone)]
enum Deed {
    Order(Move),
    Offer(Box<Command>),
}

fn deeds() -> impl Strategy<Value = Deed> {
    let offers = prop::sample::select(vec!["off", "double", "always"]);
    let kinds = prop::sample::select(vec![give as fn(&str) -> Command, give, activate, activate, withdraw]);
    prop_oneof![
        3 => moves(3).prop_map(Deed::Order),
        2 => (kinds, offers).prop_map(|(kind, offer)| Deed::Offer(Box::new(kind(offer)))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever comes, an offer counts the orders that stand by it, never more than it may.
    #[test]
    fn property_uses_are_the_orders_that_stand(
        steps in prop::collection::vec((deeds(), 0..60_i64), 1..30),
    ) {
        let mut bench = Bench::new(shop());
        for (deed, hours) in &steps {
            bench.now = bench.now.plus_seconds(hours * 3600);
            let _ = bench.run(match deed {
                Deed::Order(step) => command(step),
                Deed::Offer(command) => (**command).clone(),
            });
            let member = &bench.book.member;
            for held in &member.offers {
                let takes = |order: &&&str| {
                    let order = bench.book.orders.get(&key(order));
                    order.is_some_and(|o| o.offers.iter().any(|own| own.taken && own.no == held.no))
                };
                let used = member.used(&held.counter(), None);
                prop_assert_eq!(used, ORDERS.iter().filter(takes).count() as i64);
                prop_assert!(held.times.is_none_or(|times| used <= times));
            }
        }
        for order in ORDERS {
            let _ = bench.run(cancel(order));
        }
        let uses = &bench.book.member.uses;
        prop_assert!(uses.iter().all(|used| !used.what.starts_with("offer:")), "{:?}", uses);
    }
}
