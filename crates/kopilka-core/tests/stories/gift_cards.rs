//! Gift cards: what they pay, what comes back, one row per refusal.

use crate::stage::*;
use kopilka_core::book::quote;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{Command, Context, GiftCardChange, Outcome};
use kopilka_core::gift::GiftAsk;
use kopilka_core::ledger::Event;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineKind, OrderBody, OrderState, PointsAsk, Pricing, ReturnBody};
use kopilka_core::order::{Quantity, ReturnedLines};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use proptest::prelude::*;

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
accrual: { base: { amount: paid } }
gift_cards: { expires: 12 months, min: 1.00, max: 50000.00 }
coupons: { campaigns: [{ id: ten, code: TEN, discount: { percent: 10 } }] }
rules:
  - { id: base, when: order.paid, then: [{ credit: { percent: 5 } }] }
"#;

fn shop() -> Program {
    compiled(SHOP)
}

fn code(text: &str) -> CouponCode {
    CouponCode::read(text).unwrap()
}

impl Bench {
    fn card(&mut self, text: &str, amount: i64) {
        let command = Command::IssueGiftCard { code: code(text), amount: Money(amount), expires_at: None };
        self.run(command).unwrap();
    }
    fn left(&self, text: &str) -> i64 {
        self.book.counters.value(&format!("gift:{}", code(text).as_str()))
    }
    fn the(&self, id: &str) -> &OrderState {
        self.book.orders.get(&key(id)).unwrap()
    }
    fn back(&mut self, command: Command) -> (i64, i64) {
        match self.run(command).unwrap().outcome {
            Outcome::Returned(back) => (back.refund.0, back.to_gift_cards.0),
            other => panic!("{other:?}"),
        }
    }
}

fn with(
    id: &str,
    status: BodyStatus,
    lines: &[(&str, i64, i64)],
    cards: &[(&str, Option<i64>)],
) -> OrderBody {
    let ask =
        |(code, amount): &(&str, Option<i64>)| GiftAsk { code: (*code).into(), amount: amount.map(Money) };
    let gift_cards = cards.iter().map(ask).collect();
    OrderBody { pricing: Some(Pricing::Engine), gift_cards, ..order(id, status, lines, None) }
}

#[test]
fn a_card_pays_after_discounts_and_points_and_the_order_earns_as_with_money() {
    let mut bench = Bench::with_points(shop(), 10);
    bench.card("G", 10_000);
    let cart = with("A", BodyStatus::Paid, &[("x", 1, 10_000)], &[("g", None)]);
    let cart = OrderBody { coupons: vec!["TEN".into()], points: Some(PointsAsk::Max), ..cart };
    bench.run(put(cart)).unwrap();
    let order = bench.the("A");
    assert_eq!((order.due().0, order.paid_by_gift_cards().0, order.to_pay_remaining().0), (8_000, 8_000, 0));
    assert_eq!((bench.left("G"), order.points_earned_net().0), (2_000, 4));
}

#[test]
fn cards_pay_in_the_order_they_are_named_each_as_much_as_asked() {
    let mut bench = Bench::new(shop());
    bench.card("G1", 3_000);
    bench.card("G2", 9_000);
    let cards = [("g1", None), ("G-2", Some(1_000))];
    bench.run(put(with("A", BodyStatus::Placed, &[("x", 2, 5_000)], &cards))).unwrap();
    assert_eq!((bench.the("A").to_pay_remaining().0, bench.left("G1"), bench.left("G2")), (6_000, 0, 8_000));
    // What pays the rest is money: told as paid it settles the order.
    let paid =
        OrderBody { paid: Some(Money(6_000)), ..with("A", BodyStatus::Placed, &[("x", 2, 5_000)], &cards) };
    bench.run(put(paid)).unwrap();
    assert!(bench.the("A").is_paid() && bench.the("A").stated_paid.is_none());
    assert_eq!(bench.the("A").points_earned_net().0, 5);
}

