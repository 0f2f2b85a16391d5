//! What time itself brings: each exactly once, in order, whether a job ran or not.

use crate::stage::*;
use kopilka_core::decide::{Command, Context, next_due};
use kopilka_core::ledger::Event;
use kopilka_core::member::PersonFacts;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus::*, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::{Condition, CreditAmount, Effect, Program, Trigger, Validity};
use kopilka_core::time::{Day, Period};

fn birthday_program(days: i32) -> Program {
    let mut p = program();
    let mut birthday = rule("birthday", Trigger::MemberBirthday { days }, CreditAmount::Fixed(Points(1000)));
    let Effect::Credit(effect) = &mut birthday.then[0] else { panic!() };
    effect.expires = Some(Validity::For(Period::Days(3)));
    p.rules.push(birthday);
    p
}

fn registered(p: Program, born: &str, on: &str) -> Bench {
    let mut bench = Bench::new(p);
    bench.now = at(on);
    bench.run(Command::Register { welcome: true, referrer: None, former: false }).unwrap();
    bench.book.person = PersonFacts {
        birth_date: Day::parse(born),
        birth_date_known_at: Some(bench.now),
        ..PersonFacts::default()
    };
    bench
}

fn birthdays(bench: &Bench) -> Vec<i16> {
    let year = |e: &Event| match e {
        Event::BirthdayPassed { year, .. } => Some(*year),
        _ => None,
    };
    bench.events.iter().filter_map(year).collect()
}

#[test]
fn the_birthday_is_the_day_in_the_programs_zone() {
    let mut bench = registered(birthday_program(0), "1990-05-10", "2026-02-01T12:00:00+03:00");
    bench.until("2026-05-09T23:59:00+03:00");
    assert_eq!(bench.net(), 0);
    bench.until("2026-05-10T00:05:00+03:00");
    assert_eq!(bench.net(), 1000);
    bench.until("2026-05-12T23:59:59+03:00");
    assert_eq!(bench.net(), 1000, "on time: the validity starts at midnight");
    bench.until("2026-05-13T00:00:00+03:00");
    assert_eq!(bench.net(), 0);
}

#[test]
fn a_birthday_caught_up_late_starts_its_validity_when_issued() {
    let mut bench = registered(birthday_program(0), "1990-05-10", "2026-02-01T12:00:00+03:00");
    bench.until("2026-05-20T10:00:00+03:00");
    assert_eq!(bench.net(), 1000);
    bench.until("2026-05-23T09:59:00+03:00");
    assert_eq!(bench.net(), 1000);
    bench.until("2026-05-23T10:00:00+03:00");
    assert_eq!(bench.net(), 0);
}

#[test]
fn a_birthday_comes_once_a_year_also_after_a_long_stop() {
    let mut bench = registered(birthday_program(-3), "1996-02-29", "2026-01-15T12:00:00+03:00");
    bench.until("2029-03-01T00:00:00+03:00");
    assert_eq!(birthdays(&bench), [2026, 2027, 2028, 2029]);
    bench.until("2029-12-31T00:00:00+03:00");
    assert_eq!(birthdays(&bench).len(), 4);
}

#[test]
fn a_corrected_birth_date_gives_no_second_birthday_within_300_days() {
    let mut bench = registered(birthday_program(0), "1990-05-10", "2026-02-01T12:00:00+03:00");
    bench.until("2026-05-10T12:00:00+03:00");
    bench.book.person.birth_date = Day::parse("1990-01-10");
    bench.until("2027-02-10T12:00:00+03:00");
    assert_eq!(birthdays(&bench), [2026], "10 January is 245 days after 10 May");
    bench.until("2028-02-10T12:00:00+03:00");
    assert_eq!(birthdays(&bench), [2026, 2028]);
}

#[test]
fn a_birth_date_must_be_known_long_enough() {
    let mut p = birthday_program(0);
    p.birthday.known_for = Period::Days(30);
    let mut bench = registered(p, "1990-05-10", "2026-05-01T12:00:00+03:00");
    bench.until("2026-06-10T12:00:00+03:00");
    assert_eq!(birthdays(&bench), [] as [i16; 0]);
    bench.until("2027-05-10T12:00:00+03:00");
    assert_eq!(birthdays(&bench), [2027]);
}

#[test]
fn burnt_points_cannot_be_spent_whether_or_not_the_job_has_run() {
    let mut bench = Bench::new(program());
    bench.give(500, Some(at("2026-03-10T00:00:00+03:00")));
    bench.now = at("2026-03-10T00:00:00+03:00");
    assert_eq!(bench.available(), 0);
    let all = Some(PointsAsk::Max);
    bench.run(put(order("A", Paid, &[("x", 1, 100_000)], all))).unwrap();
    assert_eq!(bench.book.orders[&key("A")].due(), Money(100_000));
}

