//! Stacking against brute force: on small carts every set that may be is tried by a plain loop of its own.

use crate::discounts::discount;
use kopilka_core::discounts::{Index, Questions, Terms, price};
use kopilka_core::money::{Money, Rate, Rounding, allocate};
use kopilka_core::order::{LineBody, LineState, Quantity};
use kopilka_core::points::Points;
use kopilka_core::program::*;
use kopilka_core::range::Range;
use kopilka_core::trace::Step;
use proptest::prelude::*;

const MODES: [GroupMode; 4] = [GroupMode::Best, GroupMode::Best, GroupMode::Exclusive, GroupMode::Sum];

fn groups(count: usize) -> Vec<Group> {
    (0..count).map(|i| Group { id: i.to_string(), mode: MODES[i % MODES.len()] }).collect()
}

fn lines_of(prices: &[i64]) -> Vec<LineState> {
    let line = |(i, price): (usize, &i64)| {
        LineState::from_body(&LineBody::goods(&i.to_string(), "s", Quantity::ONE, Money(*price)))
    };
    prices.iter().enumerate().map(line).collect()
}

prop_compose! {
    fn promotions(most: usize, groups: usize)(
        kinds in proptest::collection::vec(
            (any::<bool>(), 1..900_000_i64, any::<bool>(), proptest::option::of(1..30_000_i64), 0..=groups), 1..most),
    ) -> Vec<Discount> {
        kinds.into_iter().enumerate().map(|(i, (is_percent, size, by_line, least, group))| {
            let off = if is_percent { Off::Percent(Rate(size)) } else { Off::Amount(Money(size / 60)) };
            // A group that picks for the order: line by line is another story with no choice in it.
            let on = if by_line && group == groups { On::EachLine } else { On::Order };
            Discount {
                only_if: least.map_or(Condition::Always, |least| Condition::OrderTotal(Range::from(least))),
                group: (group < groups).then_some(group),
                ..discount(&format!("d{i}"), off, on)
            }
        }).collect()
    }
}

fn holds(condition: &Condition, lines: &[LineState]) -> bool {
    match condition {
        Condition::OrderTotal(range) => range.holds(lines.iter().map(|l| l.discounted.0).sum()),
        _ => true,
    }
}

/// What the engine comes to.
fn due_of(discounts: &[Discount], groups: &[Group], prices: &[i64]) -> (i64, Vec<Step>) {
    let mut lines = lines_of(prices);
    let index = Index::of(discounts);
    let terms = Terms {
        discounts,
        by_coupon: &[],
        index: &index,
        groups,
        limits: DiscountLimits::default(),
        rounding: Rounding::HalfUp,
        amounts_net: false,
        explain: true,
    };
    let questions = Questions { holds: &holds, points: &|_| Points::ZERO, allowed: &|_| true };
    let trace = price(terms, &questions, &mut lines, 0).trace;
    (lines.iter().map(|l| l.due.0).sum(), trace)
}

/// The set applied by hand, one after another.
fn due_by_hand(set: &[&Discount], prices: &[i64]) -> i64 {
    let mut left: Vec<Money> = prices.iter().map(|p| Money(*p)).collect();
    for discount in set {
        let total: Money = left.iter().copied().sum();
        if let Condition::OrderTotal(range) = &discount.only_if
            && !range.holds(total.0)
        {
            continue;
        }
        let of = |amount: Money| match &discount.off {
            Off::Percent(rate) => rate.of(amount, Rounding::HalfUp),
            Off::Amount(off) => (*off).min(amount),
            _ => unreachable!(),
        };
        let taken: Vec<Money> = match discount.on {
            On::Order => allocate(of(total), &left, &left).to_vec(),
            _ => left.iter().map(|l| of(*l)).collect(),
        };
        left.iter_mut().zip(taken).for_each(|(l, t)| *l -= t);
    }
    left.iter().map(|l| l.0).sum()
}

