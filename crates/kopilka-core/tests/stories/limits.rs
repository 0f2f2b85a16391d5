//! Limits of a rule for a member, for a period, for everybody: what is cut, refused, counted back.

use crate::stage::*;
use kopilka_core::counters::Counters;
use kopilka_core::decide::{Command, Context, counters_to_load};
use kopilka_core::order::{BodyStatus, OrderBody};
use kopilka_core::program::Program;
use kopilka_core::program::document::compile;

/// 10 % of paid orders and a point, within these limits.
fn limited(limits: &str) -> Program {
    program_of(limits, "{}")
}

/// A hundred points for registering, within these limits.
fn welcomed(limits: &str) -> Program {
    program_of("{}", limits)
}

fn program_of(of_orders: &str, of_welcome: &str) -> Program {
    let text = format!(
        "program: shop\ncurrency: RUB\ntimezone: Europe/Moscow\nrules:\n\
         - {{ id: ten, when: order.paid, then: [{{ credit: {{ percent: 10 }} }}, {{ credit: {{ points: 1 }} }}], limits: {of_orders} }}\n\
         - {{ id: hello, when: member.registered, then: [{{ credit: {{ points: 100 }} }}], limits: {of_welcome} }}\n"
    );
    let compiled = compile(&text);
    Program { version: 1, ..compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)) }
}

fn paid(id: &str, price: i64) -> OrderBody {
    order(id, BodyStatus::Paid, &[("x", 1, price)], None)
}

impl Bench {
    fn loaded(&mut self, command: Command) {
        let ctx = Context { versions: &self.versions, now: self.now };
        for what in counters_to_load(ctx, &self.book, Some(&command)) {
            let value = self.book.counters.value(&what);
            self.book.counters.load(what, value);
        }
        self.run(command).unwrap();
    }
    fn earns(&mut self, id: &str, price: i64) -> i64 {
        self.loaded(put(paid(id, price)));
        self.book.orders[&key(id)].points_earned_net().0
    }
}

#[test]
fn what_exceeds_a_limit_in_points_is_cut_or_refused() {
    // 100.00 brings ten points and one: eleven.
    let rows = [
        ("{ per_member: { points: 15 } }", [11, 4, 0]),
        ("{ total: { points: 15 } }", [11, 4, 0]),
        ("{ per_member: { points: 15 }, overflow: refuse }", [11, 1, 1]),
        ("{ per_member: { points: 25 }, total: { points: 13 } }", [11, 2, 0]),
        ("{ per_order: 6, per_member: { points: 15 } }", [7, 7, 1]),
        ("{ per_member: { times: 2 } }", [11, 11, 0]),
        ("{ total: { times: 1 } }", [11, 0, 0]),
    ];
    for (limits, expected) in rows {
        let mut bench = Bench::new(limited(limits));
        let earned = ["A", "B", "C"].map(|id| bench.earns(id, 10_000));
        assert_eq!(earned, expected, "{limits}");
    }
}

#[test]
fn a_period_begins_anew_by_the_shops_calendar() {
    // Sunday, 1 March 2026, noon in Moscow.
    let rows = [
        ("day", "2026-03-01T23:59:59+03:00", "2026-03-02T00:00:00+03:00"),
        ("week", "2026-03-01T23:59:59+03:00", "2026-03-02T00:00:00+03:00"),
        ("month", "2026-03-31T23:59:59+03:00", "2026-04-01T00:00:00+03:00"),
        ("year", "2026-12-31T23:59:59+03:00", "2027-01-01T00:00:00+03:00"),
        ("ever", "2026-12-31T23:59:59+03:00", "2099-01-01T00:00:00+03:00"),
    ];
    for (span, last, next) in rows {
        let mut bench = Bench::new(limited(&format!("{{ per_member: {{ times: 1, per: {span} }} }}")));
        assert_eq!(bench.earns("A", 10_000), 11, "{span}");
        bench.now = at(last);
        assert_eq!(bench.earns("B", 10_000), 0, "{span}");
        bench.now = at(next);
        assert_eq!(bench.earns("C", 10_000), if span == "ever" { 0 } else { 11 }, "{span}");
    }
}

#[test]
fn a_return_gives_its_room_again() {
    let mut bench = Bench::new(limited("{ per_member: { points: 15 }, total: { points: 15 } }"));
    assert_eq!(bench.earns("A", 10_000), 11);
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert!(bench.book.member.uses.is_empty());
    assert_eq!(bench.book.counters.value("rule:ten:points"), 0);
    assert_eq!(bench.earns("B", 10_000), 11);

    // A rule of which nothing is left has not been used.
    let mut bench = Bench::new(limited("{ per_member: { times: 1 } }"));
    let two = order("A", BodyStatus::Paid, &[("x", 2, 10_000)], None);
    bench.loaded(put(two));
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(bench.earns("B", 10_000), 0);
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(bench.earns("C", 10_000), 11);
}

#[test]
fn an_event_without_an_order_has_its_limits_too() {
    for (limits, expected) in
        [("{ total: { points: 150 } }", [100, 50, 0]), ("{ total: { times: 2 } }", [100, 100, 0])]
    {
        // The counter is everybody's: three members register one after another.
        let mut counters = Counters::default();
        let given = [1, 2, 3].map(|_| {
            let mut bench = Bench::new(welcomed(limits));
            bench.book.counters = counters.clone();
            bench.loaded(Command::Register { welcome: true, referrer: None, former: false });
            counters = bench.book.counters.clone();
            bench.available()
        });
        assert_eq!(given, expected, "{limits}");
    }
}

#[test]
fn a_budget_in_money_bounds_what_the_points_are_worth() {
    // Half a rouble a point: 30.25 are worth sixty points and a half, so sixty.
    let text = |limit: &str| {
        format!(
            "program: shop\ncurrency: RUB\ntimezone: Europe/Moscow\npoints: {{ value: 0.50 }}\nrules:\n\
             - {{ id: ten, when: order.paid, then: [{{ credit: {{ percent: 10 }} }}], limits: {limit} }}\n"
        )
    };
    for limit in ["{ total: { money: 30.25 } }", "{ per_member: { money: 30.25, per: month } }"] {
        let compiled = compile(&text(limit));
        let program = compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics));
        let mut bench = Bench::new(Program { version: 1, ..program });
        bench.loaded(put(paid("A", 50_000)));
        bench.loaded(put(paid("B", 50_000)));
        assert_eq!(bench.net(), 60, "{limit}");
    }
    let codes = |limit: &str| compile(&text(limit)).diagnostics.iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(codes("{ total: { money: 0.49 } }"), ["wrong_kind"]);
    assert_eq!(codes("{ total: { money: 10.00, points: 5 } }"), ["words_conflict"]);
}