#[test]
fn the_soonest_burning_lot_is_spent_first() {
    let mut bench = Bench::new(program());
    bench.give(500, None);
    bench.give(1000, Some(at("2026-03-04T00:00:00+03:00")));
    let ask = Some(PointsAsk::Exact(Points(1400)));
    bench.run(put(order("A", Paid, &[("x", 1, 700_000)], ask))).unwrap();
    let left: Vec<_> = bench.book.member.lots.iter().map(|l| (l.no, l.free.0)).collect();
    assert_eq!(left, [(1, 100)]);
}

#[test]
fn the_next_due_time_is_the_earliest_of_all() {
    let mut p = birthday_program(0);
    p.rules.push(percent("back5", 5));
    p.active_after = Period::Days(14);
    let mut bench = registered(p, "1990-05-10", "2026-02-01T12:00:00+03:00");
    let due = |b: &Bench| {
        let program = b.versions.newest().unwrap();
        next_due(program, &b.book.member, &b.book.person)
    };
    assert_eq!(due(&bench), Some(at("2026-05-10T00:00:00+03:00")));
    bench.run(put(order("A", Paid, &[("x", 1, 100_000)], None))).unwrap();
    assert_eq!(due(&bench), Some(at("2026-02-15T12:00:00+03:00")));
    let versions = bench.versions.clone();
    let ctx = Context { versions: &versions, now: at("2026-02-15T12:00:00+03:00") };
    let entries = kopilka_core::decide::run_due(ctx, &mut bench.book);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].cause, "activation");
    assert!(kopilka_core::decide::run_due(ctx, &mut bench.book).is_empty(), "each exactly once");
}

/// Seven points for an order on the days around the birthday.
fn around_birthday(known_for: Period) -> Program {
    let mut p = program();
    p.birthday.known_for = known_for;
    let mut gift = rule("gift", Trigger::OrderPaid, CreditAmount::Fixed(Points(7)));
    gift.only_if = Condition::Birthday { before: 3, after: 2 };
    p.rules = vec![gift];
    p
}

#[test]
fn the_days_around_the_birthday_reach_over_new_year_and_need_a_known_date() {
    // Born on a 1 January: its window begins in the year before.
    let rows = [
        ("2026-12-28T23:59:00+03:00", false),
        ("2026-12-29T00:00:00+03:00", true),
        ("2027-01-01T12:00:00+03:00", true),
        ("2027-01-03T23:59:00+03:00", true),
        ("2027-01-04T00:00:00+03:00", false),
    ];
    for (n, (when, holds)) in rows.into_iter().enumerate() {
        let mut bench =
            registered(around_birthday(Period::Days(0)), "1990-01-01", "2026-02-01T12:00:00+03:00");
        bench.now = at(when);
        let id = format!("o{n}");
        bench.run(put(order(&id, Paid, &[("item", 1, 100_000)], None))).unwrap();
        assert_eq!(bench.book.orders[&key(&id)].points_earned_net().0 > 0, holds, "{when}");
    }
    // Told five days before, where seven are asked for.
    let mut bench = registered(around_birthday(Period::Days(7)), "1990-01-01", "2026-12-27T12:00:00+03:00");
    bench.now = at("2027-01-01T12:00:00+03:00");
    bench.run(put(order("late", Paid, &[("item", 1, 100_000)], None))).unwrap();
    assert_eq!(bench.book.orders[&key("late")].points_earned_net().0, 0);
    // A year later it is known, and a birth date nobody told never holds.
    bench.now = at("2028-01-01T12:00:00+03:00");
    bench.run(put(order("year", Paid, &[("item", 1, 100_000)], None))).unwrap();
    assert!(bench.book.orders[&key("year")].points_earned_net().0 > 0);
    bench.book.person = PersonFacts::default();
    bench.run(put(order("untold", Paid, &[("item", 1, 100_000)], None))).unwrap();
    assert_eq!(bench.book.orders[&key("untold")].points_earned_net().0, 0);
}

