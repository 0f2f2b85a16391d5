//! A document beside an order history: what is judged, where, and what is left unjudged.

use kopilka_core::program::diagnostics::{Diagnostic, problems_of_histories};
use kopilka_core::program::habits::{Counts, Gap, Habits, Terms};
use kopilka_core::program::{compile, judge_habits};
use kopilka_core::time::Instant;

const DOCUMENT: &str = "program: shop\ncurrency: RUB\npoints: { expires: 30 days }\naccrual: { active_after: 14 days }\n\
    spending: { min_points: 100 }\nrules:\n  - { id: a, when: order.paid, then: [{ credit: { percent: 5 } }] }\n  \
    - id: b\n    when: order.paid\n    then:\n      - credit: { percent: 1, expires: 1 year }\n";

/// As many members who bought again as there are gaps, each a year of 2026 long at most.
fn habits(gaps: &[u32], spenders_again: u64) -> Habits {
    let bought_again = gaps.len() as u64;
    let counts = Counts {
        days: 365,
        members: 2 * bought_again,
        bought_again,
        purchases: 3 * bought_again,
        earners: bought_again,
        earners_again: bought_again,
        spenders_again,
        welcome: false,
    };
    let from = Instant::parse("2026-01-10T12:00:00Z").unwrap();
    let gap = |days: &u32| Gap { days: *days, from, to: from.plus_seconds(i64::from(*days) * 86_400) };
    Habits::new(counts, gaps.iter().map(gap).collect(), vec![2; spenders_again as usize])
}

fn judged(document: &str, habits: &Habits) -> Vec<(&'static str, u32, u32)> {
    judge_habits(document, habits).iter().map(|d| (d.code, d.line, d.column)).collect()
}

fn gaps(short: usize, long: usize) -> Vec<u32> {
    [vec![20; short], vec![60; long]].concat()
}

#[test]
fn points_are_too_short_when_most_next_purchases_come_after_they_have_burnt() {
    // 14 and 30 days: available from the 24th of January, burnt with the 23rd of February, day 44.
    assert_eq!(judged(DOCUMENT, &habits(&gaps(60, 60), 60)), []);
    let found = judge_habits(DOCUMENT, &habits(&gaps(59, 61), 60));
    let [Diagnostic { code: "expires_before_next_order", line: 3, column: 20, path, text, fix, .. }] =
        &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(path, "/points/expires");
    assert!(text.en.contains("wait 14 days and live for 30 days: before 50.8 %"), "{}", text.en);
    assert!(text.ru.contains("ждут 14 дней и живут 30 дней: в 50.8 %"), "{}", text.ru);
    assert!(fix.as_ref().unwrap().en.contains("within 60 days"), "{fix:?}");
}

#[test]
fn the_day_on_which_points_burn_is_the_calendars_own() {
    let program = compile(DOCUMENT).program.unwrap();
    let terms = Terms::of_orders(&program);
    assert_eq!(terms.len(), 2);
    // Bought on 10 January at noon, they can be spent to the end of 23 February.
    let late = |days: u32| terms[0].late(&program, &habits(&[days], 1));
    assert_eq!((late(44), late(45)), (Some(0), Some(10_000)));
    assert_eq!(terms[0].late(&program, &habits(&[], 0)), None);
    // To the end of the month in which they become available: January.
    let monthly = DOCUMENT.replace("expires: 1 year", "expires: { end_of: month }");
    let program = compile(&monthly).program.unwrap();
    let late = |days: u32| Terms::of_orders(&program)[1].late(&program, &habits(&[days], 1));
    assert_eq!((late(21), late(22)), (Some(0), Some(10_000)));
}

#[test]
fn a_validity_of_its_own_is_judged_at_its_effect() {
    let document = DOCUMENT.replace("expires: 1 year", "expires: 3 days").replace("30 days }", "1 year }");
    assert_eq!(judged(&document, &habits(&gaps(20, 100), 60)), [("expires_before_next_order", 11, 9)]);
}

#[test]
fn members_who_came_back_and_could_never_spend_are_told_at_the_spending() {
    assert_eq!(judged(DOCUMENT, &habits(&gaps(100, 0), 20)), []);
    assert_eq!(judged(DOCUMENT, &habits(&gaps(100, 0), 19)), [("few_ever_spend", 5, 1)]);
    // Points may be for the catalogue.
    let catalogue = format!("{DOCUMENT}rewards: [{{ id: mug, cost: 300 }}]\n");
    assert_eq!(judged(&catalogue, &habits(&gaps(100, 0), 0)), []);
    // No points, no spending of them.
    let discounts = "program: shop\ncurrency: RUB\ndiscounts: [{ id: a, percent: 5 }]\n";
    assert_eq!(judged(discounts, &habits(&gaps(100, 0), 0)), []);
}

#[test]
fn who_earns_nothing_is_told_at_the_rules_and_not_again_at_the_spending() {
    let mut habits = habits(&gaps(100, 0), 0);
    habits.counts.earners_again = 19;
    assert_eq!(judged(DOCUMENT, &habits), [("few_ever_earn", 6, 1)]);
}

#[test]
fn a_small_or_short_history_and_one_in_another_currency_leave_things_unjudged() {
    assert_eq!(judged(DOCUMENT, &habits(&gaps(0, 99), 0)), [("too_few_orders", 1, 1)]);
    let mut short = habits(&gaps(0, 120), 0);
    short.counts.days = 179;
    assert_eq!(judged(DOCUMENT, &short), [("too_few_orders", 1, 1)]);
    let mut foreign = habits(&gaps(0, 120), 0);
    foreign.currency = Some("GBP".to_owned());
    // How long points live has no currency.
    let expected = [("history_in_another_currency", 2, 1), ("expires_before_next_order", 3, 20)];
    assert_eq!(judged(DOCUMENT, &foreign), expected);
    foreign.currency = Some("RUB".to_owned());
    assert_eq!(judged(DOCUMENT, &foreign), [expected[1], ("few_ever_spend", 5, 1)]);
}

#[test]
fn a_document_with_errors_is_not_judged() {
    assert_eq!(judged("program: shop\n", &habits(&gaps(0, 120), 0)), []);
    assert_eq!(judged("{", &habits(&gaps(0, 120), 0)), []);
}

/// The tests above answer with every code; one that is added needs a test too.
#[test]
fn every_code_of_histories_has_its_test() {
    let known: Vec<&str> = problems_of_histories().map(|p| p.code).collect();
    let tested = [
        "expires_before_next_order",
        "few_ever_earn",
        "few_ever_spend",
        "history_in_another_currency",
        "too_few_orders",
    ];
    assert_eq!(known, tested);
}