#[test]
fn an_order_that_cards_pay_whole_is_paid_when_placed() {
    let mut bench = Bench::new(shop());
    bench.card("G", 50_000);
    bench.run(put(with("A", BodyStatus::Placed, &[("x", 1, 5_000)], &[("G", None)]))).unwrap();
    assert!(bench.the("A").is_paid());
}

#[test]
fn a_card_does_not_buy_cards() {
    let mut bench = Bench::new(shop());
    bench.card("G", 50_000);
    let mut cart = with("A", BodyStatus::Placed, &[("x", 1, 1_000), ("card", 1, 20_000)], &[("G", None)]);
    cart.lines[1].kind = LineKind::GiftCard;
    bench.run(put(cart)).unwrap();
    assert_eq!((bench.left("G"), bench.the("A").to_pay_remaining().0), (49_000, 20_000));
}

#[test]
fn what_an_unpaid_order_reserved_comes_back_by_cancel_and_lapse() {
    let mut bench = Bench::new(shop());
    bench.card("G", 3_000);
    let body = with("A", BodyStatus::Placed, &[("x", 1, 5_000)], &[("G", None)]);
    bench.run(put(body.clone())).unwrap();
    assert_eq!(bench.left("G"), 0);
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.left("G"), 3_000);

    bench.run(put(OrderBody { key: key("B"), ..body.clone() })).unwrap();
    bench.until("2026-05-01T12:00:00+03:00");
    assert_eq!((bench.left("G"), bench.the("B").to_pay_remaining().0), (3_000, 5_000));
    // A late payment that names the card takes it again; one that does not is paid in money.
    bench.run(put(OrderBody { key: key("B"), status: BodyStatus::Paid, ..body.clone() })).unwrap();
    assert_eq!((bench.left("G"), bench.the("B").paid_by_gift_cards().0), (0, 3_000));
}

#[test]
fn a_changed_order_takes_what_it_needs_and_gives_the_rest_back() {
    let mut bench = Bench::new(shop());
    bench.card("G", 5_000);
    let body =
        |pieces, cards: &[_]| with("A", BodyStatus::Placed, &[("x", pieces, 1_000), ("y", 1, 500)], cards);
    bench.run(put(body(5, &[("G", None)]))).unwrap();
    assert_eq!((bench.left("G"), bench.the("A").to_pay_remaining().0), (0, 500));
    bench.run(put(body(2, &[]))).unwrap();
    assert_eq!((bench.left("G"), bench.the("A").is_paid()), (2_500, true), "nothing is due: it is paid");

    let mut bench = Bench::new(shop());
    bench.card("G", 3_000);
    bench.card("H", 9_000);
    bench.run(put(body(5, &[("G", None)]))).unwrap();
    bench.run(put(body(6, &[]))).unwrap();
    assert_eq!((bench.left("G"), bench.the("A").to_pay_remaining().0), (0, 3_500));
    bench.run(put(body(6, &[("H", Some(1_000))]))).unwrap();
    assert_eq!(
        (bench.left("G"), bench.left("H"), bench.the("A").to_pay_remaining().0),
        (3_000, 8_000, 5_500)
    );
}

#[test]
fn a_return_gives_the_card_its_share_and_a_cancel_everything() {
    let mut bench = Bench::new(shop());
    bench.card("G", 1_000);
    bench.run(put(with("A", BodyStatus::Paid, &[("x", 3, 1_000)], &[("G", None)]))).unwrap();
    assert_eq!(bench.back(give_back("A", &[("x", 1)])), (667, 333));
    assert_eq!(bench.back(give_back("A", &[("x", 1)])), (667, 333));
    assert_eq!(bench.the("A").to_pay_remaining().0, 666);
    assert_eq!(bench.back(cancel("A")), (666, 334));
    assert_eq!((bench.left("G"), bench.the("A").paid_by_gift_cards().0), (1_000, 0));
}

