//! Two accounts of one person: what goes over works as if it had always been there.

use crate::property::{ORDERS, command, moves, programs};
use crate::stage::*;
use kopilka_core::book::Execution;
use kopilka_core::decide::{Adjustment, Command, Outcome};
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Claim, MemberStatus};
use kopilka_core::merge::{Asker, Belongings, GivenOnce, MERGE_ORDERS_MAX, MergeEvent};
use kopilka_core::order::{BodyStatus, OrderState, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::program::*;
use kopilka_core::referral::{How, ReferralEvent};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Period;
use proptest::prelude::*;

const ANNA: i64 = 1;
const BORIS: i64 = 2;

fn bench(program: &Program, member: i64) -> Bench {
    let mut bench = Bench::new(program.clone());
    bench.book.member.id = MemberId(member);
    bench
}

fn asker(name: &str) -> Asker {
    Asker { operator: name.into(), key: format!("key of {name}").into() }
}

/// What rules gave, dated as their lots are: no two entries of a story share a moment.
fn given(bench: &Bench) -> Vec<GivenOnce> {
    let lot = |event: &Event| match event {
        Event::LotIssued { lot } => Some(GivenOnce {
            rule: lot.source.clone(),
            lot: lot.no,
            order: lot.order.clone(),
            at: lot.active_at,
        }),
        _ => None,
    };
    bench.events.iter().filter_map(lot).collect()
}

fn wish(leaves: &Bench, into: &Bench, by: &str) -> Command {
    Command::Merge { into: into.book.member.id, by: asker(by), given: given(leaves) }
}

fn carried(left: &Execution) -> Box<Belongings> {
    let events = &left.entry.as_ref().unwrap().events;
    let left = events.iter().find_map(|event| match event {
        Event::Merge(MergeEvent::Left { belongings, .. }) => Some(belongings.clone()),
        _ => None,
    });
    left.unwrap()
}

/// Both steps, and what the one that stays came to.
fn merge(leaves: &mut Bench, stays: &mut Bench) -> Execution {
    let left = leaves.run(wish(leaves, stays, "olga")).unwrap();
    let command = Command::Join {
        from: leaves.book.member.id,
        entry: EntryId(7),
        belongings: carried(&left),
        given: given(stays),
    };
    stays.run(command).unwrap()
}

fn taken_back(joined: &Execution) -> i64 {
    match &joined.outcome {
        Outcome::Joined { taken_back, .. } => taken_back.0,
        other => panic!("{other:?}"),
    }
}

fn fixed(id: &str, when: Trigger, points: i64) -> Rule {
    rule(id, when, CreditAmount::Fixed(Points(points)))
}

#[test]
fn orders_go_over_and_come_back_exactly() {
    let program = Program { rules: vec![percent("p", 5)], ..program() };
    let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
    anna.give(300, None);
    anna.run(put(order("a", BodyStatus::Paid, &[("1", 2, 100_000)], Some(PointsAsk::UpTo(Points(200))))))
        .unwrap();
    anna.run(put(order("held", BodyStatus::Placed, &[("1", 1, 50_000)], Some(PointsAsk::UpTo(Points(50))))))
        .unwrap();
    boris.give(40, None);
    boris.run(put(order("b", BodyStatus::Paid, &[("1", 1, 100_000)], None))).unwrap();
    let (before, own) = (anna.net(), boris.net());
    let held = anna.book.member.balance_at(anna.now).held;
    merge(&mut anna, &mut boris);
    assert_eq!(anna.book.member.status, MemberStatus::Merged);
    assert_eq!((anna.book.member.balance_booked().outstanding(), anna.book.orders.len()), (Points(0), 0));
    assert_eq!((boris.net(), boris.book.member.balance_at(boris.now).held), (before + own, held));
    // The whole of it comes back: 90 earned are taken, the 200 spent return; the hold is released.
    boris.run(give_back("a", &[("1", 1)])).unwrap();
    boris.run(give_back("a", &[("1", 1)])).unwrap();
    boris.run(cancel("held")).unwrap();
    assert_eq!(boris.net(), 300 + own);
    // What was Boris's own is as it was.
    boris.run(give_back("b", &[("1", 1)])).unwrap();
    assert_eq!(boris.net(), 340);
    assert!(boris.book.member.holds.is_empty() && boris.book.member.debts.is_empty());
}

#[test]
fn a_debt_is_netted() {
    let program = program();
    let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
    let debit =
        Adjustment { points: Points(-70), active_at: None, expires_at: None, gift: false, allow_debt: true };
    anna.run(Command::Adjust(debit)).unwrap();
    boris.give(100, None);
    merge(&mut anna, &mut boris);
    assert_eq!((boris.available(), boris.book.member.debt()), (30, Points(0)));
}

#[test]
fn what_a_person_gets_once_is_taken_back_where_it_came_later() {
    let once = MemberLimit { most: Most::Times(1), span: Span::Ever };
    let first = Rule {
        limits: Limits { per_member: Some(once), ..Limits::default() },
        ..fixed("once", Trigger::OrderPaid, 50)
    };
    let program =
        Program { rules: vec![fixed("welcome", Trigger::MemberRegistered, 500), first], ..program() };
    // (who registers first, who is left, what is left of 2 × 500 + 2 × 50)
    for anna_first in [true, false] {
        let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
        let register = || Command::Register { welcome: true, referrer: None, former: false };
        let dates = ["2026-03-02T12:00:00+03:00", "2026-03-05T12:00:00+03:00"];
        let [early, late] = dates.map(at);
        (anna.now, boris.now) = if anna_first { (early, late) } else { (late, early) };
        anna.run(register()).unwrap();
        boris.run(register()).unwrap();
        anna.run(put(order("a", BodyStatus::Paid, &[("1", 1, 10_000)], None))).unwrap();
        boris.run(put(order("b", BodyStatus::Paid, &[("1", 1, 10_000)], None))).unwrap();
        let now = at("2026-03-09T12:00:00+03:00");
        (anna.now, boris.now) = (now, now);
        let joined = merge(&mut anna, &mut boris);
        assert_eq!((taken_back(&joined), boris.available()), (550, 550), "{anna_first}");
        // Of the order whose credit was taken nothing is taken again; of the other its own.
        let (lost, kept) = if anna_first { ("b", "a") } else { ("a", "b") };
        boris.run(give_back(lost, &[("1", 1)])).unwrap();
        assert_eq!(boris.available(), 550);
        boris.run(give_back(kept, &[("1", 1)])).unwrap();
        assert_eq!(boris.available(), 500);
        // Nothing of the rule is in use any more: it may give once again.
        boris.run(put(order("c", BodyStatus::Paid, &[("1", 1, 10_000)], None))).unwrap();
        assert_eq!(boris.available(), 550);
    }
}

#[test]
fn a_block_stays_and_the_older_referrer_too() {
    let program = program();
    let bring = |bench: &mut Bench, by: i64, day: &str| {
        bench.now = at(day);
        let referrer = Some((MemberId(by), How::Link));
        bench.run(Command::Register { welcome: true, referrer, former: false }).unwrap();
    };
    let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
    bring(&mut anna, 77, "2026-03-02T12:00:00+03:00");
    bring(&mut boris, 88, "2026-03-03T12:00:00+03:00");
    anna.now = boris.now;
    anna.run(Command::SetStatus { status: MemberStatus::Blocked }).unwrap();
    merge(&mut anna, &mut boris);
    assert_eq!(boris.book.member.status, MemberStatus::Blocked);
    assert_eq!(boris.book.member.referrer.as_ref().map(|r| r.member), Some(MemberId(77)));
    assert_eq!(boris.book.member.registered_at, Some(at("2026-03-02T12:00:00+03:00")));
}

/// 10 % to the first level and 5 % to the second.
fn network() -> Program {
    let text = "
program: test
currency: RUB
rules:
  - { id: one, when: referral.ordered, then: [{ credit: { to: referrer, percent: 10 } }] }
  - { id: two, when: referral.ordered, then: [{ credit: { to: referrer, level: 2, percent: 5 } }] }
";
    compiled(text)
}

/// What the bench tells others, newest last.
fn told(bench: &mut Bench) -> Vec<(MemberId, kopilka_core::referral::Told)> {
    bench.run(Command::SetStatus { status: bench.book.member.status }).unwrap();
    let told = bench.events.iter().filter_map(|event| match event {
        Event::Referral(ReferralEvent::Told { to, told } | ReferralEvent::PassedOn { to, told }) => {
            Some((*to, told.clone()))
        }
        _ => None,
    });
    told.collect()
}

fn hear(bench: &mut Bench, told: &(MemberId, kopilka_core::referral::Told)) {
    assert!(bench.book.member.is(told.0), "{} is told what was meant for {}", bench.book.member.id, told.0);
    bench.run(Command::Hear(Box::new(told.1.clone()))).unwrap();
}

#[test]
fn rewards_for_oneself_are_taken_back_and_the_others_follow_their_orders() {
    let program = network();
    let (mut carl, mut boris, mut anna) = (bench(&program, 3), bench(&program, BORIS), bench(&program, ANNA));
    carl.run(Command::Register { welcome: true, referrer: None, former: false }).unwrap();
    let by = |member| Command::Register {
        welcome: true,
        referrer: Some((MemberId(member), How::Link)),
        former: false,
    };
    // Carl brought Boris, and Boris brought Anna, who is Boris.
    boris.run(by(3)).unwrap();
    anna.run(by(BORIS)).unwrap();
    anna.run(put(order("a", BodyStatus::Paid, &[("1", 1, 100_000)], None))).unwrap();
    hear(&mut boris, told(&mut anna).last().unwrap());
    hear(&mut carl, told(&mut boris).last().unwrap());
    assert_eq!((boris.available(), carl.available()), (100, 50));
    let joined = merge(&mut anna, &mut boris);
    assert_eq!((taken_back(&joined), boris.available()), (100, 0));
    assert_eq!(boris.book.member.referrer.as_ref().map(|r| r.member), Some(MemberId(3)));
    // What comes back of Anna's order is told the way it was: Boris has lost his already, Carl loses his.
    boris.run(give_back("a", &[("1", 1)])).unwrap();
    let lost = told(&mut boris).last().unwrap().clone();
    hear(&mut boris, &lost);
    let passed = told(&mut boris).last().unwrap().clone();
    assert_eq!((passed.0, passed.1.level), (MemberId(3), 2));
    hear(&mut carl, &passed);
    assert_eq!((boris.available(), carl.available()), (0, 0));
    // A new order is Carl's at the first level.
    boris.run(put(order("n", BodyStatus::Paid, &[("1", 1, 100_000)], None))).unwrap();
    let new = told(&mut boris).last().unwrap().clone();
    assert_eq!((new.0, new.1.level, new.1.from), (MemberId(3), 1, MemberId(BORIS)));
}

#[test]
fn orders_of_before_are_told_to_whom_they_were_told() {
    let program = network();
    let (mut boris, mut anna) = (bench(&program, BORIS), bench(&program, ANNA));
    let by = |member| Command::Register {
        welcome: true,
        referrer: Some((MemberId(member), How::Link)),
        former: false,
    };
    anna.run(by(77)).unwrap();
    boris.now = at("2026-03-02T12:00:00+03:00");
    boris.run(by(88)).unwrap();
    for (bench, id) in [(&mut anna, "a"), (&mut boris, "b")] {
        bench.run(put(order(id, BodyStatus::Paid, &[("1", 1, 100_000)], None))).unwrap();
        told(bench);
    }
    anna.now = at("2026-03-04T12:00:00+03:00");
    boris.now = anna.now;
    merge(&mut anna, &mut boris);
    for (id, to, from) in [("a", 77, ANNA), ("b", 88, BORIS)] {
        boris.run(give_back(id, &[("1", 1)])).unwrap();
        let (whom, told) = told(&mut boris).last().unwrap().clone();
        assert_eq!((whom, told.from), (MemberId(to), MemberId(from)), "{id}");
    }
}

#[test]
fn levels_and_achievements_are_judged_by_both_together_and_undone_by_each() {
    let text = "
program: test
currency: RUB
tiers:
  by: money_paid
  over: for_ever
  levels: [{ id: basic }, { id: gold, from: 1500.00 }]
achievements: [{ id: three, counts: orders, goal: 3 }]
rules: [{ id: badge, when: achievement.reached, then: [{ credit: { points: 30 } }] }]
";
    let program = compiled(text);
    let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
    for id in ["a1", "a2"] {
        anna.run(put(order(id, BodyStatus::Paid, &[("1", 1, 50_000)], None))).unwrap();
    }
    boris.run(put(order("b", BodyStatus::Paid, &[("1", 1, 80_000)], None))).unwrap();
    let tier = |bench: &Bench| {
        let standing = kopilka_core::decide::tier_standing(
            bench.versions.at(bench.now).unwrap(),
            &bench.book.member,
            bench.now,
        );
        standing.unwrap().tier.to_string()
    };
    merge(&mut anna, &mut boris);
    assert_eq!((tier(&boris).as_str(), boris.available()), ("gold", 30));
    boris.run(give_back("a1", &[("1", 1)])).unwrap();
    assert_eq!((tier(&boris).as_str(), boris.available()), ("basic", 0));
    boris.run(put(order("b2", BodyStatus::Paid, &[("1", 1, 50_000)], None))).unwrap();
    assert_eq!((tier(&boris).as_str(), boris.available()), ("gold", 30));
}

#[test]
fn much_needs_a_second_person_with_another_key() {
    let program = Program {
        approval: Approval { merges_above: Some(Points(100)), ..Approval::default() },
        ..program()
    };
    let (mut anna, boris) = (bench(&program, ANNA), bench(&program, BORIS));
    anna.give(101, None);
    let proposed = anna.run(wish(&anna, &boris, "olga")).unwrap();
    let into = MemberId(BORIS);
    assert_eq!(proposed.outcome, Outcome::MergeProposed { into, points: Points(101) });
    let again = anna.run(wish(&anna, &boris, "olga"));
    assert_eq!(again, Err(Refusal::SecondPersonNeeded));
    let same_key = Asker { key: asker("olga").key, ..asker("petr") };
    let again = anna.run(Command::Merge { into, by: same_key, given: vec![] });
    assert_eq!(again, Err(Refusal::SecondPersonNeeded));
    // Another account is another wish, and begins anew.
    let other = anna.run(Command::Merge { into: MemberId(9), by: asker("petr"), given: vec![] }).unwrap();
    assert_eq!(other.outcome, Outcome::MergeProposed { into: MemberId(9), points: Points(101) });
    anna.run(wish(&anna, &boris, "olga")).unwrap();
    let done = anna.run(wish(&anna, &boris, "petr")).unwrap();
    assert_eq!(done.outcome, Outcome::Merged { into, points: Points(101), debt: Points(0), orders: 0 });
}

#[test]
fn one_row_per_refusal() {
    let program = program();
    let set = |status| move |bench: &mut Bench| bench.book.member.status = status;
    let claims = |bench: &mut Bench| {
        let at = bench.now;
        bench.book.member.claims.push(Claim { no: 1, reward: "mug".into(), at, pieces: vec![] });
    };
    let orders = |bench: &mut Bench| {
        for id in 0..=MERGE_ORDERS_MAX {
            let order = OrderState::nothing(key(&format!("{id}")), 1, bench.now);
            bench.book.orders.put(Box::new(order));
        }
    };
    type Prepare = Box<dyn Fn(&mut Bench)>;
    let rows: Vec<(Prepare, i64, Refusal)> = vec![
        (Box::new(set(MemberStatus::Guest)), BORIS, Refusal::MemberUnknown),
        (Box::new(set(MemberStatus::Anonymized)), BORIS, Refusal::MemberAnonymized),
        (Box::new(set(MemberStatus::Merged)), BORIS, Refusal::MergeUnderWay),
        (Box::new(|_: &mut Bench| {}), ANNA, Refusal::MergeWithSelf),
        (Box::new(claims), BORIS, Refusal::MergeOpenClaims { claims: 1 }),
        (Box::new(orders), BORIS, Refusal::MergeTooLarge { orders: MERGE_ORDERS_MAX + 1 }),
    ];
    for (prepare, into, refusal) in rows {
        let mut anna = bench(&program, ANNA);
        prepare(&mut anna);
        let command = Command::Merge { into: MemberId(into), by: asker("olga"), given: vec![] };
        assert_eq!(anna.run(command), Err(refusal));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever two accounts went through, their points are all there after the merge; and whatever comes
    /// back of orders, the books balance (the bench looks at that after every command).
    #[test]
    fn nothing_is_lost_by_a_merge(
        program in programs(),
        first in proptest::collection::vec(moves(3), 0..12),
        second in proptest::collection::vec(moves(3), 0..12),
        after in proptest::collection::vec(moves(3), 0..12),
    ) {
        let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
        for (bench, steps) in [(&mut anna, first), (&mut boris, second)] {
            bench.give(500, None);
            for step in steps {
                let _ = bench.run(renamed(command(&step), bench.book.member.id.0));
            }
        }
        let now = anna.now.max(boris.now);
        (anna.now, boris.now) = (now, now);
        for bench in [&mut anna, &mut boris] {
            let _ = bench.run(Command::SetStatus { status: MemberStatus::Active });
        }
        let sum = anna.book.member.balance_booked().outstanding().0
            + boris.book.member.balance_booked().outstanding().0;
        merge(&mut anna, &mut boris);
        prop_assert_eq!(boris.book.member.balance_booked().outstanding().0, sum);
        for step in after {
            let _ = boris.run(renamed(command(&step), ANNA));
        }
        for id in ORDERS {
            for member in [ANNA, BORIS] {
                let _ = boris.run(cancel(&format!("{member}{id}")));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// An account that goes over to an empty one goes on as if nothing had happened, to the lot.
    #[test]
    fn a_merge_into_an_empty_account_changes_nothing(
        program in programs(),
        before in proptest::collection::vec(moves(3), 0..12),
        after in proptest::collection::vec(moves(3), 0..12),
    ) {
        let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
        anna.give(500, None);
        for step in before {
            let _ = anna.run(command(&step));
        }
        let mut alone = bench(&program, ANNA);
        alone.book = anna.book.clone();
        (alone.sums, alone.now) = (anna.sums, anna.now);
        merge(&mut anna, &mut boris);
        for step in after {
            let one = alone.run(command(&step)).map(|done| done.outcome);
            let other = boris.run(command(&step)).map(|done| done.outcome);
            prop_assert_eq!(one, other);
            let (one, other) = (&alone.book.member, &boris.book.member);
            prop_assert_eq!(&one.lots, &other.lots);
            prop_assert_eq!((&one.debts, &one.holds, &one.burnt), (&other.debts, &other.holds, &other.burnt));
        }
    }
}

/// Each account has orders of its own.
fn renamed(command: Command, member: i64) -> Command {
    let name = |key: &mut kopilka_core::order::OrderKey| key.order = format!("{member}{}", key.order).into();
    let mut command = command;
    match &mut command {
        Command::PutOrder { body, .. } => name(&mut body.key),
        Command::ReturnPieces(back) => name(&mut back.key),
        Command::CancelOrder { key, .. } => name(key),
        Command::Exchange { back, order, .. } => {
            name(&mut back.key);
            name(&mut order.key);
        }
        _ => {}
    }
    command
}

#[test]
fn points_of_both_keep_their_own_dates() {
    let program = Program { expires: Some(Period::Days(30)), ..program() };
    let (mut anna, mut boris) = (bench(&program, ANNA), bench(&program, BORIS));
    anna.give(10, Some(at("2026-03-10T00:00:00+03:00")));
    boris.give(20, Some(at("2026-03-20T00:00:00+03:00")));
    merge(&mut anna, &mut boris);
    boris.until("2026-03-10T00:00:00+03:00");
    assert_eq!(boris.available(), 20);
    boris.until("2026-03-20T00:00:00+03:00");
    assert_eq!(boris.available(), 0);
}
