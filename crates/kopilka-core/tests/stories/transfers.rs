//! Points between members: what leaves one arrives at the other or comes back, and the sum of both is kept.

use crate::property::{ORDERS, command, lots, moves, programs};
use crate::stage::*;
use kopilka_core::book::Execution;
use kopilka_core::decide::{Adjustment, Command, Outcome};
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::ledger::{Account, DebtCause, Event, Piece};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::BodyStatus;
use kopilka_core::points::Points;
use kopilka_core::program::*;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::{Instant, Period};
use proptest::prelude::*;

/// An entry whose pieces have not reached the other member yet: its id, its member, the event.
type OnTheWay = (EntryId, usize, Event);

/// Two members of one program, and what is between them.
struct Pair {
    members: [Bench; 2],
    on_the_way: Vec<OnTheWay>,
    entries: i64,
}

const ANNA: usize = 0;
const BORIS: usize = 1;

fn id(member: usize) -> MemberId {
    MemberId(member as i64 + 1)
}

fn with_transfers() -> Program {
    Program { transfers: Transfers { allowed: true, ..Transfers::default() }, ..program() }
}

fn pieces_of(event: &Event) -> &[Piece] {
    match event {
        Event::TransferSent { pieces, .. } | Event::TransferDeclined { pieces, .. } => pieces,
        other => panic!("{other:?} goes nowhere"),
    }
}

impl Pair {
    fn new(program: Program) -> Pair {
        let bench = |member| {
            let mut bench = Bench::new(program.clone());
            bench.book.member.id = id(member);
            bench
        };
        Pair { members: [bench(ANNA), bench(BORIS)], on_the_way: Vec::new(), entries: 0 }
    }
    fn run(&mut self, member: usize, command: Command) -> Result<Execution, Refusal> {
        let done = self.members[member].run(command)?;
        self.entries += 1;
        for event in done.entry.iter().flat_map(|e| &e.events) {
            if matches!(event, Event::TransferSent { .. } | Event::TransferDeclined { .. }) {
                self.on_the_way.push((EntryId(self.entries), member, event.clone()));
            }
        }
        self.check();
        Ok(done)
    }
    fn send(&mut self, from: usize, points: i64) -> Result<Execution, Refusal> {
        self.run(from, Command::Transfer { to: id(1 - from), points: Points(points) })
    }
    /// Hands over what an entry sent: to the receiver, or back to the sender where that one declined.
    fn deliver(&mut self, at: usize) -> Outcome {
        let (entry, whose, event) = self.on_the_way.remove(at);
        let command = match event {
            Event::TransferSent { pieces, .. } => Command::ReceiveTransfer { from: id(whose), entry, pieces },
            Event::TransferDeclined { entry, pieces, .. } => {
                Command::ReturnTransfer { to: id(whose), entry, pieces }
            }
            other => panic!("{other:?} goes nowhere"),
        };
        self.run(1 - whose, command).unwrap().outcome
    }
    /// There turned out to be no receiver: only what was sent can be found so.
    fn bounce(&mut self, at: usize) {
        if let Event::TransferSent { to, pieces } = &self.on_the_way[at].2 {
            let (entry, whose, _) = self.on_the_way[at];
            let command = Command::ReturnTransfer { to: *to, entry, pieces: pieces.clone() };
            self.on_the_way.remove(at);
            self.run(whose, command).unwrap();
        }
    }
    fn between(&self) -> Points {
        self.on_the_way.iter().flat_map(|(.., event)| pieces_of(event)).map(|p| p.points).sum()
    }
    /// What both have and what is between them.
    fn total(&self) -> Points {
        let outstanding = |b: &Bench| b.book.member.balance_booked().outstanding();
        self.members.iter().map(outstanding).sum::<Points>() + self.between()
    }
    /// The total, as if time had taken and given nothing.
    fn total_without_time(&self) -> Points {
        let by_time = self.members.iter().map(|b| b.book.member.lifetime);
        self.total() + by_time.map(|l| l.expired - l.regranted - l.written_off).sum()
    }
    fn check(&self) {
        let between = self.between();
        let booked: Points = self.members.iter().map(|b| b.sums.of(Account::Transferred)).sum();
        assert_eq!(booked, between, "what is in transferred is on its way");
        let told: Points =
            self.members.iter().map(|b| b.book.member.lifetime).map(|l| l.sent - l.received).sum();
        assert_eq!(told, between, "what was sent and not received is on its way");
    }
    fn at(&mut self, now: Instant) {
        self.members.iter_mut().for_each(|b| b.now = now);
    }
    fn available(&self) -> [i64; 2] {
        [self.members[ANNA].available(), self.members[BORIS].available()]
    }
}

