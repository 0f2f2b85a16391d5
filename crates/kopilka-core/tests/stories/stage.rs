//! A program and a book for tests: one place calls the engine, the tests are data.

use kopilka_core::book::{Book, Execution, execute, execute_into};
use kopilka_core::decide::{Command, Context};
use kopilka_core::ids::MemberId;
use kopilka_core::ledger::{ACCOUNTS, Account, AccountSums, Event, evolve, postings};
use kopilka_core::member::Member;
use kopilka_core::money::{Currency, Money, Rate, Rounding};
use kopilka_core::order::{
    BodyStatus, LineBody, OrderBody, OrderKey, PointsAsk, Quantity, ReceiptPoints, ReturnBody, ReturnedLines,
};
use kopilka_core::points::{PointUnit, Points};
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
use kopilka_core::record::{Closing, Recorder};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::{Ends, Instant, Period, Zone};
use kopilka_core::trace::Step;

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The first version of a document.
pub fn compiled(text: &str) -> Program {
    let compiled = kopilka_core::program::document::compile(text);
    let program = compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics));
    Program { version: 1, ..program }
}

/// 5 % for a month after 14 days, 20 % may be paid with points: the sports shop in short.
pub fn program() -> Program {
    let rub = Currency::by_code("RUB").unwrap();
    Program {
        slug: "test".into(),
        version: 1,
        name: Text::default(),
        currency: rub,
        zone: Zone::by_name("Europe/Moscow").unwrap(),
        points: PointUnit::new(0, 1_000_000, rub),
        points_name: Text::default(),
        rounding: Rounding::Floor,
        ends: Ends::Exact,
        active_after: Period::Days(0),
        accrual_from: AccrualFrom::Paid,
        complete_after: Period::Days(30),
        expires: None,
        renewed_by_orders: false,
        base: Base::default(),
        multipliers: Combine::default(),
        spending: Spending {
            allowed: true,
            max_share: Rate(Rate::ONE),
            share_of_order: false,
            lines: LineMatch::default(),
            delivery: false,
            min_points: Points(0),
            step: Points(1),
            min_order: Money(0),
            leave_per_piece: Money(0),
            confirm: ConfirmSpending::Never,
            contact_needed: false,
        },
        holds: Holds {
            lapse_after: Period::Days(30),
            reserve_lapse_after: Period::Minutes(30),
            shipped_max: Period::Days(90),
            late_shortfall: LateShortfall::Debt,
        },
        returns: Returns {
            on_refund: OnRefund::Keep,
            clawback: Clawback::Debt,
            keep_broken: false,
            reprice_discounts: false,
            referral: Default::default(),
            debt_write_off: Period::Months(12),
        },
        birthday: BirthdayPolicy { known_for: Period::Days(0) },
        transfers: Transfers::default(),
        guest_orders: None,
        unclaimed_cards: None,
        fraud: Fraud::default(),
        groups: vec![],
        rules: vec![],
        own_points: Rule::of_own_points(),
        discounts: Vec::new(),
        coupons: Coupons::default(),
        referral: Default::default(),
        discount_index: Default::default(),
        discount_limits: DiscountLimits::default(),
        amounts_net: false,
        money_rounding: Rounding::HalfUp,
        receipt_points: ReceiptPoints::Discount,
        birthday_since: kopilka_core::time::INSTANT_MIN,
        ..compiled("program: test\ncurrency: RUB\n")
    }
}

pub fn rule(id: &str, when: Trigger, amount: CreditAmount) -> Rule {
    Rule {
        id: id.into(),
        when,
        only_if: Condition::Always,
        then: vec![Effect::Credit(CreditEffect {
            amount,
            active_after: None,
            expires: None,
            rounding: None,
            gift: false,
            to_level: None,
        })],
        limits: Limits::default(),
        group: None,
        base: None,
    }
}

pub fn percent(id: &str, percent: i64) -> Rule {
    let rate = Rate(percent * 10_000);
    rule(id, Trigger::OrderPaid, CreditAmount::Percent { of: LineMatch::default(), rates: vec![], rate })
}

/// Hears events and wants no steps, as a replay does.
#[derive(Default)]
struct NoSteps {
    events: Vec<Event>,
    closed: Vec<(Closing, usize)>,
}

impl Recorder for NoSteps {
    fn keeps_steps(&self) -> bool {
        false
    }
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }
    fn step(&mut self, _: Step) {}
    fn close(&mut self, closing: Closing) {
        self.closed.push((closing, self.events.len()));
    }
}

/// A book with its journal, checked after every step.
pub struct Bench {
    pub versions: Versions,
    pub book: Book,
    pub now: Instant,
    pub sums: AccountSums,
    pub events: Vec<Event>,
}

