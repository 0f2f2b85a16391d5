//! Properties of money and points: whatever the sequence, the books balance and emptied orders leave no
//! trace.

use crate::stage::*;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::ledger::Lot;
use kopilka_core::money::{Money, Rate, Rounding};
use kopilka_core::order::{
    BodyStatus, LineKind, OrderBody, PointsAsk, Pricing, Quantity, ReturnBody, ReturnedLines, RowGives,
    TableRow,
};
use kopilka_core::points::{PointUnit, Points};
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
use kopilka_core::range::Range;
use kopilka_core::time::Period;
use proptest::prelude::*;

/// One step of a generated life. Positions choose among a few orders and lines.
#[derive(Debug, Clone)]
pub enum Move {
    Put { order: usize, status: BodyStatus, lines: Vec<(usize, i64, i64)>, ask: Option<PointsAsk> },
    GiveBack { order: usize, line: usize, pieces: i64 },
    Exchange { from: usize, to: usize, price: i64, ask: Option<PointsAsk> },
    Cancel { order: usize },
}

pub const ORDERS: [&str; 3] = ["A", "B", "C"];
const LINES: [&str; 3] = ["x", "y", "z"];

fn asks() -> impl Strategy<Value = Option<PointsAsk>> {
    prop_oneof![
        Just(None),
        Just(Some(PointsAsk::Max)),
        (1..400_i64).prop_map(|p| Some(PointsAsk::UpTo(Points(p)))),
        (1..400_i64).prop_map(|p| Some(PointsAsk::Exact(Points(p)))),
    ]
}

fn statuses() -> impl Strategy<Value = BodyStatus> {
    prop_oneof![
        Just(BodyStatus::Reserved),
        Just(BodyStatus::Placed),
        Just(BodyStatus::Shipped),
        Just(BodyStatus::Paid),
        Just(BodyStatus::Completed)
    ]
}

fn lines() -> impl Strategy<Value = Vec<(usize, i64, i64)>> {
    proptest::sample::subsequence(vec![0, 1, 2], 1..=3).prop_flat_map(|at| {
        let line = |i| (Just(i), 1..6_i64, prop_oneof![1..200_i64, 100..60_000_i64, Just(19_999)]);
        at.into_iter().map(line).collect::<Vec<_>>()
    })
}

pub fn moves(orders: usize) -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0..orders, statuses(), lines(), asks())
            .prop_map(|(order, status, lines, ask)| Move::Put { order, status, lines, ask }),
        3 => (0..orders, 0..3_usize, 1..4_i64)
            .prop_map(|(order, line, pieces)| Move::GiveBack { order, line, pieces }),
        1 => (0..orders, 0..orders, 1..50_000_i64, asks())
            .prop_map(|(from, to, price, ask)| Move::Exchange { from, to, price, ask }),
        1 => (0..orders).prop_map(|order| Move::Cancel { order }),
    ]
}

fn roundings() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(Rounding::Floor), Just(Rounding::HalfUp), Just(Rounding::HalfEven), Just(Rounding::Ceil)]
}