fn gift(points: i64) -> Command {
    let points = Points(points);
    Command::Adjust(Adjustment { points, active_at: None, expires_at: None, gift: true, allow_debt: false })
}

#[test]
fn a_transfer_is_refused_by_the_first_cause() {
    type Change = fn(&mut Program, &mut Bench);
    let rows: [(Change, MemberId, i64, Refusal); 12] = [
        (|_, b| status(b, MemberStatus::Blocked), id(BORIS), 0, Refusal::PointsOutOfRange),
        (|_, _| {}, id(BORIS), -1, Refusal::PointsOutOfRange),
        (
            |p, b| (p.transfers.allowed = false, status(b, MemberStatus::Blocked)).1,
            id(BORIS),
            1,
            Refusal::MemberBlocked,
        ),
        (|_, b| status(b, MemberStatus::Frozen), id(BORIS), 1, Refusal::MemberFrozen),
        (|_, b| b.book.member.status = MemberStatus::Guest, id(BORIS), 1, Refusal::MemberUnknown),
        (|p, _| p.transfers.allowed = false, id(ANNA), 1, Refusal::TransfersOff),
        (|_, _| {}, id(ANNA), 1, Refusal::TransferToSelf),
        (|_, _| {}, id(BORIS), 9, Refusal::TransferBelowMinimum { minimum: Points(10) }),
        (|_, _| {}, id(BORIS), 201, Refusal::TransferAboveMaximum { maximum: Points(200) }),
        (
            |_, _| {},
            id(BORIS),
            101,
            Refusal::InsufficientPoints { available: Points(100), wanted: Points(101) },
        ),
        (
            |p, _| p.transfers.max_points = None,
            id(BORIS),
            201,
            Refusal::InsufficientPoints { available: Points(100), wanted: Points(201) },
        ),
        (
            |_, b| hold_all(b),
            id(BORIS),
            10,
            Refusal::InsufficientPoints { available: Points(0), wanted: Points(10) },
        ),
    ];
    for (change, to, points, refusal) in rows {
        let mut p = with_transfers();
        p.transfers.min_points = Points(10);
        p.transfers.max_points = Some(Points(200));
        let mut bench = Bench::with_points(p.clone(), 100);
        change(&mut p, &mut bench);
        bench.versions = Versions::only(p);
        let refused = bench.run(Command::Transfer { to, points: Points(points) });
        assert_eq!(refused, Err(refusal));
    }
}

fn status(bench: &mut Bench, status: MemberStatus) {
    bench.run(Command::SetStatus { status }).unwrap();
}

fn hold_all(bench: &mut Bench) {
    use kopilka_core::order::PointsAsk;
    bench.run(put(order("A", BodyStatus::Placed, &[("x", 1, 100_000)], Some(PointsAsk::Max)))).unwrap();
}