#[test]
fn an_exchange_pays_the_new_order_with_what_came_back() {
    let mut bench = Bench::new(shop());
    bench.card("G", 1_000);
    bench.run(put(with("A", BodyStatus::Paid, &[("x", 1, 1_000)], &[("G", None)]))).unwrap();
    let back = ReturnBody { key: key("A"), lines: ReturnedLines::All, delivery: false, occurred_at: None };
    let order = with("B", BodyStatus::Paid, &[("y", 1, 1_200)], &[("G", None)]);
    bench.run(Command::Exchange { back, order, hash: 1 }).unwrap();
    assert_eq!((bench.left("G"), bench.the("B").to_pay_remaining().0), (0, 200));
}

#[test]
fn a_quote_of_a_placed_order_counts_its_own_card_as_free() {
    let mut bench = Bench::new(shop());
    bench.card("G", 3_000);
    let body = with("A", BodyStatus::Placed, &[("x", 1, 5_000)], &[("G", None)]);
    bench.run(put(body.clone())).unwrap();
    let ctx = Context { versions: &bench.versions, now: bench.now };
    let quoted = quote(ctx, &bench.book, &body).unwrap();
    assert_eq!(quoted.order.to_pay_remaining().0, 2_000);
    assert_eq!(bench.left("G"), 0, "a quote changes nothing");
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let mut bench = Bench::new(shop());
    bench.card("G", 1_000);
    bench.card("BLOCKED", 1_000);
    bench.card("OLD", 1_000);
    let change = |text: &str, change| Command::ChangeGiftCard { code: code(text), change };
    bench.run(change("BLOCKED", GiftCardChange { blocked: Some(true), ..Default::default() })).unwrap();
    let soon = GiftCardChange { expires_at: Some(at("2026-03-02T00:00:00+03:00")), ..Default::default() };
    bench.run(change("OLD", soon)).unwrap();
    bench.until("2026-03-02T00:00:00+03:00");
    let shown = |text: &str| kopilka_core::gift::ending(code(text).as_str());
    type Cards = &'static [(&'static str, Option<i64>)];
    let rows: [(Cards, Refusal); 7] = [
        (&[("NONE", None)], Refusal::GiftCardUnknown { code: "…NE".into() }),
        (&[("!", None)], Refusal::GiftCardUnknown { code: "…".into() }),
        (&[("G", None), ("g", None)], Refusal::GiftCardRepeated { code: "…".into() }),
        (&[("BLOCKED", None)], Refusal::GiftCardBlocked { code: "…KED".into() }),
        (&[("OLD", None)], Refusal::GiftCardExpired { code: "…D".into() }),
        (
            &[("G", Some(1_001))],
            Refusal::GiftCardInsufficient { code: shown("G"), available: Money(1_000), wanted: Money(1_001) },
        ),
        (&[("a", None); 5], Refusal::TooManyGiftCards { cards: 5 }),
    ];
    for (cards, refusal) in rows {
        let body = with("A", BodyStatus::Placed, &[("x", 1, 5_000)], cards);
        assert_eq!(bench.run(put(body)).unwrap_err(), refusal);
    }
    let issue = |amount, expires_at| Command::IssueGiftCard { code: code("NEW"), amount, expires_at };
    let (minimum, maximum) = (Money(100), Money(5_000_000));
    for amount in [0, 99, 5_000_001] {
        let refused = bench.run(issue(Money(amount), None)).unwrap_err();
        assert_eq!(refused, Refusal::GiftCardAmount { minimum, maximum });
    }
    let past = Some(bench.now);
    assert!(matches!(bench.run(issue(minimum, past)), Err(Refusal::GiftCardExpired { .. })));
    let by = |by| GiftCardChange { by: Money(by), ..Default::default() };
    let refused = bench.run(change("G", by(-1_001))).unwrap_err();
    assert!(matches!(refused, Refusal::GiftCardInsufficient { .. }));
    assert!(matches!(bench.run(change("G", by(5_000_000))), Err(Refusal::GiftCardAmount { .. })));
    assert!(matches!(bench.run(change("NONE", by(1))), Err(Refusal::GiftCardUnknown { .. })));
    bench.run(change("G", by(500))).unwrap();
    assert_eq!(bench.left("G"), 1_500);

    let mut without = Bench::new(program());
    let command = Command::IssueGiftCard { code: code("G"), amount: Money(1), expires_at: None };
    assert_eq!(without.run(command).unwrap_err(), Refusal::GiftCardsOff);
    let body = with("A", BodyStatus::Placed, &[("x", 1, 5_000)], &[("G", None)]);
    assert_eq!(without.run(put(body)).unwrap_err(), Refusal::GiftCardsOff);
}