prop_compose! {
    pub fn programs()(
        rounding in roundings(),
        share in prop_oneof![Just(1_000_000_i64), 1..1_000_000_i64],
        value in prop_oneof![Just(1_000_000_i64), Just(500_000), Just(10_000), Just(3_000), Just(1_500_000)],
        rate in 1..300_000_i64,
        per in 1..50_000_i64,
        fixed in 1..200_i64,
        piece in 1..50_i64,
        delay in prop_oneof![Just(0), Just(14)],
        leave in prop_oneof![Just(0_i64), Just(1)],
        kinds in proptest::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=5),
        rises in 1..200_000_i64,
        threshold in proptest::option::of(1..150_000_i64),
        times in proptest::option::of(1_000_001..4_000_000_i64),
        marginal in any::<bool>(),
        reduced in proptest::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=5),
        off in 1..500_000_i64,
        best in any::<bool>(),
        cap in proptest::option::of(1..300_i64),
        renewed in proptest::option::of(40..120_i32),
        from_completed in any::<bool>(),
        at_placing in proptest::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=3),
        at_completion in proptest::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=3),
    ) -> Program {
        let mut p = program();
        p.expires = renewed.map(Period::Days);
        p.renewed_by_orders = renewed.is_some();
        p.rounding = rounding;
        p.points = PointUnit::new(0, value, p.currency);
        p.spending.max_share = Rate(share);
        p.spending.leave_per_piece = Money(leave);
        p.active_after = Period::Days(delay);
        p.groups = vec![Group { id: "g".into(), mode: GroupMode::Best }];
        let of = LineMatch { skus: vec!["y".into(), "z".into()], ..LineMatch::default() };
        p.accrual_from = if from_completed { AccrualFrom::Completed } else { AccrualFrom::Paid };
        let kinds = kinds.into_iter().map(|kind| (kind, Trigger::OrderPaid));
        let more = at_completion.into_iter().map(|kind| (kind, Trigger::OrderCompleted));
        let promised = at_placing.into_iter().map(|kind| (kind, Trigger::OrderPlaced));
        for (kind, when) in kinds.chain(more).chain(promised) {
            let amount = match kind {
                0 => CreditAmount::Percent { of: LineMatch::default(), rates: vec![], rate: Rate(rate) },
                1 => CreditAmount::PerAmount { of: LineMatch::default(), points: Points(3), per: Money(per) },
                2 => CreditAmount::Fixed(Points(fixed)),
                4 => CreditAmount::Table { of: LineMatch::default(), rows: vec![
                    TableRow { from: Money(rises), gives: RowGives::Percent(Rate(rate)) },
                    TableRow { from: Money(3 * rises), gives: RowGives::Percent(Rate(rate + 50_000)) },
                ], marginal },
                _ => CreditAmount::PerPiece { of: of.clone(), points: Points(piece) },
            };
            let id = ["percent", "per", "fixed", "piece", "table"][kind];
            let mut rule = rule(&format!("{id}-{when:?}"), when, amount);
            rule.group = (best && kind != 2 && when != Trigger::OrderPlaced).then_some(0);
            if let (0 | 2, Some(least)) = (kind, threshold) {
                rule.only_if = Condition::OrderTotal(Range::from(least));
            }
            rule.limits.per_order = cap.map(Points);
            p.rules.push(rule);
        }
        p.discounts = reduced.into_iter().map(|kind| reduction(kind, off, threshold)).collect();
        if let Some(by) = times {
            let mut rule = percent("times", 1);
            rule.then = vec![Effect::Multiply(Multiplier { of, by: Rate(by) })];
            p.rules.push(rule);
        }
        p
    }
}

/// Discounts of every place they can fall on; two of them exclude each other.
fn reduction(kind: usize, off: i64, threshold: Option<i64>) -> Discount {
    let on = [On::EachLine, On::Order, On::Cheapest, On::Nth(2), On::EachPiece][kind];
    let money = Money(off / 50);
    let off = match kind {
        1 => Off::Amount(money),
        4 => Off::Price(money),
        _ => Off::Percent(Rate(off)),
    };
    Discount {
        id: format!("d{kind}").into(),
        only_if: threshold.map_or(Condition::Always, |least| Condition::OrderTotal(Range::from(least))),
        of: LineMatch { skus: vec!["x".into(), "y".into()], ..LineMatch::default() },
        off,
        on,
        max_pieces: (kind == 4).then_some(Quantity::pieces(2)),
        groups_of: None,
        bought: None,
        cap: (kind == 0).then_some(Money(20_000)),
        group: (kind < 2).then_some(0),
        priority: 0,
        of_list: kind == 3,
    }
}

fn body(order: usize, status: BodyStatus, lines: &[(usize, i64, i64)], ask: Option<PointsAsk>) -> OrderBody {
    let lines: Vec<(&str, i64, i64)> = lines.iter().map(|&(i, n, price)| (LINES[i], n, price)).collect();
    let mut body = crate::stage::order(ORDERS[order], status, &lines, ask);
    body.pricing = Some(Pricing::Engine);
    body
}