#[test]
fn what_leaves_keeps_its_dates_and_arrives_as_lots_of_the_receiver() {
    let mut pair = Pair::new(with_transfers());
    let end = at("2026-04-01T00:00:00+03:00");
    pair.members[ANNA].give(50, Some(end));
    pair.members[BORIS].give(5, None);
    pair.run(ANNA, gift(100)).unwrap();
    let sent = pair.send(ANNA, 120).unwrap();
    assert_eq!(sent.outcome, Outcome::Transferred { to: id(BORIS), points: Points(120) });
    assert_eq!(sent.entry.unwrap().cause, "transfer");
    assert_eq!(pair.available(), [30, 5], "the sender's are gone before the receiver's come");
    assert_eq!(pair.deliver(0), Outcome::TransferReceived { points: Points(120), gone: Points(0) });
    assert_eq!(pair.available(), [30, 125]);
    let arrived: Vec<_> = lots(&pair.members[BORIS])
        .into_iter()
        .map(|l| (l.no, l.free.0, l.source.to_string(), l.expires_at, l.gift, l.order))
        .collect();
    let lot = |no, points, expires_at, gift| (no, points, "transfer".to_owned(), expires_at, gift, None);
    assert_eq!(arrived[1..], [lot(2, 50, Some(end), false), lot(3, 70, None, true)]);
    // What was received can be sent on.
    pair.send(BORIS, 125).unwrap();
    pair.deliver(0);
    assert_eq!(pair.available(), [155, 0]);
}

#[test]
fn points_that_burn_on_the_way_arrive_as_gone() {
    let mut pair = Pair::new(with_transfers());
    pair.members[ANNA].give(50, Some(at("2026-04-01T00:00:00+03:00")));
    pair.members[ANNA].give(100, None);
    pair.send(ANNA, 120).unwrap();
    pair.at(at("2026-04-01T00:00:00+03:00"));
    assert_eq!(pair.deliver(0), Outcome::TransferReceived { points: Points(70), gone: Points(50) });
    assert_eq!(pair.available(), [30, 70]);
    let lifetime = pair.members[BORIS].book.member.lifetime;
    assert_eq!((lifetime.received, lifetime.expired), (Points(120), Points(50)));
}

#[test]
fn received_points_repay_a_debt_and_gifts_do_not() {
    for (is_gift, left) in [(false, [60, 0]), (true, [100, 40])] {
        let mut pair = Pair::new(with_transfers());
        let debit = Adjustment {
            points: Points(-40),
            active_at: None,
            expires_at: None,
            gift: false,
            allow_debt: true,
        };
        pair.run(BORIS, Command::Adjust(debit)).unwrap();
        if is_gift {
            pair.run(ANNA, gift(100)).unwrap();
        } else {
            pair.members[ANNA].give(100, None);
        }
        pair.send(ANNA, 100).unwrap();
        pair.deliver(0);
        let member = &pair.members[BORIS].book.member;
        assert_eq!([member.balance_at(pair.members[BORIS].now).available.0, member.debt().0], left);
    }
}

#[test]
fn points_of_an_order_leave_when_its_goods_can_no_longer_come_back() {
    let mut p = with_transfers();
    p.rules.push(percent("five", 5));
    p.active_after = Period::Days(14);
    p.transfers.order_points_after = Period::Days(10);
    let mut pair = Pair::new(p);
    pair.members[ANNA].give(7, None);
    pair.run(ANNA, put(order("A", BodyStatus::Paid, &[("x", 1, 100_000)], None))).unwrap();
    // Paid on 1 March: available on the 15th, free to leave on the 25th.
    for (now, free) in [("14T12", 7), ("15T12", 7), ("25T11", 7), ("25T12", 57)] {
        pair.at(at(&format!("2026-03-{now}:00:00+03:00")));
        let refused = pair.send(ANNA, 58);
        let told = Refusal::InsufficientPoints { available: Points(free), wanted: Points(58) };
        assert_eq!(refused, Err(told), "{now}");
    }
    pair.send(ANNA, 57).unwrap();
}

