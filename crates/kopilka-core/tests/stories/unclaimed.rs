//! Cards that nobody has claimed: when their accounts close, what stops it, and what is left.

use crate::stage::*;
use kopilka_core::decide::{Command, next_due};
use kopilka_core::ids::MemberId;
use kopilka_core::member::{Known, MemberStatus};
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::*;
use kopilka_core::time::Period;

/// Cards close after ten days; five percent at once.
fn closing() -> Program {
    Program { unclaimed_cards: Some(Period::Days(10)), rules: vec![percent("p", 5)], ..program() }
}

const CARD: Known = Known { name: false, phone: false, email: false, card: true, elsewhere: false };

/// A card that was handed out at noon of 1 March.
fn handed_out(program: Program) -> Bench {
    let mut bench = Bench::new(program);
    bench.book.person.known = CARD;
    bench.run(Command::Register { welcome: true, referrer: None, former: false }).unwrap();
    bench
}

fn due(bench: &Bench) -> Option<kopilka_core::time::Instant> {
    next_due(bench.versions.newest().unwrap(), &bench.book.member, &bench.book.person)
}

fn know(bench: &mut Bench, known: Known) {
    bench.book.person.known = known;
    bench.run(Command::ChangePerson).unwrap();
}

#[test]
fn it_closes_after_its_time_and_its_points_burn() {
    let mut bench = handed_out(closing());
    bench.run(put(order("a", BodyStatus::Paid, &[("1", 1, 100_000)], None))).unwrap();
    bench.until("2026-03-11T11:59:59+03:00");
    assert_eq!((bench.available(), bench.book.member.status), (50, MemberStatus::Active));
    bench.now = at("2026-03-11T12:00:00+03:00");
    let entry = bench.run(put(order("b", BodyStatus::Paid, &[("1", 1, 100_000)], None))).unwrap();
    assert_eq!(entry.due.last().map(|entry| entry.cause), Some("card_closed"), "before the order");
    assert_eq!((bench.net(), bench.book.member.status), (0, MemberStatus::Blocked));
    assert_eq!(bench.book.orders[&key("b")].points_earned_net(), Points(0));
    assert_eq!(due(&bench), None);
    // What burnt is not taken a second time.
    bench.run(give_back("a", &[("1", 1)])).unwrap();
    assert_eq!((bench.net(), bench.book.member.debts.len()), (0, 0));
    // An operator frees it: the time begins anew.
    bench.run(Command::SetStatus { status: MemberStatus::Active }).unwrap();
    assert_eq!(due(&bench), Some(at("2026-03-21T12:00:00+03:00")));
}

#[test]
fn whoever_is_known_by_anything_keeps_the_account() {
    let with = |change: fn(&mut Known)| {
        let mut known = CARD;
        change(&mut known);
        known
    };
    for (known, closes) in [
        (CARD, true),
        (Known::default(), false),
        (with(|k| k.phone = true), false),
        (with(|k| k.email = true), false),
        (with(|k| k.name = true), false),
        (with(|k| k.elsewhere = true), false),
    ] {
        let mut bench = handed_out(closing());
        bench.until("2026-03-05T12:00:00+03:00");
        know(&mut bench, known);
        // Told that somebody is behind it, or once more that nobody is.
        assert_eq!(due(&bench), closes.then(|| at("2026-03-15T12:00:00+03:00")), "{known:?}");
    }
    // Who was known and is not any more has the whole time again.
    let mut bench = handed_out(closing());
    know(&mut bench, with(|k| k.phone = true));
    bench.until("2026-06-01T12:00:00+03:00");
    know(&mut bench, CARD);
    assert_eq!(due(&bench), Some(at("2026-06-11T12:00:00+03:00")));
    let plain = handed_out(Program { unclaimed_cards: None, ..closing() });
    assert_eq!(due(&plain), None);
}

#[test]
fn it_never_closes_sooner_than_the_program_has_said_so() {
    let plain = Program { unclaimed_cards: None, version: 1, ..closing() };
    let mut bench = handed_out(plain);
    bench.versions.push(at("2026-05-01T00:00:00+03:00"), Program { version: 2, ..closing() });
    bench.until("2026-05-01T00:00:00+03:00");
    assert_eq!(due(&bench), Some(at("2026-05-11T00:00:00+03:00")));
    // A further version that says the same goes on counting.
    bench.versions.push(at("2026-05-08T00:00:00+03:00"), Program { version: 3, ..closing() });
    bench.until("2026-05-09T12:00:00+03:00");
    assert_eq!(due(&bench), Some(at("2026-05-11T00:00:00+03:00")));
}

#[test]
fn an_order_that_holds_points_is_waited_for() {
    let mut bench = handed_out(closing());
    bench.give(300, None);
    let ask = Some(PointsAsk::Exact(Points(100)));
    bench.run(put(order("a", BodyStatus::Placed, &[("1", 1, 100_000)], ask))).unwrap();
    // The hold lapses 30 days after the order was placed, and then the account closes.
    bench.now = at("2026-03-31T11:59:59+03:00");
    bench.run(cancel("nothing")).unwrap();
    assert_eq!(bench.book.member.status, MemberStatus::Active);
    bench.now = at("2026-03-31T12:00:00+03:00");
    bench.run(cancel("nothing")).unwrap();
    assert_eq!((bench.net(), bench.book.member.status), (0, MemberStatus::Blocked));
    assert!(bench.book.member.holds.is_empty() && bench.book.member.lots.is_empty());
}

#[test]
fn the_document_says_when() {
    let text = "
program: shop
currency: RUB
unclaimed_cards: { close_after: 180 days }
";
    let program = compiled(text);
    assert_eq!(program.unclaimed_cards, Some(Period::Days(180)));
    let mut bench = handed_out(program);
    bench.book.member.id = MemberId(2);
    assert_eq!(due(&bench), Some(at("2026-08-28T12:00:00+03:00")));
}
