//! How members of small histories buy, counted by hand.

use kopilka_core::program::compile;
use kopilka_core::program::habits::{Counts, Habits};
use kopilka_sim::{Map, bench, measure, read};
use std::sync::Arc;

/// 5 % of what was paid, spendable at once, for 30 days.
const PROGRAM: &str = "program: p\ncurrency: RUB\npoints: { expires: 30 days }\n\
    rules: [{ id: a, when: order.paid, then: [{ credit: { percent: 5 } }] }]\n";
const MAP: &str = r#"{"timezone":"UTC","columns":{"customer":"who","time":"when","amount":"sum"}}"#;

fn habits_under(program: &str, rows: &str, welcome: bool) -> Habits {
    let log = read(format!("who,when,sum\n{rows}").as_bytes(), Some(Map::parse(MAP).unwrap())).unwrap();
    let program = Arc::new(compile(program).program.unwrap());
    measure(&log, program, welcome, 1, &|_| {}).habits
}

fn habits(rows: &str) -> Habits {
    habits_under(PROGRAM, rows, false)
}

/// Orders of 1000.00 of one member on these days.
fn orders(who: &str, days: &[&str]) -> String {
    days.iter().map(|day| format!("{who},{day},1000.00\n")).collect()
}

#[test]
fn an_odd_number_of_gaps_has_the_middle_one_and_an_even_number_the_lower() {
    let of_ann = orders("ann", &["2026-01-01", "2026-01-11", "2026-03-02"]);
    let two = habits(&of_ann);
    assert_eq!((two.median_gap(), two.gap_of_three_quarters()), (Some(10), Some(50)));
    let three = habits(&format!("{of_ann}{}", orders("bob", &["2026-01-05", "2026-01-25"])));
    assert_eq!((three.median_gap(), three.gap_of_three_quarters()), (Some(20), Some(50)));
    let days: Vec<u32> = three.gaps().iter().map(|gap| gap.days).collect();
    assert_eq!(days, [10, 20, 50]);
    assert_eq!((three.counts.days, three.counts.purchases, three.counts.bought_again), (61, 5, 2));
}

#[test]
fn members_with_one_order_have_no_gap_and_nothing_to_spend() {
    let rows = format!("{}{}", orders("ann", &["2026-01-01"]), orders("bob", &["2026-02-01"]));
    let once = habits(&rows);
    let counts = Counts { days: 32, members: 2, purchases: 2, earners: 2, ..Counts::default() };
    assert_eq!(once.counts, counts);
    assert_eq!((once.median_gap(), once.first_spend(), once.spenders()), (None, None, 0));
}

#[test]
fn orders_of_one_day_are_one_purchase() {
    let habits = habits(&orders("ann", &["2026-01-01T09:00", "2026-01-01T21:00", "2026-01-03T09:00"]));
    assert_eq!((habits.counts.purchases, habits.median_gap()), (2, Some(2)));
    // The second order of the first day could spend already.
    assert_eq!(habits.first_spend(), Some(1));
}

#[test]
fn days_are_those_of_the_programs_zone() {
    let moscow = PROGRAM.replace("currency: RUB", "currency: RUB\ntimezone: Europe/Moscow");
    let rows = orders("ann", &["2026-01-01T20:00", "2026-01-01T22:00"]);
    assert_eq!(habits(&rows).counts.purchases, 1);
    assert_eq!(habits_under(&moscow, &rows, false).counts.purchases, 2);
}

#[test]
fn the_first_spend_is_where_points_are_alive_and_enough() {
    // ann: 50 points on 1 January, alive to the end of the 31st; bob comes too late each time.
    let rows = format!(
        "{}{}",
        orders("ann", &["2026-01-01", "2026-01-20"]),
        orders("bob", &["2026-01-01", "2026-02-15", "2026-04-01"])
    );
    let found = habits(&rows);
    assert_eq!((found.spenders(), found.counts.spenders_again, found.first_spend()), (1, 1, Some(2)));
    // From the second 50 points on 100 are together, for the third purchase to spend.
    let hundred = format!("{PROGRAM}spending: {{ min_points: 100 }}\n");
    let rows = orders("ann", &["2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22"]);
    assert_eq!(habits_under(&hundred, &rows, false).first_spend(), Some(3));
    let waiting = format!("{PROGRAM}accrual: {{ active_after: 14 days }}\n");
    assert_eq!(habits_under(&waiting, &rows, false).first_spend(), Some(3));
}

#[test]
fn where_nobody_can_spend_everybody_still_earns() {
    let never = format!("{PROGRAM}spending: {{ min_points: 1000000 }}\n");
    let found = habits_under(&never, &orders("ann", &["2026-01-01", "2026-01-20", "2026-01-25"]), false);
    let counts = found.counts;
    assert_eq!((counts.bought_again, counts.earners_again, counts.spenders_again), (1, 1, 0));
    assert_eq!((found.spenders(), found.first_spend()), (0, None));
}

#[test]
fn points_for_registering_pay_at_once_where_they_are_asked_for() {
    let welcome = PROGRAM.replace(
        "rules: [",
        "rules: [{ id: w, when: member.registered, then: [{ credit: { points: 10 } }] }, ",
    );
    let rows = orders("ann", &["2026-01-01"]);
    assert_eq!(habits_under(&welcome, &rows, false).spenders(), 0);
    let with = habits_under(&welcome, &rows, true);
    assert_eq!((with.spenders(), with.first_spend(), with.counts.welcome), (1, Some(1), true));
}

#[test]
fn a_history_of_nobody_is_refused_as_a_replay_refuses_it() {
    let map = Map::parse(MAP).unwrap();
    let error = read("who,when,sum\n".as_bytes(), Some(map)).unwrap_err();
    assert!(error.to_string().contains("nothing to replay"), "{error}");
    // Without goods there are members, but neither purchases nor gaps.
    let map = MAP.replace("}}", r#","sku":"what"},"codes":[{"sku":["FEE"],"is":"not_goods","why":"fees"}]}"#);
    let log = read("who,when,sum,what\nann,2026-01-01,5,FEE\n".as_bytes(), Some(Map::parse(&map).unwrap()));
    let program = Arc::new(compile(PROGRAM).program.unwrap());
    let measured = measure(&log.unwrap(), program, false, 1, &|_| {});
    let counts = Counts { days: 1, members: 1, ..Counts::default() };
    assert_eq!((measured.habits.counts, measured.orders), (counts, 0));
}

#[test]
fn any_number_of_threads_measures_the_same() {
    let log = bench::generate(30_000, 7);
    let program = Arc::new(compile(PROGRAM).program.unwrap());
    let measured = |threads| measure(&log, program.clone(), false, threads, &|_| {}).habits;
    let one = measured(1);
    assert!(one.suffice() && one.spenders() > 0);
    assert!(one == measured(2) && one == measured(5));
}