#[test]
fn a_return_of_an_order_whose_points_were_sent_takes_other_lots_and_then_owes() {
    let mut p = with_transfers();
    p.rules.push(percent("five", 5));
    let mut pair = Pair::new(p);
    pair.run(ANNA, put(order("A", BodyStatus::Paid, &[("x", 2, 50_000)], None))).unwrap();
    pair.send(ANNA, 50).unwrap();
    pair.deliver(0);
    pair.members[ANNA].give(30, None);
    pair.run(ANNA, give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(pair.available(), [5, 50], "25 taken from the other lot");
    pair.run(ANNA, give_back("A", &[("x", 1)])).unwrap();
    assert_eq!(pair.available(), [0, 50], "what was received stays");
    let debts = &pair.members[ANNA].book.member.debts;
    assert_eq!(debts.iter().map(|d| (d.cause, d.open.0)).collect::<Vec<_>>(), [(DebtCause::Clawback, 20)]);
}

#[test]
fn who_earns_nothing_declines_and_the_sender_has_them_back_in_their_lots() {
    for (taken, state) in
        [(false, MemberStatus::Blocked), (false, MemberStatus::Guest), (true, MemberStatus::Frozen)]
    {
        let mut pair = Pair::new(with_transfers());
        pair.members[ANNA].give(50, Some(at("2026-04-01T00:00:00+03:00")));
        pair.members[ANNA].give(100, None);
        let before = lots(&pair.members[ANNA]);
        pair.members[BORIS].book.member.status = state;
        pair.send(ANNA, 120).unwrap();
        let outcome = pair.deliver(0);
        if taken {
            assert_eq!(outcome, Outcome::TransferReceived { points: Points(120), gone: Points(0) });
            continue;
        }
        assert_eq!(outcome, Outcome::TransferDeclined { points: Points(120) });
        assert_eq!(pair.deliver(0), Outcome::TransferCameBack { points: Points(120), gone: Points(0) });
        assert_eq!(lots(&pair.members[ANNA]), before);
        assert_eq!(pair.members[BORIS].book.member.lots, []);
        assert_eq!(pair.members[ANNA].book.member.lifetime.sent, Points(0));
    }
}

#[test]
fn declined_points_whose_date_has_passed_come_back_as_the_program_says() {
    let end = at("2026-04-01T00:00:00+03:00");
    let ways =
        [(OnRefund::Keep, 100, 50), (OnRefund::Resume, 150, 0), (OnRefund::Regrant(Period::Days(3)), 150, 0)];
    for (on_refund, available, gone) in ways {
        let mut p = with_transfers();
        p.returns.on_refund = on_refund;
        let mut pair = Pair::new(p);
        pair.members[ANNA].give(50, Some(end));
        pair.members[ANNA].give(100, None);
        pair.send(ANNA, 120).unwrap();
        pair.at(end.plus_seconds(60));
        pair.bounce(0);
        assert_eq!(pair.available()[ANNA], available, "{on_refund:?}");
        let lifetime = pair.members[ANNA].book.member.lifetime;
        assert_eq!((lifetime.expired - lifetime.regranted).0, gone);
    }
}

/// One step of two lives.
#[derive(Debug, Clone)]
enum Step {
    Order(usize, crate::property::Move),
    Gift(usize, i64),
    Send(usize, i64),
    Deliver(usize),
    Bounce(usize),
    Status(usize, MemberStatus),
}

fn steps() -> impl Strategy<Value = Step> {
    let who = || 0..2_usize;
    let statuses = prop_oneof![3 => Just(MemberStatus::Active), 1 => Just(MemberStatus::Blocked), 1 => Just(MemberStatus::Frozen)];
    prop_oneof![
        6 => (who(), moves(3)).prop_map(|(who, step)| Step::Order(who, step)),
        1 => (who(), 1..300_i64).prop_map(|(who, points)| Step::Gift(who, points)),
        5 => (who(), 1..500_i64).prop_map(|(who, points)| Step::Send(who, points)),
        4 => (0..8_usize).prop_map(Step::Deliver),
        1 => (0..8_usize).prop_map(Step::Bounce),
        1 => (who(), statuses).prop_map(|(who, status)| Step::Status(who, status)),
    ]
}

/// Each member has orders of their own, so the same names serve both.
fn play(pair: &mut Pair, step: &Step) {
    let waiting = pair.on_the_way.len();
    match step {
        Step::Order(who, step) => {
            let _ = pair.run(*who, command(step));
        }
        Step::Gift(who, points) => {
            pair.run(*who, gift(*points)).unwrap();
        }
        Step::Send(from, points) => {
            let _ = pair.send(*from, *points);
        }
        Step::Deliver(at) if waiting > 0 => {
            pair.deliver(at % waiting);
        }
        Step::Bounce(at) if waiting > 0 => pair.bounce(at % waiting),
        Step::Deliver(_) | Step::Bounce(_) => {}
        Step::Status(who, status) => {
            pair.run(*who, Command::SetStatus { status: *status }).unwrap();
        }
    }
}

fn rich(program: Program) -> Pair {
    let mut pair =
        Pair::new(Program { transfers: Transfers { allowed: true, ..Transfers::default() }, ..program });
    for bench in &mut pair.members {
        bench.give(700, None);
        bench.give(350, Some(at("2026-05-01T12:00:00+03:00")));
    }
    pair
}

/// Brings everything to where it belongs; what is declined on the last mile comes back.
fn deliver_all(pair: &mut Pair) {
    while !pair.on_the_way.is_empty() {
        pair.deliver(0);
    }
}

/// A completion gives points and a promise of an unpaid order lapses, whatever the command after it is.
fn run_what_is_due(pair: &mut Pair) {
    for bench in &mut pair.members {
        let status = bench.book.member.status;
        bench.run(Command::SetStatus { status }).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever is sent, declined and sent back while orders come and go and time passes: a transfer moves
    /// points and makes none, and both books prove after every step.
    #[test]
    fn property_a_transfer_moves_points_and_makes_none(
        p in programs(),
        all in proptest::collection::vec((steps(), 0..600_i64), 1..30),
        expires in proptest::option::of(1..60_i32),
        wait in prop_oneof![Just(Period::Hours(0)), Just(Period::Days(3))],
        on_refund in prop_oneof![
            Just(OnRefund::Keep), Just(OnRefund::Resume), Just(OnRefund::Regrant(Period::Days(10)))],
    ) {
        let mut p = p;
        p.expires = expires.map(Period::Days);
        p.returns.on_refund = on_refund;
        p.transfers.order_points_after = wait;
        let mut pair = rich(p);
        for (step, hours) in &all {
            let now = pair.members[ANNA].now.plus_seconds(hours * 3600);
            pair.at(now);
            run_what_is_due(&mut pair);
            let before = pair.total_without_time();
            play(&mut pair, step);
            if matches!(step, Step::Send(..) | Step::Deliver(_) | Step::Bounce(_)) {
                prop_assert_eq!(pair.total_without_time(), before, "{:?}", step);
            }
        }
        run_what_is_due(&mut pair);
        let before = pair.total_without_time();
        deliver_all(&mut pair);
        prop_assert_eq!(pair.total_without_time(), before);
        prop_assert_eq!(pair.between(), Points(0));
    }

    /// Orders whose points were sent away and are then emptied: what the two have together is what they were
    /// given, debts counted.
    #[test]
    fn property_emptied_orders_leave_the_sum_of_both(
        p in programs(),
        all in proptest::collection::vec(steps(), 1..30),
    ) {
        let mut pair = rich(p);
        let mut given = pair.total();
        for step in &all {
            play(&mut pair, step);
            if let Step::Gift(_, points) = step {
                given += Points(*points);
            }
        }
        deliver_all(&mut pair);
        for name in ORDERS {
            for member in [ANNA, BORIS] {
                let _ = pair.run(member, cancel(name));
            }
        }
        prop_assert_eq!(pair.total(), given);
    }

    /// A transfer that comes back at once leaves the sender as it was.
    #[test]
    fn property_what_comes_back_at_once_leaves_no_trace(
        p in programs(),
        all in proptest::collection::vec(steps(), 0..20),
        points in 1..600_i64,
    ) {
        let mut pair = rich(p);
        for step in &all {
            play(&mut pair, step);
        }
        let before = lots(&pair.members[ANNA]);
        let balance = pair.members[ANNA].book.member.balance_booked();
        if pair.send(ANNA, points).is_ok() {
            pair.bounce(pair.on_the_way.len() - 1);
        }
        prop_assert_eq!(lots(&pair.members[ANNA]), before);
        prop_assert_eq!(pair.members[ANNA].book.member.balance_booked(), balance);
    }
}
