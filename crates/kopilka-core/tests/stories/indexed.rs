//! The index of discounts against a plain loop: every discount asked whole, every line looked at.

use crate::discounts::discount;
use kopilka_core::discounts::{Index, Questions, Terms, price};
use kopilka_core::money::{Money, Rate, Rounding};
use kopilka_core::order::{LineBody, LineKind, LineState, Quantity};
use kopilka_core::points::Points;
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
use kopilka_core::range::Range;
use kopilka_core::trace::Step;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["a", "a/b", "a/b/c", "d"];

fn some_names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), 0..3)
}

prop_compose! {
    fn matches()(
        categories in some_names(), brands in some_names(), tags in some_names(), skus in some_names(),
        except in proptest::option::of(some_names()),
    ) -> LineMatch {
        let except = except.map(|categories| Box::new(LineMatch { categories, ..LineMatch::default() }));
        // A map without a word is no match that a document can have.
        let except = except.filter(|e| !e.categories.is_empty());
        LineMatch { categories, brands, tags, skus, except, ..LineMatch::default() }
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::Always),
        Just(Condition::Channels(vec!["web".into()])),
        Just(Condition::Channels(vec!["till".into()])),
        (0..60_000_i64).prop_map(|least| Condition::OrderTotalList(Range::from(least))),
        (0..60_000_i64).prop_map(|least| Condition::OrderTotal(Range::from(least))),
        matches().prop_map(|of| Condition::Lines { of, total: None, quantity: None }),
        (matches(), 0..30_000_i64).prop_map(|(of, least)| Condition::Lines {
            of,
            total: Some(Range::from(least)),
            quantity: None
        }),
    ];
    let list = proptest::collection::vec(leaf, 1..4);
    (list, 0..4).prop_map(|(list, kind)| match kind {
        0 => Condition::Any(list),
        1 => Condition::None(list),
        _ => Condition::All(list),
    })
}

prop_compose! {
    fn promotions()(
        kinds in proptest::collection::vec((conditions(), matches(), 1..300_000_i64, any::<bool>()), 1..12),
    ) -> Vec<Discount> {
        kinds.into_iter().enumerate().map(|(i, (only_if, of, rate, own))| {
            // Half of them lower the very lines that they ask for.
            let only_if = match own {
                true => Condition::All(vec![Condition::Lines { of: of.clone(), total: None, quantity: None }, only_if]),
                false => only_if,
            };
            Discount { only_if, of, ..discount(&format!("d{i}"), Off::Percent(Rate(rate)), On::EachLine) }
        }).collect()
    }
}

prop_compose! {
    fn carts()(
        lines in proptest::collection::vec(
            (0..NAMES.len(), 0..NAMES.len(), some_names(), 100..20_000_i64, 0..6_usize), 1..6),
    ) -> Vec<LineState> {
        lines.into_iter().enumerate().map(|(i, (sku, category, tags, cents, kind))| {
            let goods = LineBody::goods(&i.to_string(), NAMES[sku], Quantity::ONE, Money(cents));
            LineState::from_body(&LineBody {
                category: (category > 0).then(|| NAMES[category].into()),
                brand: (kind > 1).then(|| NAMES[kind % 4].into()),
                kind: if kind == 5 { LineKind::GiftCard } else { LineKind::Goods },
                tags,
                ..goods
            })
        }).collect()
    }
}

fn holds(condition: &Condition, lines: &[LineState]) -> bool {
    let goods = || lines.iter().filter(|l| l.kind == LineKind::Goods);
    match condition {
        Condition::Always => true,
        Condition::All(list) => list.iter().all(|c| holds(c, lines)),
        Condition::Any(list) => list.iter().any(|c| holds(c, lines)),
        Condition::None(list) => !list.iter().any(|c| holds(c, lines)),
        Condition::Channels(names) => names.iter().any(|name| name == "web"),
        Condition::OrderTotalList(range) => range.holds(goods().map(|l| l.list.0).sum()),
        Condition::OrderTotal(range) => range.holds(goods().map(|l| l.discounted.0).sum()),
        Condition::Lines { of, total, .. } => {
            let of_match = || goods().filter(|l| of.matches(l.traits()));
            of_match().count() > 0 && total.is_none_or(|t| t.holds(of_match().map(|l| l.discounted.0).sum()))
        }
        other => panic!("{other:?} is not asked here"),
    }
}

/// What the lines come to, and which discounts acted.
fn by_engine(discounts: &[Discount], index: &Index, lines: &[LineState]) -> (Vec<i64>, Vec<Step>) {
    let mut lines = lines.to_vec();
    let terms = Terms {
        discounts,
        by_coupon: &[],
        index,
        groups: &[],
        limits: DiscountLimits::default(),
        rounding: Rounding::HalfUp,
        amounts_net: false,
        explain: true,
    };
    let questions = Questions { holds: &holds, points: &|_| Points::ZERO, allowed: &|_| true };
    let trace = price(terms, &questions, &mut lines, 0).trace;
    (lines.iter().map(|l| l.due.0).collect(), trace)
}

fn by_hand(discounts: &[Discount], lines: &[LineState]) -> (Vec<i64>, Vec<String>) {
    let (mut lines, mut acted) = (lines.to_vec(), Vec::new());
    for discount in discounts {
        let Off::Percent(rate) = &discount.off else { unreachable!() };
        if !holds(&discount.only_if, &lines) {
            continue;
        }
        let mut off = Money::ZERO;
        for line in &mut lines {
            if line.kind == LineKind::Goods && discount.of.matches(line.traits()) {
                let part = rate.of(line.discounted, Rounding::HalfUp);
                line.discounted -= part;
                off += part;
            }
        }
        if off.0 > 0 {
            acted.push(discount.id.to_string());
        }
    }
    (lines.iter().map(|l| l.discounted.0).collect(), acted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn property_an_index_leaves_out_only_what_cannot_act(discounts in promotions(), lines in carts()) {
        let (left, trace) = by_engine(&discounts, &Index::of(&discounts), &lines);
        let (left_by_hand, acted) = by_hand(&discounts, &lines);
        prop_assert_eq!(&left, &left_by_hand);
        let applied = |step: &Step| match step {
            Step::DiscountApplied { discount, .. } => Some(discount.to_string()),
            _ => None,
        };
        prop_assert_eq!(trace.iter().filter_map(applied).collect::<Vec<_>>(), acted);
        prop_assert_eq!(trace.len(), discounts.len(), "each discount says what became of it");
        // Without an index everything is looked at, and comes to the same.
        prop_assert_eq!(by_engine(&discounts, &Index::default(), &lines).0, left);
    }
}
