//! Ten thousand members live a year, and at every midnight each balance is what a naive model has, which was
//! told the same and knows nothing of the engine.

mod naive;

use crate::stage::{cancel, compiled, give_back, key, order, put};
use kopilka_core::book::{Book, execute};
use kopilka_core::decide::{Command, Context, run_due};
use kopilka_core::ids::MemberId;
use kopilka_core::member::{Member, PersonFacts};
use kopilka_core::order::{BodyStatus, PointsAsk};
use kopilka_core::program::Versions;
use kopilka_core::time::{Day, Instant};
use naive::{BIRTHDAY, Balance, Naive, Time, WELCOME, midnight};

const MEMBERS: u64 = 10_000;
const YEAR: i64 = 2026;
const DAYS: i64 = 365;
const DAY: Time = 86_400;

fn program() -> Versions {
    Versions::only(compiled(&format!(
        "program: year\ncurrency: RUB\ntimezone: Europe/Moscow\n\
         accrual: {{ active_after: 14 days, base: paid_goods }}\n\
         spending: {{ max_share: 50 }}\n\
         holds: {{ lapse_after: 10 days }}\n\
         rules:\n\
         - {{ id: welcome, when: member.registered, then: [{{ credit: {{ points: {WELCOME}, active_after: 0 days }} }}] }}\n\
         - {{ id: birthday, when: member.birthday, then: [{{ credit: {{ points: {BIRTHDAY}, active_after: 0 days, expires: 7 days }} }}] }}\n\
         - {{ id: cashback, when: order.paid, then: [{{ credit: {{ percent: 10, expires: 2 months }} }}] }}\n"
    )))
}

/// The same members whenever the test is run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1) as u64) as i64
    }
}

/// What the shop does with an order after it was told of first.
enum Then {
    Pay,
    Cancel,
    /// Nobody says a word, and its points lapse.
    Nothing,
    /// Pieces come back.
    Back(i64),
}

/// What a year has seen, so that a quiet one is no proof.
#[derive(Debug, Default)]
struct Seen {
    orders: u64,
    cancelled: u64,
    lapsed: u64,
    returned: u64,
    birthdays: u64,
    spent: i64,
    in_debt: u64,
    compared: u64,
}

struct Life<'a> {
    versions: &'a Versions,
    dice: Dice,
    book: Book,
    naive: Naive,
    now: Time,
    /// Pieces and price of each order, by its number, and whether points were wished for.
    orders: Vec<(i64, i64, bool)>,
    /// What is still to be done: when, with which order.
    plans: Vec<(Time, usize, Then)>,
    /// What is due runs at every midnight; otherwise only when a command comes, as on a server that stood.
    watched: bool,
}

impl<'a> Life<'a> {
    fn begin(number: u64, versions: &'a Versions) -> Life<'a> {
        let mut dice = Dice(number);
        // Joined on a day of January, born in another month.
        let now = midnight(YEAR, 1, dice.between(1, 31)) + dice.between(9 * 3600, 20 * 3600);
        let (month, day) = (dice.between(2, 12), dice.between(1, 28));
        let birthdays = vec![midnight(YEAR, month, day)];
        let mut book = Book::new(Member::new(MemberId(number as i64 + 1)));
        book.person = PersonFacts {
            birth_date: Day::parse(&format!("1985-{month:02}-{day:02}")),
            birth_date_known_at: Some(instant(now)),
            ..PersonFacts::default()
        };
        let naive = Naive::new(now, birthdays);
        let watched = dice.one_in(2);
        let (orders, plans) = (Vec::new(), Vec::new());
        let mut life = Life { versions, dice, book, naive, now, orders, plans, watched };
        life.run(&Command::Register { welcome: true, referrer: None, former: false });
        life
    }

    fn context(&self) -> Context<'a> {
        Context { versions: self.versions, now: instant(self.now) }
    }

    fn run(&mut self, command: &Command) {
        let done = execute(self.context(), &mut self.book, command);
        assert!(done.is_ok(), "{command:?} is refused: {done:?}");
        self.naive.stirred = false;
        self.compare(command);
    }

    fn compare(&self, after: &dyn std::fmt::Debug) {
        let balance = self.book.member.balance_at(instant(self.now));
        let engine: Balance = [balance.available.0, balance.pending.0, balance.held.0, balance.debt.0];
        let (member, now) = (self.book.member.id, instant(self.now));
        assert_eq!(engine, self.naive.balance(), "{member} at {now} after {after:?}: {:?}", self.book.member);
    }

    fn pass(&mut self, to: Time) {
        self.now = to;
        self.naive.pass(to);
    }