/// Every set that may be: of a `best` group one at most, an exclusive one without any other, all the rest.
fn sets<'a>(discounts: &'a [Discount], groups: &[Group]) -> Vec<Vec<&'a Discount>> {
    let mode = |d: &Discount| d.group.map(|g| groups[g].mode);
    let may_be = |set: &Vec<&Discount>| {
        let alone = set.iter().filter(|d| mode(d) == Some(GroupMode::Exclusive)).count();
        if alone > 0 {
            return set.len() == 1;
        }
        let must = |d: &&Discount| !matches!(mode(d), Some(GroupMode::Best | GroupMode::Exclusive));
        let all_there = discounts.iter().filter(must).all(|d| set.iter().any(|s| s.id == d.id));
        let one_each = (0..groups.len())
            .filter(|g| groups[*g].mode == GroupMode::Best)
            .all(|g| set.iter().filter(|d| d.group == Some(g)).count() <= 1);
        all_there && one_each
    };
    let chosen = |bits: u32| -> Vec<&Discount> {
        discounts.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0).map(|(_, d)| d).collect()
    };
    (0..1_u32 << discounts.len()).map(chosen).filter(may_be).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn property_the_best_set_is_what_brute_force_finds(
        discounts in promotions(8, 4),
        prices in proptest::collection::vec(1..20_000_i64, 1..4),
    ) {
        let groups = groups(4);
        let (due, trace) = due_of(&discounts, &groups, &prices);
        let sets = sets(&discounts, &groups);
        let least = sets.iter().map(|set| due_by_hand(set, &prices)).min().unwrap();
        prop_assert_eq!(due, least);
        let unproven = |s: &Step| matches!(s, Step::SetsCompared { proven: false, .. });
        prop_assert!(!trace.iter().any(unproven));
    }

    /// Too many sets to try them all: still never worse than the best choice of one alone.
    #[test]
    fn property_the_set_found_is_never_below_the_best_single_choice(
        discounts in promotions(60, 12),
        prices in proptest::collection::vec(1..20_000_i64, 1..4),
    ) {
        let groups: Vec<Group> = groups(12);
        let (due, _) = due_of(&discounts, &groups, &prices);
        let chooses = |d: &Discount| {
            d.group.is_some_and(|g| matches!(groups[g].mode, GroupMode::Best | GroupMode::Exclusive))
        };
        for (i, single) in discounts.iter().enumerate().filter(|(_, d)| chooses(d)) {
            let alone = single.group.is_some_and(|g| groups[g].mode == GroupMode::Exclusive);
            let set = discounts.iter().enumerate().filter(|(j, d)| i == *j || !alone && !chooses(d));
            let set: Vec<&Discount> = set.map(|(_, d)| d).collect();
            prop_assert!(due <= due_by_hand(&set, &prices), "{} alone", single.id);
        }
        prop_assert_eq!(due_of(&discounts, &groups, &prices).0, due, "a quote and its placing agree");
    }
}

/// A first pick that helps a little and lowers the total can bar another that helps much more.
#[test]
fn where_not_all_sets_are_tried_a_small_pick_does_not_bar_a_large_one() {
    let of = |id: String, off: i64, group: usize| Discount {
        group: Some(group),
        ..discount(&id, Off::Amount(Money(off)), On::Order)
    };
    let mut discounts = vec![
        of("small".into(), 1_000, 0),
        Discount { only_if: Condition::OrderTotal(Range::from(100_000)), ..of("large".into(), 30_000, 1) },
    ];
    // So many other picks that the sets are too many for the effort; none of them gives anything.
    discounts
        .extend([4, 5, 8, 9].into_iter().flat_map(|g| (0..8).map(move |i| of(format!("{g}-{i}"), 0, g))));
    let (due, trace) = due_of(&discounts, &groups(12), &[100_000]);
    assert_eq!(due, 70_000);
    assert!(trace.iter().any(|s| matches!(s, Step::SetsCompared { proven: false, .. })));
}