/// Whoever listens, the command comes to the same: book, outcome, entries and their events.
fn same_without_steps(
    ctx: Context<'_>,
    mut book: Book,
    command: &Command,
    result: &Result<Execution, Refusal>,
    after: &Book,
) {
    let mut heard = NoSteps::default();
    let again = execute_into(ctx, &mut book, command, &mut heard);
    match result {
        Ok(execution) => {
            assert_eq!(again.as_ref(), Ok(&execution.outcome));
            assert_eq!(book, *after, "the same book, whoever listens");
            let mut told = heard.events.iter();
            let mut start = 0;
            let closed = heard.closed.iter().filter(|(_, end)| std::mem::replace(&mut start, *end) < *end);
            let entries: Vec<_> = execution.due.iter().chain(&execution.entry).collect();
            let closings: Vec<_> = closed.map(|(closing, _)| closing).collect();
            assert_eq!(closings.len(), entries.len());
            for (entry, closing) in entries.iter().zip(closings) {
                let Closing { cause, order, version, effective_at } = closing;
                assert_eq!((&entry.cause, &entry.order), (cause, order));
                assert_eq!((entry.version, entry.effective_at), (*version, *effective_at));
                assert!(entry.events.iter().eq(told.by_ref().take(entry.events.len())));
            }
            assert_eq!(told.next(), None);
        }
        Err(refusal) => {
            assert_eq!(again.as_ref(), Err(refusal));
            let closed = heard.closed.last().map_or(0, |(_, end)| *end);
            assert_eq!(heard.events.len(), closed, "a refusal comes before the first event of its command");
        }
    }
}

impl Bench {
    pub fn new(program: Program) -> Bench {
        Bench {
            versions: Versions::only(program),
            book: Book::new(Member::new(MemberId(1))),
            now: at("2026-03-01T12:00:00+03:00"),
            sums: AccountSums::default(),
            events: vec![],
        }
    }
    pub fn with_points(program: Program, points: i64) -> Bench {
        let mut bench = Bench::new(program);
        bench.give(points, None);
        bench
    }
    pub fn give(&mut self, points: i64, expires_at: Option<Instant>) {
        let adjustment = kopilka_core::decide::Adjustment {
            points: Points(points),
            active_at: None,
            expires_at,
            gift: false,
            allow_debt: false,
        };
        self.run(Command::Adjust(adjustment)).unwrap();
    }
    /// Runs a command, also for a listener without steps; whatever comes out, the state is the fold and the
    /// accounts agree.
    pub fn run(&mut self, command: Command) -> Result<Execution, Refusal> {
        let ctx = Context { versions: &self.versions, now: self.now };
        let mut folded = self.book.clone();
        let before = self.book.clone();
        let result = execute(ctx, &mut self.book, &command);
        match &result {
            Ok(execution) => {
                let entries = execution.due.iter().chain(&execution.entry);
                for event in entries.flat_map(|e| &e.events) {
                    evolve(&mut folded, event.clone());
                    postings(event).into_iter().for_each(|p| self.sums.book(p));
                    self.events.push(event.clone());
                }
                assert_eq!(folded, self.book, "the state is the fold of its events");
            }
            Err(_) => assert_eq!(self.book, before, "a refusal leaves the book as it was"),
        }
        same_without_steps(ctx, before, &command, &result, &self.book);
        self.check();
        result
    }
    pub fn check(&self) {
        let member = &self.book.member;
        let booked = member.balance_booked();
        assert_eq!(self.sums.of(Account::Available), booked.available);
        assert_eq!(self.sums.of(Account::Pending), booked.pending);
        assert_eq!(self.sums.of(Account::Held), booked.held);
        assert_eq!(self.sums.of(Account::Debt), Points(-booked.debt.0));
        assert_eq!(ACCOUNTS.iter().map(|a| self.sums.of(*a).0).sum::<i64>(), 0);
        assert_eq!(member.lifetime.outstanding(), booked.outstanding(), "{:?}", member.lifetime);
        let held: Points = member.holds.iter().map(|h| h.points).sum();
        assert_eq!(held, booked.held, "holds are what the lots hold");
        assert!(member.lots.iter().all(|l| l.free.0 >= 0 && l.held.0 >= 0));
    }
    pub fn available(&self) -> i64 {
        self.book.member.balance_at(self.now).available.0
    }
    pub fn net(&self) -> i64 {
        self.book.member.balance_at(self.now).net().0
    }
    /// Lets time pass: what is due runs.
    pub fn until(&mut self, text: &str) {
        self.now = at(text);
        let status = self.book.member.status;
        self.run(Command::SetStatus { status }).unwrap();
    }
}

pub fn key(order: &str) -> OrderKey {
    OrderKey { shop: "main".into(), order: order.into() }
}

/// An order of whole pieces: (line id, pieces, price in kopecks).
pub fn order(
    id: &str,
    status: BodyStatus,
    lines: &[(&str, i64, i64)],
    points: Option<PointsAsk>,
) -> OrderBody {
    let line = |(id, pieces, price): &(&str, i64, i64)| {
        LineBody::goods(id, id, Quantity::pieces(*pieces), Money(*price))
    };
    OrderBody { points, ..OrderBody::plain(key(id), status, lines.iter().map(line).collect()) }
}

pub fn put(body: OrderBody) -> Command {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    format!("{body:?}").hash(&mut hasher);
    Command::PutOrder { body, hash: hasher.finish() }
}

pub fn give_back(order: &str, lines: &[(&str, i64)]) -> Command {
    let lines = lines.iter().map(|(id, n)| ((*id).into(), Quantity::pieces(*n))).collect();
    Command::ReturnPieces(ReturnBody {
        key: key(order),
        lines: ReturnedLines::Lines(lines),
        delivery: false,
        occurred_at: None,
    })
}

pub fn cancel(order: &str) -> Command {
    Command::CancelOrder { key: key(order), occurred_at: None }
}