#[test]
fn points_may_live_to_a_day_of_the_calendar_or_of_the_member() {
    // Earned on Wednesday 11 November 2026 by a member born on 20 November.
    let rows = [
        ("never", None),
        ("10 days", Some("2026-11-22T00:00:00+03:00")),
        ("{ on: 2026-12-31 }", Some("2027-01-01T00:00:00+03:00")),
        // A day that is over: the points live to the end of the one they come on.
        ("{ on: 2026-11-01 }", Some("2026-11-12T00:00:00+03:00")),
        ("{ end_of: month }", Some("2026-12-01T00:00:00+03:00")),
        ("{ end_of: quarter }", Some("2027-01-01T00:00:00+03:00")),
        ("{ end_of: year }", Some("2027-01-01T00:00:00+03:00")),
        ("{ until: 12-31 }", Some("2027-01-01T00:00:00+03:00")),
        ("{ until: 11-11 }", Some("2026-11-12T00:00:00+03:00")),
        ("{ until: 03-08 }", Some("2027-03-09T00:00:00+03:00")),
        // The next 29 February of a common year is the 28th.
        ("{ until: 02-29 }", Some("2027-03-01T00:00:00+03:00")),
        ("{ until: birthday }", Some("2026-11-21T00:00:00+03:00")),
        ("{ before: birthday }", Some("2026-11-20T00:00:00+03:00")),
    ];
    for (expires, end) in rows {
        let mut bench = registered(living(expires), "1990-11-20", "2026-02-01T12:00:00+03:00");
        bench.now = at("2026-11-11T15:00:00+03:00");
        bench.run(put(order("A", Paid, &[("item", 1, 100_000)], None))).unwrap();
        assert_eq!(bench.book.member.lots[0].expires_at, end.map(at), "{expires}");
    }
    // The day itself is not before the birthday: the next one is a year away.
    for (expires, end) in [("{ until: birthday }", "2026-11-12"), ("{ before: birthday }", "2027-11-11")] {
        let mut bench = registered(living(expires), "1990-11-11", "2026-02-01T12:00:00+03:00");
        bench.now = at("2026-11-11T15:00:00+03:00");
        bench.run(put(order("A", Paid, &[("item", 1, 100_000)], None))).unwrap();
        let end = at(&format!("{end}T00:00:00+03:00"));
        assert_eq!(bench.book.member.lots[0].expires_at, Some(end), "{expires}");
    }
    // Nobody told the birth date: as the program says.
    let mut bench = registered(living("{ until: birthday }"), "1990-11-11", "2026-02-01T12:00:00+03:00");
    bench.book.person = PersonFacts::default();
    bench.now = at("2026-11-11T15:00:00+03:00");
    bench.run(put(order("A", Paid, &[("item", 1, 100_000)], None))).unwrap();
    assert_eq!(bench.book.member.lots[0].expires_at, Some(at("2026-12-12T00:00:00+03:00")));
}

fn living(expires: &str) -> Program {
    compiled(&format!(
        "program: p\ncurrency: RUB\ntimezone: Europe/Moscow\npoints: {{ expires: 1 month }}\nrules:\n\
         - {{ id: r, when: order.paid, then: [{{ credit: {{ percent: 5, active_after: 0 days, expires: {expires} }} }}] }}\n"
    ))
}

#[test]
fn the_way_of_payment_and_of_delivery_is_asked_of_what_the_shop_told() {
    let condition = |word: &str| {
        compiled(&format!(
            "program: p\ncurrency: RUB\ntimezone: Europe/Moscow\nrules:\n\
             - {{ id: r, when: order.paid, if: {{ {word} }}, then: [{{ credit: {{ percent: 10 }} }}] }}\n"
        ))
    };
    let rows: [(&str, &[&str], Option<&str>, bool); 7] = [
        ("payment_method: [card, sbp]", &["sbp"], None, true),
        ("payment_method: [card, sbp]", &["cash", "card"], None, true),
        ("payment_method: card", &["cash"], None, false),
        ("payment_method: card", &[], None, false),
        ("delivery_method: pickup", &[], Some("pickup"), true),
        ("delivery_method: [pickup, post]", &[], Some("courier"), false),
        ("delivery_method: pickup", &[], None, false),
    ];
    for (word, paid_by, delivered, holds) in rows {
        let mut bench = Bench::new(condition(word));
        let mut body = order("A", Placed, &[("item", 1, 100_000)], None);
        body.payment_methods = paid_by.iter().map(|m| (*m).into()).collect();
        body.delivery_method = delivered.map(Into::into);
        bench.run(put(body)).unwrap();
        // A payment told without the words keeps those told before.
        bench.run(put(order("A", Paid, &[("item", 1, 100_000)], None))).unwrap();
        assert_eq!(bench.net() > 0, holds, "{word} {paid_by:?} {delivered:?}");
    }
}