    /// Commands of one day, each at its time.
    fn day(&mut self, midnight: Time, seen: &mut Seen) {
        self.plans.sort_by_key(|(at, ..)| *at);
        while self.plans.first().is_some_and(|(at, ..)| *at < midnight + DAY) {
            let (at, order, then) = self.plans.remove(0);
            self.pass(at);
            self.go_on(order, then, seen);
        }
        if self.dice.one_in(45) {
            let evening = midnight + self.dice.between(21 * 3600, 22 * 3600);
            self.pass(evening.max(self.now + 60));
            self.buy(seen);
        }
    }

    fn buy(&mut self, seen: &mut Seen) {
        let number = self.orders.len();
        let told = (self.dice.between(1, 3), self.dice.between(5_000, 300_000), !self.dice.one_in(3));
        let paid = !self.dice.one_in(3);
        self.orders.push(told);
        let points = self.naive.order((told.0, told.1), told.2, paid);
        (seen.orders, seen.spent) = (seen.orders + 1, seen.spent + points);
        self.put(number, if paid { BodyStatus::Paid } else { BodyStatus::Placed });
        let (soon, later) = (self.dice.between(1, 9), self.dice.between(1, 120));
        match self.dice.below(4) {
            _ if paid => self.plan_return(number, later),
            0 => self.plan(number, soon, Then::Cancel),
            1 => self.plan(number, 11, Then::Nothing),
            _ => self.plan(number, soon, Then::Pay),
        }
    }

    fn plan(&mut self, order: usize, days: i64, then: Then) {
        let at = self.now - self.now % 60 + days * DAY + self.dice.between(-6, 0) * 3600;
        self.plans.push((at, order, then));
    }

    fn plan_return(&mut self, order: usize, days: i64) {
        if self.dice.one_in(3) {
            let pieces = self.dice.between(1, self.orders[order].0);
            self.plan(order, days, Then::Back(pieces));
        }
    }

    fn go_on(&mut self, order: usize, then: Then, seen: &mut Seen) {
        match then {
            Then::Pay => {
                self.naive.pay(order);
                self.put(order, BodyStatus::Paid);
                let later = self.dice.between(1, 120);
                self.plan_return(order, later);
            }
            Then::Cancel => {
                seen.cancelled += 1;
                self.naive.cancel(order);
                self.run(&cancel(&id(order)));
            }
            Then::Nothing => seen.lapsed += 1,
            Then::Back(pieces) => {
                seen.returned += 1;
                self.naive.give_back(order, pieces);
                self.run(&give_back(&id(order), &[("1", pieces)]));
                let told = &mut self.orders[order];
                told.0 -= pieces;
                if told.0 > 0 {
                    let later = self.dice.between(1, 60);
                    self.plan_return(order, later);
                }
            }
        }
    }

    fn put(&mut self, number: usize, status: BodyStatus) {
        let (pieces, price, wishes) = self.orders[number];
        let ask = wishes.then_some(PointsAsk::Max);
        self.run(&put(order(&id(number), status, &[("1", pieces, price)], ask)));
    }

    /// Both as they are at the beginning of a day. Burnt points are never shown as there, booked or not.
    fn midnight(&mut self, midnight: Time, seen: &mut Seen) {
        self.pass(midnight);
        if self.watched || self.naive.stirred {
            run_due(self.context(), &mut self.book);
            self.naive.stirred = false;
        }
        self.compare(&"midnight");
        seen.compared += 1;
        seen.in_debt += u64::from(self.naive.balance()[3] > 0);
    }
}

fn id(order: usize) -> String {
    format!("o{order}")
}

fn instant(at: Time) -> Instant {
    Instant(at * 1_000_000)
}

#[test]
fn a_year_of_ten_thousand_members_is_what_a_naive_model_makes_of_it_day_by_day() {
    let versions = program();
    let mut seen = Seen::default();
    for number in 0..MEMBERS {
        let mut life = Life::begin(number, &versions);
        let first = midnight(YEAR, 1, 1);
        for day in 0..=DAYS {
            let midnight = first + day * DAY;
            if midnight > life.now {
                life.midnight(midnight, &mut seen);
            }
            if midnight + DAY > life.now {
                life.day(midnight, &mut seen);
            }
        }
        assert!(life.book.orders.get(&key("o0")).is_some() || life.orders.is_empty());
        let lots = &life.book.member.lots;
        seen.birthdays += u64::from(life.book.member.lifetime.issued.0 >= WELCOME + BIRTHDAY);
        assert!(lots.iter().all(|lot| lot.free.0 >= 0 && lot.held.0 >= 0));
    }
    let enough = seen.orders > 70_000
        && seen.cancelled > 4_000
        && seen.lapsed > 4_000
        && seen.returned > 10_000
        && seen.spent > 1_000_000
        && seen.in_debt > 1_000
        && seen.compared > 3_400_000;
    assert!(enough, "too quiet a year: {seen:?}");
}