pub fn command(step: &Move) -> Command {
    match step {
        Move::Put { order, status, lines, ask } => put(body(*order, *status, lines, *ask)),
        Move::GiveBack { order, line, pieces } => give_back(ORDERS[*order], &[(LINES[*line], *pieces)]),
        Move::Cancel { order } => cancel(ORDERS[*order]),
        Move::Exchange { from, to, price, ask } => Command::Exchange {
            back: ReturnBody {
                key: key(ORDERS[*from]),
                lines: ReturnedLines::All,
                delivery: true,
                occurred_at: None,
            },
            order: body(*to, BodyStatus::Paid, &[(0, 1, *price)], *ask),
            hash: *price as u64,
        },
    }
}

/// Two lots of one member's past: one that lives as the program says, and longer than a return leaves at
/// least; one that ends in a year.
pub fn rich(program: Program) -> Bench {
    let mut bench = Bench::new(program);
    let start = bench.now;
    bench.now = start.plus_seconds(-20 * 86_400);
    bench.give(700, None);
    bench.now = start;
    bench.give(350, Some(at("2027-03-01T12:00:00+03:00")));
    bench
}

pub fn lots(bench: &Bench) -> Vec<Lot> {
    let mut lots = bench.book.member.lots.clone();
    lots.sort_by_key(|l| l.no);
    lots
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// A life of one order and what it was exchanged for: once emptied, every lot is as it was.
    #[test]
    fn property_an_emptied_order_leaves_no_trace(
        p in programs(),
        steps in proptest::collection::vec(moves(1), 1..12),
    ) {
        let mut bench = rich(p);
        let before = lots(&bench);
        for step in &steps {
            let _ = bench.run(command(step));
        }
        let _ = bench.run(cancel("A"));
        prop_assert_eq!(lots(&bench), before);
        prop_assert!(bench.book.member.debts.is_empty() && bench.book.member.holds.is_empty());
        if let Some(order) = bench.book.orders.get(&key("A")) {
            let paid: Money = order.lines.iter().map(|l| l.counted).sum();
            let was_paid = order.is_paid();
            prop_assert_eq!(order.refunded, if was_paid { paid } else { Money(0) });
            prop_assert_eq!(order.points_spent_net(), Points(0));
            prop_assert_eq!(order.points_earned_net(), Points(0));
        }
    }

    /// Several orders that pay each other's points: when all are emptied, the balance is what it was.
    #[test]
    fn property_emptied_orders_leave_the_balance(
        p in programs(),
        steps in proptest::collection::vec(moves(3), 1..25),
    ) {
        let mut bench = rich(p);
        let before = bench.book.member.balance_at(bench.now);
        for step in &steps {
            let _ = bench.run(command(step));
        }
        for order in ORDERS {
            let _ = bench.run(cancel(order));
        }
        prop_assert_eq!(bench.book.member.balance_at(bench.now), before);
    }

    /// With time passing (activation, lapse, expiry, write-off, birthdays) the books still balance.
    #[test]
    fn property_the_books_balance_whatever_time_does(
        p in programs(),
        steps in proptest::collection::vec((moves(3), 0..2_000_i64), 1..25),
        expires in proptest::option::of(1..60_i32),
        on_refund in prop_oneof![
            Just(OnRefund::Keep), Just(OnRefund::Resume), Just(OnRefund::Regrant(Period::Days(10)))],
        clawback in prop_oneof![Just(Clawback::Debt), Just(Clawback::FloorAtZero), Just(Clawback::PendingOnly)],
        shortfall in prop_oneof![Just(LateShortfall::Debt), Just(LateShortfall::ShopLoss)],
    ) {
        let mut p = p;
        p.expires = expires.map(Period::Days);
        p.returns.on_refund = on_refund;
        p.returns.clawback = clawback;
        p.holds.late_shortfall = shortfall;
        let mut bench = rich(p);
        for (step, hours) in &steps {
            bench.now = bench.now.plus_seconds(hours * 3600);
            let _ = bench.run(command(step));
        }
        for order in ORDERS {
            let _ = bench.run(cancel(order));
        }
        prop_assert!(bench.book.member.holds.is_empty());
    }

    /// A refused command leaves the book as it was.
    #[test]
    fn property_a_refusal_changes_nothing(
        p in programs(),
        steps in proptest::collection::vec(moves(2), 1..15),
    ) {
        let mut bench = rich(p);
        for step in &steps {
            let before = bench.book.clone();
            let mut book = bench.book.clone();
            let ctx = kopilka_core::decide::Context { versions: &bench.versions, now: bench.now };
            if kopilka_core::book::execute(ctx, &mut book, &command(step)).is_err() {
                prop_assert_eq!(book, before);
            }
            let _ = bench.run(command(step));
        }
    }

    /// With `floor`, percent and per-N rules give no more for the parts than for the whole.
    #[test]
    fn property_splitting_an_order_gains_nothing(
        rate in 1..500_000_i64,
        per in 1..100_000_i64,
        prices in proptest::collection::vec(1..100_000_i64, 2..8),
    ) {
        let mut p = program();
        p.rules.push(percent("rate", 1));
        p.rules[0].then = rule("rate", Trigger::OrderPaid, CreditAmount::Percent {
            of: LineMatch::default(), rates: vec![], rate: Rate(rate) }).then;
        p.rules.push(rule("per", Trigger::OrderPaid, CreditAmount::PerAmount {
            of: LineMatch::default(), points: Points(7), per: Money(per) }));
        let ids: Vec<String> = (0..prices.len()).map(|i| i.to_string()).collect();
        let all: Vec<(&str, i64, i64)> = ids.iter().zip(&prices).map(|(id, p)| (id.as_str(), 1, *p)).collect();
        let mut whole = Bench::new(p.clone());
        whole.run(put(order("W", BodyStatus::Paid, &all, None))).unwrap();
        let mut parts = Bench::new(p);
        for line in &all {
            parts.run(put(order(line.0, BodyStatus::Paid, &[*line], None))).unwrap();
        }
        prop_assert!(parts.net() <= whole.net(), "{} <= {}", parts.net(), whole.net());
    }

    /// A return gives back no more money and points than its pieces cost, and never adds earned points.
    #[test]
    fn property_returns_never_gain(
        p in programs(),
        cart in lines(),
        ask in asks(),
        returns in proptest::collection::vec((0..3_usize, 1..4_i64), 1..8),
    ) {
        let mut bench = rich(p.clone());
        if bench.run(put(body(0, BodyStatus::Paid, &cart, ask))).is_err() {
            return Ok(());
        }
        let mut earned = bench.book.orders[&key("A")].points_earned_net();
        for (line, pieces) in returns {
            let Ok(done) = bench.run(give_back("A", &[(LINES[line], pieces)])) else { continue };
            let Outcome::Returned(_) = done.outcome else { panic!() };
            let order = &bench.book.orders[&key("A")];
            prop_assert!(order.points_earned_net() <= earned);
            earned = order.points_earned_net();
            let cost: Money = order.lines.iter().map(|l| l.discounted - l.left_of(l.discounted)).sum();
            let spend_back = order.spend.as_ref().map_or(Points(0), |s| s.came_back);
            // Shares are floored per line, so what comes back in money and points stays within the cost of
            // the pieces gone; the cheaper-first split of one line may shift less than a minor unit a piece.
            let back = order.refunded + p.points.worth(spend_back);
            prop_assert!(back.0 <= cost.0 + 15, "{} of {}", back.0, cost.0);
            if order.is_emptied() {
                prop_assert_eq!(back, cost);
            }
        }
    }

    /// The steps of one order may come late, twice and in any order: the end is the same. An order with
    /// nothing due is paid by the first message heard of it, so only its dates may differ; discounts and
    /// points always leave something to pay here.
    #[test]
    fn property_steps_of_one_order_in_any_order_end_the_same(
        p in programs(),
        cart in lines(),
        ask in asks(),
        cancelled in any::<bool>(),
        numbered in any::<bool>(),
        shuffle in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
        doubled in proptest::collection::vec(any::<bool>(), 5),
    ) {
        let mut p = p;
        p.spending.max_share = Rate(p.spending.max_share.0.min(900_000));
        p.discount_limits.max_share = Rate(900_000);
        let start = at("2026-03-01T12:00:00+03:00");
        let step = |i: usize| -> Option<Command> {
            let steps =
                [BodyStatus::Placed, BodyStatus::Shipped, BodyStatus::Paid, BodyStatus::Completed];
            let status = steps.get(i);
            match status {
                Some(status) => {
                    let mut body = body(0, *status, &cart, ask);
                    body.revision = numbered.then_some(i as i64 + 1);
                    // First heard of as completed, an order was paid at that moment too.
                    body.occurred_at = Some(start.plus_seconds(i.min(2) as i64 * 60));
                    Some(put(body))
                }
                None if cancelled => Some(Command::CancelOrder {
                    key: key("A"),
                    occurred_at: Some(start.plus_seconds(i as i64 * 60)),
                }),
                None => None,
            }
        };
        let play = |turn: &[usize], doubled: &[bool]| {
            let mut bench = rich(p.clone());
            bench.now = start.plus_seconds(3600);
            for &i in turn {
                for _ in 0..=usize::from(doubled[i]) {
                    if let Some(command) = step(i) {
                        let _ = bench.run(command);
                    }
                }
            }
            let order = bench.book.orders.get(&key("A")).map(|o| {
                (o.status, o.paid_at.filter(|_| !cancelled), o.points_spent_net(), o.points_earned_net())
            });
            (order, bench.book.member.balance_at(bench.now), lots(&bench))
        };
        prop_assert_eq!(play(&shuffle, &doubled), play(&[0, 1, 2, 3, 4], &[false; 5]));
    }

    /// Fractional quantities, discounts, taxes and delivery: the parts of a return still add up to the whole.
    #[test]
    fn property_weighed_goods_return_exactly(
        quantities in proptest::collection::vec((1..5_000_i64, 1..40_000_i64, 0..100_i64), 1..4),
        tax in proptest::option::of((0..300_000_i64, any::<bool>())),
        cuts in proptest::collection::vec((0..4_usize, 1..900_i64), 1..10),
        ask in asks(),
    ) {
        let mut p = program();
        p.rules.push(percent("back5", 5));
        p.rules[0].base = Some(Base { net_of_tax: true, ..Base::default() });
        let mut bench = rich(p);
        let before = lots(&bench);
        let mut body = order("A", BodyStatus::Paid, &[], ask);
        for (i, (quantity, price, discount)) in quantities.iter().enumerate() {
            let id = i.to_string();
            let mut line =
                kopilka_core::order::LineBody::goods(&id, &id, Quantity(*quantity), Money(*price));
            line.shop_discount = Money(line.list_amount().0 * discount / 100);
            line.tax = tax.map(|(rate, added)| kopilka_core::order::Tax { rate: Rate(rate), added });
            body.lines.push(line);
        }
        let mut delivery =
            kopilka_core::order::LineBody::goods("d", "delivery", Quantity::ONE, Money(30_000));
        delivery.kind = LineKind::Delivery;
        body.lines.push(delivery);
        if bench.run(put(body)).is_err() {
            return Ok(());
        }
        let paid = bench.book.orders[&key("A")].due();
        for (line, grams) in cuts {
            let lines = ReturnedLines::Lines(vec![(line.to_string().into(), Quantity(grams))]);
            let back = ReturnBody { key: key("A"), lines, delivery: false, occurred_at: None };
            let _ = bench.run(Command::ReturnPieces(back));
        }
        bench.run(cancel("A")).unwrap();
        prop_assert_eq!(bench.book.orders[&key("A")].refunded, paid);
        prop_assert_eq!(lots(&bench), before);
    }
}