#[test]
fn a_card_ends_with_its_term() {
    let mut bench = Bench::new(shop());
    bench.card("G", 1_000);
    let issued = bench.events.iter().find_map(|event| match event {
        Event::GiftCardIssued { expires_at, .. } => *expires_at,
        _ => None,
    });
    assert_eq!(issued, Some(at("2027-03-02T00:00:00+03:00")), "with the end of its last day");
}

proptest! {
    /// Whatever comes back in whatever order: each step gives money and card no less than nothing, and
    /// an emptied order has given all of both.
    #[test]
    fn returns_give_all_of_card_and_money_back(
        lines in prop::collection::vec((1_i64..5, 1_i64..40_000), 1..4),
        cards in prop::collection::vec(1_i64..60_000, 1..4),
        stated in prop::option::of(0_i64..90_000),
        order_of_return in prop::collection::vec(0_usize..4, 0..24),
    ) {
        let mut bench = Bench::with_points(shop(), 50);
        let names = ["a", "b", "c"];
        let codes = ["G1", "G2", "G3"];
        for (name, amount) in codes.iter().zip(&cards) {
            bench.card(name, (*amount).max(100));
        }
        let asked: Vec<(&str, Option<i64>)> = codes.iter().take(cards.len()).map(|c| (*c, None)).collect();
        let goods: Vec<(&str, i64, i64)> =
            lines.iter().zip(names).map(|((pieces, price), name)| (name, *pieces, *price)).collect();
        let body = with("A", BodyStatus::Paid, &goods, &asked);
        let body = OrderBody { paid: stated.map(Money), points: Some(PointsAsk::UpTo(Points(50))), ..body };
        bench.run(put(body)).unwrap();
        let paid: i64 = bench.the("A").lines.iter().map(|l| l.counted.0).sum();
        let by_cards = bench.the("A").paid_by_gift_cards().0;
        let (mut money, mut on_cards) = (0, 0);
        let mut step = |bench: &mut Bench, command: Command| {
            if let Ok(done) = bench.run(command)
                && let Outcome::Returned(back) = done.outcome
            {
                prop_assert!(back.refund.0 >= 0 && back.to_gift_cards.0 >= 0);
                money += back.refund.0;
                on_cards += back.to_gift_cards.0;
                prop_assert!(on_cards <= by_cards);
            }
            prop_assert!(bench.the("A").to_pay_remaining().0 >= 0);
            Ok(())
        };
        for at in order_of_return {
            let name = names[at % goods.len()];
            let lines = ReturnedLines::Lines(vec![(name.into(), Quantity::ONE)]);
            let back = ReturnBody { key: key("A"), lines, delivery: false, occurred_at: None };
            step(&mut bench, Command::ReturnPieces(back))?;
        }
        step(&mut bench, cancel("A"))?;
        prop_assert_eq!((money, on_cards), (paid - by_cards, by_cards));
        for (name, amount) in codes.iter().zip(&cards) {
            prop_assert_eq!(bench.left(name), (*amount).max(100));
        }
    }
}
