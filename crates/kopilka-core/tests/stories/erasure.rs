//! A person who leaves: the account ends, takes nothing any more, and its older orders still come and go.

use crate::property::{command, moves, programs, rich};
use crate::stage::*;
use kopilka_core::decide::{Adjustment, Command, Outcome};
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::ledger::{Account, Event};
use kopilka_core::member::{Balance, MemberStatus, PersonFacts};
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::{CreditAmount, Program, Trigger};
use kopilka_core::referral::How;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::{Day, Period};
use proptest::prelude::*;

fn waiting() -> Program {
    let mut p = program();
    p.active_after = Period::Days(14);
    p.rules.push(percent("cashback", 10));
    p.rules.push(rule("placed", Trigger::OrderPlaced, CreditAmount::Fixed(Points(70))));
    p
}

fn buy(bench: &mut Bench, id: &str, status: BodyStatus, ask: Option<PointsAsk>) {
    bench.run(put(order(id, status, &[("x", 2, 50_000)], ask))).unwrap();
}

fn balance(bench: &Bench) -> Balance {
    bench.book.member.balance_at(bench.now)
}

fn erase(bench: &mut Bench) -> (i64, i64) {
    match bench.run(Command::Erase).unwrap().outcome {
        Outcome::Erased { points, debt } => (points.0, debt.0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_that_an_account_holds_ends_with_it() {
    let mut bench = Bench::with_points(waiting(), 300);
    buy(&mut bench, "A", BodyStatus::Paid, None);
    buy(&mut bench, "B", BodyStatus::Placed, None);
    let before = balance(&bench);
    assert_eq!((before.available.0, before.pending.0), (300, 240), "170 of A wait, 70 of B are promised");
    assert_eq!(erase(&mut bench), (470, 0), "a promise is nobody's yet: it falls, it does not end");
    assert_eq!(balance(&bench), Balance::default());
    assert_eq!(bench.sums.of(Account::Expired), Points(470));
    assert_eq!(bench.book.member.status, MemberStatus::Anonymized);
    // The order that promised is paid later, and earns nothing.
    buy(&mut bench, "B", BodyStatus::Paid, None);
    assert_eq!(balance(&bench), Balance::default());
    assert_eq!(bench.run(Command::Erase), Err(Refusal::MemberAnonymized));
}

#[test]
fn a_debt_is_written_off_and_is_the_shops_loss() {
    let mut bench = Bench::new(waiting());
    let take =
        Adjustment { points: Points(-120), active_at: None, expires_at: None, gift: false, allow_debt: true };
    bench.run(Command::Adjust(take)).unwrap();
    assert_eq!(erase(&mut bench), (0, 120));
    assert_eq!(bench.book.member.lifetime.written_off, Points(120));
}

#[test]
fn whoever_has_an_order_that_holds_points_stays_until_it_is_paid_or_cancelled() {
    let mut bench = Bench::with_points(waiting(), 300);
    buy(&mut bench, "A", BodyStatus::Placed, Some(PointsAsk::Exact(Points(200))));
    assert_eq!(bench.run(Command::Erase), Err(Refusal::PointsHeld { points: Points(200) }));
    buy(&mut bench, "A", BodyStatus::Paid, Some(PointsAsk::Exact(Points(200))));
    assert_eq!(erase(&mut bench).0, 100 + 150, "a tenth of what was paid in money, and what was left");
}

#[test]
fn what_comes_back_later_ends_at_once_and_nothing_is_owed_for_what_ended() {
    let mut bench = Bench::with_points(waiting(), 300);
    buy(&mut bench, "A", BodyStatus::Paid, Some(PointsAsk::Exact(Points(200))));
    erase(&mut bench);
    let back = bench.run(give_back("A", &[("x", 2)])).unwrap();
    let Outcome::Returned(back) = back.outcome else { panic!("{:?}", back.outcome) };
    assert_eq!((back.refund.0, back.points_back.0), (80_000, 200));
    assert_eq!((back.taken_back.0, back.not_recovered.0), (0, 0), "it burnt unspent");
    assert_eq!(balance(&bench), Balance::default());
}

#[test]
fn what_a_transfer_brings_is_declined_and_what_comes_home_ends() {
    let mut bench = Bench::with_points(waiting(), 300);
    erase(&mut bench);
    let pieces = bench.events.iter().find_map(|event| match event {
        Event::LotIssued { lot } => Some(vec![kopilka_core::ledger::Piece {
            points: Points(40),
            taken_at: bench.now,
            lot: lot.clone(),
        }]),
        _ => None,
    });
    let pieces = pieces.unwrap();
    let entry = EntryId(1);
    let received = Command::ReceiveTransfer { from: MemberId(2), entry, pieces };
    let declined = bench.run(received).unwrap().outcome;
    assert_eq!(declined, Outcome::TransferDeclined { points: Points(40) });
    assert_eq!(balance(&bench), Balance::default());
}

#[test]
fn nothing_new_is_done_on_a_closed_account() {
    let mut bench = Bench::with_points(waiting(), 300);
    erase(&mut bench);
    let gift =
        Adjustment { points: Points(1), active_at: None, expires_at: None, gift: false, allow_debt: false };
    let code = kopilka_core::coupon::CouponCode::read("AAAA").unwrap();
    let refused = [
        put(order("N", BodyStatus::Paid, &[("x", 1, 100)], None)),
        Command::Adjust(gift),
        Command::ReverseAdjustment { events: vec![] },
        Command::SetStatus { status: MemberStatus::Active },
        Command::Happen { event: "review".into(), data: Default::default() },
        Command::ClaimReward { reward: "mug".into(), code },
        Command::GiveOffer { offer: "o".into() },
        Command::ActivateOffer { offer: "o".into() },
        Command::WithdrawOffer { offer: "o".into() },
        Command::SetTier { tier: None, until: None },
        Command::SetTags { add: vec![], remove: vec![] },
        Command::Transfer { to: MemberId(2), points: Points(1) },
        Command::CountVisit { site: false },
        Command::Erase,
    ];
    for command in refused {
        assert_eq!(bench.run(command.clone()), Err(Refusal::MemberAnonymized), "{command:?}");
    }
    bench.book.member.status = MemberStatus::Guest;
    assert_eq!(bench.run(Command::Erase), Err(Refusal::MemberUnknown));
}

const WELCOME: &str = "program: w\ncurrency: RUB\ntimezone: UTC\nprofile: [birthday]\nrules:\n\
    - { id: welcome, when: member.registered, then: [{ credit: { points: 100 } }] }\n\
    - { id: profile, when: member.profile_completed, then: [{ credit: { points: 50 } }] }\n\
    - { id: born, when: member.birthday, then: [{ credit: { points: 30 } }] }\n\
    - { id: first, when: order.paid, if: { first_order: true }, then: [{ credit: { points: 20 } }] }\n";

/// What somebody has after a registration in March, a birthday in May and a first order.
fn year_of(former: bool) -> Vec<i64> {
    let mut bench = Bench::new(compiled(WELCOME));
    let day = |text: &str| Day::parse(text);
    bench.book.person = PersonFacts { birth_date: day("1990-05-10"), ..PersonFacts::default() };
    bench.run(Command::Register { welcome: true, referrer: Some((MemberId(9), How::Link)), former }).unwrap();
    let mut had = vec![bench.available()];
    bench.run(Command::ChangePerson).unwrap();
    had.push(bench.available());
    bench.until("2026-06-01T12:00:00+03:00");
    had.push(bench.available());
    bench.run(put(order("A", BodyStatus::Paid, &[("x", 1, 10_000)], None))).unwrap();
    had.push(bench.available());
    bench.until("2027-06-01T12:00:00+03:00");
    had.push(bench.available());
    assert_eq!(bench.book.member.referrer.is_some(), !former, "nobody is brought twice");
    had
}

#[test]
fn who_was_erased_and_comes_again_gets_nothing_that_comes_once() {
    assert_eq!(year_of(false), [150, 150, 180, 200, 230]);
    assert_eq!(year_of(true), [0, 0, 0, 0, 30], "the next birthday but one is a birthday again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_closed_account_holds_and_owes_nothing_whatever_its_orders_do(
        program in programs(),
        before in proptest::collection::vec(moves(3), 0..10),
        after in proptest::collection::vec((moves(3), 0..40_i64), 1..10),
    ) {
        let mut bench = rich(program);
        before.iter().for_each(|step| { let _ = bench.run(command(step)); });
        let held = bench.book.member.balance_booked().held;
        match bench.run(Command::Erase) {
            Err(refusal) => prop_assert_eq!(refusal, Refusal::PointsHeld { points: held }),
            Ok(_) => for (step, days) in &after {
                bench.now = bench.now.plus_seconds(days * 86_400);
                let _ = bench.run(command(step));
                prop_assert_eq!(bench.book.member.balance_booked(), Balance::default());
                prop_assert!(bench.book.member.holds.is_empty());
            },
        }
    }
}
